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

#[sqlx::test(migrator = "MIGRATOR")]
async fn staff_hear_whose_visit_it_is_and_until_when_it_lasts(pool: PgPool) {
    let desk = busy_desk(pool).await;
    let room = desk.world.room("Chair 1").await;
    let colour = desk.world.appointment_type("colour", 30).await;
    let reyes = desk.world.practitioner_called("Noah Reyes").await;
    desk.world.need(colour, 1, &[room]).await;
    desk.world.book(visit(reyes, colour, "2026-11-24T15:00:00Z")).await.unwrap();
    let wong = desk.world.practitioner_called("Ivy Wong").await;
    desk.world.leave(Some(desk.lin), "2026-12-01", "2026-12-03").await;
    desk.world.leave(None, "2026-12-24", "2026-12-26").await;
    let told = async |kind: &str, who: PractitionerId, text: &str| {
        let (mut tx, now) = (desk.world.tx().await, desk.world.now());
        let why = explain(&mut tx, now, kind, Some(who), Channel::Web, At::Instant(at(text))).await.unwrap();
        let told = why.for_staff(&mut tx).await.unwrap();
        assert!(why.for_patients().iter().all(|reason| !reason.sentence().contains("Ada")));
        told.into_iter().map(|told| told.detail).collect::<Vec<_>>().join(" ")
    };
    let lin = desk.lin;
    assert_eq!(
        told("haircut", lin, TWO_PM).await,
        "Mia Lin, Tue 24 Nov, 2:00 PM: That time is taken: Ada Lovelace, Haircut, 2:00 PM to 2:45 PM."
    );
    assert_eq!(
        told("haircut", lin, "2026-11-24T20:30:00Z").await,
        "Mia Lin, Tue 24 Nov, 3:30 PM: That time is being held for somebody: held until 10:11 AM."
    );
    assert_eq!(
        told("haircut", lin, "2026-12-02T19:00:00Z").await,
        "Mia Lin, Wed 2 Dec, 2:00 PM: The practitioner is away until the end of Thursday 3 December 2026."
    );
    assert_eq!(
        told("haircut", lin, "2026-12-24T19:00:00Z").await,
        "Mia Lin, Thu 24 Dec, 2:00 PM: The clinic is closed until the end of Saturday 26 December 2026."
    );
    assert_eq!(
        told("colour", wong, "2026-11-24T15:00:00Z").await,
        "Ivy Wong, Tue 24 Nov, 10:00 AM: No room it needs is free: Chair 1 has Ada Lovelace, Colour, 10:00 AM to 10:30 AM."
    );
}
