//! What staff do at night is told in the morning.

use chrono::Duration;
use domain::id::AppointmentId;
use sqlx::PgPool;

use super::support::*;
use crate::booking::Channel;
use crate::booking::changing::{self, Changer};
use crate::messaging::sending::heard;
use crate::{MIGRATOR, Result};

/// Eight in the morning, where the clinic is.
const MORNING: &str = "2026-11-21T13:00:00Z";

/// A visit that was told of by day; now it is eleven at night.
async fn at_night(pool: PgPool) -> (Desk, AppointmentId) {
    let desk = desk(pool).await;
    let visit = desk.book(TWO_PM).await;
    desk.send_all().await;
    desk.world.wait(Duration::hours(13));
    (desk, visit)
}

fn patient() -> Changer {
    Changer::patient(Channel::Web, None)
}

async fn cancel(desk: &Desk, visit: AppointmentId, by: Changer) {
    let now = desk.world.now();
    let cancelled: Result<()> = desk
        .world
        .db
        .transaction(desk.world.clinic, |tx| {
            Box::pin(async move { changing::cancel(tx, now, visit, None, by).await.map(drop) })
        })
        .await;
    cancelled.unwrap();
}

/// The last text's kind and status, and what it waits for.
async fn last(desk: &Desk) -> (String, String, Option<String>) {
    desk.fates().await.pop().unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_staff_change_at_night_is_told_in_the_morning(pool: PgPool) {
    let (desk, visit) = at_night(pool).await;
    desk.reschedule(visit, THREE_PM).await;
    desk.send_all().await;
    assert_eq!(last(&desk).await, fate("change", "queued", Some("quiet")));
    let waiting = desk.outbox().await.into_iter().filter(|message| message.status == "queued");
    assert!(waiting.clone().all(|message| message.due_at == at(MORNING)));
    assert_eq!(waiting.count(), 2, "by text and by e-mail");
    desk.world.wait(Duration::hours(10));
    desk.send_all().await;
    assert_eq!(last(&desk).await, fate("change", "sent", None));

    desk.world.wait(Duration::hours(14));
    desk.cancel(visit).await;
    desk.send_all().await;
    assert_eq!(last(&desk).await, fate("cancellation", "queued", Some("quiet")));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_patients_do_at_night_is_told_at_once(pool: PgPool) {
    let (desk, visit) = at_night(pool).await;
    cancel(&desk, visit, patient()).await;
    desk.book(THREE_PM).await;
    desk.send_all().await;
    assert_eq!(desk.fates().await[1..], [fate("cancellation", "sent", None), fate("confirmation", "sent", None)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_would_come_too_late_in_the_morning_is_told_at_night(pool: PgPool) {
    let (desk, visit) = at_night(pool).await;
    desk.world.run("insert into messaging_settings (quiet_from, quiet_until) values (1260, 600)", &[]).await;
    // Nine o'clock, with the quiet until ten.
    desk.reschedule(visit, "2026-11-21T14:00:00Z").await;
    desk.send_all().await;
    assert_eq!(last(&desk).await, fate("change", "sent", None));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_that_staff_approve_at_night_is_confirmed_in_the_morning(pool: PgPool) {
    let (desk, _) = at_night(pool).await;
    desk.world.run("update appointment_types set web_mode = 'request'", &[]).await;
    let (visit, now) = (desk.book(THREE_PM).await, desk.world.now());
    let approved: Result<()> = desk
        .world
        .db
        .transaction(desk.world.clinic, |tx| {
            Box::pin(async move { changing::approve(tx, now, visit, staff()).await.map(drop) })
        })
        .await;
    approved.unwrap();
    desk.send_all().await;
    assert_eq!(last(&desk).await, fate("confirmation", "queued", Some("quiet")));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_that_did_not_arrive_is_not_tried_again_at_night(pool: PgPool) {
    let desk = desk_with(pool, &taking().await).await;
    desk.world.wait(Duration::hours(13));
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let text = desk.text().await;
    assert_eq!(text.status, "sent", "the patient has just booked it");
    let mut tx = desk.world.tx().await;
    let sid: String = sqlx::query_scalar("select provider_id from outbox where outbox_id = $1")
        .bind(text.id)
        .fetch_one(tx.conn())
        .await
        .unwrap();
    // 30003: the phone is off.
    heard(&mut tx, desk.world.now(), Some(text.id), &sid, "undelivered", Some(30003)).await.unwrap();
    tx.commit().await.unwrap();
    desk.world.wait(Duration::hours(3));
    desk.send_all().await;
    let again = desk.texts().await.remove(1);
    assert_eq!((again.status.as_str(), again.due_at), ("queued", at(MORNING)));
    desk.world.wait(Duration::hours(8));
    desk.send_all().await;
    assert_eq!(last(&desk).await, fate("confirmation", "sent", None));
}
