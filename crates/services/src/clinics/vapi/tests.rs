//! Signatures, right and wrong.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const BODY: &[u8] = br#"{"message":{"type":"status-update","status":"ended"}}"#;
const SIGNATURE: &str = "06680b77735429f4e1ab88d327fa1349507627a437b74cec355936891477c76d";
const SENT: i64 = 1_767_225_600;

fn account() -> VapiHmac {
    VapiHmac { secret: "vapi_secret_a".into(), ..VapiHmac::default() }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn holds(account: &VapiHmac, now: DateTime<Utc>, headers: &[(&str, &str)], body: &[u8]) -> bool {
    let headers: HashMap<&str, &str> = headers.iter().copied().collect();
    let header = |name: &str| headers.get(name).copied();
    account
        .is_signed(now, &Signed { header: &header, method: "POST", url: "https://desk.example/vapi/1/webhook", body })
}

/// What `account` would send for `payload`.
fn signed(account: &VapiHmac, payload: &[u8]) -> String {
    let key = hmac::Key::new(account.algorithm().unwrap(), &account.key_bytes().unwrap());
    let tag = hmac::sign(&key, payload);
    let text = match account.signature_encoding.as_str() {
        "hex" => tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
        _ => BASE64_STANDARD.encode(tag),
    };
    format!("{}{text}", account.signature_prefix)
}

#[test]
fn the_published_vector_holds_and_nothing_near_it() {
    let right = [("x-signature", SIGNATURE), ("x-timestamp", "1767225600")];
    assert!(holds(&account(), at(SENT), &right, BODY));
    assert!(holds(&account(), at(SENT + 300), &right, BODY), "five minutes late");
    assert!(holds(&account(), at(SENT - 300), &right, BODY), "a clock that is behind");

    assert!(!holds(&account(), at(SENT + 301), &right, BODY), "an old request");
    assert!(!holds(&account(), at(SENT - 301), &right, BODY), "one from the future");
    assert!(!holds(&account(), at(SENT), &right, b"{}"), "another body");
    assert!(!holds(&VapiHmac { secret: "vapi_secret_b".into(), ..account() }, at(SENT), &right, BODY));
    for wrong in [
        &[("x-signature", SIGNATURE)][..],
        &[("x-timestamp", "1767225600")],
        &[("x-signature", SIGNATURE), ("x-timestamp", "1767225601")],
        &[("x-signature", SIGNATURE), ("x-timestamp", "now")],
        &[("x-signature", ""), ("x-timestamp", "1767225600")],
        &[("x-signature", &SIGNATURE[2..]), ("x-timestamp", "1767225600")],
        &[("x-signature", "zz"), ("x-timestamp", "1767225600")],
    ] {
        assert!(!holds(&account(), at(SENT), wrong, BODY), "{wrong:?}");
    }
}

#[test]
fn every_setting_of_vapis_is_followed() {
    let secret = || "a secret of sixteen letters".to_owned();
    let plain = VapiHmac { secret: secret(), ..VapiHmac::default() };
    let stamp = SENT.to_string();
    let timed = [stamp.as_bytes(), b".", BODY].concat();
    let settings: [(VapiHmac, Vec<u8>); 7] = [
        (VapiHmac { algorithm: "sha1".into(), ..plain.clone() }, timed.clone()),
        (VapiHmac { algorithm: "sha512".into(), signature_prefix: "sha512=".into(), ..plain.clone() }, timed.clone()),
        (VapiHmac { signature_encoding: "base64".into(), ..plain.clone() }, timed.clone()),
        (
            VapiHmac {
                secret: BASE64_STANDARD.encode(b"sixteen bytes or more"),
                secret_is_base64: true,
                ..plain.clone()
            },
            timed.clone(),
        ),
        (VapiHmac { include_timestamp: false, payload_format: "{body}".into(), ..plain.clone() }, BODY.to_vec()),
        (
            VapiHmac { payload_format: "{method}|{url}|{timestamp}|{body}".into(), ..plain.clone() },
            [b"POST|https://desk.example/vapi/1/webhook|".as_slice(), stamp.as_bytes(), b"|", BODY].concat(),
        ),
        (
            VapiHmac {
                secret: format!("whsec_{}", BASE64_STANDARD.encode(b"sixteen bytes or more")),
                secret_is_base64: true,
                signature_header: "svix-signature".into(),
                timestamp_header: "svix-timestamp".into(),
                signature_encoding: "base64".into(),
                signature_prefix: "v1,".into(),
                payload_format: "{svix-id}.{timestamp}.{body}".into(),
                ..plain.clone()
            },
            [b"msg_1.".as_slice(), &timed].concat(),
        ),
    ];
    for (account, payload) in settings {
        assert_eq!(account.errors(), [], "{}", account.payload_format);
        let signature = format!("v1,AAAA {}", signed(&account, &payload));
        let headers = [
            (account.signature_header.as_str(), signature.as_str()),
            (account.timestamp_header.as_str(), &stamp),
            ("svix-id", "msg_1"),
        ];
        assert!(holds(&account, at(SENT), &headers, BODY), "{}", account.payload_format);
        assert!(!holds(&account, at(SENT), &headers, b"{}"), "{}", account.payload_format);
        assert!(!holds(&plain, at(SENT), &headers, BODY), "{}", account.payload_format);
    }
    let millis = SENT * 1_000;
    let signature = signed(&plain, &[millis.to_string().as_bytes(), b".", BODY].concat());
    let headers = [("x-signature", signature.as_str()), ("x-timestamp", &millis.to_string())];
    assert!(holds(&plain, at(SENT), &headers, BODY), "a time in thousandths");
}

#[test]
fn settings_that_prove_nothing_are_refused() {
    let right = VapiHmac { secret: "a secret of sixteen letters".into(), ..VapiHmac::default() };
    let wrong = [
        ("secret", VapiHmac { secret: "short".into(), ..right.clone() }),
        ("secret", VapiHmac { secret_is_base64: true, ..right.clone() }),
        ("algorithm", VapiHmac { algorithm: "md5".into(), ..right.clone() }),
        ("signature_encoding", VapiHmac { signature_encoding: "utf8".into(), ..right.clone() }),
        ("signature_header", VapiHmac { signature_header: "x signature".into(), ..right.clone() }),
        ("timestamp_header", VapiHmac { timestamp_header: String::new(), ..right.clone() }),
        ("message_id_header", VapiHmac { message_id_header: "ü".into(), ..right.clone() }),
        ("payload_format", VapiHmac { payload_format: "{timestamp}".into(), ..right.clone() }),
        ("payload_format", VapiHmac { payload_format: "{body}".into(), ..right.clone() }),
        ("payload_format", VapiHmac { payload_format: "{timestamp}.{body}.{secret}".into(), ..right.clone() }),
        ("payload_format", VapiHmac { include_timestamp: false, ..right.clone() }),
    ];
    for (field, account) in wrong {
        let errors = VapiAccount::Hmac(account).errors();
        assert_eq!(errors.iter().map(|error| &error.field[..]).collect::<Vec<_>>(), [format!("vapi.hmac.{field}")]);
    }
    for secret in ["short", " a secret of sixteen letters", "a secret with a ü in it", "a secret\nof two lines"] {
        assert_eq!(VapiAccount::Secret(secret.into()).errors()[0].field, "vapi.secret");
    }
    assert_eq!(VapiAccount::Secret("a secret of sixteen letters".into()).errors(), []);
}

#[test]
fn secrets_are_compared_whole() {
    assert!(same_secret("one secret", "one secret"));
    assert!(!same_secret("one secret", "one secret ") && !same_secret("", "one secret"));
}

proptest! {
    #[test]
    fn no_header_breaks_the_check(signature: String, timestamp: String, prefix: String, format: String) {
        let account = VapiHmac { signature_prefix: prefix, payload_format: format, ..account() };
        prop_assert!(!holds(&account, at(SENT), &[("x-signature", &signature), ("x-timestamp", &timestamp)], BODY));
    }
}
