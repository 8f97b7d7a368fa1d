//! PostgreSQL dies under a serving desk.

use std::fs;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use serde_json::json;

use crate::desk::{Desk, of_clinic};
use crate::http::{self, Answer};

#[test]
fn an_outage_is_answered_and_survived_with_the_data_whole() {
    let mut desk = Desk::start();
    let (token, cookie) = (desk.session(), desk.sign_in());
    let hold = desk.book(&token);
    let settings = desk.home.path().join("data/postgres/postgresql.conf");
    let aside = settings.with_extension("aside");

    // Without its settings PostgreSQL does not start again, which keeps the
    // outage from being over before anyone notices.
    fs::rename(&settings, &aside).unwrap();
    kill(desk.postmaster().unwrap(), Signal::SIGKILL).unwrap();
    sleep(Duration::from_millis(200));
    let answers = ask_everything(desk.port, &token, &cookie);
    let health = desk.get("/health").unwrap();
    fs::rename(&aside, &settings).unwrap();

    for (what, answer, took) in &answers {
        let answer = answer.as_ref().unwrap_or_else(|error| panic!("{what} after {took:?}: {error}"));
        assert_eq!(answer.status, 503, "{what} after {took:?}: {}", answer.body);
        assert!(*took < http::PATIENCE, "{what} took {took:?}");
        if what.contains("/api/") {
            assert!(answer.head.contains("application/problem+json"), "{what}: {}", answer.head);
            assert_eq!(answer.json()["code"], "unavailable", "{what}");
        }
    }
    assert_eq!(health.status, 200, "the process is alive");
    wait_until_back(&mut desk);
    let again = desk.confirm(&token, &hold);
    assert_eq!(again.status, 200, "the booking is whole: {}", again.body);
    assert!(desk.day(&cookie).body.contains("Ada Lovelace"));
    let said = desk.post(&of_clinic("chat"), &token, json!({ "message": "Where are you?" })).unwrap();
    assert_eq!(said.status, 200, "{}", said.body);
    let other = desk.session();
    desk.book(&other);
}

#[test]
fn requests_under_way_when_postgres_dies_are_answered_or_refused_and_never_left_hanging() {
    let mut desk = Desk::start();
    let token = desk.session();
    let port = desk.port;
    let asking: Vec<_> = (0..4)
        .map(|_| {
            let token = token.clone();
            thread::spawn(move || {
                let until = Instant::now() + Duration::from_secs(6);
                let mut answers = Vec::new();
                while Instant::now() < until {
                    answers.push(availability(port, &token).map(|answer| answer.status));
                }
                answers
            })
        })
        .collect();
    sleep(Duration::from_secs(1));

    for _ in 0..2 {
        let before = desk.postmaster().unwrap();
        kill(before, Signal::SIGKILL).unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        while desk.postmaster().is_none_or(|now| now == before) && Instant::now() < until {
            sleep(Duration::from_millis(50));
        }
    }

    let answers: Vec<_> = asking.into_iter().flat_map(|asking| asking.join().unwrap()).collect();
    let odd: Vec<_> = answers.iter().filter(|answer| !matches!(answer, Ok(200 | 503))).collect();
    assert!(odd.is_empty(), "{odd:?}");
    assert!(answers.iter().any(|answer| matches!(answer, Ok(200))));
    wait_until_back(&mut desk);
    assert_eq!(availability(port, &token).unwrap().status, 200);
}

fn availability(port: u16, token: &str) -> std::io::Result<Answer> {
    let authorization = format!("Bearer {token}");
    let path = of_clinic("availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24&limit=1");
    http::ask(port, "GET", &path, &[("authorization", &authorization)], "")
}

type Asked = (String, std::io::Result<Answer>, Duration);

/// Asks for one of everything, all at once.
fn ask_everything(port: u16, token: &str, cookie: &str) -> Vec<Asked> {
    let authorization = format!("Bearer {token}");
    let json = ("content-type", "application/json");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let asks = [
        ("GET", "/api/v1/config?clinic=bloom".to_owned(), json, ""),
        ("GET", of_clinic("availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24"), json, ""),
        ("POST", of_clinic("chat"), json, r#"{"message":"Where are you?"}"#),
        ("POST", "/api/v1/auth/session".to_owned(), json, r#"{"clinic_id":"00000000-0000-4000-a000-000000000001"}"#),
        ("GET", "/ready".to_owned(), json, ""),
        ("GET", "/c/bloom".to_owned(), json, ""),
        ("GET", "/embed/bloom".to_owned(), json, ""),
        ("GET", "/c/bloom/book".to_owned(), json, ""),
        ("POST", "/fn/day_view".to_owned(), form, "day=2026-11-24"),
        ("GET", "/console/today".to_owned(), form, ""),
        ("POST", "/fn/sign_in".to_owned(), form, "email=owner%40bloom.example&password=guess"),
    ];
    thread::scope(|scope| {
        let asking: Vec<_> = asks
            .iter()
            .map(|(method, path, content_type, body)| {
                let headers = [*content_type, ("authorization", authorization.as_str()), ("cookie", cookie)];
                scope.spawn(move || {
                    let began = Instant::now();
                    let answer = http::ask(port, method, path, &headers, body);
                    (format!("{method} {path}"), answer, began.elapsed())
                })
            })
            .collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect()
    })
}

fn wait_until_back(desk: &mut Desk) {
    let until = Instant::now() + Duration::from_secs(60);
    while !desk.get("/ready").is_ok_and(|answer| answer.status == 200) {
        assert!(desk.is_running() && Instant::now() < until, "{}", desk.said());
        sleep(Duration::from_millis(100));
    }
}
