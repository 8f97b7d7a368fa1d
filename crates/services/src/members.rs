//! Staff and their passwords.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use domain::id::{ClinicId, MemberId};

use crate::db::directory;
use crate::{ClinicTx, Db, Error, Result};

/// A member of a clinic's staff who may sign in.
#[derive(Clone)]
pub struct Member {
    pub id: MemberId,
    pub clinic_id: ClinicId,
    pub name: String,
    pub email: String,
    pub role: String,
    /// Changes with the password, which ends every session made before.
    pub password_hash: String,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// Verified against when nobody has the address, so that an unknown address
/// takes as long to refuse as a wrong password.
static NOBODYS_HASH: LazyLock<String> = LazyLock::new(|| hash_now("nobody").unwrap_or_default());

/// The member with this address and password.
pub async fn authenticate(db: &Db, email: &str, password: &str) -> Result<Option<Member>> {
    let found = match directory::member_by_email(db, &email.trim().to_lowercase()).await? {
        Some((clinic, member)) => find(db, clinic, member).await?,
        None => None,
    };
    let hash = found.as_ref().map_or_else(|| NOBODYS_HASH.clone(), |member| member.password_hash.clone());
    let password = password.to_owned();
    let right = tokio::task::spawn_blocking(move || verify_now(&password, &hash))
        .await
        .map_err(|_| Error::Internal("verifying a password broke off"))?;
    Ok(found.filter(|_| right))
}

/// The member, unless disabled.
pub async fn find(db: &Db, clinic: ClinicId, member: MemberId) -> Result<Option<Member>> {
    let mut tx = db.clinic(clinic).await?;
    let row = sqlx::query!(
        "select member_id, name, email, role, password_hash
         from members
         where member_id = $1 and disabled_at is null",
        member.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Member {
        id: row.member_id.into(),
        clinic_id: clinic,
        name: row.name,
        email: row.email,
        role: row.role,
        password_hash: row.password_hash,
    }))
}

/// Adds an owner, or gives the one with this address a new password.
pub async fn put_owner(tx: &mut ClinicTx, name: &str, email: &str, password: &str) -> Result<MemberId> {
    let hash = hash(password).await?;
    let id = sqlx::query_scalar!(
        "insert into members (member_id, email, name, role, password_hash)
         values ($1, $2, $3, 'owner', $4)
         on conflict (email) do update set password_hash = excluded.password_hash
         returning member_id",
        MemberId::new().uuid(),
        email.to_lowercase(),
        name,
        hash
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(id.into())
}

/// An Argon2id hash in PHC format, with the parameters OWASP recommends
/// (19 MiB, two passes, one lane), made off the async threads.
async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash_now(&password))
        .await
        .ok()
        .flatten()
        .ok_or(Error::Internal("hashing a password failed"))
}

fn hash_now(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
