//! Authorization details (RFC 9396), judged by the types of the resources that they are about.

use serde_json::{Map, Value};

use super::target::MOST_NAMED;
use super::{Resource, Resources, Target};
use crate::client::Client;
use crate::details::{
    AUTHORIZATION_DETAILS, AuthorizationDetails, DetailInWords, GrantedDetail, GrantedDetails, pair, type_of,
};
use crate::error::OAuthError;
use crate::id::ResourceId;
use crate::refusal::Reason;
use crate::scope::MAX_SCOPE_TOKEN;

impl Resources {
    /// The details that `client` asks for, each with the resource whose type it is (RFC 9396 §5).
    ///
    /// # Errors
    /// `invalid_authorization_details`.
    pub fn judge(&self, asked: &AuthorizationDetails, client: &Client) -> Result<GrantedDetails, OAuthError> {
        let judge = |object: &Map<String, Value>| {
            let name = type_of(object);
            let resource = self.by_type.get(name).ok_or_else(|| {
                let known = self.by_type.iter().filter(|(_, resource)| resource.admits(client)).map(|(name, _)| name);
                details_error(Reason::DetailsTypeUnknown, name).expected(known.take(MOST_NAMED))
            })?;
            if !resource.admits(client) || !client.may_ask_for_details(name) {
                let allowed = client.authorization_details_types.iter().take(MOST_NAMED);
                return Err(details_error(Reason::DetailsTypeNotAllowed, name).expected(allowed));
            }
            resource.check_details(object)?;
            Ok(GrantedDetail { resource: resource.id.clone(), detail: object.clone() })
        };
        asked.iter().map(judge).collect()
    }

    /// The types of authorization details, in the order of their names.
    #[must_use]
    pub fn details_types(&self) -> Vec<String> {
        let mut types: Vec<String> = self.by_type.keys().cloned().collect();
        types.sort_unstable();
        types
    }
}

/// A refusal that names the type.
fn details_error(reason: Reason, name: &str) -> OAuthError {
    OAuthError::new(reason).sent("type", name.chars().take(MAX_SCOPE_TOKEN).collect::<String>())
}

impl Resource {
    /// A detail of the resource in words; `None` where its type is gone.
    #[must_use]
    pub fn in_words(&self, granted: &GrantedDetail) -> Option<DetailInWords> {
        Some(self.find_type(granted.type_name())?.words(&granted.detail))
    }

    /// Makes sure that an object is as its type says here.
    fn check_details(&self, object: &Map<String, Value>) -> Result<(), OAuthError> {
        let name = type_of(object);
        let kind = self.find_type(name).ok_or_else(|| details_error(Reason::DetailsTypeUnknown, name))?;
        kind.check(object).map_err(|why| {
            let error = OAuthError::because(Reason::DetailsRefused, format!("{AUTHORIZATION_DETAILS}, {name}: {why}"));
            error.sent("type", name).expected(kind.fields.iter().take(MOST_NAMED))
        })
    }
}

impl Resources {
    /// Authorization details in words, as far as their types are there.
    #[must_use]
    pub fn in_words(&self, details: &GrantedDetails) -> Vec<DetailInWords> {
        details.iter().filter_map(|granted| self.find(&granted.resource)?.in_words(granted)).collect()
    }
}

impl Target {
    /// The details in words.
    #[must_use]
    pub fn details_in_words(&self) -> Vec<DetailInWords> {
        self.details.iter().filter_map(|granted| self.find(&granted.resource)?.in_words(granted)).collect()
    }

    /// The part of the details of a grant that `client` may have for these resources now: those `asked` for, or all that are left of
    /// them (RFC 9396 §6). A resource that has none of its own left is left out.
    ///
    /// # Errors
    /// `invalid_authorization_details` when one was not granted, or nothing is left.
    pub fn narrowed(
        self,
        granted: &GrantedDetails,
        asked: &AuthorizationDetails,
        client: &Client,
    ) -> Result<Self, OAuthError> {
        let here: Vec<&GrantedDetail> = granted.iter().filter(|it| self.find(&it.resource).is_some()).collect();
        let is_good = |granted: &GrantedDetail, object: &Map<String, Value>| {
            client.may_ask_for_details(granted.type_name())
                && self.find(&granted.resource).is_some_and(|resource| resource.check_details(object).is_ok())
        };
        let left: Vec<&GrantedDetail> = here.iter().copied().filter(|it| is_good(it, &it.detail)).collect();
        if left.is_empty() && !here.is_empty() {
            return Err(OAuthError::new(Reason::DetailsGone));
        }
        let details: GrantedDetails = if asked.is_empty() {
            left.into_iter().cloned().collect()
        } else {
            let covers =
                |own: &GrantedDetail, object: &Map<String, Value>| own.covers_object(object) && is_good(own, object);
            let pairs = pair(&left, asked.iter(), covers);
            let pairs = pairs.map_err(|object| details_error(Reason::DetailsNotGranted, type_of(object)))?;
            let narrow = |(own, object): (&GrantedDetail, &Map<String, Value>)| GrantedDetail {
                resource: own.resource.clone(),
                detail: object.clone(),
            };
            pairs.into_iter().map(narrow).collect()
        };
        // Without details a token might do something else at a resource that some were granted for.
        let is_bare = |id: &ResourceId| here.iter().any(|it| it.resource == *id) && details.of(id).is_empty();
        let resources = self.resources.iter().filter(|resource| !is_bare(&resource.id)).cloned().collect();
        Ok(Self { resources, details })
    }

    /// The part of a token's objects that are still of the types that were agreed to.
    #[must_use]
    pub fn kept(&self, objects: &AuthorizationDetails, agreed: &GrantedDetails) -> GrantedDetails {
        let find = |object: &Map<String, Value>| {
            let own = agreed.iter().find(|own| own.covers_object(object))?;
            self.find(&own.resource)?.find_type(own.type_name())?;
            Some(GrantedDetail { resource: own.resource.clone(), detail: object.clone() })
        };
        objects.iter().filter_map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::details::DetailsTypeDraft;
    use crate::resource::{ResourceDraft, ResourceIdentifier};

    fn client(types: &str) -> Client {
        let draft = ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            authorization_details_types: types.into(),
            ..ClientDraft::preset(ClientKind::Web)
        };
        draft.check(None).unwrap()
    }

    fn resource(id: &str, types: &[(&str, &str)], clients: &str) -> Resource {
        let kind = |(name, fields): &(&str, &str)| DetailsTypeDraft {
            name: (*name).into(),
            description: format!("About {name}"),
            fields: (*fields).into(),
        };
        let draft = ResourceDraft {
            identifier: format!("https://{id}.example"),
            name: id.into(),
            authorization_details_types: types.iter().map(kind).collect(),
            allowed_clients: clients.into(),
            ..ResourceDraft::preset()
        };
        draft.check(ResourceId::new(id)).unwrap()
    }

    fn all() -> Resources {
        let bank = resource("bank", &[("pay", "amount number required"), ("look", "actions = read list")], "");
        Resources::new([bank, resource("other", &[("secret", "")], "somebody"), resource("notes", &[], "")], None)
    }

    fn asked(value: Value) -> AuthorizationDetails {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn each_refusal_has_its_reason() {
        let judge = |types, value| all().judge(&asked(value), &client(types)).map_err(|error| error.reason);
        let pay = || json!([{ "type": "pay", "amount": 1 }]);
        assert_eq!(judge("pay", pay()).unwrap().types(), ["pay"]);
        for (types, value, reason) in [
            ("pay", json!([{ "type": "unknown" }]), Reason::DetailsTypeUnknown),
            ("", pay(), Reason::DetailsTypeNotAllowed),
            ("look", pay(), Reason::DetailsTypeNotAllowed),
            ("secret", json!([{ "type": "secret" }]), Reason::DetailsTypeNotAllowed),
            ("pay", json!([{ "type": "pay" }]), Reason::DetailsRefused),
            (
                "pay look",
                json!([{ "type": "pay", "amount": 1 }, { "type": "look", "more": 1 }]),
                Reason::DetailsRefused,
            ),
        ] {
            assert_eq!(judge(types, value.clone()), Err(reason), "{types} {value}");
        }
    }

    #[test]
    fn details_bring_the_resource_that_they_are_about() {
        let (all, client) = (all(), client("pay look"));
        let details = asked(json!([{ "type": "pay", "amount": 1 }, { "type": "look", "actions": ["read"] }]));
        let ids = |target: Target| target.ids().iter().map(ToString::to_string).collect::<Vec<_>>();
        let notes = [ResourceIdentifier::parse("https://notes.example").unwrap()];
        assert_eq!(ids(all.aimed(&[], &details, &client).unwrap()), ["bank"]);
        assert_eq!(ids(all.aimed(&notes, &details, &client).unwrap()), ["notes", "bank"]);
        assert_eq!(ids(all.aimed_or_default(&[], &AuthorizationDetails::default(), &client).unwrap()), [""; 0]);
        let words = all.aimed(&[], &details, &client).unwrap().details_in_words();
        let sentences: Vec<&str> = words.iter().map(|words| words.sentence.as_str()).collect();
        assert_eq!(sentences, ["About pay", "About look"]);
        assert_eq!(words[1].fields, [("Actions".to_owned(), vec!["read".to_owned()])]);
    }

    #[test]
    fn what_was_granted_is_narrowed_and_never_widened() {
        let (all, client_of_both) = (all(), client("pay look"));
        let details = asked(json!([{ "type": "pay", "amount": 1 }, { "type": "look", "actions": ["read", "list"] }]));
        let target = all.aimed(&[], &details, &client_of_both).unwrap();
        let granted = target.details().clone();
        let narrowed = |value: Value, client: &Client| {
            let narrowed = target.clone().narrowed(&granted, &asked(value), client);
            narrowed.map(|target| json!(target.details().objects())).map_err(|error| error.reason)
        };
        assert_eq!(narrowed(json!([]), &client_of_both), Ok(json!(details)));
        for less in [json!([{ "type": "pay", "amount": 1 }]), json!([{ "type": "look", "actions": ["list"] }])] {
            assert_eq!(narrowed(less.clone(), &client_of_both), Ok(less));
        }
        for more in [
            json!([{ "type": "pay", "amount": 2 }]),
            json!([{ "type": "look" }]),
            json!([{ "type": "look", "actions": [] }]),
        ] {
            assert_eq!(narrowed(more.clone(), &client_of_both), Err(Reason::DetailsNotGranted), "{more}");
        }
        // The client may do less by now.
        assert_eq!(narrowed(json!([]), &client("pay")), Ok(json!([{ "type": "pay", "amount": 1 }])));
        assert_eq!(
            narrowed(json!([{ "type": "look", "actions": ["list"] }]), &client("pay")),
            Err(Reason::DetailsNotGranted)
        );
        assert_eq!(narrowed(json!([]), &client("")), Err(Reason::DetailsGone));
        // At another resource they are nothing, and that is no error.
        let notes = all.named(&[ResourceIdentifier::parse("https://notes.example").unwrap()], &client_of_both).unwrap();
        let at_notes = notes.clone().narrowed(&granted, &AuthorizationDetails::default(), &client_of_both).unwrap();
        assert!(at_notes.details().is_empty() && notes.kept(&details, &granted).is_empty());
        assert_eq!(target.kept(&details, &granted), granted);
    }

    #[test]
    fn a_resource_whose_details_are_all_gone_gets_no_token() {
        let bank = resource("bank", &[("pay", "amount number required")], "");
        let all = Resources::new([bank, resource("notes", &[("look", "")], "")], None);
        let both = asked(json!([{ "type": "pay", "amount": 1 }, { "type": "look" }]));
        let target = all.aimed(&[], &both, &client("pay look")).unwrap();
        let granted = target.details().clone();
        let left = |value: Value, types: &str| {
            let narrowed = target.clone().narrowed(&granted, &asked(value), &client(types)).unwrap();
            narrowed.ids().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(left(json!([]), "pay look"), ["bank", "notes"]);
        assert_eq!(left(json!([{ "type": "look" }]), "pay look"), ["notes"]);
        assert_eq!(left(json!([]), "look"), ["notes"], "the client may pay no more");
        let twice = json!([{ "type": "look" }, { "type": "look" }]);
        let twice = target.clone().narrowed(&granted, &asked(twice), &client("pay look"));
        assert_eq!(twice.unwrap_err().reason, Reason::DetailsNotGranted);
    }
}
