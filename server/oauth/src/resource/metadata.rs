//! The words of a resource about itself: its metadata (RFC 9728 §2) and its challenges (RFC 6750 §3, RFC 9728 §5.1). Here they are made for
//! an administrator to copy, and compared with what a resource really answers.

use serde_json::{Map, Value, json};

use super::{Resource, ResourceIdentifier};
use crate::id::Issuer;
use crate::scope::Scope;

impl Resource {
    /// The scopes that a client needs to begin with: those for whoever asks for none, or all.
    #[must_use]
    pub fn first_scopes(&self) -> Scope {
        let named = |default: bool| -> Scope {
            self.scopes.iter().filter(|scope| scope.default || !default).map(|scope| scope.name.clone()).collect()
        };
        if self.scopes.iter().any(|scope| scope.default) { named(true) } else { named(false) }
    }

    /// The document that the resource publishes, with the issuer byte for byte.
    #[must_use]
    pub fn metadata(&self, issuer: &Issuer) -> Value {
        let scopes: Vec<String> = self.first_scopes().iter().map(ToString::to_string).collect();
        let mut members = Map::new();
        members.insert("resource".to_owned(), self.identifier.as_str().into());
        members.insert("authorization_servers".to_owned(), json!([issuer.as_str()]));
        if !scopes.is_empty() {
            members.insert("scopes_supported".to_owned(), json!(scopes));
        }
        let types: Vec<&str> = self.authorization_details_types.iter().map(|kind| kind.name.as_str()).collect();
        if !types.is_empty() {
            members.insert("authorization_details_types_supported".to_owned(), json!(types));
        }
        members.insert("bearer_methods_supported".to_owned(), json!(["header"]));
        members.insert("resource_name".to_owned(), self.name.as_str().into());
        Value::Object(members)
    }

    /// The value of `WWW-Authenticate` beside 401, for a request without a token.
    #[must_use]
    pub fn unauthorized(&self) -> String {
        challenge([
            ("resource_metadata", self.identifier.metadata_urls().into_iter().next().unwrap_or_default()),
            ("scope", self.first_scopes().to_string()),
        ])
    }

    /// The value of `WWW-Authenticate` beside 403, for a token that does not reach. `scope` is all that the operation takes.
    #[must_use]
    pub fn forbidden(&self) -> String {
        let all: Scope = self.scopes.iter().map(|scope| scope.name.clone()).collect();
        challenge([
            ("error", "insufficient_scope".to_owned()),
            ("scope", all.to_string()),
            ("resource_metadata", self.identifier.metadata_urls().into_iter().next().unwrap_or_default()),
        ])
    }
}

fn challenge<const N: usize>(parameters: [(&str, String); N]) -> String {
    let filled = parameters.iter().filter(|(_, value)| !value.is_empty());
    let parameters: Vec<String> = filled.map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("Bearer {}", parameters.join(", ")).trim_end().to_owned()
}

/// The metadata of a resource, as far as an authorization server needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourceMetadata {
    pub resource: String,
    pub authorization_servers: Vec<String>,
    pub scopes_supported: Vec<String>,
    pub resource_name: Option<String>,
    pub bearer_methods_supported: Option<Vec<String>>,
}

impl ResourceMetadata {
    /// Reads a document. Members of other types count as absent, but for `resource`.
    #[must_use]
    pub fn find(body: &[u8]) -> Option<Self> {
        let Value::Object(members) = serde_json::from_slice(body).ok()? else { return None };
        let list = |name: &str| -> Option<Vec<String>> {
            let items = members.get(name)?.as_array()?;
            Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        };
        Some(Self {
            resource: members.get("resource")?.as_str()?.to_owned(),
            authorization_servers: list("authorization_servers").unwrap_or_default(),
            scopes_supported: list("scopes_supported").unwrap_or_default(),
            resource_name: members.get("resource_name").and_then(Value::as_str).map(str::to_owned),
            bearer_methods_supported: list("bearer_methods_supported"),
        })
    }
}

/// Something at a resource that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    #[error("The metadata at {url} cannot be read: {reason}.")]
    NoMetadata { url: String, reason: String },
    #[error("The document at {0} is no JSON object with a member resource.")]
    NotMetadata(String),
    #[error(
        "{url} says that the resource is {said}. It must be {registered}, letter by letter: that is what clients compare."
    )]
    Resource { url: String, said: String, registered: String },
    #[error("{url} does not name this server. authorization_servers must hold {issuer}.")]
    NoServer { url: String, issuer: String },
    #[error(
        "{url} names this server as {said}. It must be {issuer}, byte for byte: with another slash at the end some clients refuse it."
    )]
    ServerSpelling { url: String, said: String, issuer: String },
    #[error("{url} offers the scope {scope}, which this resource does not have here.")]
    UnknownScope { url: String, scope: String },
    #[error(
        "{url} lists offline_access. It is a scope of this server and says nothing about the resource: leave it out."
    )]
    OfflineAccess { url: String },
    #[error("{url} says by bearer_methods_supported that it takes no token in the header.")]
    NoHeader { url: String },
    #[error("The resource cannot be asked: {0}.")]
    Silent(String),
    #[error("A request without a token is answered with {0}. It must be 401: only that makes a client sign in.")]
    NotUnauthorized(u16),
    #[error("The 401 has no WWW-Authenticate header.")]
    NoChallenge,
    #[error("The first challenge of the 401 is {0}. Put Bearer first: some clients look at the first one only.")]
    NotBearer(String),
    #[error("The challenge names no resource_metadata, so clients must guess where the metadata is.")]
    NoPointer,
    #[error("The challenge leads to {said}. The metadata of this resource is at {expected}.")]
    Pointer { said: String, expected: String },
}

/// Compares the metadata at `url` with the resource as it is registered.
#[must_use]
pub fn compare_metadata(resource: &Resource, issuer: &Issuer, url: &str, body: &[u8]) -> Vec<Difference> {
    let url = url.to_owned();
    let Some(seen) = ResourceMetadata::find(body) else { return vec![Difference::NotMetadata(url)] };
    let mut found = Vec::new();
    if seen.resource != resource.identifier.as_str() {
        let registered = resource.identifier.to_string();
        found.push(Difference::Resource { url: url.clone(), said: seen.resource, registered });
    }
    if !seen.authorization_servers.iter().any(|server| server == issuer.as_str()) {
        let key = |text: &str| ResourceIdentifier::parse(text.trim_end_matches('/')).map(|it| it.key()).ok();
        let alike = seen.authorization_servers.iter().find(|server| key(server) == key(issuer.as_str()));
        let issuer = issuer.to_string();
        found.push(match alike {
            Some(said) => Difference::ServerSpelling { url: url.clone(), said: said.clone(), issuer },
            None => Difference::NoServer { url: url.clone(), issuer },
        });
    }
    for scope in &seen.scopes_supported {
        if scope == "offline_access" {
            found.push(Difference::OfflineAccess { url: url.clone() });
        } else if !resource.scopes.iter().any(|known| known.name.as_str() == scope) {
            found.push(Difference::UnknownScope { url: url.clone(), scope: scope.clone() });
        }
    }
    if seen.bearer_methods_supported.is_some_and(|methods| !methods.iter().any(|method| method == "header")) {
        found.push(Difference::NoHeader { url });
    }
    found
}

/// Looks at the answer to a request without a token.
#[must_use]
pub fn compare_challenge(resource: &Resource, status: u16, challenges: &[&str]) -> Vec<Difference> {
    if status != 401 {
        return vec![Difference::NotUnauthorized(status)];
    }
    let Some(first) = challenges.first() else { return vec![Difference::NoChallenge] };
    let (scheme, parameters) = first.split_once(' ').unwrap_or((first, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return vec![Difference::NotBearer(scheme.chars().take(80).collect())];
    }
    let expected = resource.identifier.metadata_urls();
    match find_parameter(parameters, "resource_metadata") {
        None => vec![Difference::NoPointer],
        Some(said) if expected.contains(&said) => Vec::new(),
        Some(said) => vec![Difference::Pointer { said, expected: expected.into_iter().next().unwrap_or_default() }],
    }
}

/// The value of a parameter of a challenge (RFC 9110 §11.2), quoted or not.
fn find_parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    while let Some((key, after)) = rest.split_once('=') {
        let (value, behind) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.trim_start().split_once(',').unwrap_or((after.trim_start(), "")),
        };
        if key.trim_matches([' ', ',', '\t']).eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::details::AuthorizationDetailsType;
    use crate::id::ResourceId;
    use crate::resource::{ResourceDraft, ResourceScopeDraft};

    fn resource() -> Resource {
        let scope = |name: &str, default| ResourceScopeDraft { name: name.into(), default, ..Default::default() };
        let draft = ResourceDraft {
            identifier: "https://h/mcp".into(),
            name: "Notes".into(),
            scopes: vec![scope("read", true), scope("write", false)],
            ..ResourceDraft::preset()
        };
        draft.check(ResourceId::new("r")).unwrap()
    }

    fn issuer() -> Issuer {
        Issuer::parse("https://id.example").unwrap()
    }

    const URL: &str = "https://h/.well-known/oauth-protected-resource/mcp";

    #[test]
    fn what_is_copied_is_what_is_compared() {
        let expected = json!({
            "resource": "https://h/mcp", "authorization_servers": ["https://id.example"], "scopes_supported": ["read"],
            "bearer_methods_supported": ["header"], "resource_name": "Notes",
        });
        assert_eq!(resource().metadata(&issuer()), expected);
        assert_eq!(resource().unauthorized(), format!("Bearer resource_metadata=\"{URL}\", scope=\"read\""));
        assert_eq!(
            resource().forbidden(),
            format!("Bearer error=\"insufficient_scope\", scope=\"read write\", resource_metadata=\"{URL}\"")
        );
        assert_eq!(compare_metadata(&resource(), &issuer(), URL, expected.to_string().as_bytes()), []);
        assert_eq!(compare_challenge(&resource(), 401, &[&resource().unauthorized()]), []);
        let kind = AuthorizationDetailsType { name: "pay".into(), description: "Pay".into(), fields: Vec::new() };
        let payments = Resource { authorization_details_types: vec![kind], ..resource() };
        assert_eq!(payments.metadata(&issuer())["authorization_details_types_supported"], json!(["pay"]));
        let bare = Resource { scopes: Vec::new(), ..resource() };
        assert!(bare.metadata(&issuer()).get("scopes_supported").is_none());
        assert_eq!(bare.unauthorized(), format!("Bearer resource_metadata=\"{URL}\""));
    }

    #[test]
    fn each_difference_is_named() {
        use Difference as D;
        let compare = |change: Value| {
            let mut document = resource().metadata(&issuer());
            document.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            compare_metadata(&resource(), &issuer(), URL, document.to_string().as_bytes())
        };
        let is = |found: Vec<D>, fits: fn(&D) -> bool| found.len() == 1 && found.iter().all(fits);
        assert!(is(compare(json!({ "resource": "https://h/mcp/" })), |it| matches!(it, D::Resource { .. })));
        assert!(is(compare(json!({ "resource": 1 })), |it| matches!(it, D::NotMetadata(_))));
        for servers in [json!(null), json!([]), json!(["https://other.example"])] {
            assert!(is(compare(json!({ "authorization_servers": servers })), |it| matches!(it, D::NoServer { .. })));
        }
        for said in ["https://id.example/", "https://ID.example", "https://id.example:443"] {
            let found = compare(json!({ "authorization_servers": [said] }));
            assert!(is(found, |it| matches!(it, D::ServerSpelling { .. })), "{said}");
        }
        assert_eq!(compare(json!({ "authorization_servers": ["https://other.example", "https://id.example"] })), []);
        let scopes = compare(json!({ "scopes_supported": ["read", "admin", "offline_access"] }));
        assert!(matches!(scopes[..], [D::UnknownScope { .. }, D::OfflineAccess { .. }]), "{scopes:?}");
        assert!(is(compare(json!({ "bearer_methods_supported": ["body"] })), |it| matches!(it, D::NoHeader { .. })));
        assert_eq!(compare_metadata(&resource(), &issuer(), URL, b"<html>"), [D::NotMetadata(URL.to_owned())]);
    }

    #[test]
    fn a_challenge_leads_to_the_metadata() {
        use Difference as D;
        let look = |status, challenges: &[&str]| compare_challenge(&resource(), status, challenges);
        assert_eq!(look(200, &[]), [D::NotUnauthorized(200)]);
        assert_eq!(look(401, &[]), [D::NoChallenge]);
        assert_eq!(look(401, &["Basic realm=\"x\"", "Bearer"]), [D::NotBearer("Basic".to_owned())]);
        for none in ["Bearer", "Bearer realm=\"resource_metadata=x\"", "Bearer scope=\"a, resource_metadata\""] {
            assert_eq!(look(401, &[none]), [D::NoPointer], "{none}");
        }
        for good in [
            format!("Bearer resource_metadata=\"{URL}\""),
            format!("bearer realm=\"a, b\", scope=\"x\", Resource_Metadata={URL}"),
            format!("Bearer error=\"invalid_token\",resource_metadata = \"{URL}\", scope=\"x\""),
            "Bearer resource_metadata=\"https://h/.well-known/oauth-protected-resource\"".to_owned(),
        ] {
            assert_eq!(look(401, &[&good]), [], "{good}");
        }
        assert!(matches!(look(401, &["Bearer resource_metadata=\"https://h/prm\""])[..], [D::Pointer { .. }]));
    }
}
