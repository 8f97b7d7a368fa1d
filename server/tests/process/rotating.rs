//! Changing the master key that credentials are sealed under.

use std::process::Output;
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;

use crate::desk::{BLOOM, Desk};
use crate::http;
use crate::running::{free_port, frontdesk};

const OLD: &str = "the master key until now, long enough for one";
const NEW: &str = "the master key from now on, long enough for one";
const ADMIN: &str = "the platform's key in a test, long enough";
const SECRET: &str = "what the telephone assistant says";

/// What the assistant is answered that calls with its secret.
fn call(desk: &Desk) -> u16 {
    let said = json!({ "message": { "type": "status-update", "status": "in-progress", "call": { "id": "c1" } } });
    let headers = [("content-type", "application/json"), ("x-vapi-secret", SECRET)];
    http::ask(desk.port, "POST", &format!("/vapi/{BLOOM}/webhook"), &headers, &said.to_string()).unwrap().status
}

fn rotate(home: &TempDir, settings: &[(&str, &str)]) -> Output {
    frontdesk(home.path(), free_port()).args(["keys", "rotate"]).envs(settings.iter().copied()).output().unwrap()
}

#[test]
fn what_was_sealed_opens_under_the_new_key_alone() {
    let home = Arc::new(TempDir::with_prefix_in("frontdesk-process-", "/tmp").unwrap());
    let start = |settings: &[(&str, &str)]| Desk::start_on(home.clone(), free_port(), settings);
    let desk = start(&[("ENCRYPTION_KEY", OLD), ("ADMIN_API_KEY", ADMIN)]);
    let headers = [("content-type", "application/json"), ("x-admin-key", ADMIN)];
    let set = json!({ "vapi": { "secret": SECRET } }).to_string();
    let set = http::ask(desk.port, "PATCH", &format!("/api/v1/clinics/{BLOOM}"), &headers, &set).unwrap();
    assert_eq!(set.status, 200, "{}", set.body);
    assert_eq!(call(&desk), 200);
    drop(desk);

    let refused = rotate(&home, &[("ENCRYPTION_KEY", NEW)]);
    assert!(!refused.status.success(), "nothing opens what the old key sealed: {refused:?}");
    let both = [("ENCRYPTION_KEY", NEW), ("ENCRYPTION_KEY_PREVIOUS", OLD)];
    let desk = start(&both);
    assert_eq!(call(&desk), 200, "both open while the key is changed");
    drop(desk);
    let rotated = rotate(&home, &both);
    assert!(rotated.status.success(), "{rotated:?}");
    assert_eq!(String::from_utf8_lossy(&rotated.stdout).trim(), "Wrapped the key of 1 clinic anew.");

    let desk = start(&[("ENCRYPTION_KEY", NEW)]);
    assert_eq!(call(&desk), 200);
    drop(desk);
    let desk = start(&[("ENCRYPTION_KEY", OLD)]);
    assert_ne!(call(&desk), 200, "the old key opens nothing any more");
}
