//! Everything that can go wrong, in random order, and what must hold anyhow.
//!
//! A schedule books, moves and cancels visits, writes reminders, says STOP and
//! START for texts and for e-mail, and sends what waits while Twilio and the
//! mail server lose messages, take them and say nothing, fail, refuse, repeat
//! themselves and tell later that a text did not arrive, workers die between
//! any two steps and the database drops every connection. When it is over and
//! everybody has had time to recover, what both really have is compared with
//! the outbox, and what did not arrive with the tasks of staff.
//!
//! `FAULT_SCHEDULES` says how many are run, and `FAULT_FIRST` from which on.

mod mailing;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::id::AppointmentId;
use domain::sms::status::{Suppress, fault};
use futures::StreamExt;
use serde_json::json;
use sqlx::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::RwLock;
use uuid::Uuid;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use self::mailing::MailServer;
use super::support::*;
use crate::messaging::ledger::{self, Stop, Via, Way};
use crate::messaging::listing::Listed;
use crate::messaging::reminding::remind;
use crate::messaging::sending::heard;
use crate::messaging::smtp::Smtp;
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
    /// What became of it and why, once the provider has said so.
    fate: Option<(&'static str, Option<u32>)>,
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
        if request.url.path() == "/" {
            return ResponseTemplate::new(200);
        }
        if request.method.as_str() == "GET" {
            if !state.is_well && state.dice.roll(4) == 0 {
                return ResponseTemplate::new(503);
            }
            let known = state.taken.iter().map(|taken| {
                let status = taken.fate.map_or("sent", |(word, _)| word);
                json!({ "sid": taken.sid, "status": status, "body": taken.body, "date_created": taken.created })
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
            fate: None,
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
    way: Way,
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
    mail: MailServer,
}

const ADAS_MAIL: &str = "ada@example.com";

/// Minutes before a visit at which its reminders are due: some minutes after
/// the schedule begins.
const LADDER: &str = "{5755,5810,5865,5920,5975}";

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
        let dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mail = MailServer::start(dice.clone()).await;
        desk.give_account('a', "+15550100000").await;
        desk.mail_by(&mail.account()).await;
        let mut tx = desk.world.tx().await;
        sqlx::query(
            "insert into messaging_settings (quiet_from, quiet_until, most_a_day, most_a_week, reminder_minutes)
             values (0, 0, 10, 30, $1::text::integer[])",
        )
        .bind(LADDER)
        .execute(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        drop(calm);
        let state = State { dice: dice.clone(), clock: desk.world.clock.clone(), taken: Vec::new(), is_well: false };
        let provider = Provider(Arc::new(Mutex::new(state)));
        Mock::given(wiremock::matchers::any()).respond_with(provider.clone()).mount(&server).await;
        desk.post.twilio = Twilio::with_patience(&server.uri(), PATIENCE);
        desk.post.smtp = Smtp::with_patience("desk.example.com", PATIENCE);
        Self { desk, dice, provider, visits: Vec::new(), silences: Vec::new(), server, mail }
    }

    async fn step(&mut self, pool: &PgPool) {
        match self.dice.roll(18) {
            0..=2 => self.book().await,
            3 => self.reschedule().await,
            4 => self.cancel().await,
            5 if self.dice.roll(3) == 0 => {
                let way = self.any_way();
                self.stop(way).await;
            }
            5 => self.stop_while_sending().await,
            6 => self.start().await,
            7..=9 => self.send_some().await,
            10 => self.send_and_die().await,
            11..=13 => self.call_back().await,
            14 => self.wait(TimeDelta::seconds(40)).await,
            15 | 16 => self.remind().await,
            _ if self.dice.roll(4) == 0 => drop_connections(pool).await,
            _ => self.wait(TimeDelta::minutes(4)).await,
        }
    }

    /// Some time passes. What left before has arrived by then, also what a
    /// worker sent that died: the provider, who does one thing after another,
    /// answers twice before the clock moves. Otherwise a text could arrive
    /// there minutes after it left, when it was looked for and not found.
    async fn wait(&self, time: TimeDelta) {
        for _ in 0..2 {
            let mut provider = TcpStream::connect(self.server.address()).await.unwrap();
            provider.write_all(b"GET / HTTP/1.1\r\nhost: provider\r\nconnection: close\r\n\r\n").await.unwrap();
            provider.read_to_end(&mut Vec::new()).await.unwrap();
        }
        self.desk.world.wait(time);
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

    /// Texts more often than e-mail.
    fn any_way(&mut self) -> Way {
        if self.dice.roll(3) == 0 { Way::Email } else { Way::Sms }
    }

    async fn stop(&mut self, way: Way) {
        insist!(self.write(async |tx, now| {
            let stop = Stop { way, address: address(way), via: Via::Keyword, words: None, member: None };
            ledger::stop(tx, now, &stop).await.map(drop)
        }))
        .unwrap();
        if !self.silences.iter().any(|silence| silence.way == way && silence.to.is_none()) {
            self.silences.push(Silence { way, from: Instant::now(), to: None });
        }
    }

    async fn remind(&mut self) {
        self.wait(TimeDelta::minutes(3)).await;
        insist!(self.write(async |tx, now| remind(tx, now, 100).await.map(drop))).unwrap();
    }

    /// A stop that comes at any moment of a worker's work.
    async fn stop_while_sending(&mut self) {
        self.book().await;
        let (post, clinic, messages) = (self.desk.post.clone(), self.desk.world.clinic, self.open().await);
        let way = self.any_way();
        let after = Duration::from_micros(self.dice.roll(15_000));
        let worker = tokio::spawn(async move {
            for id in messages {
                let _ = post.send(clinic, id).await;
            }
        });
        tokio::time::sleep(after).await;
        self.stop(way).await;
        let _ = worker.await;
    }

    async fn start(&mut self) {
        // From here on it may be over, whenever the commit is.
        let (way, began) = (self.any_way(), Instant::now());
        insist!(
            self.write(async |tx, now| { ledger::start(tx, now, way, address(way), Via::Keyword).await.map(drop) })
        )
        .unwrap();
        for silence in self.silences.iter_mut().filter(|silence| silence.way == way) {
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
            let open =
                sqlx::query_scalar("select outbox_id from outbox where status in ('queued', 'sending', 'unknown')");
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
        let count = self.provider.0.lock().unwrap().taken.len() as u64;
        if count == 0 {
            return;
        }
        let number = usize::try_from(self.dice.roll(count)).unwrap();
        let (word, code) = match self.dice.roll(8) {
            0..=2 => (["queued", "sending", "sent"][usize::try_from(self.dice.roll(3)).unwrap()], None),
            3 => self.fate(number, ("undelivered", Some(30003))),
            4 if self.dice.roll(4) == 0 => self.fate(number, ("undelivered", Some(30006))),
            4 => self.fate(number, ("failed", Some(30008))),
            _ => self.fate(number, ("delivered", None)),
        };
        let one = self.provider.0.lock().unwrap().taken[number].clone();
        for _ in 0..=self.dice.roll(2) {
            let _ = self
                .write(async |tx, now| heard(tx, now, Some(one.outbox), &one.sid, word, code).await.map(drop))
                .await;
        }
    }

    /// What became of a text: once it has ended, always the same.
    fn fate(&self, number: usize, fate: (&'static str, Option<u32>)) -> (&'static str, Option<u32>) {
        *self.provider.0.lock().unwrap().taken[number].fate.get_or_insert(fate)
    }

    /// Lets everybody recover, and sees what is left.
    async fn settle(&mut self) {
        self.provider.0.lock().unwrap().is_well = true;
        self.mail.state.lock().unwrap().is_well = true;
        // Nobody hangs any more, and a busy machine is no fault.
        self.desk.post.twilio = Twilio::with_patience(&self.server.uri(), Duration::from_secs(20));
        self.desk.post.smtp = Smtp::with_patience("desk.example.com", Duration::from_secs(20));
        for round in 0..16 {
            // A phone that was off is tried again after two hours.
            self.wait(if round == 2 { TimeDelta::hours(3) } else { TimeDelta::minutes(4) }).await;
            self.send_some().await;
            if self.open().await.is_empty() {
                break;
            }
        }
    }

    async fn check(&self, seed: u64) {
        let rows = self.desk.outbox().await;
        let texts = self.provider.0.lock().unwrap().taken.clone();
        let mails = self.mail.state.lock().unwrap().taken.clone();
        let texts = texts.iter().map(|text| (Way::Sms, text.outbox, text.at));
        let left: Vec<_> = texts.chain(mails.iter().map(|mail| (Way::Email, mail.outbox, mail.at))).collect();
        let mut by_row: HashMap<Uuid, usize> = HashMap::new();
        for (way, outbox, at) in left {
            *by_row.entry(outbox).or_default() += 1;
            let silenced = self
                .silences
                .iter()
                .any(|silence| silence.way == way && at > silence.from && silence.to.is_none_or(|to| at < to));
            assert!(!silenced, "schedule {seed}: a message left after a stop: {outbox}");
        }
        let twice: Vec<&Listed> =
            rows.iter().filter(|row| by_row.get(&row.id).is_some_and(|count| *count > 1)).collect();
        assert!(
            twice.is_empty(),
            "schedule {seed}: left twice: {twice:#?} of {:#?}",
            self.provider.0.lock().unwrap().taken
        );
        for row in &rows {
            check_fate(seed, row, by_row.contains_key(&row.id));
        }
        self.check_told_once(seed, &rows, &by_row);
        self.check_failures_are_seen(seed, &rows).await;
    }

    /// No visit is confirmed twice the same way, and none was forgotten. What
    /// did not arrive may have been sent once more.
    fn check_told_once(&self, seed: u64, rows: &[Listed], by_row: &HashMap<Uuid, usize>) {
        let mut told: HashMap<(Option<Uuid>, &str), (usize, usize)> = HashMap::new();
        for row in rows.iter().filter(|row| row.kind == "confirmation" && by_row.contains_key(&row.id)) {
            let (all, standing) = told.entry((row.appointment_id, &row.channel)).or_default();
            *all += 1;
            *standing += usize::from(["sent", "delivered"].contains(&row.status.as_str()));
        }
        let is_once = told.values().all(|(all, standing)| *standing <= 1 && *all <= 2);
        assert!(is_once, "schedule {seed}: told twice of one visit: {told:?}");
        for (visit, _) in &self.visits {
            for channel in ["sms", "email"] {
                let confirms = |row: &&Listed| row.appointment_id == Some(visit.uuid()) && row.channel == channel;
                assert!(rows.iter().filter(confirms).any(|row| row.kind == "confirmation"), "schedule {seed}: {visit}");
            }
        }
    }

    /// Of every message that failed there is a task about its visit, unless it
    /// was sent again or the patient wanted none.
    async fn check_failures_are_seen(&self, seed: u64, rows: &[Listed]) {
        let mut tx = self.desk.world.tx().await;
        let keys: Vec<(Uuid, String)> =
            sqlx::query_as("select outbox_id, key from outbox").fetch_all(tx.conn()).await.unwrap();
        let open = crate::tasks::list(&mut tx, None, 1000).await.unwrap();
        let about: HashSet<Option<Uuid>> = open
            .iter()
            .filter(|task| task.kind == "message_failed")
            .map(|task| task.appointment_id.map(AppointmentId::uuid))
            .collect();
        let was_sent_again = |row: &Listed| {
            let own = keys.iter().find(|(id, _)| *id == row.id).map(|(_, key)| format!("{key}:again"));
            keys.iter().any(|(_, key)| Some(key) == own.as_ref())
        };
        let failed = rows.iter().filter(|row| ["failed", "undelivered"].contains(&row.status.as_str()));
        for row in failed.filter(|row| row.reason.as_deref() != Some("opted_out") && !was_sent_again(row)) {
            let code = row.error_code.and_then(|code| u32::try_from(code).ok()).unwrap_or_default();
            let cause = fault(code);
            let is_told_otherwise =
                row.reason.as_deref() == Some("not_delivered") && !cause.needs_staff && cause.suppress != Suppress::No;
            let is_seen = is_told_otherwise || about.contains(&row.appointment_id);
            assert!(is_seen, "schedule {seed}: nobody sees {row:?} in {about:?}");
        }
    }
}

/// What the outbox says of a message must be so: `left` is what whoever was to
/// take it knows.
fn check_fate(seed: u64, row: &Listed, left: bool) {
    let reason = row.reason.as_deref();
    let should_have_left = match (row.status.as_str(), reason) {
        ("sent" | "delivered" | "undelivered", _) | ("failed", Some("not_delivered")) => true,
        // We say that we do not know.
        ("failed", Some("unanswered")) if row.channel == "email" => return,
        ("failed" | "suppressed", Some(_)) => false,
        _ => panic!("schedule {seed}: lost: {row:?}"),
    };
    assert_eq!(left, should_have_left, "schedule {seed}: {row:?}");
}

fn address(way: Way) -> &'static str {
    if way == Way::Email { ADAS_MAIL } else { ADA }
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

/// Runs a schedule; how many texts and e-mails left.
async fn run(pool: PgPool, seed: u64) -> (usize, usize) {
    let mut schedule = Schedule::new(pool.clone(), seed).await;
    schedule.book().await;
    for _ in 0..schedule.dice.roll(14) + 6 {
        schedule.step(&pool).await;
    }
    schedule.settle().await;
    let _calm = CALM.read().await;
    schedule.check(seed).await;
    let texts = schedule.provider.0.lock().unwrap().taken.len();
    let mails = schedule.mail.state.lock().unwrap().taken.len();
    (texts, mails)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whatever_goes_wrong_nothing_is_sent_twice_or_after_a_stop_or_lost(pool: PgPool) {
    let wanted = std::env::var("FAULT_SCHEDULES").ok().and_then(|count| count.parse().ok()).unwrap_or(SCHEDULES);
    let options = pool.connect_options().as_ref().clone();
    let wide = sqlx::postgres::PgPoolOptions::new().max_connections(24).connect_with(options).await.unwrap();
    let first = std::env::var("FAULT_FIRST").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let sent = futures::stream::iter(first..first + wanted).map(|seed| run(wide.clone(), seed)).buffer_unordered(4);
    let left = sent.collect::<Vec<_>>().await;
    let (texts, mails) = left.into_iter().fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    // Schedules in which nothing ever leaves would prove nothing.
    assert!(texts as u64 > wanted && mails as u64 > wanted, "{texts} texts and {mails} e-mails in {wanted} schedules");
    println!("{wanted} schedules, {texts} texts and {mails} e-mails left");
}
