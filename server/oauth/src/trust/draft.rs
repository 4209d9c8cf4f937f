//! A trust as an administrator describes it, and the checks that make it a [`Trust`].

use fluent_uri::Uri;

use super::{AccountRule, ClientThere, IssuerKeys, ResourceThere, Trust, TrustId, TrustKind, TrustRole, WorkloadRule};
use crate::destination::Destination;
use crate::field::{
    FieldErrors, FieldProblem, check_display_name, check_https_url, check_lines, check_name, check_optional_name,
};
use crate::fields::draft;
use crate::id::Issuer;
use crate::jose::VerifyingAlg;
use crate::jwk::JwkSet;
use crate::origin::WebOrigin;

/// The longest name of a trust, in characters.
pub const MAX_TRUST_NAME: usize = 200;

/// The longest subject of a linked account, in characters.
pub const MAX_LINKED_SUBJECT: usize = 255;

/// The longest issuer, in bytes.
const MAX_ISSUER: usize = 2_048;

/// The longest list of rules, clients or resources, in bytes.
const MAX_LINES: usize = 16_000;

/// The longest name of a group and of a tenant, in characters.
const MAX_WORD: usize = 255;

/// Why something said of a trust cannot be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    #[error(
        "This is no issuer: an https URL without a query, as it stands in “iss”, for example https://idp.example.com."
    )]
    Issuer,
    #[error(
        "This is no issuer: a URI, as it stands in “iss”, for example https://token.actions.githubusercontent.com."
    )]
    WorkloadIssuer,
    #[error("This is this server itself.")]
    Here,
    #[error("Give the keys or their address: nothing can be asked of an issuer that is not a web site.")]
    KeysNeeded,
    #[error(
        "Write a client, then claim=value at least once and each claim once, for example: deploy repository=acme/shop"
    )]
    Rule,
    #[error("Write a client of this server and, if it has another ID there, that ID.")]
    ClientThere,
    #[error("A trust stays with its issuer: create another one for another.")]
    IssuerChanged,
    #[error(
        "Every assertion of the issuer has “iss” and “aud” of this server, and each has its own “jti”, “exp”, “iat” and “nbf”: name other claims."
    )]
    RuleClaim,
    #[error("A trust stays of the kind that it was made as.")]
    Kind,
    #[error("This is needed: nothing could come of the trust without it.")]
    Nothing,
}

draft! {
    /// A trust as typed into a form or sent as JSON; not checked yet. What its kind does not have is not looked at.
    TrustDraft {
        kind: String, text;
        issuer: String, text;
        name: String, text;
        enabled: bool, flag;
        /// The keys of the issuer, given or by their address. Neither: its metadata says where they are.
        jwks: String, json;
        jwks_uri: String, text;
        /// The algorithms that the issuer signs by; empty: any that its keys are for.
        algs: String, words;
        accounts: String, text;
        admits_public_clients: bool, flag;
        tenant: String, text;
        /// Lines of [`WorkloadRule::parse`].
        rules: String, lines;
        reusable: bool, flag;
        /// Lines of [`ClientThere::parse`].
        clients: String, lines;
        /// Lines of [`ResourceThere::parse`].
        resources: String, lines;
        /// One a line; empty: everybody.
        groups: String, lines;
        shares_email: bool, flag;
    }
}

draft! {
    /// The account of somebody whom an issuer vouches for: who they are there, and here.
    LinkDraft {
        subject: String, text;
        /// User name, address, or subject here.
        user: String, text;
    }
}

impl LinkDraft {
    /// The subject there, and the user as they were typed.
    ///
    /// # Errors
    /// The problems, field by field.
    pub fn check(&self) -> Result<(String, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let subject = errors.take("subject", check_name(&self.subject, MAX_LINKED_SUBJECT));
        let user = errors.take("user", check_name(&self.user, MAX_LINKED_SUBJECT));
        match (subject, user) {
            (Some(subject), Some(user)) => Ok((subject, user)),
            _ => Err(errors),
        }
    }
}

impl TrustDraft {
    /// The draft that a new trust of this kind starts with.
    #[must_use]
    pub fn preset(kind: TrustKind) -> Self {
        Self { kind: kind.to_string(), enabled: true, accounts: AccountRule::default().to_string(), ..Self::default() }
    }

    /// The trust that this describes. `here` is this server, which trusts itself anyway.
    ///
    /// # Errors
    /// The problems, field by field.
    pub fn check(&self, id: TrustId, here: &Issuer) -> Result<Trust, FieldErrors> {
        let mut errors = FieldErrors::default();
        let Some(kind) = errors.take("kind", TrustKind::find(&self.kind).ok_or(FieldProblem::Choice)) else {
            return Err(errors);
        };
        let issuer = errors.take("issuer", check_issuer(kind, &self.issuer, here));
        // An issuer that is wrong is one problem, not several.
        let name = match (self.name.trim(), &issuer) {
            ("", Some(issuer)) => Some(issuer.chars().take(MAX_TRUST_NAME).collect()),
            ("", None) => None,
            (name, _) => errors.take("name", check_display_name(name, MAX_TRUST_NAME)),
        };
        // A program on this computer has no certificate, so nothing can be fetched from it.
        let is_site = issuer.as_deref().is_none_or(|issuer| is_web(issuer) && issuer.starts_with("https:"));
        let role = match kind {
            TrustKind::IdentityProvider => self.check_identity_provider(&mut errors, is_site),
            TrustKind::WorkloadIssuer => self.check_workload_issuer(&mut errors, is_site),
            TrustKind::AuthorizationServer => self.check_authorization_server(&mut errors),
        };
        match (issuer, name) {
            (Some(issuer), Some(name)) if errors.is_empty() => {
                let stamp = id.clone();
                Ok(Trust { id, issuer, name, enabled: self.enabled, stamp, role })
            }
            _ => Err(errors),
        }
    }

    fn check_identity_provider(&self, errors: &mut FieldErrors, is_site: bool) -> TrustRole {
        let accounts = AccountRule::find(&self.accounts).ok_or(FieldProblem::Choice);
        TrustRole::IdentityProvider {
            keys: self.check_keys(errors, is_site),
            accounts: errors.take("accounts", accounts).unwrap_or_default(),
            admits_public_clients: self.admits_public_clients,
            tenant: errors.take("tenant", check_optional_name(&self.tenant, MAX_WORD)).flatten(),
        }
    }

    fn check_workload_issuer(&self, errors: &mut FieldErrors, is_site: bool) -> TrustRole {
        let rules = errors.take("rules", some(parse_lines(&self.rules, WorkloadRule::parse))).unwrap_or_default();
        TrustRole::WorkloadIssuer { keys: self.check_keys(errors, is_site), rules, reusable: self.reusable }
    }

    fn check_authorization_server(&self, errors: &mut FieldErrors) -> TrustRole {
        let group = |line: &str| check_name(line, MAX_WORD);
        TrustRole::AuthorizationServer {
            clients: errors.take("clients", some(parse_lines(&self.clients, ClientThere::parse))).unwrap_or_default(),
            resources: errors
                .take("resources", some(parse_lines(&self.resources, ResourceThere::parse)))
                .unwrap_or_default(),
            groups: errors.take("groups", parse_lines(&self.groups, group)).unwrap_or_default(),
            shares_email: self.shares_email,
        }
    }

    fn check_keys(&self, errors: &mut FieldErrors, is_site: bool) -> IssuerKeys {
        let jwks = match (self.jwks.trim(), self.jwks_uri.trim()) {
            ("", "") if !is_site => Err(TrustError::KeysNeeded.into()),
            ("", _) => Ok(None),
            (jwks, "") => JwkSet::parse(jwks).map(Some).map_err(FieldProblem::from),
            _ => Err(FieldProblem::KeysTwice),
        };
        let alg = |word: &str| VerifyingAlg::read(word).ok_or(FieldProblem::Choice);
        IssuerKeys {
            jwks: errors.take("jwks", jwks).flatten(),
            jwks_uri: errors.take("jwks_uri", check_https_url(&self.jwks_uri)).flatten(),
            algs: errors.take("algs", check_lines(&self.algs, MAX_LINES, alg)).unwrap_or_default(),
        }
    }
}

impl From<&Trust> for TrustDraft {
    fn from(trust: &Trust) -> Self {
        let mut draft = Self {
            issuer: trust.issuer.clone(),
            name: trust.name.clone(),
            enabled: trust.enabled,
            ..Self::preset(trust.kind())
        };
        if let Some(keys) = trust.keys() {
            draft.jwks = keys.jwks.as_ref().map(JwkSet::to_text).unwrap_or_default();
            draft.jwks_uri = keys.jwks_uri.clone().unwrap_or_default();
            draft.algs = to_lines(&keys.algs);
        }
        match &trust.role {
            TrustRole::IdentityProvider { accounts, admits_public_clients, tenant, .. } => {
                draft.accounts = accounts.to_string();
                draft.admits_public_clients = *admits_public_clients;
                draft.tenant = tenant.clone().unwrap_or_default();
            }
            TrustRole::WorkloadIssuer { rules, reusable, .. } => {
                draft.rules = to_lines(rules);
                draft.reusable = *reusable;
            }
            TrustRole::AuthorizationServer { clients, resources, groups, shares_email } => {
                draft.clients = to_lines(clients);
                draft.resources = to_lines(resources);
                draft.groups = to_lines(groups);
                draft.shares_email = *shares_email;
            }
        }
        draft
    }
}

/// An issuer elsewhere. It is compared as it is, so nothing of it is changed.
fn check_issuer(kind: TrustKind, text: &str, here: &Issuer) -> Result<String, FieldProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldProblem::Missing);
    }
    if text.len() > MAX_ISSUER {
        return Err(FieldProblem::TooLong(MAX_ISSUER));
    }
    let (problem, needs_web) = match kind {
        TrustKind::WorkloadIssuer => (TrustError::WorkloadIssuer, false),
        TrustKind::IdentityProvider | TrustKind::AuthorizationServer => (TrustError::Issuer, true),
    };
    let uri = Uri::parse(text).map_err(|_| problem)?;
    // Whatever is a web site has the address of one.
    let is_site = |text: &str| Issuer::parse(text).is_ok_and(|issuer| WebOrigin::parse(issuer.origin()).is_ok());
    if matches!(uri.scheme().as_str(), "http" | "https") && !is_site(text) {
        return Err(problem.into());
    }
    if uri.fragment().is_some() || uri.query().is_some() || (needs_web && !is_web(text)) {
        return Err(problem.into());
    }
    if Issuer::parse(text).is_ok_and(|issuer| issuer == *here) {
        return Err(TrustError::Here.into());
    }
    Ok(text.to_owned())
}

/// True for a URL at which metadata can be asked for: https, or a program on this computer.
fn is_web(text: &str) -> bool {
    let Ok(uri) = Uri::parse(text) else { return false };
    let Some(authority) = uri.authority().filter(|it| !it.host().is_empty() && !it.has_userinfo()) else {
        return false;
    };
    let scheme = uri.scheme().as_str();
    authority.port().is_none_or(|port| !port.as_str().is_empty())
        && (scheme == "https" || (scheme == "http" && Destination::of(text).is_on_device()))
}

/// The lines of a text area, each through `parse`; empty ones are left out, and one that is there twice is refused.
fn parse_lines<T: PartialEq>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, FieldProblem>,
) -> Result<Vec<T>, FieldProblem> {
    if text.len() > MAX_LINES {
        return Err(FieldProblem::TooLong(MAX_LINES));
    }
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let at = |problem| FieldProblem::Line { line: index + 1, problem: Box::new(problem) };
        let value = parse(line).map_err(at)?;
        if values.contains(&value) {
            return Err(at(FieldProblem::Taken));
        }
        values.push(value);
    }
    Ok(values)
}

/// A list without which nothing could come of the trust.
fn some<T>(values: Result<Vec<T>, FieldProblem>) -> Result<Vec<T>, FieldProblem> {
    values.and_then(|values| if values.is_empty() { Err(TrustError::Nothing.into()) } else { Ok(values) })
}

fn to_lines(values: &[impl std::fmt::Display]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Issuer {
        Issuer::parse("https://id.example").unwrap()
    }

    fn check(draft: &TrustDraft) -> Result<Trust, Vec<&'static str>> {
        draft.check(TrustId::new("t"), &here()).map_err(|errors| errors.iter().map(|(field, _)| field).collect())
    }

    fn good(kind: TrustKind) -> TrustDraft {
        TrustDraft {
            issuer: "https://idp.example/".into(),
            rules: "deploy sub=repo:acme/shop\n\nother a=b c=d".into(),
            clients: "app\njob job-there".into(),
            resources: "https://notes.example/mcp read write".into(),
            groups: "Human Resources\nstaff".into(),
            algs: "ES256 Ed25519".into(),
            tenant: "t1".into(),
            ..TrustDraft::preset(kind)
        }
    }

    #[test]
    fn a_draft_and_its_trust_agree() {
        for kind in TrustKind::ALL {
            let trust = check(&good(*kind)).unwrap();
            assert_eq!((trust.kind(), trust.issuer.as_str()), (*kind, "https://idp.example/"));
            assert_eq!(trust.name, trust.issuer, "who gives no name is called by the issuer");
            let again = check(&TrustDraft::from(&trust)).unwrap();
            assert_eq!(again, trust);
        }
        let trust = check(&good(TrustKind::IdentityProvider)).unwrap();
        assert_eq!(trust.keys().unwrap().algs, [VerifyingAlg::ES256, VerifyingAlg::EdDsa]);
    }

    #[test]
    fn every_problem_is_told_by_its_field() {
        use TrustKind as K;
        let keys = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"}]}"#;
        for (draft, fields) in [
            (TrustDraft { kind: "friend".into(), ..good(K::IdentityProvider) }, vec!["kind"]),
            (
                TrustDraft { accounts: "any".into(), algs: "none".into(), ..good(K::IdentityProvider) },
                vec!["accounts", "algs"],
            ),
            (TrustDraft { jwks: "{}".into(), ..good(K::IdentityProvider) }, vec!["jwks"]),
            (
                TrustDraft { jwks: keys.into(), jwks_uri: "https://a.example".into(), ..good(K::IdentityProvider) },
                vec!["jwks"],
            ),
            (TrustDraft { jwks_uri: "http://a.example".into(), ..good(K::WorkloadIssuer) }, vec!["jwks_uri"]),
            (TrustDraft { rules: " ".into(), ..good(K::WorkloadIssuer) }, vec!["rules"]),
            (TrustDraft { rules: "deploy".into(), ..good(K::WorkloadIssuer) }, vec!["rules"]),
            (TrustDraft { rules: "a b=c\na b=c".into(), ..good(K::WorkloadIssuer) }, vec!["rules"]),
            (TrustDraft { issuer: "spiffe://acme.example".into(), ..good(K::WorkloadIssuer) }, vec!["jwks"]),
            (
                TrustDraft { clients: String::new(), resources: "x".into(), ..good(K::AuthorizationServer) },
                vec!["clients", "resources"],
            ),
        ] {
            assert_eq!(check(&draft).unwrap_err(), fields, "{draft:?}");
        }
        let spiffe =
            TrustDraft { issuer: "spiffe://acme.example".into(), jwks: keys.into(), ..good(K::WorkloadIssuer) };
        assert!(check(&spiffe).is_ok());
    }

    #[test]
    fn an_issuer_is_kept_as_it_is_and_is_not_this_server() {
        for good_one in ["https://idp.example", "https://Idp.example/t/", "https://idp.example:8443/x"] {
            let draft = TrustDraft { issuer: format!(" {good_one} "), ..good(TrustKind::IdentityProvider) };
            assert_eq!(check(&draft).unwrap().issuer, good_one);
        }
        for bad in [
            "",
            "idp.example",
            "http://idp.example",
            "https://idp.example?x",
            "https://idp.example#x",
            "https://u@idp.example",
            "https://",
            "https://idp.example:99999",
            "https://idp.example:0",
            "https://*.example",
            "spiffe://acme.example",
            "https://id.example",
            "HTTPS://ID.example:443/",
        ] {
            let draft = TrustDraft { issuer: bad.into(), ..good(TrustKind::IdentityProvider) };
            assert_eq!(check(&draft).unwrap_err(), ["issuer"], "{bad}");
        }
    }

    #[test]
    fn a_link_names_two() {
        let link = LinkDraft { subject: " 00u1 ".into(), user: "alice".into() };
        assert_eq!(link.check(), Ok(("00u1".into(), "alice".into())));
        assert_eq!(LinkDraft::default().check().unwrap_err().iter().count(), 2);
    }
}
