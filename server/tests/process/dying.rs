//! A worker that dies with a text in its hands.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::desk::{Desk, of_clinic};
use crate::http;
use crate::running::free_port;
use crate::texting::{ADA, KEY, book, statuses};

/// Twilio that says nothing to the first text, and takes the others.
#[derive(Clone, Default)]
struct Silent(Arc<Mutex<usize>>);

impl Silent {
    /// Its address.
    fn start(&self) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let provider = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let provider = provider.clone();
                thread::spawn(move || provider.answer(stream));
            }
        });
        format!("http://{address}")
    }

    fn asked(&self) -> usize {
        *self.0.lock().unwrap()
    }

    fn answer(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let (mut first, mut length) = (String::new(), 0);
        reader.read_line(&mut first).ok()?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(given) = line.to_lowercase().strip_prefix("content-length:") {
                length = given.trim().parse().ok()?;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        let is_text = first.starts_with("POST");
        let before = self.asked();
        if is_text {
            *self.0.lock().unwrap() += 1;
        }
        if is_text && before == 0 {
            // Until whoever asked is gone.
            let _ = reader.read(&mut [0]);
            return None;
        }
        let body = if is_text {
            json!({ "sid": format!("SM{before:032}"), "status": "queued" })
        } else {
            json!({ "messages": [] })
        };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {} OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            if is_text { 201 } else { 200 },
            body.len()
        );
        reader.into_inner().write_all(format!("{head}{body}").as_bytes()).ok()
    }
}

fn until(what: &str, patience: Duration, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + patience;
    while !so() {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn what_waits_behind_a_text_that_its_worker_died_with_is_sent_by_the_next() {
    let provider = Silent::default();
    let base = provider.start();
    let home = Arc::new(TempDir::with_prefix_in("frontdesk-process-", "/tmp").unwrap());
    let settings = [("TWILIO_BASE_URL", base.as_str()), ("ADMIN_API_KEY", KEY)];
    let mut killed = Desk::start_on(home.clone(), free_port(), &settings);
    let account = json!({ "twilio": { "account_sid": format!("AC{}", "a".repeat(32)), "auth_token": "b".repeat(32),
                                      "phone_number": "+15550109999" } });
    let headers = [("x-admin-key", KEY), ("content-type", "application/json")];
    let path = of_clinic("").trim_end_matches('/').to_owned();
    let set = http::ask(killed.port, "PATCH", &path, &headers, &account.to_string()).unwrap();
    assert_eq!(set.status, 200, "{}", set.body);
    book(&killed);
    until("the first text is on its way", Duration::from_secs(20), || provider.asked() == 1);
    killed.signal(Signal::SIGKILL);
    killed.ended_within(Duration::from_secs(5)).expect("nothing survives SIGKILL");

    // A queue is taken over from a worker that was not heard of for a minute.
    let desk = Desk::start_on(home, free_port(), &settings);
    book(&desk);
    until(&format!("the second text is sent to {ADA}"), Duration::from_secs(150), || provider.asked() == 2);
    until("and noted", Duration::from_secs(20), || statuses(&desk).contains(&"confirmation sent".to_owned()));
    let (all, asked) = (statuses(&desk), provider.asked());
    assert!(all.len() == 2 && asked == 2, "{all:?}");
    let first = &all[0];
    assert!(["confirmation sending", "confirmation unknown"].contains(&first.as_str()), "nobody knows of it: {all:?}");
    drop(desk);
    drop(killed);
}
