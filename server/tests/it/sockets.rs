//! Socket.IO over its polling transport, beside the plain requests that say the
//! same.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Body;
use domain::id::{ConversationId, EventId};
use http::{Method, Request};
use serde_json::{Value, json};
use services::feed::Topic;
use services::handover;
use services::testing::NOW;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Session, TestServer, ask, generous};

/// A client of Socket.IO: packets in the bodies of requests.
struct Socket<'a> {
    server: &'a TestServer,
    path: String,
    heard: VecDeque<(String, Value)>,
}

impl<'a> Socket<'a> {
    async fn open(server: &'a TestServer) -> Self {
        let path = "/ws/?EIO=4&transport=polling";
        let opened = server.get(path).await;
        let hello: Value = serde_json::from_str(&opened.text[1..]).unwrap_or_else(|_| panic!("{}", opened.text));
        let path = format!("{path}&sid={}", hello["sid"].as_str().unwrap());
        let mut socket = Self { server, path, heard: VecDeque::new() };
        socket.send("40").await;
        socket.next("connected").await;
        socket
    }

    async fn joined(server: &'a TestServer, visitor: &Session<'_>) -> Self {
        let mut socket = Self::open(server).await;
        socket.emit("join", json!({ "token": visitor.token })).await;
        socket.next("joined").await;
        socket
    }

    async fn send(&self, packet: &str) {
        let request = Request::builder()
            .method(Method::POST)
            .uri(&self.path)
            .header("content-type", "text/plain")
            .body(Body::from(packet.to_owned()))
            .unwrap();
        let sent = self.server.send(request).await;
        assert_eq!(sent.status, 200, "{packet}: {}", sent.text);
    }

    async fn emit(&self, event: &str, said: Value) {
        self.send(&format!("42{}", json!([event, said]))).await;
    }

    async fn say(&mut self, text: &str) -> Value {
        self.emit("message", json!({ "text": text, "client_message_id": EventId::new() })).await;
        self.next("response").await
    }

    /// What comes with the next `event`; what comes before it is passed over.
    async fn next(&mut self, event: &str) -> Value {
        let found = timeout(Duration::from_secs(20), async {
            loop {
                match self.heard.pop_front() {
                    Some((name, said)) if name == event => return said,
                    Some(_) => {}
                    None => self.poll().await,
                }
            }
        });
        found.await.unwrap_or_else(|_| panic!("no {event} came"))
    }

    /// Everything that comes within a moment.
    async fn rest(&mut self) -> Vec<(String, Value)> {
        let until = Instant::now() + Duration::from_millis(700);
        while tokio::time::timeout_at(until, self.poll()).await.is_ok() {}
        self.heard.drain(..).collect()
    }

    async fn poll(&mut self) {
        let answer = self.server.send(ask(Method::GET, &self.path)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        for packet in answer.text.split('\u{1e}') {
            if packet == "2" {
                self.send("3").await;
            } else if packet.starts_with("40") {
                self.heard.push_back(("connected".into(), Value::Null));
            } else if let Some(event) = packet.strip_prefix("42") {
                let [event, said]: [Value; 2] = serde_json::from_str(event).unwrap();
                self.heard.push_back((event.as_str().unwrap().to_owned(), said));
            }
        }
    }
}

/// Connections that no other test waits for: sockets that are open when a test
/// ends keep theirs.
async fn apart(pool: &PgPool) -> PgPool {
    PgPoolOptions::new().max_connections(5).connect_with((*pool.connect_options()).clone()).await.unwrap()
}

fn texts(heard: &[(String, Value)], event: &str) -> Vec<String> {
    let of_event = heard.iter().filter(|(name, _)| name == event);
    of_event.map(|(_, said)| said["text"].as_str().unwrap().to_owned()).collect()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_socket_and_plain_requests_say_the_same(pool: PgPool) {
    let server = TestServer::new(apart(&pool).await).await;
    let (plain, other) = (server.session().await, server.session().await);
    let mut socket = Socket::joined(&server, &other).await;
    for text in [
        "What are your opening hours?",
        "Who works there?",
        "My heart is set on a haircut",
        "I want to talk to a person",
        "Hello?",
        "I can't breathe",
        "Are you there?",
    ] {
        let answered = plain.say(text).await;
        assert_eq!(answered.status, 200, "{}", answered.text);
        let told = socket.say(text).await;
        assert_eq!(
            (&told["text"], &told["cards"]),
            (&answered.json["reply"]["text"], &answered.json["reply"]["cards"]),
            "{text}"
        );
        socket.rest().await;
    }
    let told = socket.say("And now?").await;
    assert_eq!(told["text"], handover::notice(domain::language::Language::English));
    let missing = json!({ "text": "" });
    socket.emit("message", missing).await;
    assert_eq!(socket.next("error").await["code"], plain.say("").await.json["code"]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn words_are_streamed_in_order_and_are_the_answer(pool: PgPool) {
    let server = TestServer::new(apart(&pool).await).await;
    let visitor = server.session().await;
    let mut socket = Socket::joined(&server, &visitor).await;
    socket.emit("message", json!({ "text": "Where are you, and what are your opening hours?" })).await;
    let (mut streamed, mut is_typing) = (String::new(), false);
    let answer = loop {
        socket.poll().await;
        let mut answer = None;
        for (event, said) in socket.heard.drain(..) {
            match event.as_str() {
                "typing" => is_typing = said["active"] == true,
                "delta" => {
                    assert!(is_typing, "words come while it is typing");
                    streamed.push_str(said["text"].as_str().unwrap());
                }
                "response" => answer = Some(said),
                _ => {}
            }
        }
        if let Some(answer) = answer {
            break answer;
        }
    };
    assert_eq!(answer["text"].as_str(), Some(streamed.trim()));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn who_comes_back_is_told_the_answers_they_missed(pool: PgPool) {
    let server = TestServer::new(apart(&pool).await).await;
    let visitor = server.session().await;
    let first = visitor.say("Where are you?").await;
    visitor.say("What are your opening hours?").await;
    visitor.say("Who works there?").await;

    let mut socket = Socket::open(&server).await;
    let since = &first.json["message_id"];
    socket.emit("join", json!({ "token": visitor.token, "last_message_id": since })).await;
    let joined = socket.next("joined").await;
    let told = texts(&socket.rest().await, "response");

    let stored = visitor.read(&format!("messages?after={}", since.as_str().unwrap())).await;
    let stored = stored.json["messages"].as_array().unwrap();
    assert_eq!(joined["last_message_id"], stored.last().unwrap()["id"]);
    let answers = stored.iter().filter(|message| message["role"] == "receptionist");
    let answers: Vec<&str> = answers.map(|message| message["text"].as_str().unwrap()).collect();
    assert_eq!((answers.len(), told), (2, answers.iter().map(|&text| text.to_owned()).collect()));
    let mut again = Socket::joined(&server, &visitor).await;
    assert!(texts(&again.rest().await, "response").is_empty(), "whoever knows nothing is told what comes");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_turn_that_broke_off_goes_on_when_its_patient_comes_back(pool: PgPool) {
    let server = TestServer::new(apart(&pool).await).await;
    let visitor = server.session().await;
    let line = services::receptionist::Line {
        clinic: visitor.clinic,
        conversation: visitor.id.parse().unwrap(),
        channel: services::booking::Channel::Web,
    };
    server.services.receptionist.receive(line, "Where are you?", None).await.unwrap();

    let mut socket = Socket::joined(&server, &visitor).await;

    assert!(socket.next("response").await["text"].as_str().unwrap().contains("214 Willow Street"));
}

/// Two servers share their database and nothing else.
#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_happens_at_one_server_is_heard_at_another(pool: PgPool) {
    let here = TestServer::new(apart(&pool).await).await;
    let there = TestServer::beside(apart(&pool).await, generous(), NOW).await;
    let visitor = here.session().await;
    let mut socket = Socket::joined(&there, &visitor).await;
    let said = visitor.say("Where are you?").await;
    let (mut streamed, mut told) = (String::new(), None);
    while told.is_none() {
        socket.poll().await;
        for (event, said) in socket.heard.drain(..) {
            match event.as_str() {
                "delta" => streamed.push_str(said["text"].as_str().unwrap()),
                "response" => told = Some(said),
                _ => {}
            }
        }
    }
    let told = told.unwrap();
    assert_eq!(told["text"], said.json["reply"]["text"]);
    assert_eq!(told["text"].as_str(), Some(streamed.trim()));

    let booked = visitor.book().await;
    let push = socket.next("push").await;
    let stored = visitor.read("push-events").await;
    let events = stored.json["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["id"] == push["id"]), "{push} {booked}");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_was_acknowledged_is_not_told_again(pool: PgPool) {
    let server = TestServer::new(apart(&pool).await).await;
    let (visitor, stranger) = (server.session().await, server.session().await);
    let mut socket = Socket::joined(&server, &visitor).await;
    visitor.book().await;
    let push = socket.next("push").await;
    let id = push["id"].as_str().unwrap();
    let ack = |id: &str, of: &Session<'_>| format!("/api/v1/sessions/{}/push-events/{id}/ack", of.id);
    let stored = async || visitor.read("push-events").await.json["events"].as_array().unwrap().len();
    let before = stored().await;

    stranger.post(&ack(id, &stranger), json!({})).await.assert_problem(404, "not_found");
    stranger.post(&ack(id, &visitor), json!({})).await.assert_problem(404, "not_found");
    assert_eq!(stored().await, before);
    for _ in 0..2 {
        assert_eq!(visitor.post(&ack(id, &visitor), json!({})).await.status, 204);
    }
    assert_eq!(stored().await, before - 1);

    visitor.book().await;
    let mut back = Socket::joined(&server, &visitor).await;
    let told = back.rest().await;
    let told: Vec<&str> =
        told.iter().filter(|(name, _)| name == "push").map(|(_, said)| said["id"].as_str().unwrap()).collect();
    assert!(!told.is_empty() && !told.contains(&id), "{told:?}");
    back.emit("ack", json!({ "id": told[0] })).await;
    back.emit("ack", json!({ "id": EventId::new() })).await;
    assert_eq!(back.next("error").await["code"], "not_found");
    let mut last = Socket::joined(&server, &visitor).await;
    assert!(last.rest().await.iter().all(|(name, said)| name != "push" || said["id"] != told[0]));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn pushes_of_one_kind_come_apart_and_none_is_lost(pool: PgPool) {
    let server = TestServer::new(apart(&pool).await).await;
    let visitor = server.session().await;
    let mut socket = Socket::joined(&server, &visitor).await;
    visitor.book().await;
    let first = socket.next("push").await;
    let began = Instant::now();
    visitor.book().await;
    let mut kinds = vec![];
    loop {
        let push = socket.next("push").await;
        kinds.push(push["kind"].clone());
        if push["kind"] == first["kind"] {
            break;
        }
    }
    assert!(began.elapsed() > Duration::from_secs(3), "it came after {:?}: {kinds:?}", began.elapsed());
    let stored = visitor.read("push-events").await.json["events"].as_array().unwrap().len();
    assert!(stored >= 2, "{stored}");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_token_that_ran_out_opens_nothing_any_more(pool: PgPool) {
    let server = TestServer::new(apart(&pool).await).await;
    let visitor = server.session().await;
    let mut socket = Socket::joined(&server, &visitor).await;
    assert!(socket.say("Where are you?").await["text"].as_str().unwrap().contains("Willow"));
    socket.rest().await;

    server.wait(chrono::Duration::hours(5));
    socket.emit("message", json!({ "text": "And now?" })).await;

    assert_eq!(socket.next("error").await["code"], "unauthenticated");
    assert_eq!(server.count("messages").await, 2);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn nothing_is_left_of_a_socket_that_closed_or_went_elsewhere(pool: PgPool) {
    let server = TestServer::new(apart(&pool).await).await;
    let (first, second) = (server.session().await, server.session().await);
    let listeners = async |of: &Session<'_>, count: usize| {
        let topic = Topic::Conversation(of.id.parse::<ConversationId>().unwrap());
        let until = Instant::now() + Duration::from_secs(10);
        while server.services.feed.listeners(topic) != count {
            assert!(Instant::now() < until, "{} listen and not {count}", server.services.feed.listeners(topic));
            sleep(Duration::from_millis(20)).await;
        }
    };
    let mut socket = Socket::joined(&server, &first).await;
    listeners(&first, 1).await;

    socket.emit("join", json!({ "token": second.token })).await;
    socket.next("joined").await;
    listeners(&first, 0).await;
    listeners(&second, 1).await;
    first.say("Where are you?").await;
    assert!(texts(&socket.rest().await, "response").is_empty());

    socket.send("41").await;
    listeners(&second, 0).await;
}
