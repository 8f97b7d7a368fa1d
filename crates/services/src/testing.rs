//! One believable clinic for tests.
//!
//! Every row is inserted through [`ClinicTx`], so the policies are as real in
//! a test as anywhere. Two clinics are two worlds.

use chrono::{DateTime, Duration, Utc};
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

    /// A practitioner who offers every type there is.
    pub async fn practitioner(&self) -> PractitionerId {
        let id = PractitionerId::new();
        let mut tx = self.tx().await;
        sqlx::query("insert into practitioners (practitioner_id, name) values ($1, 'Mia Lin')")
            .bind(id.uuid())
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
        let (feed, tasks) = Feed::start(self.db.clone(), self.clock.clone());
        let receptionist = Receptionist {
            db: self.db.clone(),
            clock: self.clock.clone(),
            slots: self.slots.clone(),
            visits: VisitSigner::new(b"a secret of at least thirty-two bytes"),
            feed,
            model: Model::built_in(),
        };
        let line = Line { clinic: self.clinic, conversation: ConversationId::new(), channel: Channel::Web };
        let mut tx = self.tx().await;
        conversations::open(&mut tx, line.conversation, line.channel, self.now()).await.expect("a conversation");
        tx.commit().await.expect("a committed conversation");
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
