//! Conversations from beginning to end, each run with the built-in
//! receptionist and with a language model that does what the scenario says.
//!
//! They stand in `tests/scenarios`. Every one has a clinic of its own, which
//! begins as the demonstration's, and its own clock; those of a file share a
//! database. To run one, name it in `FRONTDESK_SCENARIO`.

mod clinic;
mod judging;
mod patients;
mod written;

use std::path::{Path, PathBuf};

use futures::StreamExt;
use server::config::Config;
use services::Db;
use services::demo;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use self::clinic::Desk;
use self::written::Scenario;
use crate::model::Imitation;
use crate::support::{PASSWORD, generous};

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arm {
    BuiltIn,
    LanguageModel,
}

/// How many run at once.
const AT_ONCE: usize = 6;

macro_rules! files {
    ($($name:ident = $file:literal;)+) => {
        const FILES: &[&str] = &[$($file),+];

        mod built_in {
            $(
                #[sqlx::test(migrator = "services::MIGRATOR")]
                async fn $name(pool: sqlx::PgPool) {
                    super::run(pool, $file, super::Arm::BuiltIn).await;
                }
            )+
        }

        mod language_model {
            $(
                #[sqlx::test(migrator = "services::MIGRATOR")]
                async fn $name(pool: sqlx::PgPool) {
                    super::run(pool, $file, super::Arm::LanguageModel).await;
                }
            )+
        }
    };
}

files! {
    asking = "asking.yaml";
    booking = "booking.yaml";
    calendar = "calendar.yaml";
    changing = "changing.yaml";
    contention = "contention.yaml";
    faults = "faults.yaml";
    identity = "identity.yaml";
    leaving = "leaving.yaml";
    safety = "safety.yaml";
    spanish = "spanish.yaml";
    texting = "texting.yaml";
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

fn read(file: &str) -> Vec<Scenario> {
    let text = std::fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

async fn run(pool: PgPool, file: &str, arm: Arm) {
    let chosen = std::env::var("FRONTDESK_SCENARIO").ok();
    let scenarios: Vec<Scenario> = read(file)
        .into_iter()
        .filter(|scenario| chosen.as_deref().is_none_or(|chosen| scenario.name.contains(chosen)))
        .collect();
    demo::seed(&Db::over(pool.clone()), written::NOW.parse().unwrap(), PASSWORD).await.unwrap();
    let scripts = tempfile::tempdir().unwrap();
    let imitation = (arm == Arm::LanguageModel).then(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/scenarios/model.mjs");
        Imitation::of(&[script, scripts.path().to_str().unwrap()])
    });
    let config = imitation.as_ref().map_or_else(generous, Imitation::config);
    // What a server leaves on its connections is not the test's.
    let own = PgPoolOptions::new().max_connections(4).connect_with((*pool.connect_options()).clone()).await.unwrap();
    let set = Set { pool, own, config, scripts: scripts.path(), arm };
    let played: Vec<Option<String>> = futures::stream::iter(scenarios.iter().enumerate())
        .map(|(number, scenario)| play(&set, number, scenario))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    set.own.close().await;
    let failures: Vec<String> = played.into_iter().flatten().collect();
    let all = scenarios.len();
    assert!(failures.is_empty(), "{} of {all} of {file} ({arm:?}):\n\n{}", failures.len(), failures.join("\n\n"));
}

/// What the scenarios of a file share.
struct Set<'t> {
    pool: PgPool,
    own: PgPool,
    config: Config,
    scripts: &'t Path,
    arm: Arm,
}

/// What differed, if anything did.
async fn play(set: &Set<'_>, number: usize, scenario: &Scenario) -> Option<String> {
    let (arm, mut desk) = (set.arm, Desk::open(set, number, scenario).await);
    let mut differences = Vec::new();
    for (turn, number) in scenario.turns.iter().zip(1..) {
        let replies = desk.take(turn).await;
        let found = judging::turn(&desk, turn, arm, &replies).await;
        differences.extend(found.into_iter().map(|what| format!("  turn {number}{}: {what}", turn.words())));
    }
    differences
        .extend(judging::rows(&desk, scenario, arm).await.into_iter().map(|what| format!("  in the end: {what}")));
    (!differences.is_empty()).then(|| format!("{}\n{}\n{}", scenario.name, differences.join("\n"), desk.heard()))
}

#[test]
fn every_scenario_is_run_and_there_are_enough() {
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    found.sort();
    assert_eq!(found, FILES);
    let mut names: Vec<String> = FILES.iter().flat_map(|file| read(file)).map(|scenario| scenario.name).collect();
    assert!(names.len() >= 60, "{}", names.len());
    names.sort();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "two have one name");
}
