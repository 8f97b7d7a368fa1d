//! Everything that can go wrong, in random order, and what must hold anyhow.
//!
//! A schedule books, moves and cancels visits, says STOP and START, and sends
//! what waits while the provider loses requests, takes them and says nothing,
//! fails, refuses and repeats itself, workers die between any two steps and the
//! database drops every connection. When it is over and everybody has had time
//! to recover, the provider's own record is compared with the outbox.
//!
//! `FAULT_SCHEDULES` says how many are run, and `FAULT_FIRST` from which on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::id::AppointmentId;
use futures::StreamExt;
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::RwLock;
use uuid::Uuid;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::support::*;
use crate::messaging::ledger::{self, Stop, Via, Way};
use crate::messaging::sending::heard;
use crate::messaging::twilio::Twilio;
use crate::{Clock, Error, MIGRATOR, Result};

/// Schedules run where nothing else is said.
const SCHEDULES: u64 = 150;

/// How long the provider is waited for here.
const PATIENCE: Duration = Duration::from_millis(150);

/// A sequence that is the same for the same seed (xorshift64*, Vigna 2016).
#[derive(Clone, Debug)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }
}

/// A text that the provider took.
#[derive(Clone, Debug)]
struct Taken {
    sid: String,
    outbox: Uuid,
    body: String,
    at: Instant,
    created: String,
}

/// The provider, and what it has really done.
#[derive(Clone)]
struct Provider(Arc<Mutex<State>>);

struct State {
    dice: Dice,
    clock: Clock,
    taken: Vec<Taken>,
    /// From when on everything works.
    is_well: bool,
}

impl Respond for Provider {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap();
        if request.method.as_str() == "GET" {
            if !state.is_well && state.dice.roll(4) == 0 {
                return ResponseTemplate::new(503);
            }
            let known = state.taken.iter().map(|taken| {
                json!({ "sid": taken.sid, "status": "sent", "body": taken.body, "date_created": taken.created })
            });
            return ResponseTemplate::new(200).set_body_json(json!({ "messages": known.collect::<Vec<_>>() }));
        }
        let form = fields(&request.body);
        let callback = field(&form, "StatusCallback").to_owned();
        let taken = Taken {
            sid: format!("SM{:032x}", state.dice.roll(u64::MAX >> 33) * 1_000_003 + state.taken.len() as u64),
            outbox: callback.rsplit_once('=').unwrap().1.parse().unwrap(),
            body: field(&form, "Body").to_owned(),
            at: Instant::now(),
            created: state.clock.now().to_rfc2822(),
        };
        let accepted = ResponseTemplate::new(201).set_body_json(json!({ "sid": taken.sid, "status": "queued" }));
        let fault = if state.is_well { 0 } else { state.dice.roll(12) };
        if !matches!(fault, 6 | 8 | 9 | 10 | 11) {
            state.taken.push(taken);
        }
        match fault {
            // Takes it, and says so too late or badly.
            4 => accepted.set_delay(PATIENCE * 3),
            5 => ResponseTemplate::new(500),
            7 => ResponseTemplate::new(201).set_body_string("<html>"),
            // Does not take it.
            6 => ResponseTemplate::new(500),
            8 => ResponseTemplate::new(429).set_body_json(json!({ "code": 20429 })),
            9 => ResponseTemplate::new(503).set_delay(PATIENCE * 3),
            10 => ResponseTemplate::new(400).set_body_json(json!({ "code": 21610 })),
            11 => ResponseTemplate::new(400).set_body_json(json!({ "code": 30034 })),
            _ => accepted,
        }
    }
}

/// When a stop held: from when it was committed until a start began.
#[derive(Clone, Copy, Debug)]
struct Silence {
    from: Instant,
    to: Option<Instant>,
}

/// Held while something must not lose its connection: setting up, and looking
/// at the outcome.
static CALM: RwLock<()> = RwLock::const_new(());

struct Schedule {
    desk: Desk,
    dice: Dice,
    provider: Provider,
    visits: Vec<(AppointmentId, &'static str)>,
    silences: Vec<Silence>,
    server: MockServer,
}

const TIMES: [&str; 6] = [
    "2026-11-24T15:00:00Z",
    "2026-11-24T16:00:00Z",
    "2026-11-24T17:00:00Z",
    "2026-11-24T18:00:00Z",
    "2026-11-24T19:00:00Z",
    "2026-11-24T20:00:00Z",
];

/// Does something until the database lets it.
macro_rules! insist {
    ($attempt:expr) => {{
        let mut tries = 0;
        loop {
            match $attempt.await {
                Err(Error::Database(_)) if tries < 50 => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                outcome => break outcome,
            }
        }
    }};
}

impl Schedule {
    async fn new(pool: PgPool, seed: u64) -> Self {
        let server = MockServer::start().await;
        let calm = CALM.read().await;
        let mut desk = desk(pool).await;
        desk.give_account('a', "+15550100000").await;
        drop(calm);
        let dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let state = State { dice: dice.clone(), clock: desk.world.clock.clone(), taken: Vec::new(), is_well: false };
        let provider = Provider(Arc::new(Mutex::new(state)));
        Mock::given(wiremock::matchers::any()).respond_with(provider.clone()).mount(&server).await;
        desk.post.twilio = Twilio::with_patience(&server.uri(), PATIENCE);
        Self { desk, dice, provider, visits: Vec::new(), silences: Vec::new(), server }
    }

    async fn step(&mut self, pool: &PgPool) {
        match self.dice.roll(16) {
            0..=2 => self.book().await,
            3 => self.reschedule().await,
            4 => self.cancel().await,
            5 if self.dice.roll(3) == 0 => self.stop().await,
            5 => self.stop_while_sending().await,
            6 => self.start().await,
            7..=9 => self.send_some().await,
            10 => self.send_and_die().await,
            11..=13 => self.call_back().await,
            14 => self.desk.world.wait(TimeDelta::seconds(40)),
            _ if self.dice.roll(4) == 0 => drop_connections(pool).await,
            _ => self.desk.world.wait(TimeDelta::minutes(4)),
        }
    }

    async fn book(&mut self) {
        let Some(start) = TIMES.iter().find(|start| !self.visits.iter().any(|(_, taken)| taken == *start)) else {
            return;
        };
        let owner = self.desk.world.session();
        let Ok(hold) = insist!(self.desk.world.hold(owner, self.desk.claim(start))) else { return };
        // Confirming again answers the same visit, so insisting is safe.
        if let Ok(booked) = insist!(self.desk.world.confirm(owner, hold)) {
            self.visits.push((booked.appointment.id, start));
        }
    }

    async fn reschedule(&mut self) {
        let Some(start) = TIMES.iter().find(|start| !self.visits.iter().any(|(_, taken)| taken == *start)) else {
            return;
        };
        let Some(number) = self.any_visit() else { return };
        let (id, claim, now) = (self.visits[number].0, self.desk.claim(start), self.desk.world.now());
        let moved = insist!(self.desk.world.db.transaction(self.desk.world.clinic, |tx| {
            Box::pin(async move { crate::booking::changing::reschedule(tx, now, id, &claim, staff()).await.map(drop) })
        }));
        if moved.is_ok() {
            self.visits[number].1 = start;
        }
    }

    async fn cancel(&mut self) {
        let Some(number) = self.any_visit() else { return };
        let (id, now) = (self.visits[number].0, self.desk.world.now());
        let _ = insist!(self.desk.world.db.transaction(self.desk.world.clinic, |tx| {
            Box::pin(async move { crate::booking::changing::cancel(tx, now, id, None, staff()).await.map(drop) })
        }));
    }

    fn any_visit(&mut self) -> Option<usize> {
        let count = self.visits.len() as u64;
        (count > 0).then(|| usize::try_from(self.dice.roll(count)).unwrap())
    }

    async fn stop(&mut self) {
        insist!(self.write(async |tx, now| {
            let stop = Stop { way: Way::Sms, address: ADA, via: Via::Keyword, words: None, member: None };
            ledger::stop(tx, now, &stop).await.map(drop)
        }))
        .unwrap();
        if self.silences.last().is_none_or(|silence| silence.to.is_some()) {
            self.silences.push(Silence { from: Instant::now(), to: None });
        }
    }

    /// A stop that comes at any moment of a worker's work.
    async fn stop_while_sending(&mut self) {
        self.book().await;
        let (post, clinic, messages) = (self.desk.post.clone(), self.desk.world.clinic, self.open().await);
        let after = Duration::from_micros(self.dice.roll(15_000));
        let worker = tokio::spawn(async move {
            for id in messages {
                let _ = post.send(clinic, id).await;
            }
        });
        tokio::time::sleep(after).await;
        self.stop().await;
        let _ = worker.await;
    }

    async fn start(&mut self) {
        // From here on it may be over, whenever the commit is.
        let began = Instant::now();
        insist!(self.write(async |tx, now| { ledger::start(tx, now, Way::Sms, ADA, Via::Keyword).await.map(drop) }))
            .unwrap();
        if let Some(silence) = self.silences.last_mut() {
            silence.to.get_or_insert(began);
        }
    }

    async fn write(
        &self,
        work: impl AsyncFn(&mut crate::ClinicTx, chrono::DateTime<chrono::Utc>) -> Result<()>,
    ) -> Result<()> {
        let mut tx = self.desk.world.db.clinic(self.desk.world.clinic).await?;
        work(&mut tx, self.desk.world.now()).await?;
        tx.commit().await
    }

    async fn open(&self) -> Vec<Uuid> {
        insist!(async {
            let mut tx = self.desk.world.db.clinic(self.desk.world.clinic).await?;
            let open = sqlx::query_scalar(
                "select outbox_id from outbox where channel = 'sms' and status in ('queued', 'sending', 'unknown')",
            );
            Ok(open.fetch_all(tx.conn()).await?)
        })
        .unwrap()
    }

    /// Two workers at the same messages, in different orders; a failed attempt
    /// is tried again as a queue does.
    async fn send_some(&mut self) {
        let (one, mut other) = (self.open().await, self.open().await);
        other.reverse();
        let clinic = self.desk.world.clinic;
        let work = async |messages: Vec<Uuid>| {
            for id in messages {
                let _ = self.desk.post.send(clinic, id).await;
            }
        };
        futures::future::join(work(one), work(other)).await;
    }

    /// A worker that is gone from one moment to the next.
    async fn send_and_die(&mut self) {
        let dies_after = Duration::from_micros(self.dice.roll(12_000));
        let (post, clinic, messages) = (self.desk.post.clone(), self.desk.world.clinic, self.open().await);
        let worker = tokio::spawn(async move {
            for id in messages {
                let _ = post.send(clinic, id).await;
            }
        });
        tokio::time::sleep(dies_after).await;
        worker.abort();
        let _ = worker.await;
    }

    /// The provider tells what became of a text: late, twice, or out of order.
    async fn call_back(&mut self) {
        let taken = self.provider.0.lock().unwrap().taken.clone();
        if taken.is_empty() {
            return;
        }
        let one = &taken[usize::try_from(self.dice.roll(taken.len() as u64)).unwrap()];
        let word = ["queued", "sending", "sent", "delivered", "delivered"][usize::try_from(self.dice.roll(5)).unwrap()];
        for _ in 0..=self.dice.roll(2) {
            let _ = self
                .write(async |tx, now| heard(tx, now, Some(one.outbox), &one.sid, word, None).await.map(drop))
                .await;
        }
    }

    /// Lets everybody recover, and sees what is left.
    async fn settle(&mut self) {
        self.provider.0.lock().unwrap().is_well = true;
        // Nobody hangs any more, and a busy machine is no fault.
        self.desk.post.twilio = Twilio::with_patience(&self.server.uri(), Duration::from_secs(20));
        for _ in 0..14 {
            self.desk.world.wait(TimeDelta::minutes(4));
            self.send_some().await;
            if self.open().await.is_empty() {
                break;
            }
        }
    }

    async fn check(&self, seed: u64) {
        let taken = self.provider.0.lock().unwrap().taken.clone();
        let mut by_row: HashMap<Uuid, usize> = HashMap::new();
        for one in &taken {
            *by_row.entry(one.outbox).or_default() += 1;
            let silenced =
                self.silences.iter().any(|silence| one.at > silence.from && silence.to.is_none_or(|to| one.at < to));
            assert!(!silenced, "schedule {seed}: a text left after a stop: {}", one.body);
        }
        assert!(by_row.values().all(|count| *count == 1), "schedule {seed}: a text left twice: {by_row:?}");
        let rows = self.desk.texts().await;
        let mut confirmed: HashMap<Option<Uuid>, usize> = HashMap::new();
        for row in &rows {
            let left = by_row.contains_key(&row.id);
            assert!(
                ["sent", "delivered", "failed", "suppressed"].contains(&row.status.as_str()),
                "schedule {seed}: lost: {row:?}"
            );
            assert!(row.reason.is_some() || row.status == "sent" || row.status == "delivered", "{row:?}");
            let is_said_to_have = row.status == "sent" || row.status == "delivered";
            assert_eq!(left, is_said_to_have, "schedule {seed}: {row:?}");
            if left && row.kind == "confirmation" {
                *confirmed.entry(row.appointment_id).or_default() += 1;
            }
        }
        assert!(confirmed.values().all(|count| *count == 1), "schedule {seed}: told twice of one visit");
        // Every visit has its row, and what failed is known to staff.
        for (visit, _) in &self.visits {
            assert!(rows.iter().any(|row| row.appointment_id == Some(visit.uuid()) && row.kind == "confirmation"));
        }
        let tasks = self.desk.tasks().await;
        let failed = rows.iter().filter(|row| row.status == "failed" && row.reason.as_deref() != Some("opted_out"));
        assert!(failed.count() == 0 || tasks.iter().any(|(kind, _)| kind == "message_failed"), "{rows:?} {tasks:?}");
    }
}

/// What a restart of the database is to whoever is connected.
async fn drop_connections(pool: &PgPool) {
    let _nobody_minds = CALM.write().await;
    let _ = sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()",
    )
    .execute(pool)
    .await;
}

async fn run(pool: PgPool, seed: u64) -> usize {
    let mut schedule = Schedule::new(pool.clone(), seed).await;
    schedule.book().await;
    for _ in 0..schedule.dice.roll(14) + 6 {
        schedule.step(&pool).await;
    }
    schedule.settle().await;
    let _calm = CALM.read().await;
    schedule.check(seed).await;
    schedule.provider.0.lock().unwrap().taken.len()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whatever_goes_wrong_nothing_is_sent_twice_or_after_a_stop_or_lost(pool: PgPool) {
    let wanted = std::env::var("FAULT_SCHEDULES").ok().and_then(|count| count.parse().ok()).unwrap_or(SCHEDULES);
    let options = pool.connect_options().as_ref().clone();
    let wide = sqlx::postgres::PgPoolOptions::new().max_connections(24).connect_with(options).await.unwrap();
    let first = std::env::var("FAULT_FIRST").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let sent = futures::stream::iter(first..first + wanted).map(|seed| run(wide.clone(), seed)).buffer_unordered(4);
    let left: usize = sent.collect::<Vec<_>>().await.into_iter().sum();
    // Schedules in which nothing ever leaves would prove nothing.
    assert!(left as u64 > wanted, "{left} texts in {wanted} schedules");
    println!("{wanted} schedules, {left} texts left");
}
