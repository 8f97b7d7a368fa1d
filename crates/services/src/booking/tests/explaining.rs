//! Why a time is not offered, against what is.

use super::*;

impl Desk {
    async fn explained(&self, at: DateTime<Utc>) -> Explanation {
        explain(&mut self.world.tx().await, self.world.now(), "haircut", Some(self.lin), Channel::Web, At::Instant(at))
            .await
            .unwrap()
    }

    async fn why_not(&self, text: &str) -> Vec<Reason> {
        self.explained(at(text)).await.reasons.into_iter().map(|(_, reason)| reason).collect()
    }
}

/// A day with a visit, a hold, a hold that has run out, buffers and a break.
async fn busy_desk(pool: PgPool) -> Desk {
    let desk = desk(pool).await;
    let gone = desk.world.session();
    desk.world.hold(gone, desk.claim("2026-11-24T15:00:00Z")).await.unwrap();
    desk.world.wait(Duration::minutes(6));
    let mut tx = desk.world.tx().await;
    sqlx::query("update appointment_types set buffer_after_minutes = 15, notice_minutes = 60")
        .execute(tx.conn())
        .await
        .unwrap();
    sqlx::query(
        "insert into opening_hours (opening_hour_id, kind, weekday, from_minute, to_minute)
         values ($1, 'break', 2, 720, 780)",
    )
    .bind(domain::Id::<()>::new().uuid())
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    desk.world.confirm(owner, hold).await.unwrap();
    desk.world.hold(desk.world.session(), desk.claim("2026-11-24T20:30:00Z")).await.unwrap();
    desk
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_is_offered_if_and_only_if_its_explanation_is_empty(pool: PgPool) {
    let desk = busy_desk(pool).await;
    let offered = desk.free("2026-11-24", "2026-11-24").await;
    assert!(!offered.is_empty());
    let mut moment = at("2026-11-24T13:00:00Z");
    while moment < at("2026-11-24T23:00:00Z") {
        let explanation = desk.explained(moment).await;
        assert_eq!(explanation.offered, offered.contains(&moment), "{moment} {:?}", explanation.reasons);
        assert_eq!(explanation.offered, explanation.reasons.is_empty());
        moment += Duration::minutes(5);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_reason_is_called_by_its_name(pool: PgPool) {
    let desk = busy_desk(pool).await;
    assert_eq!(desk.why_not(TWO_PM).await, [Reason::Taken]);
    assert_eq!(desk.why_not("2026-11-24T20:30:00Z").await, [Reason::Held]);
    assert_eq!(desk.why_not("2026-11-24T19:45:00Z").await, [Reason::Buffer]);
    assert_eq!(desk.why_not("2026-11-24T17:00:00Z").await, [Reason::Break]);
    assert_eq!(desk.why_not("2026-11-24T12:00:00Z").await, [Reason::Closed]);
    assert_eq!(desk.why_not("2026-11-24T15:05:00Z").await, [Reason::Grid]);
    assert_eq!(desk.why_not("2026-11-20T15:45:00Z").await, [Reason::Notice]);
    assert_eq!(desk.why_not("2027-12-24T15:00:00Z").await, [Reason::Horizon]);
    assert_eq!(desk.why_not("2026-11-24T15:00:00Z").await, [], "a hold that ran out is in nobody's way");

    let held = desk.explained(at("2026-11-24T20:30:00Z")).await;
    assert_eq!(held.for_patients(), [Reason::Taken], "whether it is booked or looked at is nobody's business");
}
