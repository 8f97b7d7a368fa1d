//! One day of the clinic, as Today draws it.

use chrono::{Datelike, NaiveDate};
use domain::appointment::AppointmentStatus;
use domain::id::{AppointmentId, PractitionerId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::ServerError;

/// A local date by practitioner. Minutes are minutes after local midnight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Day {
    pub date: NaiveDate,
    pub is_today: bool,
    /// `Today`, or the date as people say it.
    pub heading: String,
    /// Today's date, or how far the day is from today.
    pub subheading: String,
    pub previous: NaiveDate,
    pub next: NaiveDate,
    /// The first and last minute worth drawing, on the hour.
    pub from: i32,
    pub to: i32,
    pub hours: Vec<Mark>,
    /// The present moment, when it falls between the two.
    pub now: Option<Mark>,
    pub columns: Vec<Column>,
    pub booked: usize,
    /// Whose patients came, those that are over included.
    pub arrived: usize,
    pub next_visit: Option<NextVisit>,
}

/// A minute and what a clock shows at it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub minute: i32,
    pub label: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub id: PractitionerId,
    pub name: String,
    /// When the practitioner does not work, between the day's first and last
    /// minute.
    pub closed: Vec<(i32, i32)>,
    pub visits: Vec<Visit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    pub id: AppointmentId,
    pub patient: String,
    /// `2:00 PM`.
    pub time: String,
    pub appointment_type: String,
    /// `45 min`.
    pub length: String,
    pub status: AppointmentStatus,
    /// The patient said that they will come.
    pub is_confirmed: bool,
    pub from: i32,
    pub to: i32,
    /// Visits at the same time, such as one cancelled and one booked after it,
    /// stand beside one another: in this lane of so many.
    pub lane: usize,
    pub lanes: usize,
}

/// Who comes next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextVisit {
    pub id: AppointmentId,
    pub patient: String,
    pub time: String,
    /// `in 10 min`.
    pub wait: String,
}

/// Whether people have days in this year. Far beyond, dates cannot be counted
/// with.
pub fn is_a_day(date: NaiveDate) -> bool {
    (1970..=2199).contains(&date.year())
}

/// A day, or today.
#[server(prefix = "/fn", endpoint = "day_view")]
pub async fn day_view(day: Option<NaiveDate>) -> Result<Day, ServerError> {
    let staff = super::staff::staff().await?;
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    let zone = services::clinics::time_zone(&mut tx).await?;
    let today = now.with_timezone(&zone).date_naive();
    let date = day.filter(|day| is_a_day(*day)).unwrap_or(today);
    let practitioners = services::console::day(&mut tx, date).await?;
    Ok(drawing::draw(date, now, zone, practitioners))
}

#[cfg(feature = "ssr")]
mod drawing {
    use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
    use chrono_tz::Tz;
    use domain::appointment::AppointmentStatus;
    use domain::{say, schedule::Minutes};
    use services::booking::Booked;
    use services::console::PractitionerDay;

    use super::{Column, Day, Mark, NextVisit, Visit};

    pub fn draw(date: NaiveDate, now: DateTime<Utc>, zone: Tz, practitioners: Vec<PractitionerDay>) -> Day {
        let local_now = now.with_timezone(&zone);
        let today = local_now.date_naive();
        let is_today = date == today;
        let (from, to) = bounds(&practitioners, date, zone);
        let minute_now = minute_on(date, now, zone);
        let visits = || practitioners.iter().flat_map(|practitioner| &practitioner.visits);
        let count = |status| visits().filter(|visit| visit.appointment.status == status).count();
        Day {
            date,
            is_today,
            heading: if is_today { "Today".to_owned() } else { say::friendly_day(date, today.year()) },
            subheading: subheading(date, today),
            previous: date.pred_opt().unwrap_or(date),
            next: date.succ_opt().unwrap_or(date),
            from,
            to,
            hours: (from..to).step_by(60).map(|minute| Mark { minute, label: hour(minute) }).collect(),
            now: (is_today && (from..=to).contains(&minute_now))
                .then(|| Mark { minute: minute_now, label: say::time(now, zone) }),
            booked: count(AppointmentStatus::Booked),
            arrived: count(AppointmentStatus::Arrived) + count(AppointmentStatus::Fulfilled),
            next_visit: is_today.then(|| next_visit(visits(), now, zone)).flatten(),
            columns: practitioners.iter().map(|practitioner| column(practitioner, date, zone, from, to)).collect(),
        }
    }

    fn subheading(date: NaiveDate, today: NaiveDate) -> String {
        match (date - today).num_days() {
            0 => say::long_day(date),
            1 => "Tomorrow".to_owned(),
            -1 => "Yesterday".to_owned(),
            days @ 1.. => format!("In {days} days"),
            days => format!("{} days ago", days.abs()),
        }
    }

    /// From the first hour anybody works or is booked to the last; nine to six
    /// if there is none.
    fn bounds(practitioners: &[PractitionerDay], date: NaiveDate, zone: Tz) -> (i32, i32) {
        let open = practitioners.iter().flat_map(|practitioner| practitioner.open.iter().copied());
        let booked =
            practitioners.iter().flat_map(|practitioner| &practitioner.visits).map(|visit| minutes(visit, date, zone));
        let (from, to) = open
            .chain(booked)
            .fold((i32::MAX, i32::MIN), |(from, to), stretch| (from.min(stretch.from), to.max(stretch.to)));
        if from >= to {
            return (540, 1080);
        }
        (from.div_euclid(60) * 60, ((to + 59).div_euclid(60) * 60).min(1440))
    }

    /// A visit as the wall clock has it; one past midnight ends with the day.
    fn minutes(visit: &Booked, date: NaiveDate, zone: Tz) -> Minutes {
        let from = minute_on(date, visit.appointment.starts_at, zone);
        let length = i32::try_from(visit.appointment.minutes()).unwrap_or(0);
        Minutes { from, to: (from + length).min(1440) }
    }

    fn minute_on(date: NaiveDate, at: DateTime<Utc>, zone: Tz) -> i32 {
        let local = at.with_timezone(&zone);
        if local.date_naive() != date {
            return -1;
        }
        i32::try_from(local.hour() * 60 + local.minute()).unwrap_or(0)
    }

    /// `9 AM`.
    fn hour(minute: i32) -> String {
        say::minute_of_day(minute).replace(":00", "")
    }

    fn column(day: &PractitionerDay, date: NaiveDate, zone: Tz, from: i32, to: i32) -> Column {
        let visits = day.visits.iter().map(|booked| visit(booked, date, zone)).collect();
        Column {
            id: day.practitioner.id.into(),
            name: day.practitioner.name.clone(),
            closed: closed(&day.open, from, to),
            visits: side_by_side(visits),
        }
    }

    fn closed(open: &[Minutes], from: i32, to: i32) -> Vec<(i32, i32)> {
        let starts = std::iter::once(from).chain(open.iter().map(|stretch| stretch.to));
        let ends = open.iter().map(|stretch| stretch.from).chain(std::iter::once(to));
        starts.zip(ends).filter(|(start, end)| start < end).collect()
    }

    fn visit(booked: &Booked, date: NaiveDate, zone: Tz) -> Visit {
        let appointment = &booked.appointment;
        let Minutes { from, to } = minutes(booked, date, zone);
        Visit {
            id: appointment.id,
            patient: patient(booked),
            time: say::time(appointment.starts_at, zone),
            appointment_type: appointment.appointment_type.name.clone(),
            length: say::minutes(appointment.minutes()),
            status: appointment.status,
            is_confirmed: booked.confirmed_at.is_some(),
            from,
            to,
            lane: 0,
            lanes: 1,
        }
    }

    fn patient(booked: &Booked) -> String {
        booked.appointment.patient.as_ref().map_or_else(|| "A patient".to_owned(), |patient| patient.name.clone())
    }

    /// Gives visits that overlap a lane each. `visits` are sorted by start.
    fn side_by_side(mut visits: Vec<Visit>) -> Vec<Visit> {
        let mut first = 0;
        while first < visits.len() {
            let mut lane_ends: Vec<i32> = Vec::new();
            let mut last = first;
            while last < visits.len() && (last == first || lane_ends.iter().any(|end| visits[last].from < *end)) {
                let visit = &mut visits[last];
                match lane_ends.iter().position(|end| *end <= visit.from) {
                    Some(lane) => (visit.lane, lane_ends[lane]) = (lane, visit.to),
                    None => {
                        visit.lane = lane_ends.len();
                        lane_ends.push(visit.to);
                    }
                }
                last += 1;
            }
            visits[first..last].iter_mut().for_each(|visit| visit.lanes = lane_ends.len());
            first = last;
        }
        visits
    }

    fn next_visit<'a>(visits: impl Iterator<Item = &'a Booked>, now: DateTime<Utc>, zone: Tz) -> Option<NextVisit> {
        let next = visits
            .filter(|visit| visit.appointment.status == AppointmentStatus::Booked && visit.appointment.starts_at >= now)
            .min_by_key(|visit| visit.appointment.starts_at)?;
        let starts_at = next.appointment.starts_at;
        let seconds = (starts_at - now).num_seconds();
        Some(NextVisit {
            id: next.appointment.id,
            patient: patient(next),
            time: say::time(starts_at, zone),
            wait: if seconds < 60 { "now".to_owned() } else { format!("in {}", say::minutes(seconds / 60)) },
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn visit(from: i32, to: i32) -> Visit {
            Visit {
                id: domain::id::AppointmentId::new(),
                patient: String::new(),
                time: String::new(),
                appointment_type: String::new(),
                length: String::new(),
                status: AppointmentStatus::Booked,
                is_confirmed: false,
                from,
                to,
                lane: 0,
                lanes: 1,
            }
        }

        #[test]
        fn visits_at_the_same_time_stand_beside_one_another() {
            let lanes: Vec<_> = side_by_side(vec![visit(540, 600), visit(540, 570), visit(570, 630), visit(630, 660)])
                .iter()
                .map(|visit| (visit.lane, visit.lanes))
                .collect();
            assert_eq!(lanes, [(0, 2), (1, 2), (1, 2), (0, 1)]);
        }

        #[test]
        fn closed_time_is_what_opening_hours_leave() {
            let open = [Minutes { from: 540, to: 750 }, Minutes { from: 780, to: 1080 }];
            assert_eq!(closed(&open, 480, 1080), [(480, 540), (750, 780)]);
            assert_eq!(closed(&[], 540, 1080), [(540, 1080)]);
        }
    }
}
