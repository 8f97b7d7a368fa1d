//! The database's whole history, applied in order by whoever owns it.

/// Every migration this binary knows.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
