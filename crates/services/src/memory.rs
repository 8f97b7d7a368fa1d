//! What a process remembers of its clinics between requests.
//!
//! Everything here is kept under the version it was read at, and every use
//! begins by asking the database for the version as the transaction sees it.
//! A change makes a new version in the transaction that changes, so what is
//! remembered is never older than what a query would find.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::id::ClinicId;
use moka::sync::Cache;
use uuid::Uuid;

use crate::booking::Channel;
use crate::booking::books::Kept;
use crate::booking::scheduling::Scheduling;
use crate::receptionist::model::ClinicFacts;
use crate::{ClinicTx, Result};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub scheduling: Cache<ClinicId, Arc<Scheduling>>,
    /// By clinic and practitioner or room.
    pub books: Cache<(ClinicId, Uuid), Arc<Kept>>,
    /// What is public, under the settings' version and the clinic's date.
    pub facts: Cache<(ClinicId, Channel), (i64, NaiveDate, Arc<ClinicFacts>)>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { scheduling: Cache::new(1_000), books: Cache::new(20_000), facts: Cache::new(1_000) }
    }
}

/// The versions of everything a clinic's times depend on.
#[derive(Clone, Debug)]
pub(crate) struct Versions {
    pub settings: i64,
    books: HashMap<Uuid, i64>,
}

impl Versions {
    /// As this transaction sees them now.
    pub async fn read(tx: &mut ClinicTx) -> Result<Self> {
        let row = sqlx::query!(
            r#"
            select c.settings_version,
                   array(select resource_id from books order by resource_id) as "resources!",
                   array(select version from books order by resource_id) as "versions!"
            from clinics c
            "#
        )
        .fetch_one(tx.conn())
        .await?;
        Ok(Self { settings: row.settings_version, books: row.resources.into_iter().zip(row.versions).collect() })
    }

    /// The version of one book; a book nobody wrote in yet has none.
    pub fn book(&self, resource: Uuid) -> i64 {
        self.books.get(&resource).copied().unwrap_or_default()
    }
}
