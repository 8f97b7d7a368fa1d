//! The book as the superuser reads and writes it: plain SQL, none of our code.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::runtime::{Builder, Runtime};

/// One connection, which no policy confines.
pub struct Book {
    runtime: Runtime,
    connection: PgConnection,
}

impl Book {
    /// None if PostgreSQL does not answer.
    pub fn try_open(superuser: &PgConnectOptions) -> Option<Self> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(PgConnection::connect_with(superuser)).ok()?;
        Some(Self { runtime, connection })
    }

    pub fn run(&mut self, sql: &'static str) {
        self.runtime.block_on(sqlx::raw_sql(sql).execute(&mut self.connection)).unwrap();
    }

    /// The one value that `sql` selects.
    pub fn value(&mut self, sql: &'static str) -> String {
        self.runtime.block_on(sqlx::query_scalar(sql).fetch_one(&mut self.connection)).unwrap()
    }

    /// The lines that `sql` selects, with `json` as its parameter.
    pub fn lines(&mut self, sql: &'static str, json: &serde_json::Value) -> Vec<String> {
        let lines = sqlx::query_scalar(sql).bind(json).fetch_all(&mut self.connection);
        self.runtime.block_on(lines).unwrap()
    }
}
