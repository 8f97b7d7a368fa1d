//! Twilio's own library signs and judges, and we agree.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::support::account;
use crate::clinics::settings::TwilioAccount;
use crate::messaging::signature::{Body, Signed, is_genuine};

#[derive(Deserialize)]
struct Request {
    token: String,
    url: String,
    #[serde(default)]
    parameters: Vec<(String, String)>,
    /// Of a request that is no form.
    body: Option<String>,
    signature: String,
    /// What Twilio's library says of it.
    valid: bool,
}

impl Request {
    fn is_genuine(&self) -> bool {
        let account = TwilioAccount { auth_token: self.token.clone(), ..account('0', "+15550100000") };
        let body = self.body.as_ref().map_or(Body::Form(&self.parameters), |body| Body::Json(body.as_bytes()));
        let now = "2026-11-20T15:00:00Z".parse().unwrap();
        is_genuine(&account, now, &Signed { url: &self.url, body, signature: &self.signature, settings: None })
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

/// Altered requests too: not all that may happen to one on its way matters.
#[test]
fn what_twilios_library_takes_for_genuine_is_and_nothing_else() {
    let requests = signed_by_twilio();
    for request in &requests {
        let said = format!("{} {:?} {:?} {}", request.url, request.parameters, request.body, request.signature);
        assert_eq!(request.is_genuine(), request.valid, "{said}");
    }
    let count = |has_body: bool, valid: bool| {
        requests.iter().filter(|request| request.body.is_some() == has_body && request.valid == valid).count()
    };
    let counts = [count(false, true), count(false, false), count(true, true), count(true, false)];
    assert!(counts[0] >= 1200 && counts[1] >= 500 && counts[2] >= 300 && counts[3] >= 250, "{counts:?}");
}
