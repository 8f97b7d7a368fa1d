//! How a clinic writes to its patients.

use chrono::{Duration, NaiveTime};
use domain::quiet::Window;
use domain::{FieldError, Rejection};
use serde::{Deserialize, Serialize};

use crate::{ClinicTx, Result};

/// What a clinic has set, or what holds where it has set nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessagingSettings {
    pub sms: bool,
    pub email: bool,
    /// When the quiet hours begin and end, in minutes after midnight where the
    /// patient is. Equal means that there are none.
    pub quiet_from: i32,
    pub quiet_until: i32,
    /// How long before a visit its reminders go out, in minutes.
    pub reminder_minutes: Vec<i32>,
    /// The most messages that a patient did not ask for.
    pub most_a_day: i32,
    pub most_a_week: i32,
    /// The most texts of one number that are answered.
    pub inbound_an_hour: i32,
    /// What one segment of a text costs, in millionths of the clinic's
    /// currency.
    pub segment_price: i32,
    /// Whether times that come free are offered by themselves to those who wait.
    pub waitlist_offers: bool,
    /// How long a time is kept for whoever it is offered to.
    pub offer_minutes: i32,
}

impl Default for MessagingSettings {
    fn default() -> Self {
        Self {
            sms: true,
            email: true,
            quiet_from: 21 * 60,
            quiet_until: 8 * 60,
            reminder_minutes: vec![48 * 60, 3 * 60],
            most_a_day: 1,
            most_a_week: 3,
            inbound_an_hour: 30,
            segment_price: 8300,
            waitlist_offers: true,
            offer_minutes: 30,
        }
    }
}

impl MessagingSettings {
    pub fn quiet(&self) -> Window {
        let time = |minutes: i32| NaiveTime::MIN + Duration::minutes(minutes.into());
        Window { from: time(self.quiet_from), until: time(self.quiet_until) }
    }

    fn check(&self) -> Result<(), Rejection> {
        let minutes = 0..1440;
        let mut ladder = self.reminder_minutes.clone();
        ladder.sort_unstable();
        ladder.dedup();
        let rules = [
            ("quiet_from", minutes.contains(&self.quiet_from), "Please give a time of day."),
            ("quiet_until", minutes.contains(&self.quiet_until), "Please give a time of day."),
            (
                "reminder_minutes",
                ladder.len() == self.reminder_minutes.len()
                    && ladder.len() <= 5
                    && ladder.iter().all(|minutes| (30..=20_160).contains(minutes)),
                "Please give up to five different times between half an hour and 14 days before the visit.",
            ),
            ("most_a_day", (0..=10).contains(&self.most_a_day), "Please give a number from 0 to 10."),
            ("most_a_week", (0..=30).contains(&self.most_a_week), "Please give a number from 0 to 30."),
            ("offer_minutes", (5..=1440).contains(&self.offer_minutes), "A time is kept for 5 to 1,440 minutes."),
            ("segment_price", (0..=1_000_000).contains(&self.segment_price), "Please give a price of at most 1."),
            ("inbound_an_hour", (1..=1000).contains(&self.inbound_an_hour), "Please give a number from 1 to 1,000."),
        ];
        let errors: Vec<_> = rules
            .into_iter()
            .filter(|(_, holds, _)| !holds)
            .map(|(field, _, message)| FieldError { field: field.into(), message: message.into() })
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(Rejection::invalid_fields(errors)) }
    }
}

/// The clinic's settings.
pub async fn read(tx: &mut ClinicTx) -> Result<MessagingSettings> {
    let row = sqlx::query_as!(
        MessagingSettings,
        "select sms, email, quiet_from, quiet_until, reminder_minutes, most_a_day, most_a_week, inbound_an_hour,
                segment_price, waitlist_offers, offer_minutes
         from messaging_settings"
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.unwrap_or_default())
}

/// Sets them all.
///
/// # Errors
///
/// Rejected with `invalid`, naming the fields.
pub async fn write(tx: &mut ClinicTx, settings: &MessagingSettings) -> Result<()> {
    settings.check()?;
    sqlx::query!(
        "insert into messaging_settings
                (sms, email, quiet_from, quiet_until, reminder_minutes, most_a_day, most_a_week, inbound_an_hour,
                 segment_price, waitlist_offers, offer_minutes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (clinic_id) do update
             set sms = excluded.sms, email = excluded.email, quiet_from = excluded.quiet_from,
                 quiet_until = excluded.quiet_until, reminder_minutes = excluded.reminder_minutes,
                 most_a_day = excluded.most_a_day, most_a_week = excluded.most_a_week,
                 inbound_an_hour = excluded.inbound_an_hour, segment_price = excluded.segment_price,
                 waitlist_offers = excluded.waitlist_offers, offer_minutes = excluded.offer_minutes",
        settings.sms,
        settings.email,
        settings.quiet_from,
        settings.quiet_until,
        &settings.reminder_minutes,
        settings.most_a_day,
        settings.most_a_week,
        settings.inbound_an_hour,
        settings.segment_price,
        settings.waitlist_offers,
        settings.offer_minutes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
