//! Refusing to serve as a role the policies do not bind.

use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};

use crate::Result;

/// Why this login must not serve patients.
#[derive(Debug, thiserror::Error)]
pub enum UnsafeRole {
    #[error(
        "The database role \"{0}\" is a superuser or may bypass row-level security, so one clinic could see \
         another's patients. Set DATABASE_URL to log in as frontdesk_app (see README, \"For real use\")."
    )]
    BypassesPolicies(String),
    #[error(
        "The database role \"{0}\" owns clinic tables, so it could change their policies. Set DATABASE_URL to \
         log in as frontdesk_app and MIGRATE_DATABASE_URL to the owner (see README, \"For real use\")."
    )]
    OwnsTables(String),
    #[error("The database role \"{0}\" is not a member of frontdesk_clinic, so it cannot work for any clinic.")]
    NotAMember(String),
}

/// Whether the role that `options` log in as is bound by the policies.
///
/// # Errors
///
/// When the database does not answer; the verdict itself is the inner result.
pub async fn check(options: &PgConnectOptions) -> Result<std::result::Result<(), UnsafeRole>> {
    let mut connection: PgConnection = options.connect().await?;
    let (name, bypasses, owns, member) = sqlx::query_as::<_, (String, bool, bool, bool)>(
        "select session_user::text,
                r.rolsuper or r.rolbypassrls,
                exists (select from pg_class c
                        where c.relowner = r.oid and c.relrowsecurity and c.relnamespace = 'public'::regnamespace),
                exists (select from pg_roles where rolname = 'frontdesk_clinic')
                    and pg_has_role(session_user, 'frontdesk_clinic', 'member')
         from pg_roles r
         where r.rolname = session_user",
    )
    .fetch_one(&mut connection)
    .await?;
    Ok(match (bypasses, owns, member) {
        (true, _, _) => Err(UnsafeRole::BypassesPolicies(name)),
        (_, true, _) => Err(UnsafeRole::OwnsTables(name)),
        (_, _, false) => Err(UnsafeRole::NotAMember(name)),
        _ => Ok(()),
    })
}
