//! What the database holds before its first migration: roles, the database
//! itself, and the extension only a superuser should install.

use std::path::PathBuf;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::access::Access;
use super::error::DatabaseError;

/// Why the database could not be set up.
#[derive(Debug)]
pub(super) enum BootstrapError {
    /// The superuser's password is not the one we know.
    WrongPassword,
    Database(DatabaseError),
}

/// Sets the database up, or puts right what is missing or was changed.
pub(super) async fn run(access: &Access) -> Result<(), BootstrapError> {
    let mut server = connect(access.superuser().database("postgres")).await?;
    make_roles(&mut server, access).await?;
    make_database(&mut server).await?;
    server.close().await?;

    let mut database = connect(access.superuser()).await?;
    install_extension(&mut database).await?;
    database.close().await?;
    Ok(())
}

// Statements are not logged, because passwords are in them.
async fn connect(options: PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    options.disable_statement_logging().connect().await
}

async fn make_roles(server: &mut PgConnection, access: &Access) -> Result<(), sqlx::Error> {
    for role in ["frontdesk_owner", "frontdesk_clinic", "frontdesk_app"] {
        let exists: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
            .bind(role)
            .fetch_one(&mut *server)
            .await?;
        if !exists {
            sqlx::raw_sql(AssertSqlSafe(format!("create role {role}"))).execute(&mut *server).await?;
        }
    }
    // The passwords are 64 hexadecimal digits, as `Access` makes and checks them.
    let attributes = format!(
        "
        alter role frontdesk_owner
            login inherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication password '{owner}';
        alter role frontdesk_clinic
            nologin noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication password null;
        alter role frontdesk_app
            login noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication password '{app}';
        grant frontdesk_clinic to frontdesk_app;
        ",
        owner = access.owner,
        app = access.app,
    );
    sqlx::raw_sql(AssertSqlSafe(attributes)).execute(server).await?;
    Ok(())
}

async fn make_database(server: &mut PgConnection) -> Result<(), sqlx::Error> {
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = 'frontdesk')")
        .fetch_one(&mut *server)
        .await?;
    let statement = if exists {
        "alter database frontdesk owner to frontdesk_owner"
    } else {
        "create database frontdesk owner frontdesk_owner"
    };
    sqlx::raw_sql(statement).execute(server).await?;
    Ok(())
}

async fn install_extension(database: &mut PgConnection) -> Result<(), BootstrapError> {
    let available: bool =
        sqlx::query_scalar("select exists (select from pg_available_extensions where name = 'btree_gist')")
            .fetch_one(&mut *database)
            .await?;
    if !available {
        let directory: Option<String> = sqlx::query_scalar("select setting from pg_config where name = 'BINDIR'")
            .fetch_optional(&mut *database)
            .await?;
        let directory = PathBuf::from(directory.unwrap_or_default());
        return Err(BootstrapError::Database(DatabaseError::NoExtension(directory)));
    }
    sqlx::raw_sql("create extension if not exists btree_gist").execute(database).await?;
    Ok(())
}

impl From<sqlx::Error> for BootstrapError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(|error| error.code()) {
            Some(code) if code == "28P01" => Self::WrongPassword,
            _ => Self::Database(error.into()),
        }
    }
}

impl From<BootstrapError> for DatabaseError {
    fn from(error: BootstrapError) -> Self {
        match error {
            BootstrapError::WrongPassword => {
                Self::Sql(sqlx::Error::Configuration("the superuser's password is not accepted".into()))
            }
            BootstrapError::Database(error) => error,
        }
    }
}
