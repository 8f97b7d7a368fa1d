//! What somebody may have to answer for later.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{ClinicTx, Result};

/// An entry, as it was written.
#[derive(Debug)]
pub enum AuditEntry {}

/// Writes an entry. Nothing changes one afterwards.
pub async fn record(tx: &mut ClinicTx, now: DateTime<Utc>, kind: &str, detail: &Value) -> Result<()> {
    sqlx::query!(
        "insert into audit_entries (audit_entry_id, kind, detail, created_at) values ($1, $2, $3, $4)",
        domain::Id::<AuditEntry>::new().uuid(),
        kind,
        detail,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
