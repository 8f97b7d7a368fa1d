//! What has to happen by itself.

use std::sync::Arc;
use std::time::Duration;

use services::Services;
use services::db::directory;
use tokio::task::JoinHandle;

use crate::limits::Limits;

/// Sweeps, every minute, what has run out. Nothing depends on it running.
pub fn start(services: Services, limits: Arc<Limits>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut minute = tokio::time::interval(Duration::from_secs(60));
        loop {
            minute.tick().await;
            limits.tidy();
            if let Err(error) = sweep(&services).await {
                tracing::warn!(%error, "sweep failed, trying again in a minute");
            }
        }
    })
}

async fn sweep(services: &Services) -> services::Result<()> {
    let now = services.clock.now();
    let holds = directory::sweep_holds(&services.db, now).await?;
    let sessions = directory::sweep_sessions(&services.db, now).await?;
    if holds + sessions > 0 {
        tracing::info!(holds, sessions, "swept what had run out");
    }
    Ok(())
}
