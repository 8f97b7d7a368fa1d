//! A clinic with two addresses.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::booking::changes::{Plan, ScheduleChange, change, preview};
use crate::booking::stranding::Decision;

const THREE_PM: &str = "2026-11-24T20:00:00Z";

/// Mia Lin works uptown, Noah Reyes downtown, and each place has one chair.
struct Town {
    world: World,
    haircut: AppointmentTypeId,
    lin: PractitionerId,
    reyes: PractitionerId,
    uptown: Uuid,
    downtown: Uuid,
    chairs: [Uuid; 2],
}

async fn town(pool: PgPool) -> Town {
    let world = World::new(pool).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let (lin, reyes) = (world.practitioner().await, world.practitioner_called("Noah Reyes").await);
    let chairs = [world.room("Chair uptown").await, world.room("Chair downtown").await];
    world.need(haircut, 1, &chairs).await;
    let [uptown, downtown] = [(); 2].map(|()| domain::Id::<()>::new().uuid());
    let place = "insert into locations (location_id, name, address) values ($1, 'Uptown', '1 High Street'),
                                                                          ($2, 'Downtown', null)";
    world.run(place, &[uptown, downtown]).await;
    for (practitioner, chair, place) in [(lin, chairs[0], uptown), (reyes, chairs[1], downtown)] {
        world
            .run("update practitioners set location_id = $1 where practitioner_id = $2", &[place, practitioner.uuid()])
            .await;
        world.run("update rooms set location_id = $1 where room_id = $2", &[place, chair]).await;
    }
    Town { world, haircut, lin, reyes, uptown, downtown, chairs }
}

impl Town {
    fn with(&self, who: PractitionerId, start: &str) -> SlotClaim {
        visit(who, self.haircut, start)
    }

    async fn room_of(&self, visit: &Appointment) -> Uuid {
        sqlx::query_scalar("select room_id from occupancies where appointment_id = $1 and room_id is not null")
            .bind(visit.id.uuid())
            .fetch_one(self.world.tx().await.conn())
            .await
            .unwrap()
    }

    async fn change(&self, wanted: serde_json::Value, plan: Plan) -> Result<()> {
        let wanted: ScheduleChange = serde_json::from_value(wanted).unwrap();
        let mut tx = self.world.tx().await;
        change(&mut tx, self.world.now(), &wanted, &plan, member()).await?;
        tx.commit().await
    }

    async fn stranded(&self, wanted: serde_json::Value) -> Vec<(AppointmentId, Vec<Reason>)> {
        let wanted: ScheduleChange = serde_json::from_value(wanted).unwrap();
        let found = preview(&mut self.world.tx().await, self.world.now(), &wanted).await.unwrap();
        found.into_iter().map(|visit| (visit.appointment.id, visit.reasons)).collect()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_is_in_a_room_where_its_practitioner_works(pool: PgPool) {
    let town = town(pool).await;
    let downtown = town.world.book(town.with(town.reyes, TWO_PM)).await.unwrap();
    assert_eq!(town.room_of(&downtown).await, town.chairs[1], "the first room in the clinic's order is elsewhere");
    town.world.run("update rooms set active = false where room_id = $1", &town.chairs[1..]).await;
    assert!(!town.world.is_offered(town.with(town.reyes, THREE_PM)).await);
    assert_eq!(town.world.reasons(town.with(town.reyes, THREE_PM)).await, [Reason::Room]);
    assert_eq!(code(town.world.book(town.with(town.reyes, THREE_PM)).await), Some(RejectionCode::SlotTaken));
    assert!(town.world.is_offered(town.with(town.lin, TWO_PM)).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_or_what_belongs_nowhere_is_at_home_everywhere(pool: PgPool) {
    let town = town(pool).await;
    town.world
        .run("update practitioners set location_id = null where practitioner_id = $1", &[town.reyes.uuid()])
        .await;
    let anywhere = town.world.book(town.with(town.reyes, TWO_PM)).await.unwrap();
    assert_eq!(town.room_of(&anywhere).await, town.chairs[0]);
    assert_eq!(anywhere.location.unwrap().name, "Uptown", "a visit is where its room is");
    town.world.run("update rooms set location_id = null where room_id = $1", &town.chairs[1..]).await;
    let uptown = town.world.book(town.with(town.lin, TWO_PM)).await.unwrap();
    assert_eq!(town.room_of(&uptown).await, town.chairs[1]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_place_out_of_use_is_closed_and_strands_its_visits(pool: PgPool) {
    let town = town(pool).await;
    let uptown = town.world.book(town.with(town.lin, TWO_PM)).await.unwrap();
    town.world.book(town.with(town.reyes, TWO_PM)).await.unwrap();
    let close = json!({ "kind": "location", "id": town.uptown, "fields": { "active": false } });
    assert_eq!(town.stranded(close.clone()).await, [(uptown.id, vec![Reason::Closed, Reason::Room])]);
    assert_eq!(code(town.change(close.clone(), Plan::new()).await), Some(RejectionCode::Invalid));

    town.change(close, Plan::from([(uptown.id, Decision::Keep)])).await.unwrap();

    assert!(!town.world.is_offered(town.with(town.lin, THREE_PM)).await);
    assert!(town.world.is_offered(town.with(town.reyes, THREE_PM)).await);
    let explained = town.explained(town.lin, THREE_PM).await;
    assert_eq!(explained[0], "Mia Lin, Tue 24 Nov, 3:00 PM: Uptown is not in use.");
    town.change(json!({ "kind": "location", "id": town.uptown, "fields": { "active": true } }), Plan::new())
        .await
        .unwrap();
    assert!(town.world.is_offered(town.with(town.lin, THREE_PM)).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_does_not_move_across_town_unsaid(pool: PgPool) {
    let town = town(pool).await;
    let visit = town.world.book(town.with(town.lin, TWO_PM)).await.unwrap();
    town.world.run("delete from room_needs", &[]).await;
    let go = json!({ "kind": "practitioner", "id": town.lin, "fields": { "location": town.downtown } });
    assert_eq!(town.stranded(go.clone()).await, [(visit.id, vec![Reason::Location])]);
    assert_eq!(code(town.change(go.clone(), Plan::new()).await), Some(RejectionCode::Invalid));
    town.change(go, Plan::from([(visit.id, Decision::Ask { message: None })])).await.unwrap();
    assert_eq!(town.world.tasks().await.len(), 1);
}

impl Town {
    async fn explained(&self, who: PractitionerId, start: &str) -> Vec<String> {
        let (mut tx, now) = (self.world.tx().await, self.world.now());
        let explained =
            explain(&mut tx, now, "haircut", Some(who), Channel::Web, At::Instant(at(start))).await.unwrap();
        let told = explained.for_staff(&mut tx).await.unwrap();
        assert_eq!(told.len(), explained.reasons.len());
        told.into_iter().map(|told| told.detail).collect()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patient_is_told_where_a_visit_is(pool: PgPool) {
    let town = town(pool).await;
    let visit = town.world.book(town.with(town.lin, TWO_PM)).await.unwrap();
    let place = visit.location.clone().unwrap();
    assert_eq!((place.id, place.to_string().as_str()), (town.uptown, "Uptown, 1 High Street"));
    let mut tx = town.world.tx().await;
    let file =
        crate::booking::calendar_file::calendar_file(&mut tx, town.world.now(), visit.id).await.unwrap().unwrap();
    assert!(file.contains("LOCATION:Uptown\\, 1 High Street"), "{file}");
}
