//! Console sessions in PostgreSQL, seen by every process at once.

use std::collections::HashMap;

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use services::db::directory;
use services::{Clock, Db};
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// The cookie by which a signed-in member's browser is known.
pub const COOKIE: &str = "frontdesk";

/// Keeps sessions in the `sessions` table.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    db: Db,
    clock: Clock,
}

impl PostgresStore {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }
}

#[async_trait]
impl SessionStore for PostgresStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let expires_at = expiry(record)?;
            let data = encode(record)?;
            if directory::create_session(&self.db, &key(&record.id), &data, expires_at).await.map_err(backend)? {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = encode(record)?;
        directory::save_session(&self.db, &key(&record.id), &data, expiry(record)?).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let data = directory::load_session(&self.db, &key(id), self.clock.now()).await.map_err(backend)?;
        data.map(|data| decode(*id, &data)).transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        directory::delete_session(&self.db, &key(id)).await.map_err(backend)
    }
}

/// A session is stored under the hash of its id, so that whoever reads the
/// table cannot become anyone in it.
fn key(id: &Id) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, id.to_string().as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

/// What is stored of a session: all but its id, which would undo the hash.
#[derive(Serialize, Deserialize)]
struct Stored {
    data: HashMap<String, Value>,
    expires_at: i64,
}

fn encode(record: &Record) -> Result<Vec<u8>> {
    let stored = Stored { data: record.data.clone(), expires_at: record.expiry_date.unix_timestamp() };
    serde_json::to_vec(&stored).map_err(|error| Error::Encode(error.to_string()))
}

fn decode(id: Id, data: &[u8]) -> Result<Record> {
    let stored: Stored = serde_json::from_slice(data).map_err(|error| Error::Decode(error.to_string()))?;
    let expiry_date =
        OffsetDateTime::from_unix_timestamp(stored.expires_at).map_err(|error| Error::Decode(error.to_string()))?;
    Ok(Record { id, data: stored.data, expiry_date })
}

fn expiry(record: &Record) -> Result<chrono::DateTime<chrono::Utc>> {
    chrono::DateTime::from_timestamp(record.expiry_date.unix_timestamp(), 0)
        .ok_or_else(|| Error::Encode("an expiry beyond all dates".into()))
}

fn backend(error: services::Error) -> Error {
    Error::Backend(error.to_string())
}
