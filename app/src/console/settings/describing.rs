//! What the settings say, and the forms that change them.

use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::{Rejection, money, say};
use services::booking::catalogue::{AppointmentType, Catalogue, Exception, Hours, Practitioner};
use services::booking::changes::{ClockTime, Overbooked};

use super::form::{Form, Group, Input, Kind, Line};
use super::{Row, Section, Settings, telephone};

/// Which part is asked for, and everything there is.
pub struct Asked<'a> {
    pub tab: &'a str,
    /// Whose hours: `practitioner:…`, `location:…`, or the clinic's own.
    pub of: &'a str,
    /// Which thing on the list: its id, or `new`.
    pub item: &'a str,
    pub currency: &'a str,
    pub catalogue: &'a Catalogue,
}

pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// # Errors
///
/// `not_found` if there is no such part, or nothing with that id.
pub fn describe(asked: &Asked<'_>) -> Result<Settings, Rejection> {
    match (asked.tab, asked.item) {
        ("" | "hours", _) => hours(asked),
        ("time-off", _) => Ok(time_off(asked)),
        ("types", "") => Ok(types(asked)),
        ("types", _) => appointment_type(asked),
        ("practitioners", "") => Ok(practitioners(asked)),
        ("practitioners", _) => practitioner(asked),
        ("rooms", "") => Ok(rooms(asked)),
        ("rooms", _) => room(asked),
        ("locations", "") => Ok(locations(asked)),
        ("locations", _) => location(asked),
        _ => Err(Rejection::not_found()),
    }
}

/// Leaves what there is, and takes out what would change it.
pub fn only_to_look_at(settings: &mut Settings) {
    for section in &mut settings.sections {
        section.add = None;
        section.rows.iter_mut().for_each(|row| row.act = None);
        let is_only_to_change =
            |what: &str| ["exception", "time_off", "busy"].contains(&what) || telephone::is_own(what);
        section.form = section.form.take().filter(|form| !is_only_to_change(&form.what));
        section.form.iter_mut().for_each(|form| {
            form.submit.clear();
            form.other = None;
        });
    }
}

/// Everyone whose hours can be set, as `of` has them.
fn whose(catalogue: &Catalogue) -> Vec<(String, String)> {
    let clinic = [(String::new(), "The whole clinic".to_owned())];
    let locations = catalogue.locations.iter().filter(|location| location.active);
    let locations = locations.map(|location| (format!("location:{}", location.id), location.name.clone()));
    let practitioners = catalogue.practitioners.iter().filter(|practitioner| practitioner.active);
    let practitioners = practitioners.map(|who| (format!("practitioner:{}", who.id), who.name.clone()));
    clinic.into_iter().chain(locations).chain(practitioners).collect()
}

/// `of` for a row of the catalogue.
macro_rules! of {
    ($row:expr) => {
        match ($row.practitioner, $row.location) {
            (Some(id), _) => format!("practitioner:{id}"),
            (_, Some(id)) => format!("location:{id}"),
            _ => String::new(),
        }
    };
}

fn hours(asked: &Asked<'_>) -> Result<Settings, Rejection> {
    let everyone = whose(asked.catalogue);
    let (of, name) = everyone.iter().find(|(of, _)| of == asked.of).cloned().ok_or_else(Rejection::not_found)?;
    let own: Vec<&Hours> = asked.catalogue.hours.iter().filter(|row| of!(row) == of).collect();
    let text = match (of.split(':').next(), own.is_empty()) {
        (Some("practitioner"), true) => "No hours of their own: those of their location or of the clinic hold.",
        (Some("location"), true) => "No hours of its own: the clinic's hold.",
        (_, true) => "Closed all week. Nothing can be booked.",
        _ => "Breaks are taken out of the open hours. To remove a stretch, tick Remove or empty its times.",
    };
    let mut n = 0;
    let groups = (1..).zip(WEEKDAYS).map(|(weekday, day)| {
        let set = own.iter().filter(|row| row.weekday == weekday);
        let mut lines: Vec<Line> = set.map(|row| stretch(next(&mut n), weekday, Some(row))).collect();
        let second = Line { fold: Some("Add another".into()), ..stretch(next(&mut n), weekday, None) };
        let mut first = Line { fold: Some(format!("Add hours on {day}")), ..stretch(next(&mut n), weekday, None) };
        first.inner.push(second);
        lines.push(first);
        Group { legend: day.to_owned(), lines, ..Group::default() }
    });
    let mut groups: Vec<Group> = groups.collect();
    groups.insert(0, hidden([("of", of.clone())]));
    let weekly = Section {
        id: "weekly".into(),
        heading: format!("Weekly hours: {name}"),
        text: text.into(),
        form: Some(Form { what: "hours".into(), groups, submit: "Save hours".into(), ..Form::default() }),
        ..Section::default()
    };
    let whose = Some((of.clone(), everyone));
    Ok(Settings { whose, sections: vec![weekly, exceptions(asked, &of)], ..Settings::default() })
}

fn next(n: &mut usize) -> usize {
    *n += 1;
    *n - 1
}

/// The fields of one stretch of a weekday.
fn stretch(n: usize, weekday: i32, set: Option<&Hours>) -> Line {
    let path = |field: &str| format!("hours.{n}.{field}");
    let kind = if set.is_some_and(|row| row.is_break) { "break" } else { "open" };
    let date = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    let (since, until) = (set.and_then(|row| row.effective_from), set.and_then(|row| row.effective_until));
    let mut inputs = vec![
        input(Kind::Hidden, path("weekday"), "", weekday.to_string()),
        choice(path("kind"), "Kind", kind, &[("open", "Open"), ("break", "Break")]),
        input(Kind::Time, path("from"), "From", clock(set.and_then(|row| row.from))),
        input(Kind::Time, path("to"), "To", clock(set.and_then(|row| row.to))),
    ];
    if set.is_some() {
        inputs.push(input(Kind::Check, path("remove"), "Remove", String::new()));
    }
    let dates = Line {
        fold: Some("Only between dates".into()),
        is_open: since.or(until).is_some(),
        inputs: vec![
            input(Kind::Date, path("effective_from"), "First day", date(since)),
            input(Kind::Date, path("effective_until"), "Last day", date(until)),
        ],
        ..Line::default()
    };
    Line { inputs, inner: vec![dates], ..Line::default() }
}

/// As a time field has it; a day's end is its midnight.
fn clock(time: Option<ClockTime>) -> String {
    time.map(|time| if time.minutes() == 1_440 { "00:00".to_owned() } else { time.to_string() }).unwrap_or_default()
}

fn exceptions(asked: &Asked<'_>, of: &str) -> Section {
    let own: Vec<&Exception> = asked.catalogue.exceptions.iter().filter(|row| of!(row) == of).collect();
    let rows = own.chunk_by(|one, other| one.date == other.date).map(|day| {
        let said = |time: Option<ClockTime>| time.map(|time| say::minute_of_day(time.minutes())).unwrap_or_default();
        let open: Vec<String> = day
            .iter()
            .filter(|row| row.from.is_some())
            .map(|row| format!("{} to {}", said(row.from), said(row.to)))
            .collect();
        let hours = if open.is_empty() { "Closed".to_owned() } else { open.join(", ") };
        Row {
            title: say::long_day(day[0].date),
            details: std::iter::once(hours).chain(day[0].note.clone()).collect(),
            act: Some(button(
                "end_exception",
                "Usual hours again",
                [("of", of.to_owned()), ("date", day[0].date.to_string())],
            )),
            ..Row::default()
        }
    });
    let times = |n: usize| {
        vec![
            input(Kind::Time, format!("stretch.{n}.from"), "From", String::new()),
            input(Kind::Time, format!("stretch.{n}.to"), "To", String::new()),
        ]
    };
    let more = Line { fold: Some("Add another stretch".into()), inputs: times(1), ..Line::default() };
    let mut date = vec![needed(Kind::Date, "date", "Date", String::new())];
    date.extend(times(0));
    let lines = vec![
        Line { inputs: date, inner: vec![more], ..Line::default() },
        line(vec![input(Kind::Text, "note", "Note, such as a holiday's name (optional)", String::new())]),
    ];
    let hint = "Without times it is closed on that date.".into();
    Section {
        id: "dates".into(),
        heading: "Other hours on a date".into(),
        rows: rows.collect(),
        empty: Some("No dates ahead have other hours.".into()),
        form: Some(Form {
            what: "exception".into(),
            groups: vec![hidden([("of", of.to_owned())]), Group { legend: "Add a date".into(), hint, lines }],
            submit: "Save date".into(),
            ..Form::default()
        }),
        ..Section::default()
    }
}

fn time_off(asked: &Asked<'_>) -> Settings {
    let everyone = whose(asked.catalogue);
    let catalogue = asked.catalogue;
    let named = |of: &str| {
        let found = everyone.iter().find(|(whose, _)| whose == of);
        found.map_or_else(|| "Somebody who left".to_owned(), |(_, name)| name.clone())
    };
    let off = catalogue.time_off.iter().map(|off| Row {
        title: named(&of!(off)),
        details: std::iter::once(days(off.from, off.to)).chain(off.note.clone()).collect(),
        act: Some(button("end_time_off", "End", [("id", off.id.to_string())])),
        ..Row::default()
    });
    let leave = vec![
        line(vec![choice_of("of", "Who is away", "", everyone.clone())]),
        line(vec![
            needed(Kind::Date, "from", "First day", String::new()),
            needed(Kind::Date, "to", "Last day", String::new()),
        ]),
        line(vec![input(Kind::Text, "note", "Note (optional)", String::new())]),
    ];
    let busy = catalogue.busy_times.iter().map(|busy| {
        let is_ours = busy.source == "console";
        let source = (!is_ours).then(|| format!("From {}", busy.source));
        Row {
            title: named(&format!("practitioner:{}", busy.practitioner)),
            details: std::iter::once(span(busy.starts_at, busy.ends_at, catalogue.time_zone))
                .chain(source)
                .chain(busy.note.clone())
                .collect(),
            act: is_ours.then(|| button("end_busy", "Remove", [("id", busy.id.to_string())])),
            ..Row::default()
        }
    });
    let practitioners = catalogue.practitioners.iter().filter(|who| who.active);
    let practitioners = practitioners.map(|who| (who.id.to_string(), who.name.clone())).collect();
    let blocked = vec![
        line(vec![choice_of("busy.practitioner", "Practitioner", "", practitioners)]),
        line(vec![
            needed(Kind::Moment, "busy.starts_at", "From", String::new()),
            needed(Kind::Moment, "busy.ends_at", "Until", String::new()),
        ]),
        line(vec![input(Kind::Text, "busy.note", "Note (optional)", String::new())]),
    ];
    Settings {
        sections: vec![
            Section {
                id: "leave".into(),
                heading: "Leave and closures".into(),
                text: "Whole days, the first and the last included.".into(),
                rows: off.collect(),
                empty: Some("Nobody is away.".into()),
                form: Some(form("time_off", "Save leave", vec![("Add leave or a closure", leave)])),
                ..Section::default()
            },
            Section {
                id: "blocked".into(),
                heading: "Blocked times".into(),
                text: "Hours of a day that a practitioner spends otherwise.".into(),
                rows: busy.collect(),
                empty: Some("No times are blocked.".into()),
                form: Some(form("busy", "Block time", vec![("Block a time", blocked)])),
                ..Section::default()
            },
        ],
        ..Settings::default()
    }
}

/// `Mon 23 Nov 2026 to Fri 27 Nov 2026`.
fn days(from: NaiveDate, to: NaiveDate) -> String {
    let day = |date: NaiveDate| date.format("%a %-d %b %Y");
    if from == to { day(from).to_string() } else { format!("{} to {}", day(from), day(to)) }
}

fn span(from: chrono::DateTime<chrono::Utc>, to: chrono::DateTime<chrono::Utc>, zone: Tz) -> String {
    let is_one_day = from.with_timezone(&zone).date_naive() == to.with_timezone(&zone).date_naive();
    let end = if is_one_day { say::time(to, zone) } else { say::moment(to, zone) };
    format!("{} to {end}", say::moment(from, zone))
}

fn types(asked: &Asked<'_>) -> Settings {
    let rows = asked.catalogue.appointment_types.iter().map(|kind| {
        let price = kind.price_minor.map(|price| money::price(price, asked.currency));
        let length = std::iter::once(say::minutes(kind.minutes.into())).chain(price).collect::<Vec<_>>().join(", ");
        let offering = offering(asked.catalogue, kind);
        let offered = match offering.is_empty() {
            true => "Nobody offers it".to_owned(),
            false => format!("With {}", offering.iter().map(|who| who.name.as_str()).collect::<Vec<_>>().join(", ")),
        };
        Row {
            title: kind.name.clone(),
            details: [length, offered].into_iter().chain(unused(kind.active)).collect(),
            href: Some(format!("/console/settings/types?item={}", kind.id)),
            ..Row::default()
        }
    });
    list("types", "Visit types", "Add a visit type", "Nothing can be booked yet.", rows.collect())
}

fn offering<'a>(catalogue: &'a Catalogue, kind: &AppointmentType) -> Vec<&'a Practitioner> {
    let offers = |who: &&Practitioner| who.active && who.offers.contains(&kind.id);
    catalogue.practitioners.iter().filter(offers).collect()
}

fn unused(active: bool) -> Option<String> {
    (!active).then(|| "Not in use".to_owned())
}

const MODES: [(&str, &str); 3] = [("instant", "At once"), ("request", "Staff approve each"), ("off", "Not at all")];

fn appointment_type(asked: &Asked<'_>) -> Result<Settings, Rejection> {
    let catalogue = asked.catalogue;
    let kind = match asked.item {
        "new" => None,
        id => Some(
            catalogue
                .appointment_types
                .iter()
                .find(|kind| kind.id.to_string() == id)
                .ok_or_else(Rejection::not_found)?,
        ),
    };
    let text = |read: fn(&AppointmentType) -> String| kind.map(read).unwrap_or_default();
    let number =
        |path: &str, label: &str, range: (i32, i32), usual: i32, read: fn(&AppointmentType) -> i32, hint: &str| {
            let value = kind.map_or(usual, read).to_string();
            Input { range: Some(range), required: true, hint: hint.into(), ..input(Kind::Number, path, label, value) }
        };
    let mode = |path: &str, label: &str, read: fn(&AppointmentType) -> &str| {
        choice(path, label, kind.map_or("instant", read), &MODES)
    };
    let price = kind.and_then(|kind| kind.price_minor);
    let price = price.map(|price| format!("{}.{:02}", price / 100, price % 100)).unwrap_or_default();
    let what = vec![
        line(vec![
            Input { required: true, ..input(Kind::Text, "name", "Name", text(|kind| kind.name.clone())) },
            Input {
                hint: "In addresses. Left empty, it is made from the name.".into(),
                ..input(Kind::Text, "slug", "Short name", text(|kind| kind.slug.clone()))
            },
        ]),
        line(vec![input(
            Kind::Text,
            "description",
            "Description for patients (optional)",
            text(|kind| kind.description.clone().unwrap_or_default()),
        )]),
        line(vec![
            number("minutes", "Length, minutes", (5, 720), 30, |kind| kind.minutes, ""),
            Input {
                hint: format!("In {}; empty for none.", asked.currency),
                ..input(Kind::Money, "price", "Price", price)
            },
            number("capacity", "Patients at once", (1, 500), 1, |kind| kind.capacity, "More than 1 makes it a group."),
            number("position", "Place in lists", (0, 9_999), lowest(catalogue), |kind| kind.position, ""),
        ]),
        line(vec![
            check("active", "Can be booked", kind.is_none_or(|kind| kind.active)),
            check(
                "sensitive",
                "Its name is private: kept out of calendars and messages",
                kind.is_some_and(|kind| kind.sensitive),
            ),
        ]),
    ];
    let when = vec![
        line(vec![
            number("grid_minutes", "Starts every, minutes", (5, 240), 15, |kind| kind.grid_minutes, ""),
            number("buffer_before_minutes", "Free before, minutes", (0, 240), 0, |kind| kind.buffer_before_minutes, ""),
            number("buffer_after_minutes", "Free after, minutes", (0, 240), 0, |kind| kind.buffer_after_minutes, ""),
        ]),
        line(vec![
            number(
                "notice_minutes",
                "Notice, minutes",
                (0, 43_200),
                0,
                |kind| kind.notice_minutes,
                "Booked at least so long ahead. 1440 is a day.",
            ),
            number(
                "horizon_days",
                "Horizon, days",
                (1, 730),
                365,
                |kind| kind.horizon_days,
                "Booked at most so far ahead.",
            ),
            number(
                "cutoff_minutes",
                "Cut-off, minutes",
                (0, 43_200),
                0,
                |kind| kind.cutoff_minutes,
                "Patients change it until so long before.",
            ),
        ]),
    ];
    let how = vec![line(vec![
        mode("web_mode", "On the web", |kind| &kind.web_mode),
        mode("sms_mode", "By text message", |kind| &kind.sms_mode),
        mode("voice_mode", "On the phone", |kind| &kind.voice_mode),
        mode("api_mode", "Through the API", |kind| &kind.api_mode),
    ])];
    let mut groups = vec![
        hidden([("id", kind.map(|kind| kind.id.to_string()).unwrap_or_default())]),
        named_group("The visit", "", what),
        named_group("Times", "", when),
        named_group("How it is booked", "", how),
    ];
    if !catalogue.rooms.is_empty() {
        let hint = "Each need is met by any one of its ticked rooms or machines; one visit takes one for each need.";
        groups.push(named_group("Rooms and equipment it needs", hint, needs(catalogue, kind)));
    }
    let hint = "When more visits are taken on purpose than there is time for, and how many more.";
    groups.push(named_group("Overbooking", hint, overbooking(kind)));
    let title = kind.map_or_else(|| "New visit type".to_owned(), |kind| kind.name.clone());
    let mut sections = vec![Section {
        id: "type".into(),
        heading: "What it is".into(),
        form: Some(Form { what: "type".into(), groups, submit: "Save visit type".into(), ..Form::default() }),
        ..Section::default()
    }];
    if let Some(kind) = kind {
        sections.push(offers(catalogue, kind));
    }
    Ok(one(title, "types", "Visit types", sections))
}

fn lowest(catalogue: &Catalogue) -> i32 {
    catalogue.appointment_types.iter().map(|kind| kind.position + 1).max().unwrap_or(0)
}

/// Rooms to tick for each need there is, and one more.
fn needs(catalogue: &Catalogue, kind: Option<&AppointmentType>) -> Vec<Line> {
    let set = kind.map(|kind| kind.needs.as_slice()).unwrap_or_default();
    let one = |n: usize| {
        let rooms = catalogue.rooms.iter().filter(|room| room.active || set.iter().flatten().any(|id| *id == room.id));
        let ticks = rooms.map(|room| {
            let ticked = set.get(n).is_some_and(|need| need.contains(&room.id));
            let name = if room.active { room.name.clone() } else { format!("{} (not in use)", room.name) };
            check(format!("needs.{n}.{}", room.id), name, ticked)
        });
        Line {
            fold: Some(if n < set.len() { format!("Need {}", n + 1) } else { "Add a need".to_owned() }),
            is_open: n < set.len(),
            inputs: ticks.collect(),
            ..Line::default()
        }
    };
    (0..(set.len() + 1).min(4)).map(one).collect()
}

fn overbooking(kind: Option<&AppointmentType>) -> Vec<Line> {
    let set = kind.map(|kind| kind.overbooking.as_slice()).unwrap_or_default();
    let rule = |n: usize, rule: Option<&Overbooked>| {
        let path = |field: &str| format!("overbooking.{n}.{field}");
        let weekday = rule.and_then(|rule| rule.weekday).map(|weekday| weekday.to_string()).unwrap_or_default();
        let every = [(String::new(), "Every day".to_owned())];
        let days = (1..).zip(WEEKDAYS).map(|(number, day): (i32, _)| (number.to_string(), day.to_owned()));
        let extra = rule.map(|rule| rule.extra.to_string()).unwrap_or_default();
        let mut inputs = vec![
            choice_of(path("weekday"), "Day", &weekday, every.into_iter().chain(days).collect()),
            input(Kind::Time, path("from"), "From", clock(rule.map(|rule| rule.from))),
            input(Kind::Time, path("to"), "To", clock(rule.map(|rule| rule.to))),
            Input { range: Some((1, 10)), ..input(Kind::Number, path("extra"), "How many more", extra) },
        ];
        if rule.is_some() {
            inputs.push(input(Kind::Check, path("remove"), "Remove", String::new()));
        }
        line(inputs)
    };
    let mut lines: Vec<Line> = set.iter().enumerate().map(|(n, own)| rule(n, Some(own))).collect();
    lines.push(Line { fold: Some("Add a time".into()), ..rule(set.len(), None) });
    lines
}

/// Who offers a type, with a button for each practitioner.
fn offers(catalogue: &Catalogue, kind: &AppointmentType) -> Section {
    let rows = catalogue.practitioners.iter().filter(|who| who.active).map(|who| {
        let does = who.offers.contains(&kind.id);
        let fields = [
            ("practitioner", who.id.to_string()),
            ("type", kind.id.to_string()),
            ("on", if does { "" } else { "on" }.to_owned()),
        ];
        Row {
            title: who.name.clone(),
            details: vec![if does { "Offers it" } else { "Does not offer it" }.to_owned()],
            act: Some(button("offer", if does { "Stop offering" } else { "Offer" }, fields)),
            ..Row::default()
        }
    });
    Section {
        id: "offers".into(),
        heading: "Who offers it".into(),
        rows: rows.collect(),
        empty: Some("No practitioners yet.".into()),
        ..Section::default()
    }
}

fn practitioners(asked: &Asked<'_>) -> Settings {
    let rows = asked.catalogue.practitioners.iter().map(|who| {
        let kinds = asked.catalogue.appointment_types.iter().filter(|kind| who.offers.contains(&kind.id));
        let kinds: Vec<&str> = kinds.map(|kind| kind.name.as_str()).collect();
        let offers = if kinds.is_empty() { "Offers nothing yet".to_owned() } else { kinds.join(", ") };
        let place = asked.catalogue.locations.iter().find(|location| Some(location.id) == who.location);
        Row {
            title: who.name.clone(),
            details: std::iter::once(offers)
                .chain(place.map(|place| format!("At {}", place.name)))
                .chain((!who.active).then(|| "No longer works here".to_owned()))
                .collect(),
            href: Some(format!("/console/settings/practitioners?item={}", who.id)),
            ..Row::default()
        }
    });
    list("practitioners", "Practitioners", "Add a practitioner", "Nobody works here yet.", rows.collect())
}

fn practitioner(asked: &Asked<'_>) -> Result<Settings, Rejection> {
    let who = match asked.item {
        "new" => None,
        id => {
            let found = asked.catalogue.practitioners.iter().find(|who| who.id.to_string() == id);
            Some(found.ok_or_else(Rejection::not_found)?)
        }
    };
    let kinds = asked.catalogue.appointment_types.iter().map(|kind| {
        let does = who.is_some_and(|who| who.offers.contains(&kind.id));
        let name = if kind.active { kind.name.clone() } else { format!("{} (not in use)", kind.name) };
        check(format!("offers.{}", kind.id), name, does)
    });
    let position = who.map_or(asked.catalogue.practitioners.len().try_into().unwrap_or(0), |who| who.position);
    let about = vec![
        line(vec![
            needed(Kind::Text, "name", "Name", who.map(|who| who.name.clone()).unwrap_or_default()),
            place_of(asked.catalogue, who.and_then(|who| who.location).map(|id| id.to_string())),
            position_input(position),
        ]),
        line(vec![check("active", "Works here", who.is_none_or(|who| who.active))]),
    ];
    let groups = vec![
        hidden([("id", who.map(|who| who.id.to_string()).unwrap_or_default())]),
        named_group("About", "", about),
        named_group("Offers", "", vec![line(kinds.collect())]),
    ];
    let title = who.map_or_else(|| "New practitioner".to_owned(), |who| who.name.clone());
    let mut sections = vec![thing("practitioner", "Save practitioner", groups)];
    if let Some(who) = who {
        sections.push(Section {
            id: "more".into(),
            heading: "Hours and time off".into(),
            rows: vec![
                Row {
                    title: "Hours".into(),
                    href: Some(format!("/console/settings/hours?of=practitioner:{}", who.id)),
                    ..Row::default()
                },
                Row { title: "Time off".into(), href: Some("/console/settings/time-off".into()), ..Row::default() },
            ],
            ..Section::default()
        });
    }
    Ok(one(title, "practitioners", "Practitioners", sections))
}

fn rooms(asked: &Asked<'_>) -> Settings {
    let rows = asked.catalogue.rooms.iter().map(|room| {
        let needing = asked
            .catalogue
            .appointment_types
            .iter()
            .filter(|kind| kind.needs.iter().flatten().any(|id| *id == room.id));
        let needing: Vec<&str> = needing.map(|kind| kind.name.as_str()).collect();
        let place = asked.catalogue.locations.iter().find(|location| Some(location.id) == room.location);
        let kind = if room.equipment { "Equipment" } else { "Room" }.to_owned();
        Row {
            title: room.name.clone(),
            details: std::iter::once(place.map_or(kind.clone(), |place| format!("{kind}, {}", place.name)))
                .chain((!needing.is_empty()).then(|| format!("For {}", needing.join(", "))))
                .chain(unused(room.active))
                .collect(),
            href: Some(format!("/console/settings/rooms?item={}", room.id)),
            ..Row::default()
        }
    });
    let empty = "No rooms are set, so none limits what can be booked.";
    list("rooms", "Rooms and equipment", "Add a room or machine", empty, rows.collect())
}

fn room(asked: &Asked<'_>) -> Result<Settings, Rejection> {
    let room = match asked.item {
        "new" => None,
        id => {
            let found = asked.catalogue.rooms.iter().find(|room| room.id.to_string() == id);
            Some(found.ok_or_else(Rejection::not_found)?)
        }
    };
    let kind = if room.is_some_and(|room| room.equipment) { "equipment" } else { "room" };
    let position = room.map_or(asked.catalogue.rooms.len().try_into().unwrap_or(0), |room| room.position);
    let about = vec![
        line(vec![
            needed(Kind::Text, "name", "Name", room.map(|room| room.name.clone()).unwrap_or_default()),
            choice("kind", "Kind", kind, &[("room", "Room"), ("equipment", "Equipment")]),
            place_of(asked.catalogue, room.and_then(|room| room.location).map(|id| id.to_string())),
            position_input(position),
        ]),
        line(vec![check("active", "In use", room.is_none_or(|room| room.active))]),
    ];
    let groups = vec![
        hidden([("id", room.map(|room| room.id.to_string()).unwrap_or_default())]),
        named_group("About", "Which visits need it is set with the visit type.", about),
    ];
    let title = room.map_or_else(|| "New room or machine".to_owned(), |room| room.name.clone());
    Ok(one(title, "rooms", "Rooms and equipment", vec![thing("room", "Save", groups)]))
}

fn locations(asked: &Asked<'_>) -> Settings {
    let rows = asked.catalogue.locations.iter().map(|location| Row {
        title: location.name.clone(),
        details: location.address.clone().into_iter().chain(unused(location.active)).collect(),
        href: Some(format!("/console/settings/locations?item={}", location.id)),
        ..Row::default()
    });
    let empty = "A clinic with one address needs none.";
    list("locations", "Locations", "Add a location", empty, rows.collect())
}

fn location(asked: &Asked<'_>) -> Result<Settings, Rejection> {
    let place = match asked.item {
        "new" => None,
        id => {
            let found = asked.catalogue.locations.iter().find(|location| location.id.to_string() == id);
            Some(found.ok_or_else(Rejection::not_found)?)
        }
    };
    let position = place.map_or(asked.catalogue.locations.len().try_into().unwrap_or(0), |place| place.position);
    let address = place.and_then(|place| place.address.clone()).unwrap_or_default();
    let about = vec![
        line(vec![
            needed(Kind::Text, "name", "Name", place.map(|place| place.name.clone()).unwrap_or_default()),
            position_input(position),
        ]),
        line(vec![input(Kind::Text, "address", "Address (optional)", address)]),
        line(vec![check("active", "In use", place.is_none_or(|place| place.active))]),
    ];
    let groups = vec![
        hidden([("id", place.map(|place| place.id.to_string()).unwrap_or_default())]),
        named_group("About", "", about),
    ];
    let title = place.map_or_else(|| "New location".to_owned(), |place| place.name.clone());
    Ok(one(title, "locations", "Locations", vec![thing("location", "Save location", groups)]))
}

fn list(id: &str, heading: &str, add: &str, empty: &str, rows: Vec<Row>) -> Settings {
    let section = Section {
        id: id.into(),
        heading: heading.into(),
        rows,
        empty: Some(empty.into()),
        add: Some((format!("/console/settings/{id}?item=new"), add.into())),
        ..Section::default()
    };
    Settings { sections: vec![section], ..Settings::default() }
}

fn one(title: String, tab: &str, list: &str, sections: Vec<Section>) -> Settings {
    let back = Some((format!("/console/settings/{tab}"), list.to_owned()));
    Settings { title, back, sections, ..Settings::default() }
}

fn thing(what: &str, submit: &str, groups: Vec<Group>) -> Section {
    Section {
        id: what.into(),
        heading: "What it is".into(),
        form: Some(Form { what: what.into(), groups, submit: submit.into(), ..Form::default() }),
        ..Section::default()
    }
}

fn form(what: &str, submit: &str, groups: Vec<(&str, Vec<Line>)>) -> Form {
    let groups = groups.into_iter().map(|(legend, lines)| named_group(legend, "", lines)).collect();
    Form { what: what.into(), groups, submit: submit.into(), ..Form::default() }
}

pub fn button<const N: usize>(what: &str, label: &str, fields: [(&str, String); N]) -> Form {
    Form { what: what.into(), groups: vec![hidden(fields)], submit: label.into(), ..Form::default() }
}

fn named_group(legend: &str, hint: &str, lines: Vec<Line>) -> Group {
    Group { legend: legend.into(), hint: hint.into(), lines }
}

pub fn hidden<const N: usize>(fields: [(&str, String); N]) -> Group {
    let inputs = fields.into_iter().map(|(path, value)| input(Kind::Hidden, path, "", value)).collect();
    Group { lines: vec![line(inputs)], ..Group::default() }
}

pub fn line(inputs: Vec<Input>) -> Line {
    Line { inputs, ..Line::default() }
}

pub fn input(kind: Kind, path: impl Into<String>, label: impl Into<String>, value: String) -> Input {
    Input { path: path.into(), label: label.into(), value, kind, ..Input::default() }
}

pub fn needed(kind: Kind, path: &str, label: &str, value: String) -> Input {
    Input { required: true, ..input(kind, path, label, value) }
}

pub fn check(path: impl Into<String>, label: impl Into<String>, ticked: bool) -> Input {
    input(Kind::Check, path, label, if ticked { "on" } else { "" }.to_owned())
}

pub fn choice(path: impl Into<String>, label: &str, chosen: &str, options: &[(&str, &str)]) -> Input {
    let options = options.iter().map(|(value, name)| ((*value).to_owned(), (*name).to_owned())).collect();
    choice_of(path, label, chosen, options)
}

fn choice_of(path: impl Into<String>, label: &str, chosen: &str, options: Vec<(String, String)>) -> Input {
    Input { options, ..input(Kind::Choice, path, label, chosen.to_owned()) }
}

fn place_of(catalogue: &Catalogue, chosen: Option<String>) -> Input {
    let chosen = chosen.unwrap_or_default();
    let none = [(String::new(), "None in particular".to_owned())];
    let places = catalogue.locations.iter().map(|place| (place.id.to_string(), place.name.clone()));
    let places = places.filter(|(id, _)| {
        *id == chosen || catalogue.locations.iter().any(|place| place.active && place.id.to_string() == *id)
    });
    choice_of("location", "Location", &chosen, none.into_iter().chain(places).collect())
}

fn position_input(position: i32) -> Input {
    Input {
        range: Some((0, 9_999)),
        required: true,
        ..input(Kind::Number, "position", "Place in lists", position.to_string())
    }
}
