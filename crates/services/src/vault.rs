//! Secrets of clinics, sealed.
//!
//! Each clinic has a data key of its own, wrapped by the server's master key.
//! What is sealed names its clinic and purpose in the authenticated data, so a
//! row copied to another clinic or another provider does not open. Changing the
//! master key wraps the data keys anew and leaves what they sealed alone.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{digest, hkdf};
use chrono::{DateTime, Utc};
use domain::id::ClinicId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::directory;
use crate::secrets::random;
use crate::{ClinicTx, Db, Error, Result};

/// The server's master keys. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Masters>);

struct Masters {
    current: Master,
    /// Still opened with, never sealed with.
    previous: Vec<Master>,
}

struct Master {
    id: String,
    key: [u8; KEY],
}

const KEY: usize = 32;
const NONCE: usize = 12;

impl Vault {
    /// A vault whose data keys are wrapped with `current`, and opened with any
    /// of `previous` too. The secrets are of any length from 32 bytes on.
    pub fn new(current: &[u8], previous: &[&[u8]]) -> Self {
        let previous = previous.iter().map(|secret| Master::of(secret)).collect();
        Self(Arc::new(Masters { current: Master::of(current), previous }))
    }

    /// Seals `value` for `provider`, in place of what was sealed before.
    ///
    /// # Errors
    ///
    /// When the clinic's data key was wrapped by a master key this vault does
    /// not have, or the database does not answer.
    pub async fn put<T: Serialize + Sync>(
        &self,
        tx: &mut ClinicTx,
        now: DateTime<Utc>,
        provider: &str,
        value: &T,
        hint: &str,
    ) -> Result<()> {
        let key = self.data_key(tx, now).await?;
        let text = serde_json::to_vec(value).map_err(|_| Error::Internal("a credential did not serialise"))?;
        let sealed = seal(&key, purpose(tx.clinic(), provider).as_bytes(), text)?;
        sqlx::query!(
            "insert into credentials (provider, sealed, hint, updated_at)
             values ($1, $2, $3, $4)
             on conflict (clinic_id, provider)
                 do update set sealed = excluded.sealed, hint = excluded.hint, second_hint = null,
                               updated_at = excluded.updated_at",
            provider,
            sealed,
            last_four(hint),
            now
        )
        .execute(tx.conn())
        .await?;
        Ok(())
    }

    /// What was sealed for `provider`.
    ///
    /// # Errors
    ///
    /// When it does not open: it was changed, moved here from elsewhere, or
    /// sealed under a master key this vault does not have.
    pub async fn get<T: DeserializeOwned>(&self, tx: &mut ClinicTx, provider: &str) -> Result<Option<T>> {
        let sealed = sqlx::query_scalar!("select sealed from credentials where provider = $1", provider)
            .fetch_optional(tx.conn())
            .await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let key = self.existing_key(tx).await?.ok_or(Error::Internal("a credential without its clinic's key"))?;
        let text = open(&key, purpose(tx.clinic(), provider).as_bytes(), sealed)?;
        serde_json::from_slice(&text).map(Some).map_err(|_| Error::Internal("a credential this version cannot read"))
    }

    /// Wraps every clinic's data key with the current master key. Returns how
    /// many were wrapped by another. Servers may go on while it runs, as long
    /// as they have both keys.
    ///
    /// # Errors
    ///
    /// When a data key was wrapped by neither; those before it are done.
    pub async fn rotate(&self, db: &Db) -> Result<usize> {
        let clinics = directory::with_data_keys_not_under(db, &self.0.current.id).await?;
        for clinic in &clinics {
            let mut tx = db.clinic(*clinic).await?;
            sqlx::query!("select clinic_id from data_keys for update").fetch_optional(tx.conn()).await?;
            let Some(key) = self.existing_key(&mut tx).await? else { continue };
            let (master_id, wrapped) = self.wrap(*clinic, &key)?;
            sqlx::query!("update data_keys set master_id = $1, wrapped = $2", master_id, wrapped)
                .execute(tx.conn())
                .await?;
            tx.commit().await?;
        }
        Ok(clinics.len())
    }

    async fn data_key(&self, tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<[u8; KEY]> {
        if let Some(key) = self.existing_key(tx).await? {
            return Ok(key);
        }
        let (master_id, wrapped) = self.wrap(tx.clinic(), &random())?;
        // Of two that seal first at once, one makes the key and both use it.
        sqlx::query!(
            "insert into data_keys (master_id, wrapped, created_at) values ($1, $2, $3) on conflict do nothing",
            master_id,
            wrapped,
            now
        )
        .execute(tx.conn())
        .await?;
        self.existing_key(tx).await?.ok_or(Error::Internal("a data key just made is not there"))
    }

    async fn existing_key(&self, tx: &mut ClinicTx) -> Result<Option<[u8; KEY]>> {
        let row = sqlx::query!("select master_id, wrapped from data_keys").fetch_optional(tx.conn()).await?;
        let Some(row) = row else { return Ok(None) };
        let mut masters = std::iter::once(&self.0.current).chain(&self.0.previous);
        let master = masters
            .find(|master| master.id == row.master_id)
            .ok_or(Error::Internal("a clinic's key was wrapped by an unknown master key"))?;
        let key = open(&master.key, purpose(tx.clinic(), "data key").as_bytes(), row.wrapped)?;
        key.try_into().map(Some).map_err(|_| UNREADABLE)
    }

    fn wrap(&self, clinic: ClinicId, key: &[u8; KEY]) -> Result<(String, Vec<u8>)> {
        let Master { id, key: master } = &self.0.current;
        Ok((id.clone(), seal(master, purpose(clinic, "data key").as_bytes(), key.to_vec())?))
    }
}

impl Master {
    fn of(secret: &[u8]) -> Self {
        let mut key = [0; KEY];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"frontdesk vault")
            .extract(secret)
            .expand(&[b"master"], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key))
            .expect("32 bytes is a length HKDF gives");
        let id = digest::digest(&digest::SHA256, &key);
        Self { id: id.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect(), key }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({}…)", self.0.current.id)
    }
}

/// A provider a clinic has credentials with, as it may be shown.
#[derive(Clone, Debug, Serialize)]
pub struct Configured {
    pub provider: String,
    /// The last characters of its secret.
    pub hint: String,
    /// Those of a second secret beside it.
    pub second_hint: Option<String>,
    pub updated_at: DateTime<Utc>,
}

/// What a clinic has credentials for.
pub async fn configured(tx: &mut ClinicTx) -> Result<Vec<Configured>> {
    let rows = sqlx::query_as!(
        Configured,
        "select provider, hint, second_hint, updated_at from credentials order by provider"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Notes how a second secret ends that was sealed for `provider`.
pub async fn hint_at_second(tx: &mut ClinicTx, provider: &str, secret: &str) -> Result<()> {
    sqlx::query!("update credentials set second_hint = $2 where provider = $1", provider, last_four(secret))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets what was sealed for `provider`; false if nothing was.
pub async fn forget(tx: &mut ClinicTx, provider: &str) -> Result<bool> {
    let gone = sqlx::query!("delete from credentials where provider = $1", provider).execute(tx.conn()).await?;
    Ok(gone.rows_affected() > 0)
}

const UNREADABLE: Error = Error::Internal("something sealed does not open");

fn purpose(clinic: ClinicId, what: &str) -> String {
    format!("frontdesk/1/{clinic}/{what}")
}

fn last_four(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    // Of a short secret the last four would be too much of it.
    if letters.len() < 12 { String::new() } else { letters[letters.len() - 4..].iter().collect() }
}

/// The nonce, the sealed text and its tag (AES-256-GCM, NIST SP 800-38D).
fn seal(key: &[u8; KEY], purpose: &[u8], mut text: Vec<u8>) -> Result<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| UNREADABLE)?;
    let nonce = key.seal_in_place_append_tag(Aad::from(purpose), &mut text).map_err(|_| UNREADABLE)?;
    Ok([nonce.as_ref().as_slice(), &text].concat())
}

fn open(key: &[u8; KEY], purpose: &[u8], mut sealed: Vec<u8>) -> Result<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| UNREADABLE)?;
    if sealed.len() < NONCE {
        return Err(UNREADABLE);
    }
    let mut text = sealed.split_off(NONCE);
    let nonce = Nonce::try_assume_unique_for_key(&sealed).map_err(|_| UNREADABLE)?;
    let opened = key.open_in_place(nonce, Aad::from(purpose), &mut text).map_err(|_| UNREADABLE)?;
    Ok(opened.to_vec())
}

#[cfg(test)]
mod tests;
