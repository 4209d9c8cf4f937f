use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::error::ErrorCode;
use crate::field::FieldProblem;
use crate::id::ResourceId;

fn draft(name: &str, fields: &str) -> DetailsTypeDraft {
    DetailsTypeDraft { name: name.to_owned(), description: String::new(), fields: fields.to_owned() }
}

/// As in RFC 9396 §2.
fn payment() -> AuthorizationDetailsType {
    let fields = "actions required = initiate status cancel\nlocations = https://example.com/payments\n\
                  instructedAmount.currency string required = EUR USD\ninstructedAmount.amount string required\n\
                  creditorName\nurgent boolean\npriority number\nidentifier";
    draft("payment_initiation", fields).check().unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn good() -> Value {
    json!({ "type": "payment_initiation", "actions": ["initiate", "status"], "locations": ["https://example.com/payments"],
        "instructedAmount": { "currency": "EUR", "amount": "123.50" }, "creditorName": "Merchant A", "urgent": true, "priority": 1.5 })
}

#[test]
fn a_field_is_a_line_in_one_form() {
    for (line, form) in [
        ("actions", "actions"),
        ("  actions   strings ", "actions"),
        ("actions required = read  write", "actions required = read write"),
        ("identifier string", "identifier"),
        ("creditorName", "creditorName string"),
        ("limit number required", "limit number required"),
        ("a.b boolean", "a.b boolean"),
        ("a.actions = x", "a.actions string = x"),
        ("tags strings=a b", "tags strings = a b"),
    ] {
        let field = DetailsField::parse(line).unwrap();
        assert_eq!(field.to_string(), form, "{line}");
        assert_eq!(DetailsField::parse(form), Ok(field), "{form}");
    }
    for line in [
        "",
        " ",
        "= a",
        "a =",
        "type",
        "type.x string",
        "1a",
        "a.b.c",
        ".a",
        "a.",
        "a b",
        "a string string",
        "a required string",
        "actions string",
        "identifier strings",
        "limit number = 1",
        "on boolean = true",
        "ä",
        "a string required x",
        "a = x\u{202e}y",
        "a = x\u{200b}y",
    ] {
        assert_eq!(DetailsField::parse(line), Err(FieldProblem::DetailsField), "{line}");
    }
    assert_eq!(DetailsField::parse(&"a".repeat(65)), Err(FieldProblem::DetailsField));
    assert_eq!(DetailsField::parse(&format!("a = {}", "x".repeat(2_000))), Err(FieldProblem::TooLong(MAX_FIELD_LINE)));
}

#[test]
fn the_types_of_a_resource_are_bounded_and_said_once() {
    let types = check_types(&[draft("a", "actions"), draft("", " \n"), draft("urn:example:b", "")]).unwrap();
    let names: Vec<_> = types.iter().map(|it| (it.name.as_str(), it.description.as_str())).collect();
    assert_eq!(names, [("a", "a"), ("urn:example:b", "urn:example:b")], "a type that nobody described has a name");
    for wrong in [
        vec![draft("a b", "")],
        vec![draft("", "actions")],
        vec![draft("ä", "")],
        vec![draft("a", ""), draft("a", "actions")],
        vec![draft("a", "actions\nactions required")],
        vec![draft("a", "x.y\nx")],
        vec![draft("a", "x\nx.y")],
        vec![DetailsTypeDraft { description: "x".repeat(501), ..draft("a", "") }],
        vec![DetailsTypeDraft { description: "a\u{202e}b".to_owned(), ..draft("a", "") }],
        vec![draft("a", &(0..33).map(|n| format!("f{n}\n")).collect::<String>())],
        (0..51).map(|n| draft(&format!("t{n}"), "")).collect(),
        (0..40).map(|n| draft(&format!("t{n}"), &format!("a = {}", "x ".repeat(300)))).collect(),
    ] {
        assert!(check_types(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn an_object_is_as_its_type_says() {
    assert_eq!(payment().check(&object(good())), Ok(()));
    let least = json!({ "type": "payment_initiation", "actions": ["cancel"], "instructedAmount": { "currency": "USD", "amount": "1" } });
    assert_eq!(payment().check(&object(least)), Ok(()));
    let changes: [(&str, Value, &str); 20] = [
        ("/foo", json!(1), "foo is no field"),
        ("/actions", json!(["initiate", "refund"]), "not one of: initiate, status, cancel"),
        ("/actions", json!("initiate"), "must be a list"),
        ("/actions", json!([]), "must be a list"),
        ("/actions", json!([1]), "must be a list"),
        ("/actions", json!(["initiate", "initiate"]), "must be a list"),
        ("/actions", json!(null), "must be a list"),
        ("/locations", json!(["https://evil.example"]), "not one of"),
        ("/instructedAmount", json!("123.50"), "must be an object"),
        ("/instructedAmount", json!({}), "must be an object"),
        ("/instructedAmount/amount", json!(123.5), "must be a string"),
        ("/instructedAmount/amount", json!({ "amount": "1" }), "must be a string"),
        ("/instructedAmount/currency", json!("XXX"), "not one of"),
        ("/instructedAmount/extra", json!("1"), "instructedAmount.extra is no field"),
        ("/creditorName", json!(""), "must be a string"),
        ("/creditorName", json!("Merchant\u{202e}A"), "not seen"),
        ("/creditorName", json!("Merchant\nA"), "not seen"),
        ("/creditorName", json!(null), "must be a string"),
        ("/urgent", json!("true"), "must be true or false"),
        ("/priority", json!("1"), "must be a number"),
    ];
    for (pointer, value, why) in changes {
        let mut changed = good();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        changed.pointer_mut(parent).unwrap()[name] = value;
        let refused = payment().check(&object(changed)).unwrap_err();
        assert!(refused.contains(why), "{pointer}: {refused}");
    }
    for name in ["actions", "instructedAmount"] {
        let mut without = object(good());
        without.remove(name);
        assert!(payment().check(&without).unwrap_err().ends_with("is missing"), "{name}");
    }
}

#[test]
fn a_request_is_a_bounded_list_of_different_objects() {
    for good in [r#"[{"type":"a"}]"#, r#" [ {"type":"a","x":{"y":[1]}} , {"type":"a"} ] "#] {
        assert!(AuthorizationDetails::parse(good).is_ok(), "{good}");
    }
    let many = format!("[{}]", vec![r#"{"type":"a"}"#; 17].join(","));
    let deep = format!(r#"[{{"type":"a","x":{}1{}}}]"#, "[".repeat(1_000), "]".repeat(1_000));
    for (bad, reason) in [
        ("", Reason::DetailsMalformed),
        ("{}", Reason::DetailsMalformed),
        ("[]", Reason::DetailsMalformed),
        ("[1]", Reason::DetailsMalformed),
        ("[{}]", Reason::DetailsMalformed),
        (r#"[{"type":1}]"#, Reason::DetailsMalformed),
        (r#"[{"type":""}]"#, Reason::DetailsMalformed),
        (r#"[{"type":"a"},{"type":"a"}]"#, Reason::DetailsMalformed),
        (r#"[{"type":"a"}"#, Reason::DetailsMalformed),
        (deep.as_str(), Reason::DetailsMalformed),
        (many.as_str(), Reason::DetailsTooMany),
    ] {
        let refused = AuthorizationDetails::parse(bad).unwrap_err();
        assert_eq!((refused.code, refused.reason), (ErrorCode::InvalidAuthorizationDetails, reason), "{bad}");
    }
    let long = format!(r#"[{{"type":"a","x":"{}"}}]"#, "x".repeat(MAX_DETAILS));
    assert_eq!(AuthorizationDetails::parse(&long).unwrap_err().reason, Reason::DetailsTooMany);
    let twice = Form::parse(b"authorization_details=[]&authorization_details=[]").unwrap();
    assert_eq!(AuthorizationDetails::read(&twice).unwrap_err().reason, Reason::ParameterRepeated);
}

fn granted(values: &[Value]) -> GrantedDetails {
    let detail = |value: &Value| GrantedDetail { resource: ResourceId::new("r"), detail: object(value.clone()) };
    values.iter().map(detail).collect()
}

#[test]
fn what_was_agreed_to_covers_itself_and_shorter_lists_and_nothing_else() {
    let agreed =
        granted(&[json!({ "type": "a", "actions": ["read", "write"], "amount": 10, "to": { "iban": "DE1" } })]);
    let covers = |other: Value| agreed.cover(&granted(&[other]));
    assert!(covers(json!({ "type": "a", "actions": ["write"], "amount": 10, "to": { "iban": "DE1" } })));
    assert!(covers(json!({ "amount": 10, "to": { "iban": "DE1" }, "type": "a", "actions": ["write", "read"] })));
    for other in [
        json!({ "type": "b", "actions": ["read"], "amount": 10, "to": { "iban": "DE1" } }),
        json!({ "type": "a", "actions": ["read"], "amount": 11, "to": { "iban": "DE1" } }),
        json!({ "type": "a", "actions": ["read", "delete"], "amount": 10, "to": { "iban": "DE1" } }),
        json!({ "type": "a", "actions": ["read"], "amount": 10, "to": { "iban": "DE2" } }),
        // What is left out may mean everything.
        json!({ "type": "a", "amount": 10, "to": { "iban": "DE1" } }),
        json!({ "type": "a", "actions": ["read"], "to": { "iban": "DE1" } }),
        json!({ "type": "a", "actions": ["read"], "amount": 10, "to": { "iban": "DE1" }, "more": 1 }),
        json!({ "type": "a", "actions": "read", "amount": 10, "to": { "iban": "DE1" } }),
    ] {
        assert!(!covers(other.clone()), "{other}");
    }
    let elsewhere =
        GrantedDetail { resource: ResourceId::new("s"), detail: agreed.iter().next().unwrap().detail.clone() };
    assert!(!agreed.cover(&GrantedDetails::from_iter([elsewhere])));
    assert!(agreed.cover(&GrantedDetails::default()) && !GrantedDetails::default().cover(&agreed));
}

#[test]
fn what_is_remembered_has_a_bound_and_the_latest_comes_first() {
    let one = |number: usize| granted(&[json!({ "type": "a", "text": format!("{number:0>900}") })]);
    let mut remembered = GrantedDetails::default();
    for number in 0..20 {
        remembered = one(number).preceded_by(&remembered);
    }
    assert_eq!(remembered.iter().count(), 4);
    assert!(remembered.cover(&one(19)) && remembered.cover(&one(16)) && !remembered.cover(&one(15)));
    assert_eq!(one(19).preceded_by(&remembered), remembered, "the same once more");
}

#[test]
fn an_object_in_words_has_its_fields_in_the_order_of_the_type() {
    let words = payment().words(&object(good()));
    let words: Vec<_> = words.fields.iter().map(|(label, values)| (label.as_str(), values.join(" "))).collect();
    let expected = [
        ("Actions", "initiate status"),
        ("Locations", "https://example.com/payments"),
        ("Instructed amount, currency", "EUR"),
        ("Instructed amount, amount", "123.50"),
        ("Creditor name", "Merchant A"),
        ("Urgent", "yes"),
        ("Priority", "1.5"),
    ];
    assert_eq!(words, expected.map(|(label, value)| (label, value.to_owned())));
}

/// As this version writes them. They must be read for ever.
#[test]
fn what_is_stored_stays_readable() {
    let kind = r#"{"type":"a","description":"A","fields":["actions required = read write","to.iban string"]}"#;
    let read: AuthorizationDetailsType = serde_json::from_str(kind).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), kind);
    assert!(serde_json::from_str::<AuthorizationDetailsType>(r#"{"type":"a","later":1}"#).is_ok());
    let granted = r#"[{"resource":"r","detail":{"actions":["read"],"type":"a"}}]"#;
    let read: GrantedDetails = serde_json::from_str(granted).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), granted);
}

proptest! {
    #[test]
    fn no_words_of_a_stranger_are_too_odd(text in "(\\PC|[\\[\\]{}\",:]|\"type\":\"a\"){0,80}", line in "(\\PC|[ =.]|required|string){0,40}") {
        if let Ok(details) = AuthorizationDetails::parse(&text) {
            let again = serde_json::to_string(&details).unwrap();
            prop_assert_eq!(AuthorizationDetails::parse(&again), Ok(details.clone()));
            prop_assert!(details.iter().all(|object| payment().check(object).is_err()));
        }
        if let Ok(field) = DetailsField::parse(&line) {
            prop_assert_eq!(DetailsField::parse(&field.to_string()), Ok(field));
        }
    }
}

#[test]
fn a_field_is_as_long_as_it_is_stored() {
    let line = |length: usize| format!("f={}", "x".repeat(length - 2));
    let stored = DetailsField::parse(&line(MAX_FIELD_LINE - 9)).unwrap();
    assert_eq!(stored.to_string().len(), MAX_FIELD_LINE);
    assert_eq!(serde_json::from_value::<DetailsField>(serde_json::to_value(&stored).unwrap()).unwrap(), stored);
    assert_eq!(DetailsField::parse(&line(MAX_FIELD_LINE - 8)), Err(FieldProblem::TooLong(MAX_FIELD_LINE)));
}

#[test]
fn what_was_agreed_to_once_is_not_covered_twice() {
    let pay = |actions: &[&str]| json!({ "type": "pay", "amount": 500, "actions": actions });
    let (both, one) = (pay(&["initiate", "status"]), pay(&["initiate"]));
    let agreed = granted(std::slice::from_ref(&both));
    assert!(agreed.cover(&granted(std::slice::from_ref(&one))));
    assert!(!agreed.cover(&granted(&[both.clone(), one.clone()])));
    // The order of either list says nothing: the shorter one leaves the longer its place.
    let two = granted(&[both.clone(), one.clone()]);
    assert!(two.cover(&granted(&[one.clone(), both.clone()])) && two.cover(&two));
    assert!(!two.cover(&granted(&[one.clone(), both.clone(), one.clone()])));
    let again = json!([both, pay(&["status", "initiate"])]).to_string();
    assert_eq!(AuthorizationDetails::parse(&again).unwrap_err().reason, Reason::DetailsMalformed);
}

#[test]
fn a_text_that_nobody_sees_is_none() {
    let kind = draft("pay", "creditor\nactions").check().unwrap();
    for bad in [json!({ "type": "pay", "creditor": "\u{3000} \u{a0}" }), json!({ "type": "pay", "actions": [" "] })] {
        assert!(kind.check(&object(bad.clone())).is_err(), "{bad}");
    }
}

#[test]
fn all_types_are_as_long_as_they_are_shown() {
    let drafts: Vec<_> = (0..50)
        .map(|n| draft(&format!("t{n}"), &(0..32).map(|f| format!("f{n:02}{f:02}\n")).collect::<String>()))
        .collect();
    assert_eq!(super::kind::check_types(&drafts), Err(FieldProblem::TooLong(MAX_TYPE_TEXT)));
}

#[test]
fn a_number_is_the_same_however_it_is_written() {
    let pay = |amount: &str| format!(r#"[{{"type":"pay","amount":{amount}}}]"#);
    let read = |amount: &str| AuthorizationDetails::parse(&pay(amount)).unwrap();
    // As it came, to the last digit that a number has.
    for amount in ["123456789.123456789", "4.3276706790505334e-13", "0.1", "9007199254740993"] {
        let kept = serde_json::to_string(&read(amount)).unwrap();
        let again = AuthorizationDetails::parse(&kept).unwrap();
        assert_eq!((again, serde_json::to_string(&read(amount)).unwrap()), (read(amount), kept), "{amount}");
    }
    let of = |amount: &str| {
        let object = read(amount).iter().next().cloned().unwrap();
        granted(&[serde_json::Value::Object(object)])
    };
    assert!(of("1.0").cover(&of("1")) && of("1").cover(&of("1e0")) && !of("1").cover(&of("1.5")));
    let twice = r#"[{"type":"pay","amount":1},{"type":"pay","amount":1.0}]"#;
    assert_eq!(AuthorizationDetails::parse(twice).unwrap_err().reason, Reason::DetailsMalformed);
}
