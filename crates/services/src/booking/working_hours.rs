//! When each practitioner works, read for a run of dates at once.

use std::collections::HashMap;

use chrono::{NaiveDate, Weekday};
use domain::id::PractitionerId;
use domain::schedule::{Minutes, Schedule};
use uuid::Uuid;

use crate::{ClinicTx, Result};

/// The schedules of several practitioners between two dates.
#[derive(Debug)]
pub struct WorkingHours {
    clinic: Schedule,
    own: HashMap<Uuid, Schedule>,
}

impl WorkingHours {
    /// Reads the hours of `practitioners`, in two queries however many they
    /// are.
    pub async fn read(tx: &mut ClinicTx, practitioners: &[Uuid], from: NaiveDate, to: NaiveDate) -> Result<Self> {
        let mut hours = Self { clinic: Schedule::default(), own: HashMap::new() };
        let weekly = sqlx::query!(
            "select practitioner_id, kind, weekday, from_minute, to_minute
             from opening_hours
             where practitioner_id is null or practitioner_id = any($1)",
            practitioners
        )
        .fetch_all(tx.conn())
        .await?;
        for row in weekly {
            let Some(weekday) = weekday(row.weekday) else { continue };
            let stretch = (weekday, Minutes { from: row.from_minute, to: row.to_minute });
            let schedule = hours.of_mut(row.practitioner_id);
            if row.kind == "open" { schedule.weekly.push(stretch) } else { schedule.breaks.push(stretch) }
        }
        let exceptions = sqlx::query!(
            "select practitioner_id, on_date, from_minute, to_minute
             from date_exceptions
             where on_date between $1 and $2 and (practitioner_id is null or practitioner_id = any($3))",
            from,
            to,
            practitioners
        )
        .fetch_all(tx.conn())
        .await?;
        for row in exceptions {
            let stretch = row.from_minute.zip(row.to_minute).map(|(from, to)| Minutes { from, to });
            hours.of_mut(row.practitioner_id).exceptions.push((row.on_date, stretch));
        }
        Ok(hours)
    }

    /// One practitioner's schedule: their own hours if they have any, else the
    /// clinic's; the clinic's breaks and closed dates hold for everyone.
    pub fn of(&self, practitioner: PractitionerId) -> Schedule {
        let Some(own) = self.own.get(&practitioner.uuid()) else { return self.clinic.clone() };
        let mut schedule = own.clone();
        if schedule.weekly.is_empty() {
            schedule.weekly.clone_from(&self.clinic.weekly);
        }
        schedule.breaks.extend(&self.clinic.breaks);
        for (date, hours) in &self.clinic.exceptions {
            let different = own.exceptions.iter().any(|(on, _)| on == date);
            if hours.is_none() {
                schedule.exceptions.retain(|(on, _)| on != date);
            }
            if hours.is_none() || !different {
                schedule.exceptions.push((*date, *hours));
            }
        }
        schedule
    }

    /// The clinic's own schedule.
    pub fn clinic(&self) -> &Schedule {
        &self.clinic
    }

    fn of_mut(&mut self, practitioner: Option<Uuid>) -> &mut Schedule {
        match practitioner {
            Some(id) => self.own.entry(id).or_default(),
            None => &mut self.clinic,
        }
    }
}

/// A weekday by its ISO 8601 number, 1 for Monday.
pub fn weekday(number: i32) -> Option<Weekday> {
    u8::try_from(number - 1).ok().and_then(|from_monday| Weekday::try_from(from_monday).ok())
}
