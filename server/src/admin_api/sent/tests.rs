//! The OpenAPI document says of bodies what is read of them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;

use oauth::client::{self, ClientDraft, ClientKind, PolicyDraft};
use oauth::details::DetailsTypeDraft;
use oauth::fields::Fields;
use oauth::registration::{self, HostPolicy, HostPolicyDraft};
use oauth::resource::{ResourceDraft, ResourceScopeDraft};
use oauth::scope::ScopeDraft;
use oauth::trust::{self, AccountRule, LinkDraft, TrustDraft, TrustKind};
use serde_json::Value;
use utoipa::PartialSchema;

use super::{
    ClientBody, DetailsTypeBody, HostsBody, LinkBody, NewClient, PolicyBody, ResourceBody, ResourceScopeBody,
    ScopeBody, SecretBody, TrustBody,
};

/// Notes which fields are asked for, and has none.
#[derive(Default)]
struct Asked(RefCell<BTreeSet<String>>);

impl Asked {
    fn note<T>(&self, name: &str) -> Result<Option<T>, Infallible> {
        self.0.borrow_mut().insert(name.to_owned());
        Ok(None)
    }
}

impl Fields for Asked {
    type Error = Infallible;

    fn text(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        self.note(name)
    }

    fn words(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        self.note(name)
    }

    fn lines(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        self.note(name)
    }

    fn flag(&self, name: &'static str) -> Result<Option<bool>, Infallible> {
        self.note(name)
    }

    fn switch(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        self.note(name)
    }

    fn number(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        self.note(name)
    }

    fn details_types(&self, name: &'static str) -> Result<Option<Vec<DetailsTypeDraft>>, Infallible> {
        self.note(name)
    }

    fn scopes(&self, name: &'static str) -> Result<Option<Vec<ResourceScopeDraft>>, Infallible> {
        self.note(name)
    }
}

fn described<T: PartialSchema>() -> BTreeSet<String> {
    let schema = serde_json::to_value(T::schema()).unwrap();
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

/// The members that a draft asks for, and those that the handlers read beside it.
fn read(take: impl FnOnce(&Asked) -> Result<(), Infallible>, beside: &[&str]) -> BTreeSet<String> {
    let asked = Asked::default();
    let Ok(()) = take(&asked);
    asked.0.into_inner().into_iter().chain(beside.iter().map(|name| (*name).to_owned())).collect()
}

#[test]
fn every_member_that_is_described_is_read_and_every_one_that_is_read_is_described() {
    let mut client = ClientDraft::preset(ClientKind::Web);
    let beside = ["client_secret", "policy", "require_consent"];
    let mut members = described::<ClientBody>();
    assert!(members.insert("client_id".to_owned()), "that of `NewClient`");
    assert_eq!(members, read(|asked| client.take(asked), &beside));
    assert_eq!(described::<PolicyBody>(), read(|asked| PolicyDraft::default().take(asked), &[]));
    assert_eq!(described::<ScopeBody>(), read(|asked| ScopeDraft::default().take(asked), &[]));
    let mut hosts = HostPolicyDraft::from(&HostPolicy::default());
    assert_eq!(described::<HostsBody>(), read(|asked| hosts.take(asked), &[]));
    assert_eq!(described::<ResourceBody>(), read(|asked| ResourceDraft::default().take(asked), &[]));
    assert_eq!(described::<TrustBody>(), read(|asked| TrustDraft::default().take(asked), &[]));
    assert_eq!(described::<LinkBody>(), read(|asked| LinkDraft::default().take(asked), &[]));
    assert_eq!(described::<SecretBody>(), read(|asked| client::SecretDraft::default().take(asked), &[]));
}

/// The part of a schema about a member.
fn said<T: PartialSchema>(member: &str) -> Value {
    serde_json::to_value(T::schema()).unwrap()["properties"][member].clone()
}

fn one_of(words: &[&str]) -> Value {
    format!("^({})$", words.join("|")).into()
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(word).collect()
}

#[test]
fn what_is_said_of_a_member_is_what_is_checked() {
    let range = |bounds: std::ops::RangeInclusive<i64>| (Value::from(*bounds.start()), Value::from(*bounds.end()));
    let bounds = |member: Value| (member["minimum"].clone(), member["maximum"].clone());
    assert_eq!(bounds(said::<PolicyBody>("access_token_lifetime")), range(client::ACCESS_TOKEN_LIFETIME));
    assert_eq!(bounds(said::<PolicyBody>("refresh_token_ttl_days")), range(client::REFRESH_TOKEN_DAYS));
    assert_eq!(bounds(said::<PolicyBody>("refresh_reuse_window")), range(client::REFRESH_REUSE_WINDOW));
    assert_eq!(said::<ClientBody>("client_name")["maxLength"], client::MAX_CLIENT_NAME);
    let secret = said::<ClientBody>("client_secret");
    assert_eq!((&secret["minLength"], &secret["maxLength"]), (&client::MIN_SECRET.into(), &client::MAX_SECRET.into()));
    assert_eq!(said::<ScopeBody>("description")["maxLength"], oauth::scope::MAX_SCOPE_DESCRIPTION);
    assert_eq!(said::<ScopeBody>("name")["maxLength"], oauth::scope::MAX_SCOPE_TOKEN);
    assert_eq!(said::<ResourceScopeBody>("description")["maxLength"], oauth::scope::MAX_SCOPE_DESCRIPTION);
    assert_eq!(said::<DetailsTypeBody>("description")["maxLength"], oauth::scope::MAX_SCOPE_DESCRIPTION);
    assert_eq!(said::<DetailsTypeBody>("type")["maxLength"], oauth::scope::MAX_SCOPE_TOKEN);
    assert_eq!(said::<ResourceBody>("name")["maxLength"], oauth::resource::MAX_RESOURCE_NAME);
    assert_eq!(said::<ResourceBody>("identifier")["maxLength"], oauth::resource::MAX_RESOURCE_IDENTIFIER);
    assert_eq!(bounds(said::<ResourceBody>("access_token_lifetime")), range(client::ACCESS_TOKEN_LIFETIME));
    assert_eq!(bounds(said::<SecretBody>("lifetime_days")), range(client::SECRET_DAYS));
    assert_eq!(said::<TrustBody>("name")["maxLength"], trust::MAX_TRUST_NAME);
    assert_eq!(said::<LinkBody>("subject")["maxLength"], trust::MAX_LINKED_SUBJECT);
    assert_eq!(said::<TrustBody>("kind")["pattern"], one_of(&words(TrustKind::ALL, |kind| kind.as_str())));
    assert_eq!(said::<TrustBody>("accounts")["pattern"], one_of(&words(AccountRule::ALL, |rule| rule.as_str())));
    assert_eq!(said::<TrustBody>("accounts")["default"], AccountRule::default().as_str());
    let new = serde_json::to_value(NewClient::schema()).unwrap().to_string();
    assert!(new.contains(&format!("\"maxLength\":{}", registration::MAX_CLIENT_URL)), "{new}");
    let rules = client::ClientDraft::preset(ClientKind::Web);
    let rules = client::ClientDraft { client_id: "c".into(), client_name: "C".into(), ..rules }.check(None).unwrap();
    let default = |member: &str| said::<PolicyBody>(member)["default"].clone();
    assert_eq!(default("access_token_lifetime"), rules.rules().access_token_lifetime);
    assert_eq!(default("refresh_token_ttl_days"), rules.rules().refresh_token_days);
    assert_eq!(default("refresh_reuse_window"), rules.rules().refresh_reuse_window);
    for (member, all, default) in [
        ("consent_policy", words(client::ConsentPolicy::ALL, |word| word.as_str()), rules.rules().consent.as_str()),
        ("token_format", words(client::TokenFormat::ALL, |word| word.as_str()), rules.rules().token_format.as_str()),
        (
            "id_token_claims",
            words(client::IdTokenClaims::ALL, |word| word.as_str()),
            rules.rules().id_token_claims.as_str(),
        ),
    ] {
        let said = said::<PolicyBody>(member);
        assert_eq!((&said["pattern"], &said["default"]), (&one_of(&all), &default.into()), "{member}");
    }
    let methods = words(client::ClientAuthMethod::ALL, |method| method.as_str());
    assert_eq!(said::<ClientBody>("token_endpoint_auth_method")["pattern"], one_of(&methods));
    assert_eq!(said::<ClientBody>("kind")["pattern"], one_of(&words(ClientKind::ALL, |kind| kind.as_str())));
}
