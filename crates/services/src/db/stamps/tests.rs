//! A stamp changes with what it stands for, and with nothing else.

use chrono::Duration;
use futures::future::join_all;
use sqlx::{ConnectOptions, PgPool};

use super::{Stamp, Stamps};
use crate::MIGRATOR;
use crate::booking::SlotClaim;
use crate::db::directory;
use crate::testing::World;

async fn stamp(world: &World) -> Stamp {
    let slug = slug(world).await;
    Stamps::start(world.db.clone()).read(&slug).await.unwrap().expect("a clinic")
}

async fn slug(world: &World) -> String {
    let mut tx = world.tx().await;
    sqlx::query_scalar("select slug from clinics").fetch_one(tx.conn()).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stamp_grows_with_every_change_of_the_clinic_and_not_with_anothers(pool: PgPool) {
    let (cedar, bloom) = (World::new(pool.clone()).await, World::new(pool).await);
    let elsewhere = stamp(&bloom).await;
    let begun = stamp(&cedar).await;
    assert_eq!(stamp(&cedar).await, begun);

    let kind = cedar.appointment_type("haircut", 45).await;
    let practitioner = cedar.practitioner().await;
    let hired = stamp(&cedar).await;
    let starts_at = cedar.now() + Duration::hours(3);
    let claim = SlotClaim { practitioner_id: practitioner, appointment_type_id: kind, starts_at };
    let owner = cedar.session();
    let hold = cedar.hold(owner, claim).await.unwrap();
    let held = stamp(&cedar).await;
    cedar.confirm(owner, hold).await.unwrap();
    let booked = stamp(&cedar).await;

    for (earlier, later) in [(begun, hired), (hired, held), (held, booked)] {
        assert!(later.is_at_least(earlier) && !earlier.is_at_least(later), "{earlier:?} {later:?}");
    }
    assert_eq!(stamp(&bloom).await, elsewhere);
    assert!(!elsewhere.is_at_least(booked) && !booked.is_at_least(elsewhere), "clinics are not compared");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_change_that_is_rolled_back_changes_no_stamp(pool: PgPool) {
    let world = World::new(pool).await;
    let before = stamp(&world).await;
    let mut tx = world.tx().await;
    sqlx::query("update clinics set name = 'Elm'").execute(tx.conn()).await.unwrap();
    assert_eq!(stamp(&world).await, before, "not yet committed");
    drop(tx);
    assert_eq!(stamp(&world).await, before);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn everyone_who_asks_at_once_hears_of_their_own_clinic(pool: PgPool) {
    let (cedar, bloom) = (World::new(pool.clone()).await, World::new(pool).await);
    let stamps = Stamps::start(cedar.db.clone());
    let slugs = [slug(&cedar).await, slug(&bloom).await, "nowhere".to_owned()];
    let answers = join_all((0..300).map(|n| stamps.read(&slugs[n % 3]))).await;
    for (n, answer) in answers.into_iter().enumerate() {
        let clinic = [Some(cedar.clinic), Some(bloom.clinic), None][n % 3];
        assert_eq!(answer.unwrap().map(|stamp| stamp.clinic), clinic);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_reader_whose_connection_died_opens_another(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let (stamps, slug) = (Stamps::start(world.db.clone()), slug(&world).await);
    let before = stamps.read(&slug).await.unwrap();
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and query like '%settings_version%'",
    )
    .execute(&pool)
    .await
    .unwrap();
    assert_eq!(stamps.read(&slug).await.unwrap(), before);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_app_role_may_read_stamps(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let slug = slug(&world).await;
    let mut connection = pool.connect_options().connect().await.unwrap();
    sqlx::query("set role frontdesk_app").execute(&mut connection).await.unwrap();
    let stamps = directory::stamps(&mut connection, &[slug.clone(), "nowhere".into()]).await.unwrap();
    assert_eq!(stamps.keys().collect::<Vec<_>>(), [&slug]);
}
