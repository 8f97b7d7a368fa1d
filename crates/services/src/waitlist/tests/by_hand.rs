//! What staff do about the waiting list themselves.

use domain::RejectionCode;
use domain::id::MemberId;

use super::super::adding::{Added, add};
use super::super::choosing::{Chosen, Offer, offer as offer_by_hand, suiting};
use super::*;
use crate::identity::searching;

async fn member(desk: &Desk) -> MemberId {
    let member = MemberId::new();
    desk.world
        .run(
            "insert into members (member_id, email, name, role, password_hash)
             values ($1, $1 || '@example.com', 'Rosa Delgado', 'front_desk', '')",
            &[member.uuid()],
        )
        .await;
    member
}

async fn offers_by_hand(desk: &Desk, entry: Uuid, starts_at: &str, by: MemberId) -> Result<Offer> {
    let (now, links) = (desk.world.now(), desk.post.links.clone());
    let chosen = Chosen { practitioner: desk.lin, starts_at: at(starts_at) };
    desk.world
        .db
        .transaction(desk.world.clinic, move |tx| {
            let links = links.clone();
            Box::pin(async move { offer_by_hand(tx, now, &links, entry, chosen, by).await })
        })
        .await
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T>) -> domain::Rejection {
    match outcome {
        Err(Error::Rejected(rejection)) => rejection,
        other => panic!("{other:?} is not refused"),
    }
}

async fn says_stop(desk: &Desk, number: &str) {
    let stop = Stop { way: Way::Sms, address: number, via: Via::Keyword, words: None, member: None };
    let mut tx = desk.world.tx().await;
    ledger::stop(&mut tx, desk.world.now(), &stop).await.unwrap();
    tx.commit().await.unwrap();
}

/// Nothing is kept, and nothing was written to anybody.
async fn nothing_came_of_it(desk: &Desk) {
    for table in ["waitlist_offers", "holds", "outbox"] {
        assert_eq!(desk.world.count(table).await, 0, "{table}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn staff_put_a_patient_on_the_list_once_and_are_named(pool: PgPool) {
    let desk = desk(pool).await;
    let rosa = member(&desk).await;
    let mut tx = desk.world.tx().await;
    let now = desk.world.now();
    let input = PatientInput { name: "Ben Low".into(), phone: Some(BEN.into()), email: Some("ben@example.com".into()) };
    let patient = identity::resolve(&mut tx, now, &input.read("US").unwrap(), None).await.unwrap().patient;
    let tuesday = "2026-11-24".parse().unwrap();
    let mut wish = Wish {
        patient,
        conversation: None,
        appointment_type: desk.haircut,
        practitioner: Some(desk.lin),
        from: tuesday,
        to: tuesday,
        earliest: None,
        latest: Some(12 * 60),
        note: Some("Rang twice".into()),
    };
    let first = add(&mut tx, now, now.date_naive(), &wish, rosa).await.unwrap();
    let Added::New(entry) = first else { panic!("{first:?}") };
    assert_eq!(add(&mut tx, now, now.date_naive(), &wish, rosa).await.unwrap(), Added::Already(entry));
    let listed = listing::list(&mut tx, None, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].added_by.as_deref(), Some("Rosa Delgado"));
    assert_eq!(listed[0].note.as_deref(), Some("Rang twice"));
    let audited: Vec<(String, serde_json::Value)> =
        sqlx::query_as("select kind, detail from audit_entries").fetch_all(tx.conn()).await.unwrap();
    assert_eq!(audited.len(), 1);
    assert_eq!((audited[0].0.as_str(), &audited[0].1["member_id"]), ("waitlist_joined", &serde_json::json!(rosa)));
    let agreed: Vec<(String, String)> =
        sqlx::query_as("select channel, given_on from consents order by channel").fetch_all(tx.conn()).await.unwrap();
    assert_eq!(agreed, [("email".into(), "console".into()), ("sms".into(), "console".into())]);

    wish.to = "2026-11-23".parse().unwrap();
    assert_eq!(refusal(add(&mut tx, now, now.date_naive(), &wish, rosa).await).errors[0].field, "to");
    (wish.to, wish.patient) = (tuesday, PatientId::new());
    assert_eq!(refusal(add(&mut tx, now, now.date_naive(), &wish, rosa).await).code, RejectionCode::NotFound);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patient_is_found_by_part_of_a_name_a_number_or_an_address(pool: PgPool) {
    let desk = desk(pool.clone()).await;
    waits(&desk, "Ben Low", BEN, (14, 14)).await;
    waits(&desk, "Cleo Day", CLEO, (14, 14)).await;
    let mut tx = desk.world.tx().await;
    for (typed, expected) in [
        ("lo", vec!["Ben Low"]),
        ("LOW", vec!["Ben Low"]),
        ("(555) 000-0002", vec!["Cleo Day"]),
        ("555 000", vec!["Ben Low", "Cleo Day"]),
        ("Cleo 000", vec![]),
        ("55", vec![]),
        ("%", vec![]),
        (" ", vec![]),
    ] {
        let found = searching::search(&mut tx, typed, 10).await.unwrap();
        assert_eq!(found.into_iter().map(|patient| patient.name).collect::<Vec<_>>(), expected, "{typed}");
    }
    let other = super::desk(pool).await;
    assert!(searching::search(&mut other.world.tx().await, "low", 10).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn staff_offer_a_time_though_offers_are_off_and_it_is_kept_sent_and_taken(pool: PgPool) {
    let desk = desk(pool).await;
    set(&desk, MessagingSettings { waitlist_offers: false, ..MessagingSettings::default() }).await;
    let rosa = member(&desk).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 15)).await;
    let now = desk.world.now();
    let found = suiting(&mut desk.world.tx().await, now, ben, None).await.unwrap();
    assert_eq!(found.slots.first().map(|slot| slot.claim.starts_at), Some(at(TWO_PM)));
    assert!(found.slots.iter().all(|slot| slot.claim.starts_at <= at(THREE_PM)), "{found:?}");

    let made = offers_by_hand(&desk, ben, TWO_PM, rosa).await.unwrap();
    assert_eq!(made.way, Way::Sms);
    assert!(desk.world.hold(desk.world.session(), desk.claim(TWO_PM)).await.is_err(), "it is kept");
    desk.send_all().await;
    let text = desk.texts().await.into_iter().find(|text| text.kind == "waitlist_offer").unwrap();
    assert_eq!((text.address.as_str(), text.status.as_str()), (BEN, "sent"));
    let listed = listing::list(&mut desk.world.tx().await, None, 10).await.unwrap();
    assert_eq!(listed[0].offers[0].offered_by.as_deref(), Some("Rosa Delgado"));
    assert_eq!(listed[0].offers[0].told, Some(("sms".into(), "sent".into())));
    let event: (String, Option<Uuid>, String) =
        sqlx::query_as("select actor, actor_id, channel from events where kind = 'OfferMade'")
            .fetch_one(desk.world.tx().await.conn())
            .await
            .unwrap();
    assert_eq!(event, ("member".into(), Some(rosa.uuid()), "console".into()));

    assert!(matches!(takes(&desk, made.id).await, Ok(Answer::Booked(_))));
    assert_eq!(booked(&desk).await, ["Ben"]);
    assert!(refusal(offers_by_hand(&desk, ben, THREE_PM, rosa).await).message.contains("not on the list any more"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_staff_who_offer_one_time_at_once_one_does_and_the_other_hears_why(pool: PgPool) {
    for round in 0..4 {
        let desk = desk(pool.clone()).await;
        let rosa = member(&desk).await;
        let ben = waits(&desk, "Ben Low", BEN, (14, 15)).await;
        let cleo = waits(&desk, "Cleo Day", CLEO, (14, 15)).await;
        let all = [ben, cleo].map(|entry| offers_by_hand(&desk, entry, TWO_PM, rosa));
        let outcomes = join_all(all).await;
        let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((made.len(), refused.len()), (1, 1), "round {round}");
        let refused = refused.into_iter().map(refusal).collect::<Vec<_>>();
        assert_eq!(refused[0].code, RejectionCode::SlotTaken, "{refused:?}");
        for table in ["waitlist_offers", "holds", "outbox"] {
            assert_eq!(desk.world.count(table).await, 1, "{table}: nothing is left half done");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_who_waits_is_offered_one_time_by_however_many_at_once(pool: PgPool) {
    let desk = desk(pool).await;
    let rosa = member(&desk).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 15)).await;
    let all = (0..8).map(|n| offers_by_hand(&desk, ben, if n % 2 == 0 { TWO_PM } else { THREE_PM }, rosa));
    let (made, refused): (Vec<_>, Vec<_>) = join_all(all).await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 7));
    for refused in refused {
        assert!(refusal(refused).message.contains("already kept for them"));
    }
    assert_eq!(desk.world.count("holds").await, 1);
    let twin = waits(&desk, "Bea Low", BEN, (14, 15)).await;
    let refused = refusal(offers_by_hand(&desk, twin, THREE_PM, rosa).await);
    assert!(refused.message.contains("same phone number"), "an answer would be about either: {refused}");
}

/// What the database holds, whatever the code does before.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_second_open_offer_is_refused_by_the_database(pool: PgPool) {
    let desk = desk(pool).await;
    let rosa = member(&desk).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 15)).await;
    offers_by_hand(&desk, ben, TWO_PM, rosa).await.unwrap();
    let again = sqlx::query(
        "insert into waitlist_offers (waitlist_offer_id, waitlist_entry_id, hold_id, practitioner_id, starts_at, ends_at,
                                      asked_for_them, others, offered_at, expires_at)
         select gen_random_uuid(), waitlist_entry_id, gen_random_uuid(), practitioner_id, starts_at, ends_at,
                asked_for_them, others, offered_at, expires_at
         from waitlist_offers",
    )
    .execute(desk.world.tx().await.conn())
    .await;
    assert!(again.unwrap_err().to_string().contains("waitlist_offers_one_open"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_that_was_booked_meanwhile_or_suits_nobody_is_not_offered(pool: PgPool) {
    let desk = desk(pool).await;
    let rosa = member(&desk).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 14)).await;
    assert_eq!(refusal(offers_by_hand(&desk, ben, THREE_PM, rosa).await).code, RejectionCode::SlotTaken);
    assert_eq!(refusal(offers_by_hand(&desk, ben, "2026-11-25T19:00:00Z", rosa).await).code, RejectionCode::SlotTaken);
    nothing_came_of_it(&desk).await;
    let session = desk.world.session();
    desk.world.hold(session, desk.claim(TWO_PM)).await.unwrap();
    assert_eq!(refusal(offers_by_hand(&desk, ben, TWO_PM, rosa).await).code, RejectionCode::SlotTaken);
    assert_eq!(desk.world.count("waitlist_offers").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_cannot_be_told_is_offered_nothing_and_staff_hear_why(pool: PgPool) {
    let desk = desk(pool).await;
    let rosa = member(&desk).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 14)).await;
    says_stop(&desk, BEN).await;
    let refused = refusal(offers_by_hand(&desk, ben, TWO_PM, rosa).await);
    assert_eq!(
        refused.message,
        "Nothing can be sent to them: they asked for no more texts, and there is no e-mail address on file. Please call \
         them or tell them in person."
    );
    assert!(suiting(&mut desk.world.tx().await, desk.world.now(), ben, None).await.is_err());
    let cleo = waits(&desk, "Cleo Day", CLEO, (14, 14)).await;
    set(&desk, MessagingSettings { sms: false, ..MessagingSettings::default() }).await;
    let refused = refusal(offers_by_hand(&desk, cleo, TWO_PM, rosa).await);
    assert!(refused.message.contains("the clinic sends no texts"), "{refused}");
    set(&desk, MessagingSettings::default()).await;
    desk.world.wait(Duration::hours(12));
    let refused = refusal(offers_by_hand(&desk, cleo, TWO_PM, rosa).await);
    assert!(refused.message.contains("quiet hours") && refused.message.contains("8:00 AM"), "{refused}");
    nothing_came_of_it(&desk).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_has_been_sent_enough_is_not_claimed_to_be_told(pool: PgPool) {
    let desk = desk(pool).await;
    let rosa = member(&desk).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 15)).await;
    let made = offers_by_hand(&desk, ben, TWO_PM, rosa).await.unwrap();
    desk.send_all().await;
    let now = desk.world.now();
    let mut tx = desk.world.tx().await;
    crate::waitlist::answering::decline(&mut tx, now, made.id, Channel::Web).await.unwrap();
    tx.commit().await.unwrap();
    let refused = refusal(offers_by_hand(&desk, ben, THREE_PM, rosa).await);
    assert!(refused.message.contains("as many messages as they may get"), "{refused}");
    assert_eq!(offers(&desk).await, [offer("Ben", "declined")]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_begins_before_anybody_answers_is_not_offered(pool: PgPool) {
    let desk = desk(pool).await;
    let rosa = member(&desk).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 15)).await;
    for minutes in [3, 0] {
        desk.world.wait(at(TWO_PM) - desk.world.now() - Duration::minutes(minutes));
        assert_eq!(refusal(offers_by_hand(&desk, ben, TWO_PM, rosa).await).code, RejectionCode::SlotTaken);
        let found = suiting(&mut desk.world.tx().await, desk.world.now(), ben, None).await.unwrap();
        assert!(found.slots.first().is_some_and(|slot| slot.claim.starts_at > at(TWO_PM)), "{found:?}");
    }
    nothing_came_of_it(&desk).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_nobody_could_take_is_not_offered(pool: PgPool) {
    let desk = desk(pool).await;
    let rosa = member(&desk).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 14)).await;
    desk.world.run("update appointment_types set web_mode = 'off'", &[]).await;
    let refused = refusal(offers_by_hand(&desk, ben, TWO_PM, rosa).await);
    assert!(refused.message.contains("not booked on the web"), "{refused}");
    desk.world.run("update appointment_types set active = false", &[]).await;
    let refused = refusal(offers_by_hand(&desk, ben, TWO_PM, rosa).await);
    assert!(refused.message.contains("does not offer that any more"), "{refused}");
    nothing_came_of_it(&desk).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_clinics_list_is_not_there(pool: PgPool) {
    let (bloom, cedar) = (desk(pool.clone()).await, desk(pool).await);
    let rosa = member(&cedar).await;
    let ben = waits(&bloom, "Ben Low", BEN, (14, 14)).await;
    assert_eq!(refusal(offers_by_hand(&cedar, ben, TWO_PM, rosa).await).code, RejectionCode::NotFound);
    let now = cedar.world.now();
    let seen = suiting(&mut cedar.world.tx().await, now, ben, None).await;
    assert_eq!(refusal(seen).code, RejectionCode::NotFound);
    let closed = listing::close(&mut cedar.world.tx().await, now, ben, rosa).await;
    assert_eq!(refusal(closed).code, RejectionCode::NotFound);
    let patient: Uuid =
        sqlx::query_scalar("select patient_id from patients").fetch_one(bloom.world.tx().await.conn()).await.unwrap();
    let tuesday = "2026-11-24".parse().unwrap();
    let wish = Wish {
        patient: patient.into(),
        conversation: None,
        appointment_type: cedar.haircut,
        practitioner: None,
        from: tuesday,
        to: tuesday,
        earliest: None,
        latest: None,
        note: None,
    };
    let added = add(&mut cedar.world.tx().await, now, now.date_naive(), &wish, rosa).await;
    assert_eq!(refusal(added).code, RejectionCode::NotFound);
    nothing_came_of_it(&cedar).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn staff_who_end_a_wait_are_named_with_it(pool: PgPool) {
    let desk = desk(pool).await;
    let rosa = member(&desk).await;
    let ben = waits(&desk, "Ben Low", BEN, (14, 14)).await;
    offers_by_hand(&desk, ben, TWO_PM, rosa).await.unwrap();
    for _ in 0..2 {
        let mut tx = desk.world.tx().await;
        listing::close(&mut tx, desk.world.now(), ben, rosa).await.unwrap();
        tx.commit().await.unwrap();
    }
    let ended: Vec<(String, Option<Uuid>)> =
        sqlx::query_as("select actor, actor_id from events where kind = 'OfferEnded'")
            .fetch_all(desk.world.tx().await.conn())
            .await
            .unwrap();
    assert_eq!(ended, [("member".to_owned(), Some(rosa.uuid()))]);
    let audited: Vec<String> =
        sqlx::query_scalar("select kind from audit_entries").fetch_all(desk.world.tx().await.conn()).await.unwrap();
    assert_eq!(audited, ["waitlist_closed"], "once");
}
