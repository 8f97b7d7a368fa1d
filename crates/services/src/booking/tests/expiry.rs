//! Holds that run out, and that it is said.

use serde_json::Value;

use super::*;
use crate::db::directory;

const THREE_PM: &str = "2026-11-24T20:00:00Z";
const QUARTER_PAST_TWO: &str = "2026-11-24T19:15:00Z";

impl World {
    async fn expire(&self, limit: i64) -> usize {
        let now = self.now();
        let expired = self
            .db
            .transaction(self.clinic, move |tx| Box::pin(async move { expiring::expire_due(tx, now, limit).await }));
        expired.await.unwrap()
    }

    async fn holds(&self) -> Vec<uuid::Uuid> {
        sqlx::query_scalar("select hold_id from holds order by hold_id")
            .fetch_all(self.tx().await.conn())
            .await
            .unwrap()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_that_ran_out_is_swept_and_its_chat_told_and_a_live_one_stays(pool: PgPool) {
    let desk = desk(pool).await;
    let conversation = desk.world.conversation().await;
    let gone = desk.world.hold(Owner::Session(conversation), desk.claim(TWO_PM)).await.unwrap();
    desk.world.wait(Duration::minutes(4));
    let live = desk.world.hold(desk.world.session(), desk.claim(THREE_PM)).await.unwrap();
    desk.world.wait(Duration::minutes(1));

    assert_eq!(desk.world.expire(50).await, 1);

    assert_eq!(desk.world.holds().await, [live.uuid()]);
    let told = crate::events::after(&mut desk.world.tx().await, conversation, None, 10).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].kind.as_str(), &told[0].payload["hold_id"]), ("HoldExpired", &Value::String(gone.to_string())));
    assert_eq!(told[0].payload["starts_at"], TWO_PM);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_runs_out_for_good_at_its_last_instant(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.hold(desk.world.session(), desk.claim(TWO_PM)).await.unwrap();
    desk.world.wait(Duration::minutes(5) - Duration::microseconds(1));
    assert_eq!(desk.world.expire(50).await, 0);
    desk.world.wait(Duration::microseconds(1));
    assert_eq!(desk.world.expire(50).await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_of_a_key_or_of_a_chat_nobody_opened_runs_out_without_telling_anyone(pool: PgPool) {
    let desk = desk(pool).await;
    desk.world.hold(desk.world.session(), desk.claim(TWO_PM)).await.unwrap();
    desk.world.hold(Owner::Key(uuid::Uuid::nil()), desk.claim(THREE_PM)).await.unwrap();
    desk.world.wait(Duration::minutes(5));

    assert_eq!(desk.world.expire(50).await, 2);

    let events: Vec<(String, String, String, Option<uuid::Uuid>)> =
        sqlx::query_as("select kind, actor, channel, conversation_id from events")
            .fetch_all(desk.world.tx().await.conn())
            .await
            .unwrap();
    let job = ("HoldExpired".to_owned(), "job".to_owned(), "job".to_owned(), None);
    assert_eq!(events, [job.clone(), job]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn sweeping_takes_a_few_at_a_time_the_oldest_first(pool: PgPool) {
    let desk = desk(pool).await;
    let mut holds = Vec::new();
    for start in [THREE_PM, "2026-11-25T19:00:00Z", TWO_PM] {
        holds.push(desk.world.hold(desk.world.session(), desk.claim(start)).await.unwrap());
        desk.world.wait(Duration::seconds(10));
    }
    desk.world.wait(Duration::minutes(5));
    assert_eq!(desk.world.expire(2).await, 2);
    assert_eq!(desk.world.holds().await, [holds[2].uuid()]);
    assert_eq!((desk.world.expire(2).await, desk.world.expire(2).await), (1, 0));
    assert_eq!(desk.world.kinds().await, ["HoldExpired"; 3]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_sweeps_at_once_say_it_once(pool: PgPool) {
    let desk = desk(wide(&pool).await).await;
    for hour in 14..20 {
        desk.world.hold(desk.world.session(), desk.claim(&format!("2026-11-25T{hour}:00:00Z"))).await.unwrap();
    }
    desk.world.wait(Duration::minutes(5));
    let swept = join_all((0..8).map(|_| desk.world.expire(50))).await;
    assert_eq!(swept.iter().sum::<usize>(), 6);
    assert_eq!(desk.count("events").await, 6);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn booking_over_a_hold_that_ran_out_says_so_too(pool: PgPool) {
    let desk = desk(pool).await;
    let conversation = desk.world.conversation().await;
    desk.world.hold(Owner::Session(conversation), desk.claim(TWO_PM)).await.unwrap();
    desk.world.wait(Duration::minutes(5));

    desk.world.book(desk.claim(QUARTER_PAST_TWO)).await.unwrap();

    assert_eq!(desk.world.kinds().await, ["HoldExpired", "BookingCreated"]);
    let told = crate::events::after(&mut desk.world.tx().await, conversation, None, 10).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((desk.count("holds").await, desk.world.expire(50).await), (0, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn moving_over_a_hold_that_ran_out_says_so_too(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.world.book(desk.claim(TWO_PM)).await.unwrap().id;
    desk.world.hold(desk.world.session(), desk.claim(THREE_PM)).await.unwrap();
    desk.world.wait(Duration::minutes(5));
    desk.world.reschedule(id, desk.claim(THREE_PM), patient()).await.unwrap();
    assert_eq!(desk.world.kinds().await, ["BookingCreated", "HoldExpired", "BookingRescheduled", "SlotOpened"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn letting_go_or_choosing_another_time_is_not_running_out(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = Owner::Session(desk.world.conversation().await);
    desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let other = desk.world.hold(owner, desk.claim(THREE_PM)).await.unwrap();
    let mut tx = desk.world.tx().await;
    assert!(release(&mut tx, owner, other).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!((desk.count("events").await, desk.count("holds").await), (0, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sweep_is_told_which_clinics_have_something_to_sweep(pool: PgPool) {
    let (bloom, cedar) = (desk(pool.clone()).await, desk(pool).await);
    bloom.world.hold(bloom.world.session(), bloom.claim(TWO_PM)).await.unwrap();
    let now = bloom.world.now();
    let later = now + Duration::minutes(5);
    assert_eq!(directory::with_expired_holds(&bloom.world.db, now).await.unwrap(), []);
    assert_eq!(directory::with_expired_holds(&bloom.world.db, later).await.unwrap(), [bloom.world.clinic]);

    cedar.world.hold(cedar.world.session(), cedar.claim(TWO_PM)).await.unwrap();
    cedar.world.wait(Duration::minutes(5));
    assert_eq!(directory::with_expired_holds(&bloom.world.db, later).await.unwrap().len(), 2);
    assert_eq!(cedar.world.expire(50).await, 1);
    assert_eq!(directory::with_expired_holds(&bloom.world.db, later).await.unwrap(), [bloom.world.clinic]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn sweeping_while_others_book_over_it_says_it_once(pool: PgPool) {
    let desk = desk(wide(&pool).await).await;
    for round in 0..10 {
        let start = at(TWO_PM) + Duration::days(round);
        let claim = SlotClaim { starts_at: start, ..desk.claim(TWO_PM) };
        desk.world.hold(desk.world.session(), claim).await.unwrap();
        desk.world.wait(Duration::minutes(5));
        let (_, booked) = futures::join!(desk.world.expire(50), desk.world.book(claim));
        booked.unwrap();
    }
    let said: i64 = sqlx::query_scalar("select count(*) from events where kind = 'HoldExpired'")
        .fetch_one(desk.world.tx().await.conn())
        .await
        .unwrap();
    assert_eq!((said, desk.count("holds").await), (10, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn choosing_again_after_ones_own_hold_ran_out_says_so_too(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = Owner::Session(desk.world.conversation().await);
    let first = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    desk.world.wait(Duration::minutes(5));
    let again = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    assert_ne!(first, again);
    assert_eq!(desk.world.kinds().await, ["HoldExpired"]);
}
