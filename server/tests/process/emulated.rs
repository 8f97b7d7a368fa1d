//! A Twilio on this machine: npm's `emulate`, which signs what it sends us and
//! keeps what we send.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::http;
use crate::running::free_port;

pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000000";
pub const AUTH_TOKEN: &str = "twilio_test_auth_token";
/// `ACCOUNT_SID:AUTH_TOKEN` in base64.
const BASIC: &str = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDp0d2lsaW9fdGVzdF9hdXRoX3Rva2Vu";

/// A running emulator. Dropping it ends it.
pub struct Twilio {
    child: Child,
    pub port: u16,
    pub number: &'static str,
    _home: TempDir,
}

impl Twilio {
    /// Starts one whose number hands its texts to the server on `desk`.
    pub fn start(number: &'static str, desk: u16) -> Self {
        let home = TempDir::with_prefix("frontdesk-twilio-").unwrap();
        let seed = home.path().join("emulate.yaml");
        let numbers = format!(
            "twilio:\n  account: {{sid: {ACCOUNT_SID}, auth_token: {AUTH_TOKEN}, friendly_name: Local}}\n  \
             phone_numbers:\n    - phone_number: \"{number}\"\n      \
             sms_url: http://127.0.0.1:{desk}/twilio/sms/incoming\n"
        );
        fs::write(&seed, numbers).unwrap();
        let end2end = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end");
        let program = end2end.join("node_modules/emulate/dist/index.js");
        assert!(program.exists(), "scripts/setup end2end installs what this needs");
        let port = free_port();
        let mut command = Command::new("node");
        command.arg(program).args(["start", "--service", "twilio", "--port", &port.to_string(), "--seed"]).arg(seed);
        let command = command.current_dir(home.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut twilio = Self { child: command.spawn().unwrap(), port, number, _home: home };
        twilio.wait_until_ready();
        twilio
    }

    fn wait_until_ready(&mut self) {
        let patience = Instant::now() + Duration::from_secs(30);
        while !http::ask(self.port, "GET", &account(".json"), &signed_in(), "").is_ok_and(|answer| answer.status == 200)
        {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < patience, "the emulator did not start: {ended:?}");
            sleep(Duration::from_millis(100));
        }
    }

    /// A patient texts the number, and the server has answered.
    pub fn text(&self, from: &str, body: &str) {
        let form = form(&[("From", from), ("To", self.number), ("Body", body)]);
        let answer = http::ask(self.port, "POST", "/_twilio/simulate/inbound-message", &signed_in(), &form).unwrap();
        assert_eq!(answer.status / 100, 2, "{answer:?}");
    }

    /// What became of a text, told to whoever sent it.
    pub fn tell(&self, sid: &str, status: &str) {
        let form = form(&[("MessageSid", sid), ("Status", status)]);
        let answer = http::ask(self.port, "POST", "/_twilio/simulate/message-status", &signed_in(), &form).unwrap();
        assert_eq!(answer.status / 100, 2, "{answer:?}");
    }

    /// What the server has had sent to a number, oldest first: SID and body.
    pub fn sent_to(&self, to: &str) -> Vec<(String, String)> {
        let answer = http::ask(self.port, "GET", &account("/Messages.json"), &signed_in(), "").unwrap().json();
        let text = |message: &Value, field: &str| message[field].as_str().unwrap_or_default().to_owned();
        let all = answer["messages"].as_array().cloned().unwrap_or_default();
        let ours = all.iter().filter(|message| message["direction"] == "outbound-api" && message["to"] == to);
        ours.rev().map(|message| (text(message, "sid"), text(message, "body"))).collect()
    }
}

impl Drop for Twilio {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn account(rest: &str) -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT_SID}{rest}")
}

fn signed_in() -> [(&'static str, &'static str); 2] {
    [("authorization", BASIC), ("content-type", "application/x-www-form-urlencoded")]
}

fn form(fields: &[(&str, &str)]) -> String {
    let escaped = |value: &str| value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&")
}
