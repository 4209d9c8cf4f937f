//! Clients of another server, with their secrets and policies. What worked there goes on working where that is safe; what does not
//! is named in the report.

use std::ops::RangeInclusive;

use oauth::client::{
    ACCESS_TOKEN_LIFETIME, Client, ClientAuthMethod, ClientDraft, ClientKind, ClientPolicy, ConsentPolicy, GrantType,
    MAX_SECRET, MIN_SECRET, PolicyDraft, REFRESH_TOKEN_DAYS, TokenFormat, check_new_client_id,
};
use oauth::field::{FieldProblem, check_picture_url, check_web_url};
use oauth::id::ClientId;
use oauth::redirect_uri::{RedirectUri, RedirectUriError};
use oauth::scope::{Scope, ScopeToken};
use oauth::secret::Secret;

use super::memory::was_made_here;
use super::report::explain;
use super::{Import, Kind, Known, NUL, Row, created_at};
use crate::audit::Actor;
use crate::error::Error;
use crate::save::SaveError;
use crate::{ClientRecord, UnknownScopes};

/// A client with what an administrator should know about its move.
struct Moved {
    client: Client,
    secret: Option<Secret>,
    notes: Vec<String>,
}

/// The treatment of a row.
enum Standing {
    New,
    /// The client is here and stays as it is.
    Here(Box<Client>),
    /// It came before, and was deleted here.
    Deleted,
    /// The ID is another client's.
    Another,
}

impl Import<'_> {
    pub(super) async fn take_clients(&mut self) -> Result<(), Error> {
        for row in &self.seed.clients {
            self.take_client(row).await?;
        }
        Ok(())
    }

    async fn take_client(&mut self, row: &Row) -> Result<(), Error> {
        let id = row.text("client_id").trim();
        if self.clients.contains_key(id) {
            self.report.of(Kind::Client).refuse(id, "another client has the same ID, but for blanks around it");
            return Ok(());
        }
        let policy = self.seed.policies.iter().find(|policy| policy.text("client_id").trim() == id);
        if row.holds_nul() || policy.is_some_and(Row::holds_nul) {
            self.report.of(Kind::Client).refuse(id, NUL);
            return Ok(());
        }
        match self.client_standing(id, row).await? {
            Standing::New => {}
            Standing::Here(client) => {
                self.clients.insert(id.to_owned(), *client);
                self.report.of(Kind::Client).skip();
                self.memory.remember(Kind::Client, id, "", self.idp);
                return Ok(());
            }
            Standing::Deleted => {
                self.report.of(Kind::Client).skip();
                self.report.of(Kind::Client).note(id, "it was deleted here and stays so");
                return Ok(());
            }
            Standing::Another => {
                self.report
                    .of(Kind::Client)
                    .refuse(id, "another client has this ID here; what it was allowed was left out");
                return Ok(());
            }
        }
        let moved = match read(row, policy) {
            Ok(moved) => moved,
            Err(reason) => {
                self.report.of(Kind::Client).refuse(id, reason);
                return Ok(());
            }
        };
        let new_scopes = match self.create_client(row, &moved).await {
            Ok(new_scopes) => new_scopes,
            Err(SaveError::Failed(error)) => return Err(error),
            Err(error) => {
                self.report.of(Kind::Client).refuse(id, error);
                return Ok(());
            }
        };
        let outcome = self.report.of(Kind::Client);
        outcome.import();
        for note in moved.notes {
            outcome.note(id, note);
        }
        self.note_scopes(new_scopes);
        self.memory.remember(Kind::Client, id, "", self.idp);
        self.clients.insert(id.to_owned(), moved.client);
        Ok(())
    }

    /// Compares the client with the one that has its ID here or had it.
    async fn client_standing(&self, id: &str, row: &Row) -> Result<Standing, Error> {
        let here = match self.idp.get_client(&ClientId::new(id)).await {
            Ok(here) => Some(here),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        };
        Ok(match (self.memory.recall(Kind::Client, id, ""), here) {
            (Known::Same, Some(here)) => Standing::Here(Box::new(here.client)),
            (Known::Same, None) => Standing::Deleted,
            (Known::Other, None) => Standing::New,
            // It was made here, or came when imports were not remembered: what it answers to tells.
            (Known::New, Some(here)) if answers_alike(&here, row) => Standing::Here(Box::new(here.client)),
            (Known::New | Known::Other, Some(_)) => Standing::Another,
            (Known::New, None) if was_made_here(self.idp, "client", id).await? => Standing::Deleted,
            (Known::New, None) => Standing::New,
        })
    }

    /// The scopes that come with it.
    async fn create_client(&self, row: &Row, moved: &Moved) -> Result<Vec<ScopeToken>, SaveError> {
        let mut new_scopes = self.idp.new_scopes(&moved.client, None, UnknownScopes::Create).await?;
        new_scopes.retain(|scope| !self.scopes.contains(scope.as_str()));
        let mut kept = Vec::new();
        for scope in new_scopes {
            if !self.was_deleted(scope.as_str()).await? {
                kept.push(scope);
            }
        }
        let new_scopes = kept;
        if !self.dry_run {
            let (client, secret) = (moved.client.clone(), moved.secret.clone());
            let created = created_at(row, self.idp.now());
            self.idp.insert_client(Actor::command_line(), client, new_scopes.clone(), secret, created).await?;
        }
        Ok(new_scopes)
    }
}

/// True when a client here is the one of the row: made at the same moment, or sending people to one place that both list. One
/// without any sends nobody anywhere, so nothing of another's comes to it.
fn answers_alike(here: &ClientRecord, row: &Row) -> bool {
    let uris: Vec<&str> = row.text("redirect_uris").split_whitespace().collect();
    let made = row.number("created_at").is_some_and(|at| at == here.created_at.0);
    let shared = here.client.redirect_uris.iter().any(|uri| uris.contains(&uri.as_str()));
    made || shared || here.client.redirect_uris.is_empty()
}

/// The client of a row, or why there is none.
fn read(row: &Row, policy: Option<&Row>) -> Result<Moved, String> {
    let mut notes = Vec::new();
    let id = row.text("client_id").trim();
    if id != row.text("client_id") {
        notes.push("its ID has no blanks around it any more; it must send it so".to_owned());
    }
    check_new_client_id(id).map_err(|problem| problem.to_string())?;
    let (method, secret) = read_authentication(row, &mut notes)?;
    let grants = read_grant_types(row, method, &mut notes);
    let private_scheme = |uri: &str| !uri.starts_with("http:") && !uri.starts_with("https:");
    let public = method.is_public();
    let kind = match (public, grants.iter().any(|grant| grant.signs_people_in())) {
        (true, _) if row.text("redirect_uris").split_whitespace().any(private_scheme) => ClientKind::Native,
        (true, _) => ClientKind::Spa,
        (false, true) => ClientKind::Web,
        (false, false) => ClientKind::Machine,
    };
    let mut url =
        |column: &'static str, check: fn(&str) -> Result<Option<String>, FieldProblem>| match check(row.text(column)) {
            Ok(url) => url.unwrap_or_default(),
            Err(problem) => {
                notes.push(format!("{column} was left out: {problem}"));
                String::new()
            }
        };
    let (client_uri, logo_uri) = (url("client_uri", check_web_url), url("logo_uri", check_picture_url));
    let native = kind == ClientKind::Native;
    let redirect_uris = read_uris(row.text("redirect_uris"), |uri| RedirectUri::parse(uri, native), &mut notes);
    if grants.contains(&GrantType::AuthorizationCode) && redirect_uris.is_empty() {
        notes.push("it has no redirect URI, so nobody can sign in to it; list one".to_owned());
    }
    let mut policy = policy.map(|policy| read_policy(policy, &mut notes)).transpose()?.unwrap_or_default();
    // Two switches said whether people are asked; either was enough not to.
    if row.flag("require_consent") == Some(false) {
        policy.consent_policy = Some(ConsentPolicy::Skip);
    }
    let draft = ClientDraft {
        client_id: id.to_owned(),
        client_name: row.find("client_name").unwrap_or(id).to_owned(),
        redirect_uris,
        grant_types: grants.iter().map(ToString::to_string).collect(),
        scope: known_words(row.text("scope"), &mut notes),
        token_endpoint_auth_method: method.to_string(),
        client_uri,
        logo_uri,
        ..ClientDraft::preset(kind)
    };
    let mut client = draft.check(Some(policy)).map_err(|errors| explain(&errors))?;
    drop_unusable_default_scopes(&mut client, &mut notes);
    if public && client.policy.require_pkce != Some(true) {
        notes.push(
            "it has no secret, so it must send a code challenge (PKCE, S256); it did not have to before".to_owned(),
        );
    }
    Ok(Moved { client, secret, notes })
}

/// Default scopes are among those that a client may ask for. At the other server they need not be.
fn drop_unusable_default_scopes(client: &mut Client, notes: &mut Vec<String>) {
    while let Some(outside) = client.unusable_default_scope().map(ToString::to_string) {
        client.policy.default_scopes = client.policy.default_scopes.take().map(|scope| scope.without(&outside));
        notes.push(format!("its default scope {outside} was left out: it may not ask for it"));
    }
}

/// A client without a secret, or registered for none, did not authenticate; one with a secret did by the method that it was
/// registered for, Basic where none was written down.
fn read_authentication(row: &Row, notes: &mut Vec<String>) -> Result<(ClientAuthMethod, Option<Secret>), String> {
    let word = row.find("token_endpoint_auth_method").unwrap_or("client_secret_basic").trim();
    let Some(secret) = row.find("client_secret") else {
        return Ok((ClientAuthMethod::None, None));
    };
    // The seed kept no keys, and knew neither MACs nor certificates.
    let known = ClientAuthMethod::find(word).filter(|method| method.shows_secret() || method.is_public());
    let method = known.unwrap_or_else(|| {
        notes.push("its authentication method is not known here; it is client_secret_basic now".to_owned());
        ClientAuthMethod::ClientSecretBasic
    });
    if !method.needs_secret() {
        notes.push("it is registered for the method none, so its secret was left out; it must send none".to_owned());
        return Ok((method, None));
    }
    if secret.len() > MAX_SECRET {
        return Err(format!("its secret is longer than {MAX_SECRET} bytes"));
    }
    if secret.len() < MIN_SECRET {
        notes.push(format!("its secret is shorter than {MIN_SECRET} characters and works on; replace it soon"));
    }
    Ok((method, Some(Secret::new(secret))))
}

fn read_grant_types(row: &Row, method: ClientAuthMethod, notes: &mut Vec<String>) -> Vec<GrantType> {
    let mut grants: Vec<GrantType> = Vec::new();
    for word in row.text("grant_types").split_whitespace() {
        match GrantType::find(word) {
            Some(GrantType::Implicit) => {
                notes.push("implicit was left out: it needs the security profile legacy".to_owned());
            }
            Some(grant) if !grants.contains(&grant) => grants.push(grant),
            Some(_) => {}
            None => notes.push(format!("the grant type {word} is not known here and was left out")),
        }
    }
    if method.is_public() && grants.contains(&GrantType::ClientCredentials) {
        grants.retain(|grant| *grant != GrantType::ClientCredentials);
        notes.push("client_credentials was left out: it needs a secret".to_owned());
    }
    if grants.contains(&GrantType::RefreshToken) && !grants.iter().any(|grant| grant.can_be_refreshed()) {
        grants.retain(|grant| *grant != GrantType::RefreshToken);
        notes.push(
            "refresh_token was left out: it works only beside authorization_code, device_code or ciba".to_owned(),
        );
    }
    grants
}

/// Those that may be registered here, a line each.
fn read_uris(
    text: &str,
    parse: impl Fn(&str) -> Result<RedirectUri, RedirectUriError>,
    notes: &mut Vec<String>,
) -> String {
    let mut uris: Vec<&str> = Vec::new();
    for uri in text.split_whitespace() {
        match parse(uri) {
            Ok(_) if uris.contains(&uri) => {}
            Ok(_) => uris.push(uri),
            Err(problem) => notes.push(format!("the URI {uri} was left out: {problem}")),
        }
    }
    uris.join("\n")
}

/// Words that can be scopes, a line each.
fn known_words(text: &str, notes: &mut Vec<String>) -> String {
    let (good, bad): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|word| Scope::parse(word).is_ok());
    for word in bad {
        notes.push(format!("the scope {word} is not well formed and was left out"));
    }
    good.join("\n")
}

/// Reads the policy of a row. A member that is NULL, zero or not understood is inherited; a number out of bounds becomes the
/// nearest bound.
fn read_policy(row: &Row, notes: &mut Vec<String>) -> Result<ClientPolicy, String> {
    let allowed_scopes = known_words(row.text("allowed_scopes"), notes);
    let mut default_scopes = known_words(row.text("default_scopes"), notes);
    if !allowed_scopes.is_empty() {
        let kept: Vec<&str> =
            default_scopes.lines().filter(|word| allowed_scopes.lines().any(|allowed| allowed == *word)).collect();
        default_scopes = kept.join("\n");
    }
    let mut number = |column: &'static str, bounds: RangeInclusive<i64>| match row.number(column) {
        None | Some(0) => String::new(),
        Some(number) => {
            let bounded = number.clamp(*bounds.start(), *bounds.end());
            if bounded != number {
                notes.push(format!("{column} was {number} and is {bounded} now"));
            }
            bounded.to_string()
        }
    };
    let lifetime = number("access_token_lifetime", ACCESS_TOKEN_LIFETIME);
    let days = number("refresh_token_ttl_days", REFRESH_TOKEN_DAYS);
    let consent = row.find("consent_policy").filter(|word| ConsentPolicy::find(word).is_some());
    let format = row.find("token_format").filter(|word| TokenFormat::find(word).is_some());
    if format == Some(TokenFormat::Jwt.as_str()) {
        notes.push("its access tokens are JWTs now, as its policy says; the seed server made opaque ones".to_owned());
    }
    let draft = PolicyDraft {
        allowed_scopes,
        default_scopes,
        post_logout_redirect_uris: read_uris(
            row.text("post_logout_redirect_uris"),
            RedirectUri::parse_post_logout,
            notes,
        ),
        require_pkce: row.flag("require_pkce").filter(|flag| *flag).map(|flag| flag.to_string()).unwrap_or_default(),
        consent_policy: consent.unwrap_or_default().to_owned(),
        access_token_lifetime: lifetime,
        refresh_token_ttl_days: days,
        refresh_reuse_window: String::new(),
        token_format: format.unwrap_or_default().to_owned(),
        id_token_claims: String::new(),
    };
    draft.check().map_err(|errors| explain(&errors))
}
