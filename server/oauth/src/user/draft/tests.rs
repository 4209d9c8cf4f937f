use super::*;
use crate::id::Subject;
use crate::time::Timestamp;

#[test]
fn a_user_survives_the_form() {
    let draft = UserDraft {
        username: "alice".into(),
        email: "alice@example.com".into(),
        email_verified: true,
        enabled: true,
        birthdate: "1990-02-28".into(),
        street_address: "1 Main St\nFlat 2".into(),
        extra_claims: "{\n  \"department\": \"Sales\"\n}".into(),
        ..UserDraft::default()
    };
    assert_eq!(UserDraft::from(&user(&draft)), draft);
}

/// The user whom the draft describes.
fn user(draft: &UserDraft) -> User {
    let Profile { username, email, enabled, claims } = draft.check().unwrap();
    let (username, email) = (username.as_str().to_owned(), email.map(|email| email.as_str().to_owned()));
    User { subject: Subject::new("s"), username, email, enabled, claims, updated_at: Timestamp(0) }
}

fn with_extra(extra_claims: impl Into<String>) -> UserDraft {
    UserDraft { username: "alice".into(), extra_claims: extra_claims.into(), ..UserDraft::default() }
}

#[test]
fn claims_that_are_long_when_they_are_indented_stay_when_another_one_is_set() {
    let groups = serde_json::json!({ "groups": vec![7; 2_500] });
    let mut draft = UserDraft::from(&user(&with_extra(groups.to_string())));
    assert!(draft.check().is_ok(), "nothing was changed, so nothing is wrong");
    draft.set_claims(serde_json::from_str("{\"nickname\":\"Al\",\"team\":1}").unwrap()).unwrap();
    let claims = user(&draft).claims;
    assert_eq!(claims.nickname.as_deref(), Some("Al"));
    assert_eq!((claims.extra.get("groups"), claims.extra.len()), (groups.get("groups"), 2));
}

#[test]
fn claims_are_as_long_as_they_are_stored() {
    let list = |item: &str, count: usize, pretty: &str| {
        format!("{{{pretty}\"a\":{pretty}[{}]}}", vec![item; count].join(&format!(",{pretty}")))
    };
    let indented = list("1", 8_000, "\n    ");
    assert!(indented.len() > 40_000 && with_extra(indented).check().is_ok());
    for text in [list("1", 8_200, ""), list("1e15", 3_000, "")] {
        let problem = FieldProblem::TooLong(16_384);
        assert_eq!(with_extra(text).check().unwrap_err().find("extra_claims"), Some(&problem));
    }
    let deep = format!("{{\"a\":{}{}{}}}", "[".repeat(100), vec!["1"; 8_000].join(","), "]".repeat(100));
    assert!(UserDraft::from(&user(&with_extra(deep))).extra_claims.len() <= 16_384);
}

#[test]
fn claims_that_cannot_be_read_are_not_replaced() {
    let mut draft = with_extra("{\"acr\":1}");
    let errors = draft.set_claims(serde_json::from_str("{\"nickname\":\"Al\"}").unwrap()).unwrap_err();
    assert_eq!(errors.find("extra_claims"), Some(&FieldProblem::ReservedClaim("acr".into())));
    assert_eq!(draft.extra_claims, "{\"acr\":1}");
}

#[test]
fn a_street_address_has_lines_and_nothing_else_that_is_not_seen() {
    assert_eq!(check_street_address(" 1 Main St \r\n\n Flat 2").unwrap().as_deref(), Some("1 Main St\nFlat 2"));
    assert_eq!(check_street_address(" \n ").unwrap(), None);
    assert_eq!(check_street_address("1 Main St\n\u{1b}[2J"), Err(FieldProblem::ControlCharacters));
    for long in ["x".repeat(501), "lines\n".repeat(84)] {
        let draft = UserDraft { username: "alice".into(), street_address: long, ..UserDraft::default() };
        assert_eq!(draft.check().unwrap_err().find("street_address"), Some(&FieldProblem::TooLong(500)));
    }
    assert_eq!(check_street_address(&"x".repeat(500)).unwrap().map(|text| text.len()), Some(500));
}

#[test]
fn the_protocol_s_own_claims_cannot_be_set() {
    let draft = UserDraft { username: "a".into(), extra_claims: "{\"sub\":\"x\"}".into(), ..UserDraft::default() };
    assert_eq!(draft.check().unwrap_err().find("extra_claims"), Some(&FieldProblem::ReservedClaim("sub".into())));
}

#[test]
fn another_address_is_not_verified_unless_it_is_said() {
    let before = user(&UserDraft {
        username: "alice".into(),
        email: "alice@example.com".into(),
        email_verified: true,
        phone_number: "+1".into(),
        phone_number_verified: true,
        ..UserDraft::default()
    });
    let change = |email: &str, phone: &str, said| {
        let mut draft = UserDraft { email: email.into(), phone_number: phone.into(), ..UserDraft::from(&before) };
        draft.unverify_what_changed(&before, said);
        (draft.email_verified, draft.phone_number_verified)
    };
    let unsaid = Said::default();
    assert_eq!(change("alice@example.com", "+1", unsaid), (true, true));
    assert_eq!(change(" Alice@EXAMPLE.com", "+1 ", unsaid), (true, true), "the same mailbox");
    assert_eq!(change("mallory@example.com", "+2", unsaid), (false, false));
    assert_eq!(change("", "", unsaid), (false, false));
    assert_eq!(change("bob@example.com", "+2", Said { email_verified: true, ..unsaid }), (true, false));
    assert_eq!(change("bob@example.com", "+2", Said::by_form(&before)), (false, false));
}

#[test]
fn a_name_of_before_there_were_profiles_may_stay() {
    let before =
        User { username: "😀\u{200b}".into(), email: Some("a\u{ad}@example.com".into()), ..user(&with_extra("")) };
    let draft = UserDraft { nickname: "Al".into(), ..UserDraft::from(&before) };
    assert!(draft.check().is_err());
    assert_eq!(draft.check_change(&before).unwrap().username.as_str(), before.username);
    let other = UserDraft { username: "😀".into(), ..draft };
    assert!(other.check_change(&before).unwrap_err().find("username").is_some());
}

#[test]
fn dates_are_looked_at() {
    for bad in ["90-1-1", "1990-13-01", "1990/01/01", "19900101"] {
        assert!(check_birthdate(bad).is_err(), "{bad}");
    }
    assert_eq!(check_birthdate("1990").unwrap().as_deref(), Some("1990"));
}
