//! Erasing again whom an older copy of the database brought back.

use std::path::Path;

use services::db::directory;
use services::identity::erasing::{self, Erasure};
use services::{Clock, Db};

use crate::config::Config;
use crate::run::{StartError, database};

/// Prints every erasure, one a line: ids, and nobody's name.
///
/// # Errors
///
/// When the database does not answer.
pub async fn export(config: &Config) -> Result<(), StartError> {
    let (login, embedded) = database(config).await?;
    let known = match Db::connect(login, 2).await {
        Ok(db) => every(&db).await,
        Err(error) => Err(error),
    };
    if let Some(embedded) = embedded {
        embedded.stop().await;
    }
    for erasure in known? {
        println!("{}", serde_json::json!(erasure));
    }
    Ok(())
}

/// Erases again everyone on the database's list and on the one in `from`.
///
/// # Errors
///
/// When the list cannot be read or the database does not answer.
pub async fn replay(config: &Config, from: Option<&Path>) -> Result<(), StartError> {
    let exported = from.map(std::fs::read_to_string).transpose()?;
    let exported = read(exported.as_deref().unwrap_or_default())?;
    let (login, embedded) = database(config).await?;
    let replayed = match Db::connect(login, 2).await {
        Ok(db) => replay_on(&db, exported).await,
        Err(error) => Err(error),
    };
    if let Some(embedded) = embedded {
        embedded.stop().await;
    }
    println!("Erased {} times again.", replayed?);
    Ok(())
}

/// Erases again; how often.
///
/// # Errors
///
/// When the database does not answer.
pub async fn replay_on(db: &Db, exported: Vec<Erasure>) -> services::Result<usize> {
    let mut erasures = every(db).await?;
    let known: Vec<_> = erasures.iter().map(|erasure| erasure.erasure_id).collect();
    erasures.extend(exported.into_iter().filter(|erasure| !known.contains(&erasure.erasure_id)));
    let now = Clock::system().now();
    let mut done = 0;
    for erasure in erasures {
        // A clinic that an older copy does not have has nobody to erase.
        if directory::exists(db, erasure.clinic_id).await? {
            erasing::replay(db, now, &erasure).await?;
            done += 1;
        }
    }
    Ok(done)
}

/// What [`export`] printed.
///
/// # Errors
///
/// When a line is not an erasure.
pub fn read(exported: &str) -> Result<Vec<Erasure>, std::io::Error> {
    exported.lines().filter(|line| !line.trim().is_empty()).map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// Every erasure of every clinic.
///
/// # Errors
///
/// When the database does not answer.
pub async fn every(db: &Db) -> services::Result<Vec<Erasure>> {
    let mut all = Vec::new();
    for clinic in directory::all(db).await? {
        all.extend(erasing::list(&mut db.clinic(clinic).await?).await?);
    }
    Ok(all)
}
