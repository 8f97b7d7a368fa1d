//! Refusing to serve in a way that would be unsafe, and saying why.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::running::{free_port, frontdesk};

const SECRET: &str = "3f9c1b7a5d2e4860915af3c7b8d6e204";

#[test]
fn a_login_the_policies_do_not_bind_is_refused() {
    let superuser = std::env::var("DATABASE_URL").expect("scripts/with-postgres sets DATABASE_URL");
    let refused = refused(|command| {
        command.env("DATABASE_URL", superuser).env("SESSION_TOKEN_SECRET", SECRET);
    });
    for part in ["may bypass row-level security", "frontdesk_app"] {
        assert!(refused.contains(part), "{part} in {refused}");
    }
}

#[test]
fn secrets_that_could_be_guessed_are_refused() {
    for name in ["SESSION_TOKEN_SECRET", "ADMIN_API_KEY"] {
        for weak in ["hunter2", "changeme-changeme-changeme-changeme", &"a".repeat(64)] {
            let refused = refused(|command| {
                command.env(name, weak);
            });
            assert!(refused.contains(&format!("{name} is too short or a placeholder")), "{refused}");
            assert!(refused.contains("openssl rand -hex 32") && !refused.contains(weak), "{refused}");
        }
    }
}

#[test]
fn a_database_of_ones_own_needs_a_secret_of_ones_own() {
    let refused = refused(|command| {
        command.env("DATABASE_URL", "postgres://frontdesk_app@127.0.0.1:1/none");
    });
    assert!(refused.contains("SESSION_TOKEN_SECRET must be set where DATABASE_URL is"), "{refused}");
}

#[test]
fn a_database_that_does_not_answer_is_said_not_to() {
    let port = free_port();
    let refused = refused(|command| {
        command.env("DATABASE_URL", format!("postgres://frontdesk_app:hush-hush@127.0.0.1:{port}/none"));
        command.env("SESSION_TOKEN_SECRET", SECRET);
    });
    assert!(refused.contains("The database did not answer"), "{refused}");
    assert!(!refused.contains("hush-hush"), "{refused}");
}

#[test]
fn what_cannot_be_read_is_named() {
    for (name, value) in
        [("LISTEN", "everywhere"), ("PUBLIC_URL", "https://desk.example.com/app"), ("PUBLIC_URL", "desk")]
    {
        let refused = refused(|command| {
            command.env(name, value);
        });
        let named = refused.to_lowercase().replace(' ', "_");
        assert!(named.contains(&name.to_lowercase()) || named.contains("socket_address"), "{name}={value}: {refused}");
    }
}

/// What it says on its way out, which is soon and not with success. Refusals
/// never get as far as a database of its own.
fn refused(set: impl FnOnce(&mut Command)) -> String {
    let home = TempDir::with_prefix_in("frontdesk-process-", "/tmp").unwrap();
    let mut command = frontdesk(home.path(), free_port());
    set(&mut command);
    let mut child = command.args(["serve", "--demo"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("it started: {:?}", child.wait_with_output());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(!home.path().join("data/postgres").exists());
    format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr))
}
