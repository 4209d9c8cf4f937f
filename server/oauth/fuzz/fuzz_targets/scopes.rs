//! Parameters of requests: forms, scopes, resources, authorization details, claims.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth::claims::ClaimsRequest;
use oauth::details::{AuthorizationDetails, DetailsField};
use oauth::form::Form;
use oauth::resource::{ResourceIdentifier, read_resources};
use oauth::scope::Scope;

fuzz_target!(|text: &str| {
    if let Ok(scope) = Scope::parse(text) {
        let written = scope.to_string();
        assert_eq!(Scope::parse(&written).as_ref(), Ok(&scope));
        assert_eq!(scope.union(&scope), scope);
        assert!(scope.is_subset_of(&scope) && scope.first_outside(&scope).is_none());
        assert!(!written.contains(['"', '\\', '\n']));
    }
    if let Ok(form) = Form::parse(text.as_bytes()) {
        assert_eq!(Form::parse(form.encode().as_bytes()).as_ref(), Ok(&form));
        let _ = (form.check_unrepeated(), read_resources(&form), AuthorizationDetails::read(&form));
    }
    if let Ok(resource) = ResourceIdentifier::parse(text) {
        let key = resource.key();
        assert_eq!(ResourceIdentifier::parse(&key).map(|it| it.key()).as_ref(), Ok(&key), "{text}");
    }
    if let Ok(field) = DetailsField::parse(text) {
        assert_eq!(DetailsField::parse(&field.to_string()), Ok(field));
    }
    let _ = AuthorizationDetails::parse(text);
    if let Ok(claims) = ClaimsRequest::parse(text) {
        let written = serde_json::to_string(&claims).expect("it is JSON");
        assert_eq!(ClaimsRequest::parse(&written).expect("it was written"), claims);
    }
});
