//! A server that dies in the middle of a turn.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::desk::{Desk, of_clinic};
use crate::http;
use crate::running::free_port;

/// A language model that books a haircut for whoever asks, and then hangs until
/// it is told to go on.
#[derive(Clone, Default)]
struct Model {
    is_let_go: Arc<AtomicBool>,
    hung: Arc<AtomicUsize>,
}

impl Model {
    /// Its address.
    fn start(&self) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let model = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let model = model.clone();
                thread::spawn(move || model.answer(stream));
            }
        });
        format!("http://{address}/v1")
    }

    fn answer(&self, mut stream: TcpStream) {
        let Some(request) = read(&mut stream) else { return };
        let messages = request["messages"].as_array().cloned().unwrap_or_default();
        let results: Vec<Value> = messages
            .iter()
            .filter(|message| message["role"] == "tool")
            .map(|message| {
                serde_json::from_str::<Value>(message["content"].as_str().unwrap()).unwrap()["result"].take()
            })
            .collect();
        let delta = match &results[..] {
            [] => call(
                "check_availability",
                json!({ "appointment_type": "haircut", "from": "2026-11-24", "to": "2026-11-24", "limit": 1 }),
            ),
            [found] => call("hold_slot", json!({ "slot": found["slots"][0]["slot"] })),
            [_, held] => call(
                "confirm_booking",
                json!({ "hold_id": held["hold_id"], "name": "Ada Lovelace", "email": "ada@example.com" }),
            ),
            [.., booked] => {
                if !self.is_let_go.load(Ordering::SeqCst) {
                    self.hung.fetch_add(1, Ordering::SeqCst);
                    // Until whoever asked is gone.
                    let _ = stream.read(&mut [0]);
                    return;
                }
                let (when, code) = (booked["label"].as_str().unwrap(), booked["confirmation_code"].as_str().unwrap());
                json!({ "content": format!("You are booked for {when}. Your confirmation code is {code}.") })
            }
        };
        let chunk = |delta: Value, reason: Value| {
            let choice = json!({ "index": 0, "delta": delta, "finish_reason": reason });
            let chunk = json!({ "id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice] });
            format!("data: {chunk}\n\n")
        };
        let body = format!("{}{}data: [DONE]\n\n", chunk(delta, Value::Null), chunk(json!({}), json!("stop")));
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    }
}

fn call(name: &str, arguments: Value) -> Value {
    let function = json!({ "name": name, "arguments": arguments.to_string() });
    json!({ "tool_calls": [{ "index": 0, "id": "call", "type": "function", "function": function }] })
}

/// The body of a request.
fn read(stream: &mut TcpStream) -> Option<Value> {
    let (mut request, mut buffer) = (Vec::new(), [0; 65_536]);
    loop {
        let length = stream.read(&mut buffer).ok().filter(|length| *length > 0)?;
        request.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&request);
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && let Ok(body) = serde_json::from_str(body)
        {
            return Some(body);
        }
    }
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < patience, "{what} did not come");
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_turn_that_a_crash_broke_off_ends_once() {
    let model = Model::default();
    let address = model.start();
    let settings = [("OPENAI_API_KEY", "a key for tests"), ("OPENAI_BASE_URL", address.as_str())];
    let home = Arc::new(TempDir::with_prefix_in("frontdesk-process-", "/tmp").unwrap());
    let port = free_port();
    let mut desk = Desk::start_on(home.clone(), port, &settings);
    let session = desk.post("/api/v1/auth/session", "", json!({ "clinic_id": crate::desk::BLOOM })).unwrap().json();
    let (token, id) = (session["token"].as_str().unwrap(), session["session_id"].as_str().unwrap());
    let authorization = format!("Bearer {token}");
    let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
    let question = json!({ "message": "The first haircut on Tuesday, please", "client_message_id": "once" });
    let waiting = http::open(port, "POST", &of_clinic("chat"), &headers, &question.to_string()).unwrap();
    wait_for("the end of the booking", || (model.hung.load(Ordering::SeqCst) > 0).then_some(()));

    desk.signal(Signal::SIGKILL);
    desk.ended_within(Duration::from_secs(10)).expect("it is gone");
    drop(waiting);
    model.is_let_go.store(true, Ordering::SeqCst);
    let desk_again = Desk::start_on(home, port, &settings);

    // Nobody asks for it: no page is open, and nothing is sent again.
    let answers = || {
        let path = format!("/api/v1/sessions/{id}/messages");
        let thread = http::ask(port, "GET", &path, &headers, "").unwrap().json();
        let said = thread["messages"].as_array().cloned().unwrap_or_default();
        said.into_iter().filter(|message| message["role"] == "receptionist").collect::<Vec<_>>()
    };
    let first = wait_for("the answer", || answers().first().cloned());
    assert!(first["text"].as_str().unwrap().starts_with("You are booked for"), "{first}\n{}", desk_again.said());
    assert_eq!(first["cards"][0]["kind"], "confirmation", "{first}");
    let again = desk_again.post(&of_clinic("chat"), token, question).unwrap();
    assert_eq!(again.json()["message_id"], first["id"], "{again:?}");
    sleep(Duration::from_secs(3));
    assert_eq!(answers().len(), 1, "{:?}", answers());
    let day = desk_again.day(&desk_again.sign_in());
    assert_eq!(day.body.matches("Ada Lovelace").count(), 1, "{}", day.body);
    drop(desk);
}
