//! Ending well when asked, and losing nothing when not.

use std::fs;
use std::io::Read;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};

use crate::desk::{Desk, gone};
use crate::http;

#[test]
fn a_demonstration_says_how_to_get_in_and_stops_cleanly_when_told() {
    let mut desk = Desk::start();
    let said = desk.said();
    for part in ["Frontdesk is at http://127.0.0.1:", "/c/bloom/book", "/console", "owner@bloom.example", "Password"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(said.contains(&format!("http://127.0.0.1:{}/c/bloom", desk.port)), "{said}");
    let (postmaster, token) = (desk.postmaster().unwrap(), desk.session());
    // A stream that never ends by itself does not keep the server.
    let mut stream = http::open(desk.port, "GET", &format!("/c/bloom/feed?token={token}"), &[], "").unwrap();
    stream.read_exact(&mut [0; 12]).unwrap();

    desk.signal(Signal::SIGTERM);
    let status = desk.ended_within(Duration::from_secs(20)).expect("it stops within twenty seconds");

    assert_eq!(status.code(), Some(0), "{}", desk.said());
    assert!(gone(postmaster), "PostgreSQL went with it");
    assert_eq!(desk.postmaster(), None, "and left no pid file");
    let log = fs::read_to_string(desk.home.path().join("data/postgres.log")).unwrap();
    assert!(log.trim_end().ends_with("database system is shut down"), "{log}");
    assert!(desk.get("/health").is_err(), "nobody listens any more");
}

#[test]
fn a_server_that_was_killed_comes_back_with_every_booking_and_sign_in() {
    let mut killed = Desk::start();
    let (token, cookie, password) = (killed.session(), killed.sign_in(), killed.password());
    let hold = killed.book(&token);
    let orphan = killed.postmaster().unwrap();
    kill(nix::unistd::Pid::from_raw(orphan.as_raw()), None).expect("PostgreSQL runs");
    killed.signal(Signal::SIGKILL);
    killed.ended_within(Duration::from_secs(5)).expect("nothing survives SIGKILL");

    let desk = Desk::start_in(killed.home.clone());

    assert!(gone(orphan), "the PostgreSQL left behind was ended");
    let again = desk.confirm(&token, &hold);
    assert_eq!(again.status, 200, "the booking and the session are still there: {}", again.body);
    let day = desk.day(&cookie);
    assert!(day.status == 200 && day.body.contains("Ada Lovelace"), "still signed in: {}", day.body);
    assert_eq!(desk.password(), password);
    assert_eq!(desk.day(&desk.sign_in()).status, 200, "signing in works");
    drop(desk);
    drop(killed);
}
