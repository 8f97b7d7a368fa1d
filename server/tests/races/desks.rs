//! Two servers on one PostgreSQL, and the clinic they work for.

use std::sync::Arc;

use crate::book::Book;
use crate::caller::{Caller, Place};
use crate::checker;
use crate::ledger::Ledger;
use crate::postgres::Postgres;
use crate::running::{Running, free_port, frontdesk};

pub const CLINIC: &str = "10000000-0000-4000-8000-000000000001";
pub const PRACTITIONERS: [&str; 4] = [
    "10000000-0000-4000-8000-000000000001",
    "10000000-0000-4000-8000-000000000002",
    "10000000-0000-4000-8000-000000000003",
    "10000000-0000-4000-8000-000000000004",
];
const ADMIN_KEY: &str = "5b0d9e3a7c1f482695ab6e0d3c8f7214";
const SESSION_SECRET: &str = "3f9c1b7a5d2e4860915af3c7b8d6e204";

/// What has to end first comes first.
pub struct Desks {
    servers: [Running; 2],
    pub postgres: Postgres,
    ledger: Arc<Ledger>,
}

impl Desks {
    /// Opens a clinic whose particulars are `set_up` with SQL.
    pub fn open(set_up: &'static str) -> Self {
        let postgres = Postgres::start();
        let migrated = frontdesk(postgres.home(), 0)
            .arg("migrate")
            .env("DATABASE_URL", postgres.url("postgres"))
            .env("SESSION_TOKEN_SECRET", SESSION_SECRET)
            .output()
            .unwrap();
        assert!(migrated.status.success(), "{migrated:?}");
        let mut book = Book::try_open(&postgres.superuser()).unwrap();
        book.run(include_str!("clinic.sql"));
        book.run(set_up);
        Self { servers: [server(&postgres), server(&postgres)], postgres, ledger: Arc::default() }
    }

    pub fn book(&self) -> Book {
        Book::try_open(&self.postgres.superuser()).unwrap()
    }

    /// Chat sessions of as many patients, half of them at each server, who
    /// have been shown the times for `kinds` in the next `days`.
    pub fn patients(&self, count: usize, kinds: &[&str], days: u32) -> Vec<Caller> {
        let [from, to] = self.dates(days);
        let patient = |n| {
            let mut patient = Caller::patient(self.ports(), n, self.ledger.clone());
            for kind in kinds {
                patient.ask_for_times(kind, &from, &to);
            }
            patient
        };
        (0..count).map(patient).collect()
    }

    /// The clinic's own software, with a key.
    pub fn staff(&self) -> Caller {
        Caller::staff(self.ports(), ADMIN_KEY, self.ledger.clone())
    }

    /// Everything that is wrong with the book, or with what was told about it.
    pub fn violations(&self) -> Vec<String> {
        self.violations_in(&mut self.book())
    }

    /// The same, as a transaction sees it.
    pub fn violations_in(&self, book: &mut Book) -> Vec<String> {
        checker::violations(book, &self.ledger)
    }

    /// Ends a race: both servers have survived it, the book is right, and
    /// nobody had to be broken off because they waited in a circle.
    pub fn close(mut self) {
        for server in &mut self.servers {
            assert!(server.is_running(), "{}", server.said());
        }
        let violations = self.violations();
        assert!(violations.is_empty(), "{violations:#?}");
        let log = self.postgres.log();
        let mut lines = log.lines().skip_while(|line| !line.contains("deadlock detected")).take(10).peekable();
        assert!(lines.peek().is_none(), "{:#?}", lines.collect::<Vec<_>>());
    }

    fn ports(&self) -> [u16; 2] {
        [self.servers[0].port, self.servers[1].port]
    }

    /// The first date after tomorrow and the last of `days`.
    fn dates(&self, days: u32) -> [String; 2] {
        let first = self.book().value("select ((now() at time zone 'utc')::date + 2)::text");
        let first: chrono::NaiveDate = first.parse().unwrap();
        [first, first + chrono::Days::new(u64::from(days) - 1)].map(|date| date.to_string())
    }
}

/// The places to race for, as `caller` was shown them: one `kind` of visit,
/// with each practitioner in turn.
pub fn places(caller: &Caller, kind: &str) -> Vec<Place> {
    let mut places = caller.shown(kind);
    places.sort_by_key(|place| (place.starts_at, place.practitioner));
    places
}

fn server(postgres: &Postgres) -> Running {
    let port = free_port();
    let mut command = frontdesk(postgres.home(), port);
    command
        .arg("serve")
        .env("DATABASE_URL", postgres.url("frontdesk_app"))
        .env("SESSION_TOKEN_SECRET", SESSION_SECRET)
        .env("ADMIN_API_KEY", ADMIN_KEY)
        .env("RATE_SESSIONS_PER_MINUTE", "100000")
        .env("RATE_KEY_REQUESTS_PER_MINUTE", "100000");
    Running::start(command, port)
}
