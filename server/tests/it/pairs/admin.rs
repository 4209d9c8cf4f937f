//! Acts of administrators.

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use idp::testing::{execute, texts};
use idp::{
    Actor, Admission, ChosenGrants, ChosenSessions, ClientChange, Error, GrantFilter, Idp, KeyState, SaveError,
    UnknownScopes, UserChange,
};
use oauth::client::{ClientDraft, ClientKind, SecretDraft};
use oauth::field::FieldProblem;
use oauth::id::{ClientId, Subject};
use oauth::jose::SigningAlg;
use oauth::listing::{GrantColumn, SessionColumn};
use oauth::scope::ScopeDraft;
use oauth::secret::Secret;
use oauth::user::UserDraft;

use super::stopped;
use crate::server::{ADMIN_TOKEN, CALLBACK, PASSWORD, SECRET, Server};

crate::concurrency::on_every_database!(
    whoever_lost_the_right_meanwhile_changes_nothing,
    the_old_token_opens_nothing_after_the_reset,
    of_two_resets_the_second_is_stale,
    what_was_deleted_meanwhile_is_not_found,
    what_was_changed_meanwhile_is_stale,
    a_name_that_was_taken_meanwhile_is_taken,
    a_user_who_is_renamed_while_deleted_leaves_no_name_behind,
    a_scope_that_was_deleted_meanwhile_does_not_come_back,
    a_key_is_replaced_once_and_a_withdrawn_one_never_signs,
);

/// Everything that an administrator changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    CreateUser,
    UpdateUser,
    SetPassword,
    RevokeTokens,
    WithdrawConsent,
    WithdrawConsents,
    EndSession,
    EndSessions,
    RevokeGrant,
    RevokeGrants,
    DeleteUser,
    CreateClient,
    UpdateClient,
    ReplaceSecret,
    AddSecret,
    RevokeSecret,
    DeleteClient,
    CreateScope,
    SaveScope,
    DeleteScope,
    RotateKey,
    WithdrawKey,
}

const ALL: [Act; 22] = [
    Act::CreateUser,
    Act::UpdateUser,
    Act::SetPassword,
    Act::RevokeTokens,
    Act::WithdrawConsent,
    Act::WithdrawConsents,
    Act::EndSession,
    Act::EndSessions,
    Act::RevokeGrant,
    Act::RevokeGrants,
    Act::DeleteUser,
    Act::CreateClient,
    Act::UpdateClient,
    Act::ReplaceSecret,
    Act::AddSecret,
    Act::RevokeSecret,
    Act::DeleteClient,
    Act::CreateScope,
    Act::SaveScope,
    Act::DeleteScope,
    Act::RotateKey,
    Act::WithdrawKey,
];

/// Those that end what others need, or need what others end.
const ENDS_ALL: [Act; 8] = [
    Act::RevokeTokens,
    Act::WithdrawConsents,
    Act::EndSession,
    Act::EndSessions,
    Act::RevokeGrant,
    Act::RevokeGrants,
    Act::DeleteUser,
    Act::DeleteClient,
];

/// The targets of the acts: alice and the client `web`, which she allowed something, and the scope `news`.
struct Targets {
    subject: Subject,
    client: ClientId,
}

/// The admin token of the tests as another server would keep it.
const IMPORTED: &str =
    "pbkdf2:sha256:1000$saltsaltsaltsalt$b592e3ba6341e675ddfc4088ee7be131e87d5e53ba1589b3116551d1a03fe4bf";

const ALG: SigningAlg = SigningAlg::ES256;

fn news(description: &str) -> ScopeDraft {
    ScopeDraft { name: "news".to_owned(), description: description.to_owned(), claims: String::new() }
}

fn user(name: &str) -> UserDraft {
    UserDraft { username: name.to_owned(), email: format!("{name}@example.org"), enabled: true, ..UserDraft::default() }
}

fn client(id: &str, scope: &str) -> ClientDraft {
    ClientDraft {
        client_id: id.to_owned(),
        client_name: id.to_owned(),
        redirect_uris: CALLBACK.to_owned(),
        scope: scope.to_owned(),
        ..ClientDraft::preset(ClientKind::Web)
    }
}

impl Targets {
    async fn new(server: &Server) -> Self {
        let mut browser = server.signed_in().await;
        browser.authorize(&[("scope", "openid email")]).await;
        let cookie = Secret::new(browser.cookie(crate::server::SESSION_COOKIE).unwrap());
        let subject = server.idp.find_session(&cookie).await.unwrap().unwrap().session.subject;
        server.idp.create_scope(&Actor::admin(), &news("Read the news")).await.unwrap();
        Self { subject, client: ClientId::new("web") }
    }

    async fn renamed(&self, node: &Idp, name: &str) -> UserChange {
        let draft = UserDraft::from(&node.get_user(&self.subject).await.unwrap().user);
        UserChange { profile: Some(UserDraft { username: name.to_owned(), ..draft }), ..UserChange::default() }
    }

    async fn reworded(&self, node: &Idp, change: impl FnOnce(&mut ClientDraft)) -> ClientChange {
        let mut draft = ClientDraft::from(&node.get_client(&self.client).await.unwrap().client);
        change(&mut draft);
        ClientChange { client: Some(draft), ..ClientChange::default() }
    }

    /// Does it at `node`.
    async fn act(&self, act: Act, node: &Idp, actor: &Actor) -> Result<(), SaveError> {
        let (subject, client_id) = (&self.subject, &self.client);
        match act {
            Act::CreateUser => node.create_user(actor, &user("bob"), PASSWORD).await.map(drop),
            Act::UpdateUser => {
                let change = self.renamed(node, "alicia").await;
                node.update_user(actor, subject, None, &change).await
            }
            Act::SetPassword => node.set_password(actor, subject, "another password").await,
            Act::RevokeTokens => Ok(node.revoke_user_tokens(actor, subject).await?),
            Act::WithdrawConsent => Ok(node.withdraw_consent(actor, subject, client_id).await?),
            Act::WithdrawConsents => counted(node.withdraw_consents_of_client(actor, client_id).await),
            Act::EndSession => {
                let found = node.list_sessions(&idp::SessionsOf::Everybody, SessionColumn::USUAL, None, 1).await?.rows;
                let sids = found.into_iter().map(|row| row.session.sid).collect();
                counted(node.end_chosen_sessions(actor, &ChosenSessions::These(sids)).await)
            }
            Act::EndSessions => counted(node.end_chosen_sessions(actor, &ChosenSessions::Everybody).await),
            Act::RevokeGrant => {
                let found = node.list_grants(&GrantFilter::default(), GrantColumn::USUAL, None, 1).await?.rows;
                let ids = found.into_iter().map(|row| row.grant.id).collect();
                counted(node.revoke_chosen_grants(actor, &ChosenGrants::These(ids)).await)
            }
            Act::RevokeGrants => {
                let filter = GrantFilter { user: Some(subject.clone()), ..GrantFilter::default() };
                counted(node.revoke_chosen_grants(actor, &ChosenGrants::All(filter)).await)
            }
            Act::DeleteUser => Ok(node.delete_user(actor, subject).await?),
            Act::CreateClient => {
                let draft = client("shop", "openid");
                node.create_client(actor, &draft, None, Some(SECRET), UnknownScopes::Refuse).await.map(drop)
            }
            Act::UpdateClient => {
                let change = self.reworded(node, |draft| draft.client_name = "Web".to_owned()).await;
                node.update_client(actor, client_id, None, &change).await
            }
            Act::ReplaceSecret => {
                let secret = Some(Secret::new("another-client-secret-of-32-characters"));
                let change = ClientChange { secret, ..ClientChange::default() };
                node.update_client(actor, client_id, None, &change).await
            }
            Act::AddSecret => {
                let draft = SecretDraft { name: "second".to_owned(), ..SecretDraft::default() };
                node.add_client_secret(actor, client_id, &draft).await.map(drop)
            }
            Act::RevokeSecret => {
                let secrets = node.get_client(client_id).await?.secrets;
                Ok(node.revoke_client_secret(actor, client_id, &secrets[0].id).await?)
            }
            Act::DeleteClient => Ok(node.delete_client(actor, client_id).await?),
            Act::CreateScope => {
                let draft = ScopeDraft { name: "photos".to_owned(), ..news("See the photos") };
                node.create_scope(actor, &draft).await
            }
            Act::SaveScope => {
                let version = node.get_scope("news").await?.version;
                node.save_scope(actor, &news("Read all the news"), Some(version)).await
            }
            Act::DeleteScope => node.delete_scope(actor, "news").await,
            Act::RotateKey => Ok(node.rotate_key(actor, ALG, &node.signing_kid(ALG)?).await.map(drop)?),
            Act::WithdrawKey => Ok(node.withdraw_key(actor, &node.signing_kid(ALG)?).await?),
        }
    }
}

/// Nothing to end is nothing found.
fn counted(ended: Result<u64, Error>) -> Result<(), SaveError> {
    if ended? == 0 { Err(SaveError::NotFound) } else { Ok(()) }
}

/// All that administrators change, as it is stored.
async fn stored(server: &Server) -> Vec<Vec<String>> {
    let mut tables = Vec::new();
    for sql in [
        "SELECT username FROM account ORDER BY username",
        "SELECT password_hash FROM account ORDER BY username",
        "SELECT sid FROM session ORDER BY sid",
        "SELECT client_id FROM consent ORDER BY client_id",
        "SELECT scope FROM grants WHERE revoked_at IS NULL ORDER BY scope",
        "SELECT document FROM client ORDER BY client_id",
        "SELECT name FROM client_secret ORDER BY client_id, name",
        "SELECT description FROM scope ORDER BY name",
        "SELECT state FROM signing_key ORDER BY kid",
        "SELECT action FROM audit_event ORDER BY action",
    ] {
        tables.push(texts(server.database.url(), sql).await);
    }
    tables
}

async fn by_token(node: &Idp, token: &Secret) -> Actor {
    match node.check_admin_token(token, None).await.unwrap() {
        Admission::Admitted(actor) => actor,
        refused => panic!("{refused:?}"),
    }
}

async fn open_console(node: &Idp, token: &Secret) -> (Secret, Actor) {
    let Admission::Admitted(cookie) = node.open_console(token, None).await.unwrap() else {
        panic!("the console does not open")
    };
    let actor = node.find_admin(&cookie).await.unwrap().unwrap();
    (cookie, actor)
}

async fn whoever_lost_the_right_meanwhile_changes_nothing(server: Server) {
    let node = server.open_node().await;
    let targets = Targets::new(&server).await;
    let mut token = Secret::new(ADMIN_TOKEN);
    for act in ALL {
        let (cookie, of_closed) = open_console(&server.idp, &token).await;
        let before = stored(&server).await;
        let close = async { assert!(node.close_console(&cookie).await.unwrap()) };
        let done = stopped(&server.idp, targets.act(act, &server.idp, &of_closed), close).await;
        assert!(matches!(done, Err(SaveError::Failed(Error::Unauthorized))), "{act:?}, console closed: {done:?}");
        assert_eq!(stored(&server).await, before, "{act:?}, console closed");
        for by_session in [true, false] {
            let actor = match by_session {
                true => open_console(&server.idp, &token).await.1,
                false => by_token(&server.idp, &token).await,
            };
            let mut before = stored(&server).await;
            let reset = async { token = node.reset_admin_token().await.unwrap() };
            let done = stopped(&server.idp, targets.act(act, &server.idp, &actor), reset).await;
            assert!(matches!(done, Err(SaveError::Failed(Error::Unauthorized))), "{act:?}, reset: {done:?}");
            before[9].push("server.reset_admin_token".to_owned());
            before[9].sort();
            assert_eq!(stored(&server).await, before, "{act:?}, reset");
        }
    }
    let actor = by_token(&server.idp, &token).await;
    for act in ALL.into_iter().filter(|act| !ENDS_ALL.contains(act)) {
        let done = targets.act(act, &server.idp, &actor).await;
        done.unwrap_or_else(|error| panic!("{act:?} with the right to: {error:?}"));
    }
}

async fn the_old_token_opens_nothing_after_the_reset(server: Server) {
    let node = server.open_node().await;
    let old = Secret::new(ADMIN_TOKEN);
    let reset = async { drop(node.reset_admin_token().await.unwrap()) };
    let opened = stopped(&server.idp, server.idp.open_console(&old, None), reset).await.unwrap();
    assert!(matches!(opened, Admission::Refused), "{opened:?}");
    // A hash that came from another server is replaced when its token is known: not once there is another token.
    for by_console in [true, false] {
        let sql = format!("UPDATE setting SET value = '{IMPORTED}' WHERE name = 'admin_token_digest'");
        execute(server.database.url(), &sql).await;
        let reset = async { drop(node.reset_admin_token().await.unwrap()) };
        match by_console {
            true => {
                let opened = stopped(&server.idp, server.idp.open_console(&old, None), reset).await.unwrap();
                assert!(matches!(opened, Admission::Refused), "{opened:?}");
            }
            false => {
                let called = stopped(&server.idp, server.idp.check_admin_token(&old, None), reset).await.unwrap();
                assert!(matches!(called, Admission::Refused), "{called:?}");
            }
        }
    }
}

async fn of_two_resets_the_second_is_stale(server: Server) {
    let node = server.open_node().await;
    let mut token = None;
    let first = async { token = Some(node.reset_admin_token().await.unwrap()) };
    let second = stopped(&server.idp, server.idp.reset_admin_token(), first).await;
    assert!(matches!(second, Err(Error::Stale)), "{second:?}");
    by_token(&server.idp, &token.unwrap()).await;
}

fn is_gone(done: &Result<(), SaveError>) -> bool {
    matches!(done, Err(SaveError::NotFound | SaveError::Stale))
}

async fn what_was_deleted_meanwhile_is_not_found(server: Server) {
    use Act as A;
    let actor = Actor::admin();
    let of_user = [
        A::UpdateUser,
        A::SetPassword,
        A::RevokeTokens,
        A::WithdrawConsent,
        A::EndSession,
        A::RevokeGrant,
        A::DeleteUser,
    ];
    let of_client = [A::UpdateClient, A::ReplaceSecret, A::AddSecret, A::RevokeSecret, A::DeleteClient];
    for (deletes, acts) in [
        (A::DeleteUser, &of_user[..]),
        (A::DeleteClient, &of_client),
        (A::DeleteScope, &[A::SaveScope, A::DeleteScope]),
    ] {
        let server = server.another().await;
        let node = server.open_node().await;
        let targets = Targets::new(&server).await;
        // All of them at the gate together.
        let gate = server.idp.close_gate().await;
        let waiting: Vec<LocalBoxFuture<'_, _>> =
            acts.iter().map(|act| targets.act(*act, &server.idp, &actor).boxed_local()).collect();
        let forbid = async {
            gate.arrived(acts.len()).await;
            targets.act(deletes, &node, &actor).await.unwrap();
            let after = stored(&server).await;
            drop(gate);
            after
        };
        let (done, after) = tokio::join!(futures::future::join_all(waiting), forbid);
        for (act, done) in acts.iter().zip(&done) {
            assert!(is_gone(done), "{act:?} after {deletes:?}: {done:?}");
        }
        assert_eq!(stored(&server).await, after, "after {deletes:?}");
    }
}

async fn what_was_changed_meanwhile_is_stale(server: Server) {
    use Act as A;
    let node = server.open_node().await;
    let (actor, targets) = (Actor::admin(), Targets::new(&server).await);
    for (act, forbidden_by) in [
        (A::UpdateUser, A::UpdateUser),
        (A::UpdateClient, A::UpdateClient),
        (A::UpdateClient, A::ReplaceSecret),
        (A::ReplaceSecret, A::UpdateClient),
        (A::SaveScope, A::SaveScope),
        (A::RevokeSecret, A::RevokeSecret),
        (A::RevokeGrant, A::RevokeGrants),
        (A::EndSession, A::EndSessions),
        (A::WithdrawConsent, A::WithdrawConsent),
    ] {
        if forbidden_by == A::RevokeSecret {
            targets.act(A::AddSecret, &node, &actor).await.unwrap();
        }
        let forbid = async { targets.act(forbidden_by, &node, &actor).await.unwrap() };
        let done = stopped(&server.idp, targets.act(act, &server.idp, &actor), forbid).await;
        assert!(is_gone(&done), "{act:?} after {forbidden_by:?}: {done:?}");
    }
    let public = async {
        let change = targets.reworded(&node, |draft| draft.token_endpoint_auth_method = "none".to_owned()).await;
        node.update_client(&actor, &targets.client, None, &change).await.unwrap();
    };
    let added = stopped(&server.idp, targets.act(A::AddSecret, &server.idp, &actor), public).await;
    assert!(is_gone(&added), "{added:?}");
    assert!(server.idp.get_client(&targets.client).await.unwrap().secrets.is_empty(), "it is public");
}

async fn a_name_that_was_taken_meanwhile_is_taken(server: Server) {
    let node = server.open_node().await;
    let (actor, targets) = (Actor::admin(), Targets::new(&server).await);
    for act in [Act::CreateUser, Act::CreateClient, Act::CreateScope] {
        let forbid = async { targets.act(act, &node, &actor).await.unwrap() };
        let done = stopped(&server.idp, targets.act(act, &server.idp, &actor), forbid).await;
        let Err(SaveError::Invalid(errors)) = done else { panic!("{act:?}: {done:?}") };
        assert!(errors.iter().all(|(_, problem)| *problem == FieldProblem::Taken), "{act:?}: {errors:?}");
    }
    let forbid = async { drop(node.create_user(&actor, &user("alicia"), PASSWORD).await.unwrap()) };
    let done = stopped(&server.idp, targets.act(Act::UpdateUser, &server.idp, &actor), forbid).await;
    assert!(matches!(done, Err(SaveError::Invalid(_))), "{done:?}");
}

async fn a_user_who_is_renamed_while_deleted_leaves_no_name_behind(server: Server) {
    let node = server.open_node().await;
    let actor = Actor::admin();
    for round in 0..8 {
        let (old, new) = (format!("old{round}"), format!("new{round}"));
        let subject = server.idp.create_user(&actor, &user(&old), PASSWORD).await.unwrap().subject;
        let targets = Targets { subject, client: ClientId::new("web") };
        let change = targets.renamed(&node, &new).await;
        let rename = node.update_user(&actor, &targets.subject, None, &change);
        let (renamed, deleted) = tokio::join!(rename, server.idp.delete_user(&actor, &targets.subject));
        deleted.unwrap();
        assert!(renamed.is_ok() || is_gone(&renamed), "{renamed:?}");
        for name in [old, new] {
            let draft = UserDraft { email: String::new(), ..user(&name) };
            server.idp.create_user(&actor, &draft, PASSWORD).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        }
    }
}

async fn a_scope_that_was_deleted_meanwhile_does_not_come_back(server: Server) {
    let node = server.open_node().await;
    let (actor, targets) = (Actor::admin(), Targets::new(&server).await);
    let unknown_scopes = UnknownScopes::Create;
    for creates in [true, false] {
        let forbid = async { targets.act(Act::DeleteScope, &node, &actor).await.unwrap() };
        if creates {
            let draft = client("reader", "openid news");
            let created = server.idp.create_client(&actor, &draft, None, Some(SECRET), unknown_scopes);
            stopped(&server.idp, created, forbid).await.unwrap();
        } else {
            let change = targets.reworded(&node, |draft| draft.scope.push_str(" news")).await;
            let change = ClientChange { unknown_scopes, ..change };
            let updated = server.idp.update_client(&actor, &targets.client, None, &change);
            stopped(&server.idp, updated, forbid).await.unwrap();
        }
        assert!(server.idp.scopes().await.unwrap().iter().all(|scope| scope.name.as_str() != "news"));
        server.idp.create_scope(&actor, &news("Other news")).await.unwrap();
    }
}

async fn a_key_is_replaced_once_and_a_withdrawn_one_never_signs(server: Server) {
    let node = server.open_node().await;
    let (actor, targets) = (Actor::admin(), Targets::new(&server).await);
    for (act, forbidden_by) in [
        (Act::RotateKey, Act::RotateKey),
        (Act::RotateKey, Act::WithdrawKey),
        (Act::WithdrawKey, Act::RotateKey),
        (Act::WithdrawKey, Act::WithdrawKey),
    ] {
        server.idp.reload_keyring().await.unwrap();
        node.reload_keyring().await.unwrap();
        let old = server.idp.signing_kid(ALG).unwrap();
        let forbid = async { targets.act(forbidden_by, &node, &actor).await.unwrap() };
        stopped(&server.idp, targets.act(act, &server.idp, &actor), forbid).await.unwrap();
        node.reload_keyring().await.unwrap();
        assert_eq!(server.idp.signing_kid(ALG).unwrap(), node.signing_kid(ALG).unwrap());
        assert_ne!(server.idp.signing_kid(ALG).unwrap(), old, "{act:?} after {forbidden_by:?}");
        let keyring = server.idp.keyring();
        let of_alg = |state| keyring.keys().iter().filter(|key| key.alg == ALG && key.state == state).count();
        assert_eq!(of_alg(KeyState::Active), 1, "{act:?} after {forbidden_by:?}");
        let is_withdrawn = [act, forbidden_by].contains(&Act::WithdrawKey);
        let state = keyring.keys().iter().find(|key| key.kid == old).unwrap().state;
        assert_eq!(state == KeyState::Withdrawn, is_withdrawn, "{act:?} after {forbidden_by:?}");
    }
    // The calendar, stopped before it lets the next key sign, while that one is withdrawn.
    server.clock.advance(84 * 86_400);
    server.idp.advance_keys().await.unwrap();
    server.clock.advance(7 * 86_400);
    let next = server.idp.keyring().find_key(ALG, KeyState::Next).unwrap().kid.clone();
    let withdraw = async { node.withdraw_key(&actor, &next).await.unwrap() };
    stopped(&server.idp, server.idp.advance_keys(), withdraw).await.unwrap();
    server.idp.reload_keyring().await.unwrap();
    assert_ne!(server.idp.signing_kid(ALG).unwrap(), next);
}
