//! The clinic itself: how it presents itself, what it offers, when it is open.

pub mod settings;
pub mod smtp;
pub mod vapi;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use domain::appointment::{AppointmentTypeCard, PractitionerCard};
use domain::id::{AppointmentTypeId, ClinicId};
use domain::language::Language;
use domain::say;
use domain::schedule::{Day, Hours, Minutes, Schedule};

use crate::booking::Channel;
use crate::booking::scheduling::Scheduling;
use crate::receptionist::model::{ClinicFacts, OpenHours, PractitionerFacts, SpecialDay, Stretch, TypeFacts};
use crate::{ClinicTx, Error, Result};

/// How a clinic presents itself.
#[derive(Clone, Debug)]
pub struct Profile {
    pub clinic_id: ClinicId,
    pub slug: String,
    pub name: String,
    pub time_zone: Tz,
    pub country: String,
    pub currency: String,
    pub languages: Vec<String>,
    pub greeting: String,
    pub address: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// `#rrggbb`.
    pub accent: String,
}

impl Profile {
    /// The language it prefers to write in.
    pub fn first_language(&self) -> Language {
        self.languages.first().and_then(|tag| Language::of_tag(tag)).unwrap_or(Language::English)
    }

    /// The language to begin with, before anybody has said anything: Spanish
    /// where nothing else is spoken.
    pub fn language(&self) -> Language {
        match self.languages.as_slice() {
            [only] => Language::of_tag(only).unwrap_or(Language::English),
            _ => Language::English,
        }
    }
}

/// The clinic's profile.
pub async fn profile(tx: &mut ClinicTx) -> Result<Profile> {
    let row = sqlx::query!(
        "select clinic_id, slug, name, time_zone, country, currency, languages, greeting, address, phone, email, accent
         from clinics"
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Profile {
        clinic_id: row.clinic_id.into(),
        slug: row.slug,
        name: row.name,
        time_zone: zone(&row.time_zone)?,
        country: row.country,
        currency: row.currency,
        languages: row.languages,
        greeting: row.greeting,
        address: row.address,
        phone: row.phone,
        email: row.email,
        accent: row.accent,
    })
}

/// Sites that may frame the chat and call the clinic, as origins.
pub async fn allowed_origins(tx: &mut ClinicTx) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!("select allowed_origins from clinics").fetch_one(tx.conn()).await?)
}

/// The clinic's time zone, read once a transaction.
pub async fn time_zone(tx: &mut ClinicTx) -> Result<Tz> {
    if let Some(zone) = tx.zone {
        return Ok(zone);
    }
    let zone = Scheduling::current(tx).await?.zone;
    tx.zone = Some(zone);
    Ok(zone)
}

fn zone(name: &str) -> Result<Tz> {
    name.parse().map_err(|_| Error::Internal("a clinic has an unknown time zone"))
}

/// What can be booked or asked for on a channel, in the clinic's own order.
pub async fn appointment_types(tx: &mut ClinicTx, channel: Channel) -> Result<Vec<AppointmentTypeCard>> {
    let rows = sqlx::query!(
        "select t.appointment_type_id, t.slug, t.name, t.description, t.minutes, t.price_minor, c.currency
         from appointment_types t
         join clinics c using (clinic_id)
         where t.active
           and case $1 when 'web' then t.web_mode when 'sms' then t.sms_mode
                       when 'voice' then t.voice_mode else t.api_mode end <> 'off'
         order by t.position, t.name, t.appointment_type_id",
        channel.as_str()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AppointmentTypeCard {
            id: row.appointment_type_id.into(),
            slug: row.slug,
            name: row.name,
            description: row.description,
            minutes: row.minutes,
            price_minor: row.price_minor,
            currency: row.currency,
        })
        .collect())
}

/// Active practitioners and what each offers, in the clinic's own order.
pub async fn practitioners(tx: &mut ClinicTx) -> Result<Vec<PractitionerCard>> {
    let rows = sqlx::query!(
        r#"
        select p.practitioner_id, p.name,
               array_remove(array_agg(o.appointment_type_id), null) as "offers!"
        from practitioners p
        left join offers o using (clinic_id, practitioner_id)
        where p.active
        group by p.clinic_id, p.practitioner_id
        order by p.position, p.name, p.practitioner_id
        "#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PractitionerCard {
            id: row.practitioner_id.into(),
            name: row.name,
            offers: row.offers.into_iter().map(AppointmentTypeId::from).collect(),
        })
        .collect())
}

/// The public facts any model may repeat, as this transaction sees them.
pub async fn facts(tx: &mut ClinicTx, now: DateTime<Utc>, channel: Channel) -> Result<Arc<ClinicFacts>> {
    let scheduling = Scheduling::current(tx).await?;
    let today = now.with_timezone(&scheduling.zone).date_naive();
    let (memory, key) = (tx.memory().clone(), (tx.clinic(), channel));
    let is_good = |known: &(i64, NaiveDate, _)| known.0 == scheduling.version && known.1 == today;
    if let Some((.., known)) = memory.facts.get(&key).filter(is_good) {
        return Ok(known);
    }
    let read = Arc::new(read_facts(tx, now, channel).await?);
    memory.facts.insert(key, (scheduling.version, today, read.clone()));
    Ok(read)
}

async fn read_facts(tx: &mut ClinicTx, now: DateTime<Utc>, channel: Channel) -> Result<ClinicFacts> {
    let profile = profile(tx).await?;
    let types = appointment_types(tx, channel).await?;
    let practitioners = practitioners(tx).await?;
    let today = now.with_timezone(&profile.time_zone).date_naive();
    Ok(ClinicFacts {
        hours: weekly_hours(tx, today).await?,
        special_days: special_days(tx, today).await?,
        language: profile.first_language(),
        name: profile.name,
        time_zone: profile.time_zone,
        address: profile.address,
        phone: profile.phone,
        email: profile.email,
        appointment_types: types
            .into_iter()
            .map(|kind| TypeFacts {
                id: kind.id.uuid(),
                slug: kind.slug,
                name: kind.name,
                minutes: kind.minutes,
                price_minor: kind.price_minor,
                currency: kind.currency,
                description: kind.description,
            })
            .collect(),
        practitioners: practitioners
            .into_iter()
            .map(|who| PractitionerFacts {
                id: who.id.uuid(),
                name: who.name,
                offers: who.offers.into_iter().map(AppointmentTypeId::uuid).collect(),
            })
            .collect(),
    })
}

/// The clinic's weekly opening hours with its breaks taken out, Monday first,
/// as they are on the seven days from `today` on.
pub async fn weekly_hours(tx: &mut ClinicTx, today: NaiveDate) -> Result<Vec<OpenHours>> {
    let schedule = usual(&Scheduling::current(tx).await?.clinic);
    let mut week: Vec<NaiveDate> = today.iter_days().take(7).collect();
    week.sort_by_key(|date| chrono::Datelike::weekday(date).num_days_from_monday());
    Ok(week
        .into_iter()
        .flat_map(|date| schedule.open_on(date).into_iter().map(move |hours| (date, hours)))
        .map(|(date, hours)| OpenHours {
            weekday: chrono::Datelike::weekday(&date),
            opens: clock_time(hours.from),
            closes: clock_time(hours.to),
        })
        .collect())
}

/// How far ahead a date of its own hours is told of.
const SPECIAL_DAYS: usize = 120;

/// The dates from `today` on whose hours are not their weekday's.
async fn special_days(tx: &mut ClinicTx, today: NaiveDate) -> Result<Vec<SpecialDay>> {
    let scheduling = Scheduling::current(tx).await?;
    let (usual, schedule) = (usual(&scheduling.clinic), scheduling.clinic_schedule());
    let dates = today.iter_days().take(SPECIAL_DAYS).filter(|date| usual.open_on(*date) != schedule.open_on(*date));
    let open = |hours: Minutes| Stretch { opens: clock_time(hours.from), closes: clock_time(hours.to) };
    let special = dates.map(|date| SpecialDay { date, open: schedule.open_on(date).into_iter().map(open).collect() });
    Ok(special.collect())
}

/// The rule, without its exceptions.
fn usual(clinic: &Hours) -> Schedule {
    let mut clinic = clinic.clone();
    clinic.exceptions.clear();
    clinic.off.clear();
    Schedule::of_clinic(clinic)
}

/// `Open until 6:00 PM`, `Closed now, opens 9:00 AM`, or `Closed today`: what a
/// patient reads under the clinic's name.
pub async fn open_now(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<String> {
    let zone = time_zone(tx).await?;
    let today = now.with_timezone(&zone).date_naive();
    let schedule = Scheduling::current(tx).await?.clinic_schedule();
    let open = schedule.open_intervals(&Day::new(zone, today));
    Ok(match open.iter().find(|stretch| now < stretch.end) {
        Some(stretch) if stretch.start <= now => format!("Open until {}", say::time(stretch.end, zone)),
        Some(stretch) => format!("Closed now, opens {}", say::time(stretch.start, zone)),
        None if open.is_empty() => "Closed today".to_owned(),
        None => "Closed for today".to_owned(),
    })
}

/// A minute of the day as a clock time; midnight at a day's end is its last
/// minute, because a clock has no 24:00.
fn clock_time(minute: i32) -> NaiveTime {
    let minute = u32::try_from(minute.clamp(0, 1439)).unwrap_or(0);
    NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap_or_default()
}
