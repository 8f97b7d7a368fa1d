//! Keeping PostgreSQL running while the server runs.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::{info, warn};

use super::cluster::Cluster;
use super::postmaster::Postmaster;

const SHORTEST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const STEADY: Duration = Duration::from_secs(60);

/// Starts PostgreSQL again whenever it dies, until told to stop or until
/// nobody is left who could; then stops it.
pub(super) async fn keep_running(
    cluster: Cluster,
    mut postmaster: Postmaster,
    port: u16,
    mut stop: oneshot::Receiver<()>,
) {
    let mut wait = SHORTEST_WAIT;
    loop {
        let why = tokio::select! {
            _ = &mut stop => return postmaster.stop().await,
            why = postmaster.ended() => why,
        };
        warn!(reason = why, "PostgreSQL died; starting it again");
        if postmaster.age() > STEADY {
            wait = SHORTEST_WAIT;
        }
        postmaster = tokio::select! {
            _ = &mut stop => return cluster.end_leftovers().await,
            postmaster = start_again(&cluster, port, &mut wait) => postmaster,
        };
        info!(postgres.port = port, "PostgreSQL is running again");
    }
}

async fn start_again(cluster: &Cluster, port: u16, wait: &mut Duration) -> Postmaster {
    loop {
        sleep(*wait).await;
        *wait = (*wait * 2).min(LONGEST_WAIT);
        match cluster.try_start(port).await {
            Ok(postmaster) => return postmaster,
            Err(failure) => warn!(reason = %failure, "PostgreSQL did not start; trying again"),
        }
    }
}
