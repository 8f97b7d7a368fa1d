//! The demonstration clinic.

use chrono::{DateTime, Utc};
use domain::id::{AppointmentTypeId, ClinicId, PractitionerId};
use uuid::{Uuid, uuid};

use crate::db::directory;
use crate::{ClinicTx, Db, Result, members};

/// Bloom Wellness Studio.
pub const BLOOM: ClinicId = ClinicId::from_uuid(uuid!("00000000-0000-4000-a000-000000000001"));
/// Who signs in to its console.
pub const OWNER_EMAIL: &str = "owner@bloom.example";

/// Makes sure the demonstration clinic is there, and that its owner signs in
/// with this password. Seeding again ends no session.
///
/// # Errors
///
/// When the database does not answer.
pub async fn seed(db: &Db, now: DateTime<Utc>, password: &str) -> Result<()> {
    if !directory::exists(db, BLOOM).await? {
        let mut tx = db.clinic(BLOOM).await?;
        clinic(&mut tx, now).await?;
        hours(&mut tx).await?;
        catalogue(&mut tx).await?;
        tx.commit().await?;
    }
    if members::authenticate(db, OWNER_EMAIL, password).await?.is_some() {
        return Ok(());
    }
    let mut tx = db.clinic(BLOOM).await?;
    members::put_owner(&mut tx, "Rosa Delgado", OWNER_EMAIL, password).await?;
    tx.commit().await
}

async fn clinic(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into clinics (slug, name, time_zone, greeting, address, phone, email, allowed_origins, created_at)
         values ('bloom', 'Bloom Wellness Studio', 'America/New_York',
                 'Hello, this is the automated assistant of Bloom Wellness Studio. I can answer questions about the studio and book a visit for you.',
                 '214 Willow Street, Brooklyn, NY 11201', '+15551230100', 'hello@bloom.example',
                 '{http://localhost:4173}', $1)",
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Monday to Friday 9:00 to 18:00 with lunch from 12:30 to 13:00, Saturday
/// 10:00 to 14:00, Sunday closed.
async fn hours(tx: &mut ClinicTx) -> Result<()> {
    for weekday in 1..=5 {
        hour(tx, "open", weekday, 540, 1080).await?;
        hour(tx, "break", weekday, 750, 780).await?;
    }
    hour(tx, "open", 6, 600, 840).await
}

async fn hour(tx: &mut ClinicTx, kind: &str, weekday: i32, from: i32, to: i32) -> Result<()> {
    sqlx::query!(
        "insert into opening_hours (opening_hour_id, kind, weekday, from_minute, to_minute) values ($1, $2, $3, $4, $5)",
        domain::Id::<Uuid>::new().uuid(),
        kind,
        weekday,
        from,
        to
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct Kind {
    slug: &'static str,
    name: &'static str,
    description: &'static str,
    minutes: i32,
    price_minor: Option<i32>,
}

const TYPES: [Kind; 4] = [
    Kind {
        slug: "haircut",
        name: "Haircut",
        description: "Wash, cut and finish.",
        minutes: 45,
        price_minor: Some(6_000),
    },
    Kind {
        slug: "massage",
        name: "Deep tissue massage",
        description: "An hour of firm, slow work on tight muscles.",
        minutes: 60,
        price_minor: Some(9_500),
    },
    Kind {
        slug: "facial",
        name: "Facial",
        description: "Cleanse, mask and massage for the face.",
        minutes: 50,
        price_minor: Some(8_000),
    },
    Kind {
        slug: "consultation",
        name: "New patient consultation",
        description: "A first talk about what you need.",
        minutes: 30,
        price_minor: None,
    },
];

const PRACTITIONERS: [(&str, &[&str]); 3] = [
    ("Mia Lin", &["haircut", "facial"]),
    ("Noah Reyes", &["haircut", "massage"]),
    ("Dr. Priya Anand", &["consultation"]),
];

async fn catalogue(tx: &mut ClinicTx) -> Result<()> {
    for (position, kind) in (0..).zip(TYPES) {
        sqlx::query!(
            "insert into appointment_types (appointment_type_id, slug, name, description, minutes, price_minor, position)
             values ($1, $2, $3, $4, $5, $6, $7)",
            AppointmentTypeId::new().uuid(),
            kind.slug,
            kind.name,
            kind.description,
            kind.minutes,
            kind.price_minor,
            position
        )
        .execute(tx.conn())
        .await?;
    }
    for (position, (name, offers)) in (0..).zip(PRACTITIONERS) {
        let offers: Vec<String> = offers.iter().map(|slug| (*slug).to_owned()).collect();
        sqlx::query!(
            "with hired as (
                 insert into practitioners (practitioner_id, name, position) values ($1, $2, $3)
                 returning practitioner_id
             )
             insert into offers (practitioner_id, appointment_type_id)
             select practitioner_id, appointment_type_id from hired, appointment_types where slug = any($4)",
            PractitionerId::new().uuid(),
            name,
            position,
            &offers
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}
