//! One person, two patients, and the other way round.

use chrono::NaiveDate;
use domain::RejectionCode;
use domain::id::{AppointmentTypeId, ConversationId, MemberId, PractitionerId};
use futures::future::join_all;
use sqlx::PgPool;

use super::merging::{self, By};
use super::relating::{self, Relation};
use super::verifying::{self, Level, Tried};
use super::*;
use crate::MIGRATOR;
use crate::booking::{self, Booking, Channel, Owner, SlotClaim};
use crate::messaging::ledger::Way;
use crate::testing::World;

fn person(name: &str, phone: Option<&str>, email: Option<&str>) -> PatientDetails {
    let input = PatientInput { name: name.into(), phone: phone.map(str::to_owned), email: email.map(str::to_owned) };
    input.read("US").unwrap()
}

const PHONE: Option<&str> = Some("+15551234567");
const EMAIL: Option<&str> = Some("ada@example.com");

struct Desk {
    world: World,
    mia: PractitionerId,
    kind: AppointmentTypeId,
}

async fn desk(pool: PgPool) -> Desk {
    let world = World::new(pool).await;
    let kind = world.appointment_type("haircut", 45).await;
    let mia = world.practitioner().await;
    Desk { world, mia, kind }
}

impl Desk {
    async fn resolve(&self, details: &PatientDetails) -> Resolved {
        let (now, details) = (self.world.now(), details.clone());
        let resolved = self.world.db.transaction(self.world.clinic, move |tx| {
            let details = details.clone();
            Box::pin(async move { resolve(tx, now, &details, None).await })
        });
        resolved.await.unwrap()
    }

    async fn merge(&self, from: PatientId, into: PatientId) -> Result<uuid::Uuid> {
        let mut tx = self.world.tx().await;
        let merge = merging::merge(&mut tx, self.world.now(), from, into, By::Key).await?;
        tx.commit().await?;
        Ok(merge)
    }

    /// Books a visit on this day for somebody, in a conversation of theirs.
    async fn visit(&self, day: &str, details: &PatientDetails, conversation: ConversationId) -> booking::Confirmed {
        let owner = Owner::Session(conversation);
        let claim = SlotClaim {
            practitioner_id: self.mia,
            appointment_type_id: self.kind,
            starts_at: format!("{day}T15:00:00Z").parse().unwrap(),
        };
        let hold = self.world.hold(owner, claim).await.unwrap();
        let booking = Booking {
            patient: details.clone(),
            conversation_id: Some(conversation),
            ..self.world.booking(owner, hold)
        };
        let mut tx = self.world.tx().await;
        let confirmed = booking::confirm(&mut tx, self.world.now(), &booking).await.unwrap();
        tx.commit().await.unwrap();
        confirmed
    }

    /// By a code to their phone, if it is contact data that this opens.
    async fn prove(&self, conversation: ConversationId, patient: PatientId, level: i16) {
        let method = if level == 2 { "one_time_code" } else { "name_and_birth_date" };
        let mut tx = self.world.tx().await;
        sqlx::query(
            "insert into verifications
                    (verification_id, conversation_id, patient_id, level, method, channel, address, verified_at)
             select gen_random_uuid(), $1, patient_id, $3, $4, case $3 when 2 then 'sms' end,
                    case $3 when 2 then phone end, now()
             from patients where patient_id = $2",
        )
        .bind(conversation.uuid())
        .bind(patient.uuid())
        .bind(level)
        .bind(method)
        .execute(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// The code that goes to what is on file of whoever is there.
    async fn code(&self, conversation: ConversationId, way: Way) -> String {
        let (now, mut tx) = (self.world.now(), self.world.tx().await);
        codes::send(&mut tx, now, conversation, way, None).await.unwrap();
        let words: String = sqlx::query_scalar(
            "select concat_ws(' ', subject, body) from outbox where kind = 'one_time_code' order by outbox_id desc limit 1",
        )
        .fetch_one(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        words.split(|letter: char| !letter.is_ascii_digit()).find(|part| part.len() == 6).unwrap().to_owned()
    }

    async fn try_code(&self, conversation: ConversationId, code: &str) -> Tried<Vec<PatientId>> {
        let mut tx = self.world.tx().await;
        let tried = codes::confirm(&mut tx, self.world.now(), conversation, code).await.unwrap();
        tx.commit().await.unwrap();
        tried
    }

    async fn show_code(&self, conversation: ConversationId, way: Way) {
        let code = self.code(conversation, way).await;
        assert!(matches!(self.try_code(conversation, &code).await, Tried::Proven(_)));
    }

    async fn give(&self, conversation: ConversationId, phone: &str) {
        let (now, mut tx) = (self.world.now(), self.world.tx().await);
        let new = contact::NewContact::read(Some(phone), None, "US").unwrap();
        let changed = contact::change(&mut tx, now, conversation, Channel::Web, None, &new).await.unwrap();
        assert!(matches!(changed, contact::Changed::Made(_)));
        tx.commit().await.unwrap();
    }

    async fn whose(&self, confirmed: &booking::Confirmed) -> PatientId {
        let mut tx = self.world.tx().await;
        let id = confirmed.appointment.id;
        booking::appointments::by_id(&mut tx, id).await.unwrap().unwrap().patient.unwrap().id
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_many_who_come_at_once_with_the_same_details_one_patient_is_made(pool: PgPool) {
    let desk = desk(pool).await;
    let ada = person("Ada Lovelace", PHONE, EMAIL);
    let loud = person("ADA LOVELACE", PHONE, EMAIL);
    let found = join_all((0..24).map(|n| desk.resolve(if n % 2 == 0 { &ada } else { &loud }))).await;
    assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
    assert_eq!(desk.world.count("patients").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_household_shares_a_number_and_nothing_else(pool: PgPool) {
    let desk = desk(pool).await;
    let all = [
        person("Ada Lovelace", PHONE, None),
        person("Annabella Lovelace", PHONE, None),
        person("Ada Lovelace", PHONE, None).born(NaiveDate::from_ymd_opt(2015, 5, 12), day()).unwrap(),
        person("Ada Lovelace", PHONE, Some("another@example.com")),
    ];
    let mut found = Vec::new();
    for one in &all {
        found.push(desk.resolve(one).await.patient);
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 4, "what is typed merges nobody");
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whoever_proved_to_be_somebody_is_them_whatever_else_they_give(pool: PgPool) {
    let desk = desk(pool).await;
    let known = desk.resolve(&person("Ada Lovelace", PHONE, None)).await.patient;
    let elsewhere = person("Ada Lovelace", PHONE, EMAIL);
    let (proven, typed) = (desk.world.conversation().await, desk.world.conversation().await);
    desk.prove(proven, known, 2).await;
    desk.prove(typed, known, 1).await;

    let unproven = desk.visit("2026-11-24", &elsewhere, typed).await;
    assert_ne!(desk.whose(&unproven).await, known, "a birth date does not change how somebody is reached");
    let visit = desk.visit("2026-11-25", &elsewhere, proven).await;
    assert_eq!(desk.whose(&visit).await, known);
    assert_eq!(desk.whose(&unproven).await, known, "they are one person now");

    let mut tx = desk.world.tx().await;
    let history = merging::history(&mut tx, known).await.unwrap();
    assert_eq!((history.len(), history[0].via.as_str(), history[0].email.as_deref()), (1, "proof", EMAIL));
    let other = person("Ada Byron", PHONE, EMAIL);
    drop(tx);
    let visit = desk.visit("2026-11-26", &other, proven).await;
    assert_ne!(desk.whose(&visit).await, known, "another name is another person");
}

/// Somebody who knows Ada's name and number, and reads no text of hers.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_code_proves_the_address_it_went_to_and_no_other_of_the_same_row(pool: PgPool) {
    let desk = desk(pool).await;
    let ada = person("Ada Lovelace", PHONE, None);
    let hers = desk.visit("2026-11-23", &ada, desk.world.conversation().await).await;
    let chat = desk.world.conversation().await;
    let beside = person("Ada Lovelace", PHONE, Some("mallory@evil.example"));
    let theirs = desk.whose(&desk.visit("2026-11-24", &beside, chat).await).await;
    desk.show_code(chat, Way::Email).await;

    let again = desk.visit("2026-11-25", &ada, chat).await;
    assert_ne!(desk.whose(&hers).await, theirs, "the number they have in common was not proved");
    assert_ne!(desk.whose(&again).await, theirs);
    assert_eq!(verifying::level(&mut desk.world.tx().await, chat, hers.appointment.id).await.unwrap(), Level::Channel);

    let other = person("Ada Lovelace", Some("+15559876543"), Some("mallory@evil.example"));
    let merged = desk.visit("2026-11-26", &other, chat).await;
    assert_eq!(desk.whose(&merged).await, theirs, "the address was");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_code_of_somebody_who_was_erased_proves_nothing(pool: PgPool) {
    let desk = desk(pool).await;
    let chat = desk.world.conversation().await;
    let ada = desk.whose(&desk.visit("2026-12-01", &person("Ada Lovelace", PHONE, EMAIL), chat).await).await;
    let code = desk.code(chat, Way::Sms).await;
    // Whatever else of them is still there.
    desk.world.run("update patients set erased_at = now()", &[]).await;
    assert!(matches!(desk.try_code(chat, &code).await, Tried::Failed(_)));
    desk.world.run("update patients set erased_at = null", &[]).await;

    let (now, mut tx) = (desk.world.now(), desk.world.tx().await);
    erasing::erase(&mut tx, now, ada, None).await.unwrap();
    tx.commit().await.unwrap();

    assert!(matches!(desk.try_code(chat, &code).await, Tried::Failed(_)));
    assert_eq!(desk.world.count("one_time_codes").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_number_that_was_put_on_file_later_was_proved_by_nobody(pool: PgPool) {
    let desk = desk(pool).await;
    let ada = person("Ada Lovelace", PHONE, None);
    let hers = desk.visit("2026-11-23", &ada, desk.world.conversation().await).await;
    let chat = desk.world.conversation().await;
    let own = person("Ada Lovelace", Some("+15559876543"), Some("mallory@evil.example"));
    let theirs = desk.whose(&desk.visit("2026-11-24", &own, chat).await).await;
    desk.show_code(chat, Way::Sms).await;
    desk.give(chat, PHONE.unwrap()).await;

    let again = desk.visit("2026-11-25", &ada, chat).await;
    assert_ne!(desk.whose(&hers).await, theirs, "their code went to another number");
    assert_ne!(desk.whose(&again).await, theirs);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn staff_who_say_who_it_is_say_so_of_every_address(pool: PgPool) {
    let desk = desk(pool).await;
    let known = desk.resolve(&person("Ada Lovelace", PHONE, EMAIL)).await.patient;
    let chat = desk.world.conversation().await;
    let mut tx = desk.world.tx().await;
    codes::vouch(&mut tx, desk.world.now(), chat, known, MemberId::new()).await.unwrap();
    tx.commit().await.unwrap();
    let visit = desk.visit("2026-11-24", &person("Ada Lovelace", PHONE, None), chat).await;
    assert_eq!(desk.whose(&visit).await, known);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_merge_takes_everything_along_and_undoing_it_gives_everything_back(pool: PgPool) {
    let desk = desk(pool).await;
    let (by_phone, by_mail) = (person("Ada Lovelace", PHONE, None), person("Ada Lovelace", None, EMAIL));
    let (chat, other) = (desk.world.conversation().await, desk.world.conversation().await);
    let (one, two) = (desk.visit("2026-11-24", &by_phone, chat).await, desk.visit("2026-11-25", &by_mail, other).await);
    let (from, into) = (desk.whose(&two).await, desk.whose(&one).await);

    let merge = desk.merge(from, into).await.unwrap();
    assert_eq!(desk.whose(&two).await, into);
    assert_eq!(desk.resolve(&by_mail).await, Resolved { patient: into, given_as: from });
    let since = desk.visit("2026-11-26", &by_mail, desk.world.conversation().await).await;
    assert_eq!(desk.whose(&since).await, into);
    assert!(desk.merge(from, into).await.is_err(), "once is enough");

    let mut tx = desk.world.tx().await;
    merging::undo(&mut tx, desk.world.now(), merge, By::Key).await.unwrap();
    assert!(merging::undo(&mut tx, desk.world.now(), merge, By::Key).await.is_err());
    tx.commit().await.unwrap();
    assert_eq!(
        (desk.whose(&one).await, desk.whose(&two).await, desk.whose(&since).await),
        (into, from, from),
        "with what was booked under those details since"
    );
    let mut tx = desk.world.tx().await;
    let linked: Option<uuid::Uuid> =
        sqlx::query_scalar("select patient_id from conversations where conversation_id = $1")
            .bind(other.uuid())
            .fetch_one(tx.conn())
            .await
            .unwrap();
    assert_eq!(linked, Some(from.uuid()));
    let history = merging::history(&mut tx, into).await.unwrap();
    assert_eq!(history[0].undone_at, Some(desk.world.now()));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_was_born_on_another_day_is_not_merged(pool: PgPool) {
    let desk = desk(pool).await;
    let born = |date: &str| person("Ada Lovelace", PHONE, None).born(date.parse().ok(), day()).unwrap();
    let (one, two) = (desk.resolve(&born("1985-12-10")).await.patient, desk.resolve(&born("2015-05-12")).await.patient);
    assert!(desk.merge(one, two).await.is_err());
    assert!(desk.merge(one, one).await.is_err());
    assert!(desk.merge(PatientId::new(), one).await.is_err());
    assert!(merging::alike(&mut desk.world.tx().await, one).await.unwrap().is_empty());
    let undated = desk.resolve(&person("ada lovelace", PHONE, EMAIL)).await.patient;
    assert_eq!(merging::alike(&mut desk.world.tx().await, one).await.unwrap(), [undated]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_proven_parent_sees_and_changes_the_childs_visit_until_staff_say_otherwise(pool: PgPool) {
    let desk = desk(pool).await;
    let born = NaiveDate::from_ymd_opt(1985, 12, 10);
    let parent = desk.resolve(&person("Ada Lovelace", PHONE, None).born(born, day()).unwrap()).await.patient;
    let child = person("Annabella Lovelace", PHONE, None);
    let visit = desk.visit("2026-11-24", &child, desk.world.conversation().await).await;
    let id = visit.appointment.id;
    let chat = desk.world.conversation().await;
    let (now, mut tx) = (desk.world.now(), desk.world.tx().await);
    let proven = verifying::by_birth_date(&mut tx, now, chat, "Ada Lovelace", born.unwrap()).await.unwrap();
    assert!(matches!(proven, Tried::Proven(())));
    assert_eq!(verifying::level(&mut tx, chat, id).await.unwrap(), Level::Channel, "a number in common is no proof");

    let of_child = desk.whose(&visit).await;
    relating::relate(&mut tx, now, parent, of_child, Relation::Parent, None).await.unwrap();
    assert_eq!(verifying::level(&mut tx, chat, id).await.unwrap(), Level::Visit);
    let seen = verifying::visits(&mut tx, chat, now).await.unwrap();
    assert_eq!(seen.iter().map(|visit| visit.id).collect::<Vec<_>>(), [id]);
    booking::appointments::check_owner(&mut tx, id, Owner::Session(chat)).await.unwrap();
    assert!(relating::relate(&mut tx, now, parent, parent, Relation::Parent, None).await.is_err());

    // And not the other way round.
    let other = ConversationId::new();
    crate::conversations::open(&mut tx, other, crate::booking::Channel::Web, now).await.unwrap();
    let code = visit.appointment.confirmation_code.as_str();
    let opened = verifying::by_code(&mut tx, now, other, code).await.unwrap();
    assert!(matches!(opened, Tried::Proven(_)));
    relating::part(&mut tx, parent, of_child).await.unwrap();
    assert_eq!(verifying::level(&mut tx, chat, id).await.unwrap(), Level::Channel);
    assert_eq!(verifying::level(&mut tx, other, id).await.unwrap(), Level::Visit);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let input = PatientInput { name: String::new(), phone: Some("12".into()), email: Some("nope".into()) };
    let rejection = input.read("US").unwrap_err();
    assert_eq!(rejection.code, RejectionCode::Invalid);
    let fields: Vec<_> = rejection.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["patient.name", "patient.phone", "patient.email"]);
}

#[test]
fn someone_who_cannot_be_reached_is_refused() {
    let input = PatientInput { name: "Ada".into(), phone: Some(" ".into()), email: None };
    assert_eq!(input.read("US").unwrap_err().errors[0].field, "patient.phone");
}
