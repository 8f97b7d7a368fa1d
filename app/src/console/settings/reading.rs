//! Reading what was filled in as a change of the schedule.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::schedule::Day;
use domain::{FieldError, Id, Rejection};
use services::booking::catalogue::Catalogue;
use services::booking::changes::{
    ClockTime, LocationFields, Open, Overbooked, PractitionerFields, RoomFields, ScheduleChange, TypeFields,
    WeeklyHours,
};
use services::booking::scheduling::Mode;

use super::form::Answers;

/// A change, and where its parts stand in the form.
#[derive(Debug)]
pub struct Read {
    pub change: ScheduleChange,
    /// A path's beginning in the change, and in the form.
    moved: Vec<(String, String)>,
}

impl Read {
    /// A refusal of the change, with the form's paths.
    pub fn refusal(&self, mut rejection: Rejection) -> Rejection {
        for error in &mut rejection.errors {
            let found = self.moved.iter().find_map(|(of, to)| Some((to, error.field.strip_prefix(of.as_str())?)));
            if let Some((to, rest)) = found {
                error.field = format!("{to}{rest}");
            }
        }
        rejection
    }
}

/// What a form asks for.
///
/// # Errors
///
/// `invalid`, naming the fields that could not be read; `not_found` if there is
/// no such form.
pub fn read(what: &str, form: &Answers, catalogue: &Catalogue) -> Result<Read, Rejection> {
    let mut fields = Fields { form, errors: Vec::new(), moved: Vec::new() };
    let change = match what {
        "hours" => hours(&mut fields),
        "exception" => exception(&mut fields),
        "end_exception" => end_exception(&mut fields),
        "time_off" => time_off(&mut fields),
        "end_time_off" => fields.needed_id("id").map(|id| ScheduleChange::EndTimeOff { id: id.uuid() }),
        "busy" => busy(&mut fields, catalogue.time_zone),
        "end_busy" => fields.needed_id("id").map(|id| ScheduleChange::EndBusy { id: id.uuid() }),
        "type" => appointment_type(&mut fields),
        "offer" => offer(&mut fields, catalogue),
        "practitioner" => practitioner(&mut fields),
        "room" => room(&mut fields),
        "location" => location(&mut fields),
        _ => return Err(Rejection::not_found()),
    };
    if !fields.errors.is_empty() {
        return Err(Rejection::invalid_fields(fields.errors));
    }
    let change = change.ok_or_else(Rejection::not_found)?;
    Ok(Read { change, moved: fields.moved })
}

fn hours(fields: &mut Fields<'_>) -> Option<ScheduleChange> {
    let (practitioner, location) = fields.whose();
    let mut hours = Vec::new();
    for n in fields.rows("hours") {
        let path = |field: &str| format!("hours.{n}.{field}");
        if fields.is_on(&path("remove")) {
            continue;
        }
        let Some(open) = fields.open(&format!("hours.{n}")) else { continue };
        fields.moved.push((format!("hours.{}.", hours.len()), format!("hours.{n}.")));
        hours.push(WeeklyHours {
            weekday: fields.number(&path("weekday")).unwrap_or(0),
            from: open.from,
            to: open.to,
            is_break: fields.text(&path("kind")) == Some("break"),
            effective_from: fields.date(&path("effective_from")),
            effective_until: fields.date(&path("effective_until")),
        });
    }
    Some(ScheduleChange::Hours {
        practitioner: practitioner.map(|id| id.uuid()),
        location: location.map(|id| id.uuid()),
        hours,
    })
}

fn exception(fields: &mut Fields<'_>) -> Option<ScheduleChange> {
    let (practitioner, location) = fields.whose();
    let date = fields.needed_date("date");
    let mut hours = Vec::new();
    for n in fields.rows("stretch") {
        let path = format!("stretch.{n}");
        if let Some(open) = fields.open(&path) {
            fields.moved.push((format!("hours.{}.", hours.len()), format!("{path}.")));
            hours.push(open);
        }
    }
    Some(ScheduleChange::Exception {
        practitioner: practitioner.map(|id| id.uuid()),
        location: location.map(|id| id.uuid()),
        date: date?,
        hours,
        note: fields.owned("note"),
    })
}

fn end_exception(fields: &mut Fields<'_>) -> Option<ScheduleChange> {
    let (practitioner, location) = fields.whose();
    Some(ScheduleChange::EndException {
        practitioner: practitioner.map(|id| id.uuid()),
        location: location.map(|id| id.uuid()),
        date: fields.needed_date("date")?,
    })
}

fn time_off(fields: &mut Fields<'_>) -> Option<ScheduleChange> {
    let (practitioner, location) = fields.whose();
    let (from, to) = (fields.needed_date("from"), fields.needed_date("to"));
    Some(ScheduleChange::TimeOff {
        practitioner: practitioner.map(|id| id.uuid()),
        location: location.map(|id| id.uuid()),
        from: from?,
        to: to?,
        note: fields.owned("note"),
    })
}

fn busy(fields: &mut Fields<'_>, zone: Tz) -> Option<ScheduleChange> {
    let practitioner = fields.needed_id("busy.practitioner");
    let (starts_at, ends_at) = (fields.moment("busy.starts_at", zone), fields.moment("busy.ends_at", zone));
    for field in ["starts_at", "ends_at"] {
        fields.moved.push((field.to_owned(), format!("busy.{field}")));
    }
    Some(ScheduleChange::Busy {
        practitioner: practitioner?.uuid(),
        starts_at: starts_at?,
        ends_at: ends_at?,
        source: "console".to_owned(),
        external_id: None,
        note: fields.owned("busy.note"),
    })
}

fn appointment_type(fields: &mut Fields<'_>) -> Option<ScheduleChange> {
    fields.moved.push(("price_minor".to_owned(), "price".to_owned()));
    let needs = fields.rows("needs").into_iter().map(|n| fields.ids(&format!("needs.{n}.")));
    let needs: Vec<Vec<Id<()>>> = needs.filter(|rooms| !rooms.is_empty()).collect();
    let set = TypeFields {
        name: Some(fields.text("name").unwrap_or_default().to_owned()),
        slug: fields.owned("slug"),
        description: Some(fields.owned("description")),
        active: Some(fields.is_on("active")),
        position: fields.number("position"),
        minutes: fields.needed_number("minutes"),
        grid_minutes: fields.needed_number("grid_minutes"),
        price_minor: Some(fields.price("price")),
        buffer_before_minutes: fields.needed_number("buffer_before_minutes"),
        buffer_after_minutes: fields.needed_number("buffer_after_minutes"),
        notice_minutes: fields.needed_number("notice_minutes"),
        horizon_days: fields.needed_number("horizon_days"),
        cutoff_minutes: fields.needed_number("cutoff_minutes"),
        capacity: fields.needed_number("capacity"),
        sensitive: Some(fields.is_on("sensitive")),
        web_mode: fields.mode("web_mode"),
        sms_mode: fields.mode("sms_mode"),
        voice_mode: fields.mode("voice_mode"),
        api_mode: fields.mode("api_mode"),
        needs: Some(needs.into_iter().map(|rooms| rooms.into_iter().map(|room| room.uuid()).collect()).collect()),
        overbooking: Some(overbooking(fields)),
    };
    Some(ScheduleChange::AppointmentType { id: fields.id("id").map(|id| id.uuid()), fields: Box::new(set) })
}

fn overbooking(fields: &mut Fields<'_>) -> Vec<Overbooked> {
    let mut rules = Vec::new();
    for n in fields.rows("overbooking") {
        let path = |field: &str| format!("overbooking.{n}.{field}");
        if fields.is_on(&path("remove")) {
            continue;
        }
        let Some(open) = fields.open(&format!("overbooking.{n}")) else { continue };
        fields.moved.push((format!("overbooking.{}.", rules.len()), format!("overbooking.{n}.")));
        let extra = fields.needed_number::<i16>(&path("extra"));
        if extra.is_some_and(|extra| !(1..=10).contains(&extra)) {
            fields.wrong(&path("extra"), "Please give a number from 1 to 10.");
        }
        rules.push(Overbooked {
            weekday: fields.number(&path("weekday")),
            from: open.from,
            to: open.to,
            extra: extra.unwrap_or(1),
        });
    }
    rules
}

/// Has a practitioner offer a type, or not any more.
fn offer(fields: &mut Fields<'_>, catalogue: &Catalogue) -> Option<ScheduleChange> {
    let (practitioner, kind) = (fields.needed_id("practitioner")?, fields.needed_id("type")?);
    let who = catalogue.practitioners.iter().find(|who| who.id == practitioner.uuid())?;
    let mut offers: Vec<_> = who.offers.iter().copied().filter(|offered| *offered != kind.uuid()).collect();
    if fields.is_on("on") {
        offers.push(kind.uuid());
    }
    let set = PractitionerFields { offers: Some(offers), ..PractitionerFields::default() };
    Some(ScheduleChange::Practitioner { id: Some(practitioner.uuid()), fields: set })
}

fn practitioner(fields: &mut Fields<'_>) -> Option<ScheduleChange> {
    let set = PractitionerFields {
        name: Some(fields.text("name").unwrap_or_default().to_owned()),
        active: Some(fields.is_on("active")),
        position: fields.number("position"),
        location: Some(fields.id("location").map(|id| id.uuid())),
        offers: Some(fields.ids("offers.").into_iter().map(|id| id.uuid()).collect()),
    };
    Some(ScheduleChange::Practitioner { id: fields.id("id").map(|id| id.uuid()), fields: set })
}

fn room(fields: &mut Fields<'_>) -> Option<ScheduleChange> {
    let set = RoomFields {
        name: Some(fields.text("name").unwrap_or_default().to_owned()),
        equipment: Some(fields.text("kind") == Some("equipment")),
        active: Some(fields.is_on("active")),
        position: fields.number("position"),
        location: Some(fields.id("location").map(|id| id.uuid())),
    };
    Some(ScheduleChange::Room { id: fields.id("id").map(|id| id.uuid()), fields: set })
}

fn location(fields: &mut Fields<'_>) -> Option<ScheduleChange> {
    let set = LocationFields {
        name: Some(fields.text("name").unwrap_or_default().to_owned()),
        address: Some(fields.owned("address")),
        active: Some(fields.is_on("active")),
        position: fields.number("position"),
    };
    Some(ScheduleChange::Location { id: fields.id("id").map(|id| id.uuid()), fields: set })
}

/// What was filled in, and what is wrong with it so far.
struct Fields<'a> {
    form: &'a Answers,
    errors: Vec<FieldError>,
    moved: Vec<(String, String)>,
}

impl<'a> Fields<'a> {
    fn text(&self, path: &str) -> Option<&'a str> {
        self.form.get(path).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn owned(&self, path: &str) -> Option<String> {
        self.text(path).map(str::to_owned)
    }

    fn is_on(&self, path: &str) -> bool {
        self.text(path).is_some()
    }

    fn wrong(&mut self, path: &str, message: &str) {
        self.errors.push(FieldError { field: path.to_owned(), message: message.to_owned() });
    }

    /// The field, if it was filled in and can be read.
    fn parsed<T>(&mut self, path: &str, message: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let parsed = parse(self.text(path)?);
        if parsed.is_none() {
            self.wrong(path, message);
        }
        parsed
    }

    /// As one of the others, but it has to be filled in.
    fn needed<T>(&mut self, path: &str, message: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.text(path).is_none() {
            self.wrong(path, message);
        }
        read(self)
    }

    fn number<T: FromStr>(&mut self, path: &str) -> Option<T> {
        self.parsed(path, "Please give a whole number.", |text| text.parse().ok())
    }

    fn needed_number<T: FromStr>(&mut self, path: &str) -> Option<T> {
        self.needed(path, "Please give a number.", |fields| fields.number(path))
    }

    fn date(&mut self, path: &str) -> Option<NaiveDate> {
        let read = |text: &str| text.parse().ok().filter(|date| crate::console::day::is_a_day(*date));
        self.parsed(path, "Please give a date.", read)
    }

    fn needed_date(&mut self, path: &str) -> Option<NaiveDate> {
        self.needed(path, "Please give a date.", |fields| fields.date(path))
    }

    fn id(&mut self, path: &str) -> Option<Id<()>> {
        self.parsed(path, "Please choose from the list.", |text| text.parse().ok())
    }

    fn needed_id(&mut self, path: &str) -> Option<Id<()>> {
        self.needed(path, "Please choose from the list.", |fields| fields.id(path))
    }

    fn mode(&mut self, path: &str) -> Option<Mode> {
        self.parsed(path, "Please choose from the list.", |text| match text {
            "off" => Some(Mode::Off),
            "request" => Some(Mode::Request),
            "instant" => Some(Mode::Instant),
            _ => None,
        })
    }

    /// A stretch with both its times; none where both are empty. A stretch
    /// that ends at midnight ends with the day.
    fn open(&mut self, path: &str) -> Option<Open> {
        let (from, to) = (format!("{path}.from"), format!("{path}.to"));
        if self.text(&from).is_none() && self.text(&to).is_none() {
            return None;
        }
        // Some browsers add seconds.
        let read = |text: &str| text.get(..5)?.parse::<ClockTime>().ok();
        let message = "Please give a time such as 9:00 AM.";
        let begins = self.needed(&from, message, |fields| fields.parsed(&from, message, read));
        let ends = self.needed(&to, message, |fields| fields.parsed(&to, message, read));
        let ends = ends.and_then(|to| if to.minutes() == 0 { ClockTime::from_minutes(1_440) } else { Some(to) });
        Some(Open { from: begins?, to: ends? })
    }

    /// A moment on the clinic's wall clock. One that the clocks skip does not
    /// exist.
    fn moment(&mut self, path: &str, zone: Tz) -> Option<DateTime<Utc>> {
        let read = |text: &str| {
            let (date, time) = text.split_once('T')?;
            let date = date.parse().ok().filter(|date| crate::console::day::is_a_day(*date))?;
            Day::new(zone, date).instant(time.get(..5)?.parse::<ClockTime>().ok()?.minutes())
        };
        let message = "Please give a day and a time.";
        self.needed(path, message, |fields| fields.parsed(path, message, read))
    }

    /// An amount such as `60` or `60.50`, in hundredths.
    fn price(&mut self, path: &str) -> Option<i32> {
        self.parsed(path, "Please give an amount such as 60 or 60.50.", |text| {
            let (whole, cents) = text.split_once(['.', ',']).unwrap_or((text, ""));
            let cents = match cents.len() {
                0 => 0,
                1 => cents.parse::<u8>().ok()? * 10,
                2 => cents.parse::<u8>().ok()?,
                _ => return None,
            };
            i32::try_from(whole.parse::<u32>().ok()?).ok()?.checked_mul(100)?.checked_add(cents.into())
        })
    }

    /// Whose: a practitioner, a location, or nobody but the clinic.
    fn whose(&mut self) -> (Option<Id<()>>, Option<Id<()>>) {
        match self.text("of").and_then(|of| of.split_once(':')) {
            Some(("practitioner", id)) if id.parse::<Id<()>>().is_ok() => (id.parse().ok(), None),
            Some(("location", id)) if id.parse::<Id<()>>().is_ok() => (None, id.parse().ok()),
            None if self.text("of").is_none() => (None, None),
            _ => {
                self.wrong("of", "Please choose from the list.");
                (None, None)
            }
        }
    }

    /// The numbers of a list's rows, in order.
    fn rows(&self, list: &str) -> BTreeSet<usize> {
        let paths = self.form.keys().filter_map(|path| path.strip_prefix(list)?.strip_prefix('.'));
        paths.filter_map(|path| path.split('.').next()?.parse().ok()).collect()
    }

    /// The ids that were ticked under a path.
    fn ids(&self, under: &str) -> Vec<Id<()>> {
        self.form.keys().filter_map(|path| path.strip_prefix(under)?.parse().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(fields: &[(&str, &str)]) -> Answers {
        fields.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect()
    }

    fn nothing() -> Catalogue {
        Catalogue {
            time_zone: chrono_tz::America::New_York,
            hours: Vec::new(),
            exceptions: Vec::new(),
            time_off: Vec::new(),
            busy_times: Vec::new(),
            practitioners: Vec::new(),
            appointment_types: Vec::new(),
            rooms: Vec::new(),
            locations: Vec::new(),
        }
    }

    #[test]
    fn empty_and_removed_stretches_are_left_out_and_mistakes_keep_their_place() {
        let form = answers(&[
            ("hours.0.weekday", "1"),
            ("hours.0.from", ""),
            ("hours.0.to", ""),
            ("hours.1.weekday", "1"),
            ("hours.1.from", "09:00"),
            ("hours.1.to", "12:00"),
            ("hours.1.remove", "on"),
            ("hours.10.weekday", "2"),
            ("hours.10.from", "18:00"),
            ("hours.10.to", "00:00"),
        ]);
        let read = read("hours", &form, &nothing()).unwrap();
        let ScheduleChange::Hours { hours, .. } = &read.change else { panic!("{read:?}") };
        assert_eq!(hours.len(), 1);
        assert_eq!((hours[0].weekday, hours[0].to.minutes()), (2, 1_440));
        let refused = read.refusal(Rejection::invalid("hours.0.to", "No."));
        assert_eq!(refused.errors[0].field, "hours.10.to");
    }

    #[test]
    fn half_a_stretch_is_a_mistake() {
        let form = answers(&[("hours.3.weekday", "1"), ("hours.3.from", "09:00"), ("hours.3.to", "")]);
        let refused = read("hours", &form, &nothing()).unwrap_err();
        assert_eq!(refused.errors[0].field, "hours.3.to");
    }

    #[test]
    fn blocked_time_is_on_the_clinics_clock() {
        let id = Id::<()>::new().to_string();
        let form = answers(&[
            ("busy.practitioner", &id),
            ("busy.starts_at", "2026-11-24T14:00"),
            ("busy.ends_at", "2026-11-24T15:30"),
        ]);
        let read = read("busy", &form, &nothing()).unwrap();
        let ScheduleChange::Busy { starts_at, .. } = &read.change else { panic!("{read:?}") };
        assert_eq!(starts_at.to_rfc3339(), "2026-11-24T19:00:00+00:00");
        assert_eq!(read.refusal(Rejection::invalid("ends_at", "No.")).errors[0].field, "busy.ends_at");
    }

    #[test]
    fn amounts_are_read_in_hundredths() {
        let read = |text: &str| {
            let form = answers(&[("price", text)]);
            let mut fields = Fields { form: &form, errors: Vec::new(), moved: Vec::new() };
            (fields.price("price"), fields.errors.len())
        };
        assert_eq!(
            [read("60"), read("60.5"), read("60,05"), read("")].map(|(price, _)| price),
            [Some(6_000), Some(6_050), Some(6_005), None]
        );
        assert_eq!(["-1", "1.005", "a", "99999999999"].map(|text| read(text).1), [1; 4]);
    }
}
