//! The real router over a database of the test's own, and who talks to it.

use std::sync::Arc;

use app::caller::PageLimits;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use chrono::Duration;
use domain::id::ClinicId;
use http::{HeaderMap, Method, Request, header};
use leptos::config::LeptosOptions;
use serde_json::{Value, json};
use server::config::Config;
use server::limits::Limits;
use server::state::AppState;
use services::demo::{self, BLOOM};
use services::feed::FeedTasks;
use services::keys::{self, Made, Maker, NewKey};
use services::services::Settings;
use services::testing::{NOW, World};
use services::{Clock, Db, Services, Vault};
use sqlx::PgPool;
use tower::ServiceExt;

/// What the demonstration's owner signs in with.
pub const PASSWORD: &str = "a password for tests";

/// The platform's API key.
pub const ADMIN_KEY: &str = "3f9c1b7a5d2e4860915af3c7b8d6e204";

/// Bloom at the front desk, on Friday 20 November 2026 at 10:00 in New York.
pub struct TestServer {
    pub pool: PgPool,
    pub services: Services,
    router: Router,
    _tasks: FeedTasks,
}

impl TestServer {
    pub async fn new(pool: PgPool) -> Self {
        Self::with(pool, generous()).await
    }

    pub async fn with(pool: PgPool, config: Config) -> Self {
        Self::opened(pool, config, NOW).await
    }

    /// As if it were another day.
    pub async fn at(pool: PgPool, now: &str) -> Self {
        Self::opened(pool, generous(), now).await
    }

    async fn opened(pool: PgPool, config: Config, now: &str) -> Self {
        demo::seed(&Db::over(pool.clone()), now.parse().unwrap(), PASSWORD).await.unwrap();
        Self::beside(pool, config, now).await
    }

    /// Another process on the same database, with a clock of its own.
    pub async fn beside(pool: PgPool, config: Config, now: &str) -> Self {
        let (db, clock) = (Db::over(pool.clone()), Clock::fixed(now.parse().unwrap()));
        let settings = Settings {
            session_secret: None,
            session_lasts: Duration::hours(config.session_token_hours),
            vault: Some(Vault::new(b"a master key of forty characters, for tests", &[])),
            public_url: config.public_url.clone(),
            twilio_base_url: config.twilio_base_url.clone(),
            model: config.model(),
            smtp: config.smtp().unwrap(),
        };
        let (services, tasks) = Services::start(db, clock, settings).await.unwrap();
        let site = concat!(env!("CARGO_MANIFEST_DIR"), "/../public");
        let router = server::router::router(AppState {
            services: services.clone(),
            limits: Arc::new(Limits::new(&config.rates())),
            page_limits: Arc::new(PageLimits::new(config.rate_sign_ins_per_minute, config.rate_messages_per_minute)),
            leptos: LeptosOptions::builder().output_name("frontdesk").site_root(site).build(),
            config: Arc::new(config),
        });
        Self { pool, services, router, _tasks: tasks }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes, text, json }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(ask(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(ask_with(Method::POST, path, body)).await
    }

    /// A new visitor of the demonstration clinic.
    pub async fn session(&self) -> Session<'_> {
        self.session_with(BLOOM).await
    }

    pub async fn session_with(&self, clinic: ClinicId) -> Session<'_> {
        let answer = self.post("/api/v1/auth/session", json!({ "clinic_id": clinic })).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        Session { server: self, clinic, id: answer.text_of("session_id"), token: answer.text_of("token") }
    }

    /// A clinic's own program, with an API key.
    pub fn program(&self, clinic: ClinicId) -> Program<'_> {
        Program { server: self, clinic }
    }

    /// A new API key of a clinic.
    pub async fn make_key(&self, clinic: ClinicId, scopes: &[&str]) -> Made {
        let new = NewKey { name: "Test".into(), scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect() };
        let mut tx = self.services.db.clinic(clinic).await.unwrap();
        let made = keys::create(&mut tx, self.services.clock.now(), Maker::Platform, &new).await.unwrap();
        tx.commit().await.unwrap();
        made
    }

    /// What it is shown as.
    pub async fn key(&self, clinic: ClinicId, scopes: &[&str]) -> String {
        self.make_key(clinic, scopes).await.key
    }

    /// How many rows a table has, of every clinic.
    pub async fn count(&self, table: &'static str) -> i64 {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(count).fetch_one(&self.pool).await.unwrap()
    }

    /// Changes something behind everyone's back.
    pub async fn run(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.pool).await.unwrap();
    }

    /// Closes Bloom on these dates, both included.
    pub async fn close(&self, from: &str, to: &str) {
        sqlx::query(
            "insert into date_exceptions (clinic_id, date_exception_id, on_date)
             select $1, gen_random_uuid(), day from generate_series($2::text::date, $3::text::date, '1 day') day",
        )
        .bind(BLOOM.uuid())
        .bind(from)
        .bind(to)
        .execute(&self.pool)
        .await
        .unwrap();
    }

    /// Makes time pass.
    pub fn wait(&self, by: Duration) {
        self.services.clock.advance(by);
    }
}

/// Someone with a session token.
pub struct Session<'a> {
    server: &'a TestServer,
    pub clinic: ClinicId,
    pub id: String,
    pub token: String,
}

impl Session<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.server.send(signed(ask(Method::GET, &self.path(path)), &self.token)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.server.send(signed(ask_with(Method::POST, &self.path(path), body), &self.token)).await
    }

    /// Posts under an Idempotency-Key.
    pub async fn post_once(&self, path: &str, body: Value, key: &str) -> Answer {
        let request = signed(ask_with(Method::POST, &self.path(path), body), &self.token);
        self.server.send(with(request, "idempotency-key", key)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.server.send(signed(ask(Method::DELETE, &self.path(path)), &self.token)).await
    }

    /// A path as it is, or one of the session's clinic.
    fn path(&self, path: &str) -> String {
        path_in(self.clinic, path)
    }

    /// What is on offer, by the rest of the question.
    pub async fn find(&self, query: &str) -> Vec<Value> {
        let answer = self.get(&format!("availability?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["slots"].as_array().unwrap().clone()
    }

    /// The haircut at this instant.
    pub async fn slot_at(&self, starts_at: &str) -> Value {
        let day = &starts_at[..10];
        let slots = self.find(&format!("appointment_type=haircut&from={day}&to={day}")).await;
        slots.into_iter().find(|slot| slot["starts_at"] == starts_at).expect("a time on offer")
    }

    /// The haircuts on offer next Tuesday.
    pub async fn slots(&self) -> Vec<Value> {
        self.find("appointment_type=haircut&from=2026-11-24&to=2026-11-24").await
    }

    /// The first of them.
    pub async fn free_slot(&self) -> Value {
        self.slots().await.swap_remove(0)
    }

    /// The same time with the same practitioner as `slot`, as offered to this
    /// session.
    pub async fn same_as(&self, slot: &Value) -> Option<Value> {
        let same = |other: &Value| other["label"] == slot["label"];
        self.slots().await.into_iter().find(same)
    }

    pub async fn hold(&self, slot: &Value) -> Answer {
        self.post("holds", json!({ "slot": slot["slot"] })).await
    }

    pub async fn confirm(&self, hold: &Answer, patient: Value) -> Answer {
        self.post("appointments/confirm", json!({ "hold_id": hold.json["hold_id"], "patient": patient })).await
    }

    /// Books the first free time for Ada.
    pub async fn book(&self) -> Value {
        let hold = self.hold(&self.free_slot().await).await;
        let booked = self.confirm(&hold, ada()).await;
        assert_eq!(booked.status, 201, "{}", booked.text);
        booked.json["appointment"].clone()
    }

    pub async fn say(&self, text: &str) -> Answer {
        self.post("chat", json!({ "message": text })).await
    }

    /// The session's own messages or push events.
    pub async fn read(&self, what: &str) -> Answer {
        self.get(&format!("/api/v1/sessions/{}/{what}", self.id)).await
    }
}

/// A clinic's own program, with an API key.
pub struct Program<'a> {
    server: &'a TestServer,
    clinic: ClinicId,
}

impl Program<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.server.send(with(ask(Method::GET, &path_in(self.clinic, path)), "x-admin-key", ADMIN_KEY)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let request = ask_with(Method::POST, &path_in(self.clinic, path), body);
        self.server.send(with(request, "x-admin-key", ADMIN_KEY)).await
    }

    pub async fn post_once(&self, path: &str, body: Value, key: &str) -> Answer {
        let request = with(ask_with(Method::POST, &path_in(self.clinic, path), body), "x-admin-key", ADMIN_KEY);
        self.server.send(with(request, "idempotency-key", key)).await
    }
}

/// A path as it is, or one of a clinic.
fn path_in(clinic: ClinicId, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/api/v1/clinics/{clinic}/{path}") }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub text: String,
    /// Null unless the body is JSON.
    pub json: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text_of(&self, field: &str) -> String {
        self.json[field].as_str().unwrap_or_else(|| panic!("{field} in {}", self.text)).to_owned()
    }

    /// Every refusal of `/api` looks like this (RFC 9457).
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["status"], status);
        assert!(!self.header("x-request-id").is_empty());
        assert_eq!(self.json["request_id"], self.header("x-request-id"));
        for field in ["type", "title", "detail"] {
            assert!(self.json[field].as_str().is_some_and(|text| !text.is_empty()), "{field} in {}", self.text);
        }
        // A series that is taken names its dates.
        if code != "slot_taken" {
            assert_eq!(code == "invalid", self.json["errors"].is_array(), "{}", self.text);
        }
    }

    /// The fields an `invalid` names.
    pub fn wrong_fields(&self) -> Vec<&str> {
        let errors = self.json["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().filter_map(|error| error["field"].as_str()).collect()
    }
}

/// Ada Lovelace, who can be reached both ways.
pub fn ada() -> Value {
    json!({ "name": "Ada Lovelace", "phone": "+1 555 123 4567", "email": "ada@example.com" })
}

/// A server, and a clinic with a practitioner of its own that tests change as
/// they like.
pub async fn with_cedar(pool: PgPool) -> (TestServer, World) {
    let server = TestServer::new(pool.clone()).await;
    let cedar = World::new(pool).await;
    cedar.appointment_type("haircut", 45).await;
    cedar.practitioner().await;
    (server, cedar)
}

/// Limits nobody meets by accident.
pub fn generous() -> Config {
    Config {
        admin_api_key: Some(ADMIN_KEY.into()),
        // Nobody is there.
        twilio_base_url: "http://127.0.0.1:9".into(),
        rate_sessions_per_minute: 100_000,
        rate_sign_ins_per_minute: 100_000,
        rate_messages_per_minute: 100_000,
        rate_requests_per_minute: 100_000,
        rate_key_requests_per_minute: 100_000,
        ..Config::default()
    }
}

pub fn ask(method: Method, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

pub fn ask_with(method: Method, path: &str, body: Value) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_string())).unwrap()
}

/// A form as a browser posts it.
pub fn form(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let request = Request::builder().method(Method::POST).uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(Body::from(fields.join("&"))).unwrap()
}

fn escaped(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A page as a browser asks for it.
pub fn page(path: &str, cookie: &str) -> Request<Body> {
    with(with(ask(Method::GET, path), "accept", "text/html"), "cookie", cookie)
}

/// The request with a session's token.
pub fn signed(request: Request<Body>, token: &str) -> Request<Body> {
    with(request, "authorization", &format!("Bearer {token}"))
}

pub fn with(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}
