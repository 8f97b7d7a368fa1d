//! Twilio's own library signs, and we agree.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::clinics::settings::TwilioAccount;
use crate::messaging::signature::{Algorithm, Body, Signed, is_genuine, sign};

#[derive(Deserialize)]
struct Request {
    token: String,
    url: String,
    parameters: Vec<(String, String)>,
    signature: String,
}

impl Request {
    fn is_genuine(&self) -> bool {
        let account = TwilioAccount {
            account_sid: format!("AC{}", "0".repeat(32)),
            auth_token: self.token.clone(),
            api_key: None,
            phone_number: None,
            messaging_service_sid: None,
            webhook_keys: None,
            previous: None,
        };
        let (body, signature) = (Body::Form(&self.parameters), self.signature.as_str());
        let now = "2026-11-20T15:00:00Z".parse().unwrap();
        is_genuine(&account, now, &Signed { url: &self.url, body, signature, settings: None })
    }
}

/// Requests as `end2end/support/twilio-signatures.mjs` has them signed.
fn signed_by_twilio() -> Vec<Request> {
    let end2end = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../end2end");
    let node = Command::new("node").arg("support/twilio-signatures.mjs").arg("1200").current_dir(end2end).output();
    let node = node.expect("Node.js, which this needs");
    let said = String::from_utf8_lossy(&node.stderr);
    assert!(node.status.success(), "scripts/setup end2end installs what this needs: {said}");
    let lines = String::from_utf8(node.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_twilios_library_signs_is_genuine_and_nothing_else_is() {
    let requests = signed_by_twilio();
    assert!(requests.len() >= 1000, "{}", requests.len());
    for (n, request) in requests.into_iter().enumerate() {
        let said = format!("{} {:?}", request.url, request.parameters);
        assert!(request.is_genuine(), "{said}");
        let wrong = match n % 5 {
            0 => Request { token: format!("{}x", request.token), ..request },
            1 => Request { url: format!("{}x", request.url), ..request },
            2 => Request { parameters: [request.parameters, vec![("Extra".into(), "1".into())]].concat(), ..request },
            3 => Request { signature: sign(&request.token, Algorithm::Sha1, "https://x/", Body::None), ..request },
            _ => Request { signature: request.signature.replacen(|_: char| true, "_", 1), ..request },
        };
        assert!(!wrong.is_genuine(), "{said}");
    }
}
