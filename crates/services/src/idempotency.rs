//! Answers kept under a caller's own key, so that asking again does nothing
//! twice. A key, the work it stands for and the answer are one transaction.

use chrono::{DateTime, Utc};
use domain::{Rejection, RejectionCode};
use serde_json::Value;

use crate::{ClinicTx, Error, Result};

/// A request under its caller's key.
#[derive(Clone, Debug)]
pub struct Keyed {
    /// Whose key it is: the same word is another key of another caller's.
    pub owner: String,
    pub key: String,
    /// SHA-256 of everything about the request that matters.
    pub fingerprint: Vec<u8>,
}

/// An answer as it was first given.
#[derive(Clone, Debug)]
pub struct Stored {
    pub status: u16,
    pub response: Value,
}

/// The answer this request was given before; none if this is the first time.
/// Of several at once, the others wait here for the first to end.
///
/// # Errors
///
/// Rejected with `idempotency_conflict` if the key stands for another request.
pub async fn begin(tx: &mut ClinicTx, now: DateTime<Utc>, keyed: &Keyed) -> Result<Option<Stored>> {
    let is_first = sqlx::query!(
        "insert into idempotency_keys (owner, key, fingerprint, created_at) values ($1, $2, $3, $4) on conflict do nothing",
        keyed.owner,
        keyed.key,
        keyed.fingerprint,
        now
    )
    .execute(tx.conn())
    .await?;
    if is_first.rows_affected() == 1 {
        return Ok(None);
    }
    let known = sqlx::query!(
        "select fingerprint, status, response from idempotency_keys where owner = $1 and key = $2",
        keyed.owner,
        keyed.key
    )
    .fetch_one(tx.conn())
    .await?;
    if known.fingerprint != keyed.fingerprint {
        return Err(Rejection::new(
            RejectionCode::IdempotencyConflict,
            "This Idempotency-Key was used for a different request.",
        )
        .into());
    }
    let (Some(status), Some(response)) = (known.status, known.response) else {
        return Err(Error::Internal("an idempotency key without its answer"));
    };
    Ok(Some(Stored { status: u16::try_from(status).unwrap_or(200), response }))
}

/// Keeps the answer beside what it says was done.
pub async fn finish(tx: &mut ClinicTx, keyed: &Keyed, answer: &Stored) -> Result<()> {
    sqlx::query!(
        "update idempotency_keys set status = $3, response = $4 where owner = $1 and key = $2",
        keyed.owner,
        keyed.key,
        i16::try_from(answer.status).unwrap_or(200),
        answer.response
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets the key be used again: what it stood for was refused.
pub async fn forget(tx: &mut ClinicTx, keyed: &Keyed) -> Result<()> {
    sqlx::query!("delete from idempotency_keys where owner = $1 and key = $2", keyed.owner, keyed.key)
        .execute(tx.conn())
        .await?;
    Ok(())
}
