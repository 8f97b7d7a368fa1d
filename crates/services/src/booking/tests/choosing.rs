//! With whom, when the patient does not mind.

use domain::appointment::Why;

use super::*;

const TUESDAY: &str = "2026-11-24";
const NINE_AM: &str = "2026-11-24T14:00:00Z";
const TEN_AM: &str = "2026-11-24T15:00:00Z";
const ONE_PM: &str = "2026-11-24T18:00:00Z";
const THREE_PM: &str = "2026-11-24T20:00:00Z";

/// Three practitioners, in the clinic's order.
struct Team {
    world: World,
    haircut: AppointmentTypeId,
    lin: PractitionerId,
    reyes: PractitionerId,
    anand: PractitionerId,
}

async fn team(pool: PgPool) -> Team {
    let world = World::new(pool).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let lin = world.practitioner().await;
    let reyes = world.practitioner_called("Noah Reyes").await;
    let anand = world.practitioner_called("Priya Anand").await;
    Team { world, haircut, lin, reyes, anand }
}

impl Team {
    async fn booked(&self, who: PractitionerId, start: &str) -> Appointment {
        self.world.book(visit(who, self.haircut, start)).await.unwrap()
    }

    async fn chosen_of(&self, start: &str, wanted: Wanted) -> (PractitionerId, Why) {
        let found = available(&mut self.world.tx().await, self.world.now(), &wanted).await.unwrap();
        let slot = found.slots.iter().find(|slot| slot.claim.starts_at == at(start)).expect("a time on offer");
        assert_eq!(slot.practitioner.id, slot.claim.practitioner_id.uuid());
        (slot.claim.practitioner_id, slot.why)
    }

    /// Who would see a patient then, and why they.
    async fn chosen(&self, start: &str) -> (PractitionerId, Why) {
        self.chosen_of(start, self.wanted()).await
    }

    fn wanted(&self) -> Wanted {
        Wanted::of("haircut", Channel::Web, TUESDAY.parse().unwrap(), TUESDAY.parse().unwrap())
    }

    async fn usual_of(&self, visit: &Appointment) -> Option<PractitionerId> {
        let patient = visit.patient.as_ref().unwrap().id;
        availability::usual(&mut self.world.tx().await, patient).await.unwrap()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_start_is_offered_once_however_many_are_free(pool: PgPool) {
    let team = team(pool).await;
    let offered = team.world.offered("haircut", TUESDAY).await;
    assert!(offered.windows(2).all(|pair| pair[0].claim.starts_at < pair[1].claim.starts_at));
    assert_eq!(offered.len(), 30);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_start_is_offered_as_long_as_anybody_is_free(pool: PgPool) {
    let team = team(pool).await;
    team.booked(team.lin, TWO_PM).await;
    team.booked(team.reyes, TWO_PM).await;
    assert_eq!(team.chosen(TWO_PM).await, (team.anand, Why::Only));
    team.booked(team.anand, TWO_PM).await;
    let offered = team.world.offered("haircut", TUESDAY).await;
    assert!(offered.iter().all(|slot| slot.claim.starts_at != at(TWO_PM)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_those_who_are_alike_the_clinics_first_is_chosen(pool: PgPool) {
    let team = team(pool).await;
    assert_eq!(team.chosen(TWO_PM).await, (team.lin, Why::First));
    team.world.run("update practitioners set position = -1 where practitioner_id = $1", &[team.anand.uuid()]).await;
    assert_eq!(team.chosen(TWO_PM).await, (team.anand, Why::First));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whoever_has_least_booked_that_day_is_chosen(pool: PgPool) {
    let team = team(pool).await;
    team.booked(team.lin, NINE_AM).await;
    team.booked(team.anand, NINE_AM).await;
    assert_eq!(team.chosen(THREE_PM).await, (team.reyes, Why::LeastBooked));
    team.booked(team.reyes, NINE_AM).await;
    team.booked(team.reyes, TEN_AM).await;
    team.booked(team.lin, TEN_AM).await;
    assert_eq!(team.chosen(THREE_PM).await, (team.anand, Why::LeastBooked));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn visits_of_other_days_and_visits_called_off_do_not_count(pool: PgPool) {
    let team = team(pool).await;
    for start in ["2026-11-25T14:00:00Z", "2026-11-25T15:00:00Z", "2026-11-30T15:00:00Z"] {
        team.booked(team.lin, start).await;
    }
    let gone = team.booked(team.lin, NINE_AM).await;
    team.world.cancel(gone.id, patient()).await.unwrap();
    team.world.busy(team.lin, NINE_AM, TEN_AM).await;
    assert_eq!(team.chosen(THREE_PM).await, (team.lin, Why::First));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_who_have_as_many_the_one_who_has_waited_longest_is_chosen(pool: PgPool) {
    let team = team(pool).await;
    team.booked(team.lin, ONE_PM).await;
    team.booked(team.reyes, NINE_AM).await;
    team.booked(team.anand, TEN_AM).await;
    assert_eq!(team.chosen(THREE_PM).await, (team.reyes, Why::LongestIdle));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_has_not_begun_yet_has_waited_longest(pool: PgPool) {
    let team = team(pool).await;
    team.booked(team.lin, NINE_AM).await;
    team.booked(team.reyes, THREE_PM).await;
    team.booked(team.anand, NINE_AM).await;
    assert_eq!(team.chosen(ONE_PM).await, (team.reyes, Why::LongestIdle));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_with_equally_little_to_do_the_clinics_first_is_chosen(pool: PgPool) {
    let team = team(pool).await;
    team.booked(team.lin, NINE_AM).await;
    assert_eq!(team.chosen(THREE_PM).await, (team.reyes, Why::LeastBooked));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_returning_patient_is_offered_whom_they_know(pool: PgPool) {
    let team = team(pool).await;
    team.booked(team.reyes, NINE_AM).await;
    let wanted = Wanted { usual: Some(team.reyes), ..team.wanted() };
    assert_eq!(team.chosen_of(THREE_PM, wanted.clone()).await, (team.reyes, Why::Usual), "busier, but known");
    assert_eq!(team.chosen_of(NINE_AM, wanted).await, (team.lin, Why::First), "not free then");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whom_a_patient_knows_is_whom_they_saw_last_or_are_to_see(pool: PgPool) {
    let team = team(pool).await;
    let first = team.booked(team.reyes, NINE_AM).await;
    assert_eq!(team.usual_of(&first).await, Some(team.reyes));
    let next = team.booked(team.anand, TWO_PM).await;
    assert_eq!(team.usual_of(&first).await, Some(team.anand));
    team.world.cancel(next.id, patient()).await.unwrap();
    assert_eq!(team.usual_of(&first).await, Some(team.reyes), "a visit called off is not one");
    assert_eq!(availability::usual(&mut team.world.tx().await, domain::id::PatientId::new()).await.unwrap(), None);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_chat_knows_its_patients_usual_practitioner_once_they_have_booked(pool: PgPool) {
    let team = team(pool).await;
    let conversation = team.world.conversation().await;
    assert_eq!(availability::usual_in(&mut team.world.tx().await, conversation).await.unwrap(), None);
    let owner = Owner::Session(conversation);
    let hold = team.world.hold(owner, visit(team.anand, team.haircut, TWO_PM)).await.unwrap();
    let booking = Booking { conversation_id: Some(conversation), ..team.world.booking(owner, hold) };
    let mut tx = team.world.tx().await;
    confirm(&mut tx, team.world.now(), &booking).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(availability::usual_in(&mut team.world.tx().await, conversation).await.unwrap(), Some(team.anand));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_was_asked_for_is_given_whoever_is_busier(pool: PgPool) {
    let team = team(pool).await;
    team.booked(team.lin, NINE_AM).await;
    let wanted = Wanted { practitioner: Some(team.lin), usual: Some(team.reyes), ..team.wanted() };
    assert_eq!(team.chosen_of(THREE_PM, wanted).await, (team.lin, Why::Asked));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_who_left_is_nobodys_usual_choice(pool: PgPool) {
    let team = team(pool).await;
    team.world.run("update practitioners set active = false where practitioner_id = $1", &[team.reyes.uuid()]).await;
    let wanted = Wanted { usual: Some(team.reyes), ..team.wanted() };
    assert_eq!(team.chosen_of(THREE_PM, wanted).await, (team.lin, Why::First));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_day_filled_by_offers_is_shared_fairly(pool: PgPool) {
    let team = team(pool).await;
    for _ in 0..9 {
        let offered = team.world.offered("haircut", TUESDAY).await;
        team.world.book(offered[0].claim).await.unwrap();
    }
    let each: Vec<i64> = sqlx::query_scalar("select count(*) from appointments group by practitioner_id")
        .fetch_all(team.world.tx().await.conn())
        .await
        .unwrap();
    assert_eq!(each, [3, 3, 3]);
}
