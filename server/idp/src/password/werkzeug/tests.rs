use super::*;

/// Of "correct horse", made by Python's hashlib.
const HASHES: [&str; 4] = [
    "scrypt:32768:8:1$Zk3nQ0xTfR1uYp7s$397ac3c2f9faf48f8e7bbd79871514f970c84c53ba788067cb6b4b6a\
     25dd379405407a415b6d92c90e7e750cf60d7ef3a712743f4e94f9b375e5323e6b73aea4",
    "pbkdf2:sha256:1000$a1B2c3D4$c03dfc3651e7cf0d6981191bf79299cec001f0998ae33ea9930e7d0a57745b\
     b6",
    "pbkdf2:sha1:1000$a1B2c3D4$69175c70ae7b4f6cc982ec492aa2688c6fd09377\
     ",
    "pbkdf2:sha512:1000$a1B2c3D4e5F6g7H8$745b0d61512080af922a7d3a2f2d1e07c54e2459fd76fd33de3995\
     99567f5f114669bcb0ce2868fc4db7bc31208b0abaa087c2c0490d303daa7bdb080bf399b2",
];

#[test]
fn hashes_of_flask_applications_are_understood() {
    for text in HASHES {
        let hash = WerkzeugHash::parse(text).unwrap();
        assert!(hash.verify(b"correct horse"), "{text}");
        assert!(!hash.verify(b"correct horsf"), "{text}");
        assert!(!hash.verify(b""), "{text}");
    }
}

#[test]
fn a_row_cannot_make_a_sign_in_expensive() {
    let digest = "00".repeat(64);
    for method in [
        "scrypt:1048576:8:1",
        "scrypt:32768:8:1000",
        "scrypt:32768:4294967295:1",
        "scrypt:18446744073709551615:8:1",
        "scrypt:32767:8:1",
        "scrypt:0:8:1",
        "scrypt:32768:0:1",
        "scrypt:32768:8:0",
        "scrypt:32768:8",
        "pbkdf2:sha512:4294967295",
        "pbkdf2:sha512:0",
        "pbkdf2:sha512:-1",
        "pbkdf2:md5:1000",
    ] {
        assert!(WerkzeugHash::parse(&format!("{method}$salt${digest}")).is_none(), "{method}");
    }
}

#[test]
fn what_is_no_hash_opens_nothing() {
    let digest = "00".repeat(32);
    for text in [
        String::new(),
        "plain$$secret".to_owned(),
        format!("sha256$salt${digest}"),
        format!("pbkdf2:sha256:1000$${digest}"),
        format!("pbkdf2:sha256:1000$salt${}", "00".repeat(31)),
        "pbkdf2:sha256:1000$salt$".to_owned(),
        format!("pbkdf2:sha256:1000$salt${}zz", "00".repeat(31)),
        format!("pbkdf2:sha256:1000$s\0t${digest}"),
        format!("pbkdf2:sha256:1000${}${digest}", "s".repeat(1_000)),
    ] {
        assert!(WerkzeugHash::parse(&text).is_none(), "{text}");
    }
}
