//! What each channel may book.

use super::*;

/// The types a channel is offered.
async fn bookable(tx: &mut crate::ClinicTx, channel: Channel) -> Result<Vec<uuid::Uuid>> {
    let types = crate::clinics::appointment_types(tx, channel).await?;
    Ok(types.into_iter().map(|kind| kind.id.uuid()).collect())
}

/// A desk that this channel cannot book at.
async fn closed_to_web(pool: PgPool) -> Desk {
    let desk = desk(pool).await;
    desk.world.run("update appointment_types set web_mode = 'off'", &[]).await;
    desk
}

impl Desk {
    async fn hold_on(&self, channel: Channel) -> Result<domain::appointment::Hold> {
        let (owner, now, claim) = (self.world.session(), self.world.now(), self.claim(TWO_PM));
        let held = self.world.db.transaction(self.world.clinic, move |tx| {
            Box::pin(async move { hold(tx, now, owner, channel, &claim).await })
        });
        held.await
    }

    async fn look_on(&self, channel: Channel) -> Result<usize> {
        let day = "2026-11-24".parse().unwrap();
        let wanted = Wanted::of("haircut", channel, day, day);
        Ok(available(&mut self.world.tx().await, self.world.now(), &wanted).await?.slots.len())
    }

    async fn ask_on(&self, channel: Channel) -> Result<bool> {
        let (now, at) = (self.world.now(), At::Instant(at(TWO_PM)));
        Ok(explain(&mut self.world.tx().await, now, "haircut", None, channel, at).await?.offered)
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_channel_that_may_not_book_a_type_is_shown_and_kept_none_of_its_times(pool: PgPool) {
    let desk = closed_to_web(pool).await;
    assert_eq!(code(desk.look_on(Channel::Web).await), Some(RejectionCode::Forbidden));
    assert_eq!(code(desk.ask_on(Channel::Web).await), Some(RejectionCode::Forbidden));
    assert_eq!(code(desk.hold_on(Channel::Web).await), Some(RejectionCode::Forbidden));
    assert_eq!(desk.count("holds").await, 0);
    assert!(bookable(&mut desk.world.tx().await, Channel::Web).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_one_channel_may_not_book_others_may(pool: PgPool) {
    let desk = closed_to_web(pool).await;
    for channel in [Channel::Sms, Channel::Voice, Channel::Api] {
        assert!(desk.look_on(channel).await.unwrap() > 0, "{channel:?}");
        assert_eq!(bookable(&mut desk.world.tx().await, channel).await.unwrap(), [desk.haircut.uuid()], "{channel:?}");
    }
    assert!(desk.ask_on(Channel::Api).await.unwrap());
    desk.hold_on(Channel::Api).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_channel_has_a_switch_of_its_own(pool: PgPool) {
    let desk = desk(pool).await;
    for (channel, off, on) in [
        (
            Channel::Sms,
            "update appointment_types set sms_mode = 'off'",
            "update appointment_types set sms_mode = 'instant'",
        ),
        (
            Channel::Voice,
            "update appointment_types set voice_mode = 'off'",
            "update appointment_types set voice_mode = 'instant'",
        ),
        (
            Channel::Api,
            "update appointment_types set api_mode = 'off'",
            "update appointment_types set api_mode = 'instant'",
        ),
    ] {
        desk.world.run(off, &[]).await;
        assert_eq!(code(desk.look_on(channel).await), Some(RejectionCode::Forbidden), "{channel:?}");
        assert!(desk.look_on(Channel::Web).await.unwrap() > 0, "{channel:?}");
        desk.world.run(on, &[]).await;
        assert!(desk.look_on(channel).await.unwrap() > 0, "{channel:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_made_before_its_channel_was_closed_is_not_confirmed(pool: PgPool) {
    let desk = desk(pool).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    desk.world.run("update appointment_types set web_mode = 'off'", &[]).await;
    assert_eq!(code(desk.world.confirm(owner, hold).await), Some(RejectionCode::Forbidden));
    assert_eq!((desk.count("holds").await, desk.count("appointments").await), (1, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_booked_before_its_channel_was_closed_is_cancelled_there_but_not_moved(pool: PgPool) {
    let desk = desk(pool).await;
    let id = desk.world.book(desk.claim(TWO_PM)).await.unwrap().id;
    desk.world.run("update appointment_types set web_mode = 'off'", &[]).await;
    let elsewhere = desk.claim("2026-11-24T20:00:00Z");
    assert_eq!(code(desk.world.reschedule(id, elsewhere, patient()).await), Some(RejectionCode::Forbidden));
    desk.world.reschedule(id, elsewhere, member()).await.unwrap();
    desk.world.cancel(id, patient()).await.unwrap();
}
