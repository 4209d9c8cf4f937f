//! Drafts that become clients, and those that do not.

use super::*;

fn web() -> ClientDraft {
    ClientDraft {
        client_id: "app".into(),
        client_name: "App".into(),
        redirect_uris: "https://app.example/cb".into(),
        ..ClientDraft::preset(ClientKind::Web)
    }
}

#[test]
fn every_preset_becomes_a_client() {
    for kind in ClientKind::ALL {
        let draft = ClientDraft {
            kind: kind.to_string(),
            ..ClientDraft { redirect_uris: web().redirect_uris, ..ClientDraft::preset(*kind) }
        };
        let client = ClientDraft { client_id: "c".into(), client_name: "C".into(), ..draft }.check(None).unwrap();
        assert_eq!(client.is_public(), matches!(kind, ClientKind::Spa | ClientKind::Native));
    }
}

#[test]
fn a_draft_and_its_client_agree() {
    let client = web().check(None).unwrap();
    assert_eq!(ClientDraft::from(&client), web());
}

#[test]
fn a_form_needs_a_redirect_uri_and_a_script_does_not() {
    let draft =
        ClientDraft { client_id: String::new(), client_name: String::new(), redirect_uris: " \n".into(), ..web() };
    let errors = draft.check_form().unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["client_name", "redirect_uris"], "the server makes an ID");
    assert!(ClientDraft { redirect_uris: String::new(), ..web() }.check(None).is_ok());
    let machine = ClientDraft { client_name: "M".into(), ..ClientDraft::preset(ClientKind::Machine) };
    assert_eq!(machine.check_form(), Ok(()));
}

#[test]
fn a_bad_line_is_named_by_its_number() {
    let errors =
        ClientDraft { redirect_uris: "https://a.example/cb\nnonsense".into(), ..web() }.check(None).unwrap_err();
    assert_eq!(
        errors.find("redirect_uris").unwrap().to_string(),
        "Line 2: This is not an absolute URI, for example https://app.example.com/callback."
    );
}

#[test]
fn a_public_client_acts_for_nobody_but_a_user() {
    let draft = ClientDraft {
        token_endpoint_auth_method: "none".into(),
        grant_types: vec!["client_credentials".into()],
        ..web()
    };
    assert_eq!(draft.check(None).unwrap_err().find("grant_types"), Some(&FieldProblem::PublicClientCredentials));
}

#[test]
fn refresh_tokens_are_for_clients_to_which_people_sign_in() {
    let with = |grant: &str| ClientDraft {
        grant_types: vec!["refresh_token".into(), grant.into()],
        redirect_uris: String::new(),
        ..web()
    };
    let device = with(GrantType::DeviceCode.as_str());
    assert!(device.check(None).is_ok());
    assert_eq!(device.check_form(), Ok(()), "a device has no redirect URI");
    let machine = with("client_credentials").check(None).unwrap_err();
    assert_eq!(machine.find("grant_types"), Some(&FieldProblem::RefreshWithoutCode));
}

#[test]
fn response_types_and_grant_types_correspond() {
    let with = |profile: &str, types: &str, grants: &[&str]| {
        let grant_types = grants.iter().map(ToString::to_string).collect();
        let draft =
            ClientDraft { security_profile: profile.into(), response_types: types.into(), grant_types, ..web() };
        draft
            .check(None)
            .map(|client| client.response_types().to_vec())
            .map_err(|errors| errors.iter().next().map(|(field, problem)| (field, problem.clone())).unwrap())
    };
    let (code, implicit) = ("authorization_code", "implicit");
    assert_eq!(with("", "code\n", &[code]), Ok(vec![ResponseType::Code]));
    assert_eq!(with("", "code", &["client_credentials"]), Ok(Vec::new()), "a script says the default of a machine");
    let kept = vec![ResponseType::Code, ResponseType::CodeIdToken];
    assert_eq!(with("legacy", "id_token code\ncode\r\ncode id_token", &[code, implicit]), Ok(kept));
    assert_eq!(with("legacy", "id_token", &[implicit]), Ok(vec![ResponseType::IdToken]));
    assert_eq!(with("legacy", "", &[code]), Ok(vec![ResponseType::Code]));
    for (profile, types, grants, problem) in [
        ("legacy", "token", &[code][..], ("response_types", FieldProblem::Choice)),
        ("legacy", "id_token", &[code], ("grant_types", FieldProblem::ResponseTypeGrant(GrantType::Implicit))),
        (
            "legacy",
            "code token",
            &[implicit],
            ("grant_types", FieldProblem::ResponseTypeGrant(GrantType::AuthorizationCode)),
        ),
        ("legacy", "code", &[code, implicit], ("grant_types", FieldProblem::ImplicitAlone)),
        ("", "", &[implicit], ("grant_types", FieldProblem::ImplicitAlone)),
        ("legacy", "id_token", &[implicit, "refresh_token"], ("grant_types", FieldProblem::RefreshWithoutCode)),
        (
            "oidc",
            "code id_token",
            &[code, implicit],
            ("response_types", FieldProblem::Demanded { profile: SecurityProfile::Oidc, allowed: "code".to_owned() }),
        ),
    ] {
        assert_eq!(with(profile, types, grants), Err(problem), "{profile} {types} {grants:?}");
    }
}

#[test]
fn an_origin_has_no_path() {
    assert_eq!(check_origin("https://App.example").unwrap(), "https://app.example");
    assert!(check_origin("https://app.example/x").is_err());
    assert!(check_origin("*").is_err());
}

#[test]
fn a_secret_that_is_chosen_travels_in_a_header() {
    let check = |text: &str| check_client_secret(text, ClientAuthMethod::ClientSecretBasic);
    assert_eq!(check(&"ü".repeat(20)), Err(FieldProblem::VisibleAscii));
    assert_eq!(check(&"a\n".repeat(20)), Err(FieldProblem::VisibleAscii));
    assert_eq!(check("with space+plus%percent:colon&=\"quotes\""), Ok(()));
    let of_macs = |length| check_client_secret(&"a".repeat(length), ClientAuthMethod::ClientSecretJwt);
    assert_eq!((of_macs(63), of_macs(64)), (Err(FieldProblem::TooShort(64)), Ok(())));
}
