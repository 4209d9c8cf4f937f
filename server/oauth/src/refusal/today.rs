//! A refusal, seen from today: somebody may have mended it since, or deleted what it was about.

use std::sync::Arc;

use super::{Place, Reason};
use crate::activity::is_verbatim;
use crate::client::Client;
use crate::id::ClientId;
use crate::redirect_uri::RedirectUri;
use crate::registration::{ClientUrl, is_registered_id};
use crate::scope::{Scope, ScopeDefinition, ScopeToken, is_of_resource};

/// Knowledge of today about what was refused: the client, and what is here besides.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The client, enabled or not.
    pub client: Option<Client>,
    /// The client that was here, and is not any more.
    pub deleted: Option<Deleted>,
    /// IDs of clients that may be near to one that is not here.
    pub client_ids: Vec<String>,
    /// True while programs may register themselves.
    pub takes_registrations: bool,
    /// The scopes of this server and of its resources.
    pub scopes: Arc<Vec<ScopeDefinition>>,
}

/// A client that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    pub client_id: ClientId,
    /// The ID under which it lies in the recycle bin; `None`: only its history is left.
    pub in_bin: Option<String>,
}

/// The fate of a refusal since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Since {
    #[default]
    Nothing,
    /// The same request would be right.
    Mended,
    /// The client is enabled again.
    Enabled,
    /// There is such a client.
    Arrived,
    /// The client was deleted.
    Deleted,
}

impl Since {
    /// True when the same request would not be refused by this check any more.
    #[must_use]
    pub fn is_mended(self) -> bool {
        matches!(self, Self::Mended | Self::Enabled | Self::Arrived)
    }

    /// The same in words; `None` for nothing.
    #[must_use]
    pub fn sentence(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Mended => Some("This is mended by now: what was sent would be right today."),
            Self::Enabled => Some("It was disabled then. This is mended by now: the client is enabled."),
            Self::Arrived => Some("This is mended by now: there is a client with this ID today."),
            Self::Deleted => Some("The client was deleted since."),
        }
    }
}

/// The finding of the check today.
#[derive(Debug, Default)]
pub(super) struct Finding {
    pub(super) reason: Reason,
    pub(super) place: Place,
    /// Values that are right.
    pub(super) expected: Vec<String>,
    /// Values of which the nearest is looked for.
    pub(super) candidates: Vec<String>,
    /// The words to add to the list at the place.
    pub(super) addition: Option<String>,
    pub(super) since: Since,
}

impl Finding {
    /// The finding for a refusal by `reason` of what was sent. `expected` is what was right then.
    pub(super) fn new(reason: Reason, sent: Option<&(String, String)>, expected: Vec<String>, known: &Known) -> Self {
        let (name, value) = sent.map(|(name, value)| (name.as_str(), value.as_str())).unwrap_or_default();
        if is_about_presence(reason) {
            return Self::of_presence(reason, value, known);
        }
        let unchanged = Self { place: reason.place(), reason, ..Self::default() }.right(expected);
        let Some(client) = &known.client else { return unchanged.of_deleted(known) };
        let found = match reason {
            Reason::RedirectUriUnregistered | Reason::RedirectUriMissing => {
                let is_mended = name == "redirect_uri" && client.find_redirect_uri(value).is_some();
                let added = RedirectUri::parse(value, true).is_ok().then(|| value.to_owned());
                unchanged.right(uris(&client.redirect_uris)).mended(is_mended).adding(added)
            }
            Reason::LogoutUriUnregistered => {
                let rules = client.rules();
                let is_mended = rules.allows_post_logout_redirect(value);
                unchanged.right(uris(rules.post_logout_redirect_uris)).mended(is_mended)
            }
            Reason::GrantTypeUnregistered => {
                let is_mended = client.grant_types.iter().any(|grant| grant.as_str() == value);
                unchanged
                    .right(client.grant_types.iter().map(ToString::to_string).collect())
                    .mended(is_mended)
                    .adding(Some(value.to_owned()))
            }
            Reason::ScopeNotAllowed | Reason::ScopeUnknown | Reason::ScopeGone | Reason::NothingLeft => {
                unchanged.of_scope(client, value, &known.scopes)
            }
            // The policy of a public client has no say in it.
            Reason::PkceMissing if client.is_public() => Self { place: Place::Application, ..unchanged },
            _ => unchanged,
        };
        // Of a value that was cut or escaped nobody knows what it was.
        if is_verbatim(value) { found } else { found.mended(false).adding(None) }
    }

    fn right(self, expected: Vec<String>) -> Self {
        Self { candidates: expected.clone(), expected, ..self }
    }

    fn mended(self, is_mended: bool) -> Self {
        Self { since: if is_mended { Since::Mended } else { Since::Nothing }, ..self }
    }

    fn adding(self, words: Option<String>) -> Self {
        Self { addition: words.filter(|words| !words.is_empty()), ..self }
    }

    /// A client that is not here any more is mended nowhere, and what its application does is no matter until it is back.
    fn of_deleted(self, known: &Known) -> Self {
        if known.deleted.is_none() {
            return self;
        }
        let is_gone = self.place.is_of_client() || self.place == Place::Application;
        Self { place: if is_gone { Place::Deleted } else { self.place }, since: Since::Deleted, ..self }
    }

    /// The client was refused as unknown.
    fn of_presence(reason: Reason, client_id: &str, known: &Known) -> Self {
        let found = |reason: Reason, since| Self { reason, place: reason.place(), since, ..Self::default() };
        let may_return = reason == Reason::ForgottenClient && known.takes_registrations;
        match (&known.client, &known.deleted) {
            (Some(client), _) if !client.enabled => found(Reason::ClientDisabled, Since::Nothing),
            (Some(_), _) if reason == Reason::ClientDisabled => found(reason, Since::Enabled),
            // The host of a client with a document may be blocked.
            (Some(_), _) if ClientUrl::is_meant(client_id) => found(Reason::UnknownClient, Since::Nothing),
            (Some(_), _) => found(Reason::UnknownClient, Since::Arrived),
            (None, Some(_)) if reason == Reason::ClientDisabled => found(reason, Since::Nothing).of_deleted(known),
            // A program that registered itself comes again.
            (None, Some(deleted)) if may_return && deleted.in_bin.is_none() && is_registered_id(client_id) => {
                found(reason, Since::Nothing)
            }
            (None, Some(_)) => found(Reason::ClientDeleted, Since::Nothing),
            (None, None) if may_return => found(reason, Since::Nothing).near(&known.client_ids),
            (None, None) if reason == Reason::ClientDisabled => found(reason, Since::Nothing),
            (None, None) => found(Reason::UnknownClient, Since::Nothing).near(&known.client_ids),
        }
    }

    fn near(self, client_ids: &[String]) -> Self {
        Self { candidates: client_ids.to_vec(), ..self }
    }

    /// A client asked for nothing that it may have. It may have what its policy allows, or else its settings.
    fn of_scope(self, client: &Client, value: &str, scopes: &[ScopeDefinition]) -> Self {
        let of_policy = client.policy.allowed_scopes.as_ref().is_some_and(|scope| !scope.is_empty());
        let place = if of_policy { Place::Policy("allowed_scopes") } else { Place::Settings("scope") };
        let is_here = |token: &&ScopeToken| scopes.iter().any(|it| it.owner.is_none() && it.name == **token);
        let allowed = client.rules().allowed_scope.iter().filter(is_here).map(ToString::to_string).collect();
        let asked = Scope::parse(value).unwrap_or_default();
        let refused = Self { place, ..self }.right(allowed);
        // The codes and tokens of a scope that was deleted do not live again with it.
        if refused.reason == Reason::NothingLeft || asked.is_empty() {
            return refused;
        }
        let here: Vec<&ScopeToken> = asked.iter().filter(is_here).collect();
        if here.iter().any(|token| client.may_ask_for(token)) {
            return refused.mended(true);
        }
        if !here.is_empty() {
            let words: Vec<&str> = here.iter().map(|token| token.as_str()).collect();
            let added = (!of_policy).then(|| words.join(" "));
            return Self { reason: Reason::ScopeNotAllowed, ..refused }.adding(added);
        }
        let reason = if asked.iter().any(|token| is_of_resource(token, scopes)) {
            Reason::ScopeOfResource
        } else {
            Reason::ScopeUnknown
        };
        let candidates = scopes.iter().filter(|it| it.owner.is_none()).map(|it| it.name.to_string()).collect();
        Self { reason, place: reason.place(), candidates, ..refused }
    }
}

/// True for a refusal because of a client that is not here, or not for anybody.
pub(super) fn is_about_presence(reason: Reason) -> bool {
    matches!(reason, Reason::UnknownClient | Reason::ForgottenClient | Reason::ClientDisabled | Reason::ClientDeleted)
}

fn uris(registered: &[RedirectUri]) -> Vec<String> {
    registered.iter().map(|uri| uri.as_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::error::{OAuthError, Problem};
    use crate::refusal::Explanation;
    use crate::registration::Program;
    use crate::scope::core_scopes;

    fn client() -> Client {
        let draft = ClientDraft {
            client_id: "desk".to_owned(),
            client_name: "Desk".to_owned(),
            redirect_uris: "https://a.example/cb".to_owned(),
            scope: "openid email".to_owned(),
            ..ClientDraft::preset(ClientKind::Web)
        };
        draft.check(None).unwrap()
    }

    fn known(client: Option<Client>) -> Known {
        Known { client, scopes: Arc::new(core_scopes()), takes_registrations: true, ..Known::default() }
    }

    fn text(pieces: &[crate::refusal::Piece; 3]) -> String {
        pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn a_client_that_was_refused_as_unknown_is_looked_at_again() {
        let disabled = Client { enabled: false, ..client() };
        let deleted = |in_bin| Known {
            deleted: Some(Deleted { client_id: ClientId::new("desk"), in_bin }),
            client_ids: vec!["desk".to_owned()],
            ..known(None)
        };
        let near = Known { client_ids: vec!["shop".to_owned(), "dsek".to_owned()], ..known(None) };
        let closed = Known { takes_registrations: false, ..known(None) };
        let client_id = || "desk".to_owned();
        let unknown = Problem::UnknownClient { client_id: client_id() };
        let program = Problem::ForgottenClient { client_id: client_id(), program: Program::Other };
        for (problem, known, reason, place, since) in [
            (&program, known(Some(disabled.clone())), Reason::ClientDisabled, Place::Danger, Since::Nothing),
            (&unknown, known(Some(disabled)), Reason::ClientDisabled, Place::Danger, Since::Nothing),
            (&program, deleted(Some("1".to_owned())), Reason::ClientDeleted, Place::Deleted, Since::Nothing),
            (&unknown, deleted(None), Reason::ClientDeleted, Place::Deleted, Since::Nothing),
            (&program, near.clone(), Reason::UnknownClient, Place::Clients, Since::Nothing),
            (&unknown, near, Reason::UnknownClient, Place::Clients, Since::Nothing),
            (&program, known(None), Reason::ForgottenClient, Place::Registration, Since::Nothing),
            (&program, closed, Reason::UnknownClient, Place::Clients, Since::Nothing),
            (&unknown, known(None), Reason::UnknownClient, Place::Clients, Since::Nothing),
            (&unknown, known(Some(client())), Reason::UnknownClient, Place::Clients, Since::Arrived),
        ] {
            let found = Explanation::of_problem(problem, &known);
            assert_eq!((found.reason, found.place, found.since), (reason, place, since), "{problem:?} {known:?}");
            let is_near = known.client_ids.len() == 2;
            assert_eq!(found.nearest.as_ref().map(|near| text(&near.expected)), is_near.then(|| "dsek".to_owned()));
            assert!(found.expected.is_empty(), "{problem:?}");
        }
        let returns = Problem::ForgottenClient { client_id: "dcr-7".to_owned(), program: Program::Other };
        assert_eq!(Explanation::of_problem(&returns, &deleted(None)).reason, Reason::ForgottenClient);
        assert_eq!(Explanation::of_problem(&returns, &deleted(Some("1".to_owned()))).reason, Reason::ClientDeleted);
        let of_disabled = OAuthError::new(Reason::ClientDisabled);
        assert_eq!(Explanation::of_error(&of_disabled, &known(Some(client()))).since, Since::Enabled);
        assert_eq!(Explanation::of_error(&of_disabled, &deleted(None)).since, Since::Deleted);
        let blocked = Problem::UnknownClient { client_id: "https://a.example/client".to_owned() };
        assert_eq!(Explanation::of_problem(&blocked, &known(Some(client()))).since, Since::Nothing);
        let slash = OAuthError::new(Reason::RedirectUriUnregistered).sent("redirect_uri", "https://a.example/cb/");
        let found = Explanation::of_error(&slash, &deleted(None));
        assert_eq!((found.since, found.place, found.advice()), (Since::Deleted, Place::Deleted, None));
        let found = Explanation::of_error(&OAuthError::new(Reason::CodeExpired), &deleted(None));
        assert_eq!((found.since, found.place), (Since::Deleted, Place::Deleted));
        assert_eq!(found.advice(), Some(Reason::CodeExpired.advice()));
        let found = Explanation::of_error(&OAuthError::new(Reason::PkceMissing), &known(None));
        assert_eq!((found.since, found.place), (Since::Nothing, Place::Policy("require_pkce")));
    }

    #[test]
    fn a_scope_is_allowed_by_the_policy_or_by_the_settings() {
        let explain = |reason: Reason, scope: &str, client: Client| {
            Explanation::of_error(&OAuthError::new(reason).sent("scope", scope), &known(Some(client)))
        };
        let narrow = || {
            let mut client = client();
            client.policy.allowed_scopes = Some(Scope::parse("openid").unwrap());
            client
        };
        let settings = Place::Settings("scope");
        let policy = Place::Policy("allowed_scopes");
        let (no, mended) = (Since::Nothing, Since::Mended);
        use Reason as R;
        for (recorded, scope, client, reason, place, since, addition) in [
            (R::ScopeNotAllowed, "email", client(), R::ScopeNotAllowed, settings, mended, None),
            (R::ScopeNotAllowed, "email", narrow(), R::ScopeNotAllowed, policy, no, None),
            (R::ScopeNotAllowed, "phone nosuch", client(), R::ScopeNotAllowed, settings, no, Some("phone")),
            (R::ScopeNotAllowed, "nosuch", client(), R::ScopeUnknown, Place::NewScope, no, None),
            (R::ScopeUnknown, "phone", client(), R::ScopeNotAllowed, settings, no, Some("phone")),
            (R::ScopeGone, "orders", client(), R::ScopeUnknown, Place::NewScope, no, None),
            (R::NothingLeft, "openid", client(), R::NothingLeft, settings, no, None),
            (R::NothingLeft, "email", narrow(), R::NothingLeft, policy, no, None),
        ] {
            let found = explain(recorded, scope, client);
            assert_eq!((found.reason, found.since), (reason, since), "{scope}");
            assert_eq!(found.addition.as_deref(), addition, "{scope}");
            if !since.is_mended() {
                assert_eq!(found.place, place, "{scope}");
            }
        }
        for (sent, nearest) in [("emial", "email"), ("OPENID", "openid")] {
            let found = explain(R::ScopeNotAllowed, sent, client());
            assert_eq!(found.nearest.map(|near| text(&near.expected)), Some(nearest.to_owned()));
            assert_eq!(found.expected, ["openid", "email"]);
        }
    }

    #[test]
    fn a_scope_of_a_resource_needs_the_resource() {
        let mut scopes = core_scopes();
        let owner = crate::scope::ScopeOwner { resource: crate::resource::ResourceId::new("r"), by_default: false };
        scopes.push(ScopeDefinition {
            name: ScopeToken::parse("notes:read").unwrap(),
            owner: Some(owner),
            ..scopes.first().unwrap().clone()
        });
        let known = Known { scopes: Arc::new(scopes), ..known(Some(client())) };
        let error = OAuthError::new(Reason::ScopeNotAllowed).sent("scope", "notes:read");
        let found = Explanation::of_error(&error, &known);
        assert_eq!((found.reason, found.place), (Reason::ScopeOfResource, Place::Resources));
    }
}
