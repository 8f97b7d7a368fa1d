//! One believable clinic for tests.
//!
//! Every row is inserted through [`ClinicTx`], so the policies are as real in
//! a test as anywhere. Two clinics are two worlds.

use chrono::{DateTime, Duration, Utc};
use domain::appointment::Appointment;
use domain::id::{AppointmentTypeId, ClinicId, ConversationId, HoldId, PractitionerId};
use sqlx::PgPool;
use uuid::Uuid;

use crate::booking::{self, Booking, Channel, Confirmed, Owner, SlotClaim, SlotSigner};
use crate::events::Actor;
use crate::feed::{Feed, FeedTasks};
use crate::identity::{PatientDetails, PatientInput};
use crate::receptionist::{Line, Model, Receptionist};
use crate::visit_token::VisitSigner;
use crate::{ClinicTx, Clock, Db, Result, conversations};

/// A clinic in New York, open every day from 9:00 to 17:00, on Friday
/// 20 November 2026 at 10:00 there.
#[derive(Debug)]
pub struct World {
    pub db: Db,
    pub clock: Clock,
    pub clinic: ClinicId,
    pub slots: SlotSigner,
}

pub const NOW: &str = "2026-11-20T15:00:00Z";

impl World {
    pub async fn new(pool: PgPool) -> Self {
        let world = Self {
            db: Db::over(pool),
            clock: Clock::fixed(NOW.parse().expect("a valid instant")),
            clinic: ClinicId::new(),
            slots: SlotSigner::new(b"a secret of at least thirty-two bytes"),
        };
        let mut tx = world.tx().await;
        sqlx::query(
            "insert into clinics (slug, name, time_zone, greeting)
             values ('c' || right(replace(current_clinic_id()::text, '-', ''), 12), 'Cedar Clinic', 'America/New_York', 'Hello.')",
        )
        .execute(tx.conn())
        .await
        .expect("a clinic");
        for weekday in 1..=7 {
            sqlx::query(
                "insert into opening_hours (opening_hour_id, kind, weekday, from_minute, to_minute)
                 values ($1, 'open', $2, 540, 1020)",
            )
            .bind(new_id())
            .bind(weekday)
            .execute(tx.conn())
            .await
            .expect("opening hours");
        }
        tx.commit().await.expect("a committed clinic");
        world
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub async fn tx(&self) -> ClinicTx {
        self.db.clinic(self.clinic).await.expect("a transaction")
    }

    /// The same clinic in another process, which remembers nothing of this one.
    pub fn in_another_process(&self, pool: PgPool) -> Self {
        Self { db: Db::over(pool), clock: self.clock.clone(), clinic: self.clinic, slots: self.slots.clone() }
    }

    /// Runs a statement among this clinic's rows, `$1`, `$2`, … being `ids`.
    pub async fn run(&self, statement: &'static str, ids: &[Uuid]) {
        let mut tx = self.tx().await;
        let query = ids.iter().fold(sqlx::query(statement), |query, id| query.bind(*id));
        query.execute(tx.conn()).await.expect("a statement that runs");
        tx.commit().await.expect("a committed statement");
    }

    /// How many rows of this clinic a table has.
    pub async fn count(&self, table: &'static str) -> i64 {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(count).fetch_one(self.tx().await.conn()).await.expect("a count")
    }

    /// A practitioner who offers every type there is.
    pub async fn practitioner(&self) -> PractitionerId {
        self.practitioner_called("Mia Lin").await
    }

    /// Another, by name.
    pub async fn practitioner_called(&self, name: &str) -> PractitionerId {
        let id = PractitionerId::new();
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into practitioners (practitioner_id, name, position)
             select $1, $2, count(*) from practitioners",
        )
        .bind(id.uuid())
        .bind(name)
        .execute(tx.conn())
        .await
        .expect("a practitioner");
        sqlx::query("insert into offers (practitioner_id, appointment_type_id) select $1, appointment_type_id from appointment_types")
            .bind(id.uuid())
            .execute(tx.conn())
            .await
            .expect("offers");
        tx.commit().await.expect("a committed practitioner");
        id
    }

    /// An appointment type of this length, offered by nobody yet.
    pub async fn appointment_type(&self, slug: &str, minutes: i32) -> AppointmentTypeId {
        let id = AppointmentTypeId::new();
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into appointment_types (appointment_type_id, slug, name, minutes) values ($1, $2, initcap($2), $3)",
        )
        .bind(id.uuid())
        .bind(slug)
        .bind(minutes)
        .execute(tx.conn())
        .await
        .expect("an appointment type");
        tx.commit().await.expect("a committed type");
        id
    }

    /// A room or a machine.
    pub async fn room(&self, name: &str) -> Uuid {
        let id = new_id();
        let mut tx = self.tx().await;
        sqlx::query("insert into rooms (room_id, name, position) select $1, $2, count(*) from rooms")
            .bind(id)
            .bind(name)
            .execute(tx.conn())
            .await
            .expect("a room");
        tx.commit().await.expect("a committed room");
        id
    }

    /// Has a type need any one of these rooms.
    pub async fn need(&self, kind: AppointmentTypeId, need: i16, rooms: &[Uuid]) {
        let mut tx = self.tx().await;
        sqlx::query("insert into room_needs (appointment_type_id, need, room_id) select $1, $2, unnest($3::uuid[])")
            .bind(kind.uuid())
            .bind(need)
            .bind(rooms)
            .execute(tx.conn())
            .await
            .expect("a need");
        tx.commit().await.expect("a committed need");
    }

    /// Takes so many more visits of a type than there is time for, between two
    /// minutes of every day.
    pub async fn overbook(&self, kind: AppointmentTypeId, from_minute: i32, to_minute: i32, extra: i16) {
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into overbooking (overbooking_id, appointment_type_id, from_minute, to_minute, extra)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(new_id())
        .bind(kind.uuid())
        .bind(from_minute)
        .bind(to_minute)
        .bind(extra)
        .execute(tx.conn())
        .await
        .expect("a rule");
        tx.commit().await.expect("a committed rule");
    }

    /// Time off: a practitioner's leave, or without one the clinic's closure.
    pub async fn leave(&self, practitioner: Option<PractitionerId>, from: &str, to: &str) {
        let mut tx = self.tx().await;
        sqlx::query("insert into time_off (time_off_id, practitioner_id, from_date, to_date) values ($1, $2, $3::date, $4::date)")
            .bind(new_id())
            .bind(practitioner.map(PractitionerId::uuid))
            .bind(from)
            .bind(to)
            .execute(tx.conn())
            .await
            .expect("time off");
        tx.commit().await.expect("committed time off");
    }

    /// Time a practitioner spends otherwise.
    pub async fn busy(&self, practitioner: PractitionerId, from: &str, to: &str) {
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into busy_times (busy_time_id, practitioner_id, during, source)
             values ($1, $2, tstzrange($3::timestamptz, $4::timestamptz), 'console')",
        )
        .bind(new_id())
        .bind(practitioner.uuid())
        .bind(from)
        .bind(to)
        .execute(tx.conn())
        .await
        .expect("a busy time");
        tx.commit().await.expect("a committed busy time");
    }

    /// A chat that is open.
    pub async fn conversation(&self) -> ConversationId {
        let id = ConversationId::new();
        let mut tx = self.tx().await;
        conversations::open(&mut tx, id, Channel::Web, self.now()).await.expect("a conversation");
        tx.commit().await.expect("a committed conversation");
        id
    }

    pub fn session(&self) -> Owner {
        Owner::Session(ConversationId::new())
    }

    /// Holds this time, as whoever asked for it.
    pub async fn hold(&self, owner: Owner, claim: SlotClaim) -> Result<HoldId> {
        let now = self.now();
        self.db
            .transaction(self.clinic, |tx| {
                Box::pin(
                    async move { booking::hold(tx, now, owner, Channel::Web, &claim).await.map(|hold| hold.hold_id) },
                )
            })
            .await
    }

    /// Confirms a hold for Ada.
    pub async fn confirm(&self, owner: Owner, hold_id: HoldId) -> Result<Confirmed> {
        let (now, booking) = (self.now(), self.booking(owner, hold_id));
        self.db
            .transaction(self.clinic, |tx| {
                let booking = booking.clone();
                Box::pin(async move { booking::confirm(tx, now, &booking).await })
            })
            .await
    }

    /// Books a time for Ada, who has just come in.
    pub async fn book(&self, claim: SlotClaim) -> Result<Appointment> {
        let owner = self.session();
        let hold = self.hold(owner, claim).await?;
        Ok(self.confirm(owner, hold).await?.appointment)
    }

    pub fn booking(&self, owner: Owner, hold_id: HoldId) -> Booking {
        Booking {
            hold_id,
            owner,
            patient: ada(),
            note: None,
            channel: Channel::Web,
            actor: Actor::Patient,
            conversation_id: None,
        }
    }

    /// Makes time pass.
    pub fn wait(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// A receptionist for this clinic, with a line to a new conversation.
    pub async fn receptionist(&self) -> (Receptionist, Line, FeedTasks) {
        self.receptionist_with(Model::built_in()).await
    }

    /// One who asks this model.
    pub async fn receptionist_with(&self, model: Model) -> (Receptionist, Line, FeedTasks) {
        let (feed, tasks) = Feed::start(self.db.clone(), self.clock.clone());
        let receptionist = Receptionist {
            db: self.db.clone(),
            clock: self.clock.clone(),
            slots: self.slots.clone(),
            visits: VisitSigner::new(b"a secret of at least thirty-two bytes"),
            feed,
            model,
        };
        let line = Line { clinic: self.clinic, conversation: self.conversation().await, channel: Channel::Web };
        (receptionist, line, tasks)
    }
}

/// Ada Lovelace, who can be reached both ways.
pub fn ada() -> PatientDetails {
    let input = PatientInput {
        name: "Ada Lovelace".into(),
        phone: Some("+15551234567".into()),
        email: Some("ada@example.com".into()),
    };
    input.read("US").expect("valid details")
}

fn new_id() -> Uuid {
    domain::Id::<World>::new().uuid()
}
