//! API keys, by which a clinic's own programs are let in.
//!
//! A key is shown once, to whoever made it. What is kept is its SHA-256: 32
//! random bytes need no slow hash, because nobody guesses them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::id::MemberId;
use domain::{FieldError, Rejection, RejectionCode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::secrets::{random, sha256};
use crate::{ClinicTx, Error, Result};

/// What every key begins with, so that people and secret scanners know one.
const MARK: &str = "fdk_";

/// How much of a key lists show.
const PREFIX: usize = MARK.len() + 6;

/// The most keys a clinic has at once.
const MOST: i64 = 50;

/// Something a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See what is offered and when.
    Read,
    /// Hold, book, move and cancel visits.
    Book,
    /// See and change who the patients are, and what they said.
    Patients,
    /// Change the clinic's settings and hours.
    Settings,
    /// Make and revoke keys, good for as much as itself.
    Keys,
}

impl Scope {
    pub const ALL: [Self; 5] = [Self::Read, Self::Book, Self::Patients, Self::Settings, Self::Keys];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Book => "book",
            Self::Patients => "patients",
            Self::Settings => "settings",
            Self::Keys => "keys",
        }
    }

    /// The scope called `name`.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A key on the list.
#[derive(Clone, Debug, Serialize)]
pub struct ApiKey {
    pub id: Uuid,
    pub name: String,
    /// How it begins.
    pub prefix: String,
    pub scopes: Vec<Scope>,
    pub created_at: DateTime<Utc>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key that was just made, and the only sight of it.
#[derive(Clone, Serialize)]
pub struct Made {
    #[serde(flatten)]
    pub api_key: ApiKey,
    pub key: String,
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Made").field("api_key", &self.api_key).finish_non_exhaustive()
    }
}

/// What a new key is to be.
#[derive(Clone, Debug, Deserialize)]
pub struct NewKey {
    pub name: String,
    pub scopes: Vec<String>,
}

/// Who makes a key.
#[derive(Clone, Copy, Debug)]
pub enum Maker {
    Member(MemberId),
    Key(Uuid),
    Platform,
}

/// What a key is found by.
pub fn digest(key: &str) -> Vec<u8> {
    sha256(&[key.as_bytes()])
}

/// Whether this could be a clinic's key at all.
pub fn is_one(key: &str) -> bool {
    key.len() == MARK.len() + 43 && key.starts_with(MARK)
}

/// Makes a key.
///
/// # Errors
///
/// Rejected with `invalid` without a name or a known scope, and with
/// `forbidden` if the clinic has too many keys, or a key makes one that is good
/// for more than itself.
pub async fn create(tx: &mut ClinicTx, now: DateTime<Utc>, maker: Maker, new: &NewKey) -> Result<Made> {
    let (name, scopes) = read(new)?;
    let used = sqlx::query_scalar!(r#"select count(*) as "count!" from api_keys where revoked_at is null"#)
        .fetch_one(tx.conn())
        .await?;
    if used >= MOST {
        let message = "There are too many keys. Please revoke those that nobody uses.";
        return Err(Rejection::new(RejectionCode::Forbidden, message).into());
    }
    let key = format!("{MARK}{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()));
    let (id, prefix) = (domain::Id::<ApiKey>::new().uuid(), key[..PREFIX].to_owned());
    let named: Vec<String> = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    let (member, by_key) = match maker {
        Maker::Member(member) => (Some(member.uuid()), None),
        Maker::Key(key) => (None, Some(key)),
        Maker::Platform => (None, None),
    };
    if let Maker::Key(maker) = maker {
        check_scopes(tx, maker, &named).await?;
    }
    sqlx::query!(
        "insert into api_keys (api_key_id, name, digest, prefix, scopes, created_by, created_by_key, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        name,
        digest(&key),
        prefix,
        &named,
        member,
        by_key,
        now
    )
    .execute(tx.conn())
    .await?;
    let api_key = ApiKey { id, name, prefix, scopes, created_at: now, last_used_at: None, revoked_at: None };
    Ok(Made { api_key, key })
}

async fn check_scopes(tx: &mut ClinicTx, maker: Uuid, wanted: &[String]) -> Result<()> {
    let may = sqlx::query_scalar!(
        r#"select scopes @> $2 as "may!" from api_keys where api_key_id = $1 and revoked_at is null"#,
        maker,
        wanted
    )
    .fetch_optional(tx.conn())
    .await?;
    if may == Some(true) {
        return Ok(());
    }
    let message = "A key cannot make one that is good for more than itself.";
    Err(Rejection::new(RejectionCode::Forbidden, message).into())
}

fn read(new: &NewKey) -> Result<(String, Vec<Scope>), Rejection> {
    let name = new.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut scopes: Vec<Option<Scope>> = new.scopes.iter().map(|scope| Scope::of_name(scope)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: &str| {
        errors.push(FieldError { field: field.into(), message: message.into() });
    };
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        wrong("name", "Please give a name of at most 80 characters.");
    }
    if scopes.is_empty() || scopes.contains(&None) {
        wrong("scopes", "Please choose at least one of read, book, patients, settings and keys.");
    }
    if errors.is_empty() {
        Ok((name, scopes.into_iter().flatten().collect()))
    } else {
        Err(Rejection::invalid_fields(errors))
    }
}

/// Every key there is or was, those in use first, the newest first.
pub async fn list(tx: &mut ClinicTx) -> Result<Vec<ApiKey>> {
    let rows = sqlx::query!(
        "select api_key_id, name, prefix, scopes, created_at, last_used_at, revoked_at
         from api_keys
         order by revoked_at desc nulls first, created_at desc, api_key_id desc
         limit 200"
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ApiKey {
                id: row.api_key_id,
                name: row.name,
                prefix: row.prefix,
                scopes: scopes(&row.scopes)?,
                created_at: row.created_at,
                last_used_at: row.last_used_at,
                revoked_at: row.revoked_at,
            })
        })
        .collect()
}

/// The scopes that stand in a row.
pub(crate) fn scopes(names: &[String]) -> Result<Vec<Scope>> {
    names.iter().map(|name| Scope::of_name(name).ok_or(Error::Internal("an unknown scope of a key"))).collect()
}

/// Has a key open nothing any more, from the next request on. Revoking again
/// changes nothing.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such key.
pub async fn revoke(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid) -> Result<()> {
    let revoked =
        sqlx::query!("update api_keys set revoked_at = coalesce(revoked_at, $2) where api_key_id = $1", id, now)
            .execute(tx.conn())
            .await?;
    if revoked.rows_affected() == 1 { Ok(()) } else { Err(Rejection::not_found().into()) }
}

#[cfg(test)]
mod tests {
    use sqlx::PgPool;

    use super::*;
    use crate::db::directory;
    use crate::testing::World;

    fn new(name: &str, scopes: &[&str]) -> NewKey {
        NewKey { name: name.into(), scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect() }
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_key_is_shown_once_and_kept_as_a_digest(pool: PgPool) {
        let world = World::new(pool.clone()).await;
        let mut tx = world.tx().await;
        let made = create(&mut tx, world.now(), Maker::Platform, &new("Website", &["book", "read"])).await.unwrap();
        tx.commit().await.unwrap();

        assert!(is_one(&made.key) && made.key.starts_with(&made.api_key.prefix));
        let rows: String =
            sqlx::query_scalar("select string_agg(k::text, ' ') from api_keys k").fetch_one(&pool).await.unwrap();
        assert!(!rows.contains(&made.key[PREFIX..]), "{rows}");
        let found = directory::by_api_key(&world.db, world.now(), &digest(&made.key)).await.unwrap().unwrap();
        assert_eq!((found.clinic, found.scopes), (world.clinic, vec![Scope::Read, Scope::Book]));
        assert_eq!(list(&mut world.tx().await).await.unwrap()[0].last_used_at, Some(world.now()));
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_revoked_key_is_known_to_the_list_alone(pool: PgPool) {
        let (world, cedar) = (World::new(pool.clone()).await, World::new(pool).await);
        let mut tx = world.tx().await;
        let made = create(&mut tx, world.now(), Maker::Platform, &new("Website", &["read"])).await.unwrap();
        tx.commit().await.unwrap();

        let elsewhere = revoke(&mut cedar.tx().await, world.now(), made.api_key.id).await.unwrap_err();
        assert!(matches!(elsewhere, Error::Rejected(no) if no.code == RejectionCode::NotFound));
        let mut tx = world.tx().await;
        revoke(&mut tx, world.now(), made.api_key.id).await.unwrap();
        tx.commit().await.unwrap();

        assert!(directory::by_api_key(&world.db, world.now(), &digest(&made.key)).await.unwrap().is_none());
        assert_eq!(list(&mut world.tx().await).await.unwrap()[0].revoked_at, Some(world.now()));
        assert!(list(&mut cedar.tx().await).await.unwrap().is_empty());
    }

    #[test]
    fn a_key_needs_a_name_and_something_to_be_good_for() {
        let wrong = |new: NewKey| -> Vec<String> {
            read(&new).map_or_else(|no| no.errors.into_iter().map(|error| error.field).collect(), |_| Vec::new())
        };
        assert_eq!(wrong(new(" ", &[])), ["name", "scopes"]);
        assert_eq!(wrong(new("Website", &["read", "everything"])), ["scopes"]);
        assert_eq!(wrong(new("Website", &["read", "read"])), [""; 0]);
    }
}
