//! Applies the migrations to `DATABASE_URL`, for preparing queries.

use std::error::Error;

use sqlx::{ConnectOptions, postgres::PgConnectOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let database: PgConnectOptions = std::env::var("DATABASE_URL")?.parse()?;
    schema::MIGRATOR.run(&mut database.connect().await?).await?;
    Ok(())
}
