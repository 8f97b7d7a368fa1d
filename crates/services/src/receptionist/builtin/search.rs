//! Which times to look for, and where to look next when there are none.

use chrono::{Datelike, Days as Count, NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::json;
use uuid::Uuid;

use super::super::model::{ClinicFacts, ToolCall};
use super::clock::TimeWish;
use super::dates::Days;

/// One look for free times.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    pub offered: String,
    pub practitioner: Option<Uuid>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub earliest: Option<NaiveTime>,
    pub latest: Option<NaiveTime>,
    pub near: Option<NaiveTime>,
    /// The patient was asked whether they mean a day so far ahead, and does.
    pub far_confirmed: bool,
}

/// What a patient asked for, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub days: Days,
    pub time: Option<TimeWish>,
    pub practitioner: Option<Uuid>,
    pub far_confirmed: bool,
}

impl Search {
    /// The tool call that runs it.
    pub fn call(&self) -> ToolCall {
        let time = |time: Option<NaiveTime>| time.map(|time| time.format("%H:%M").to_string());
        let mut arguments = json!({
            "appointment_type": self.offered,
            "practitioner": self.practitioner,
            "from": self.from.to_string(),
            "to": self.to.to_string(),
            "earliest": time(self.earliest),
            "latest": time(self.latest),
            "near": time(self.near),
            "limit": 6,
        });
        if self.far_confirmed {
            arguments["far_confirmed"] = json!(true);
        }
        ToolCall { name: "check_availability".into(), arguments }
    }
}

/// The looks to take, in order, until one finds something: what was asked for,
/// then the next two weeks, then two months at any time of day.
pub fn plan(facts: &ClinicFacts, offered: &str, wish: Wish, now: NaiveDateTime) -> Vec<Search> {
    let today = now.date();
    let (from, to) = match wish.days {
        Days::One(day) => (day, day),
        Days::Span(from, to) => (from, to),
        Days::Soonest => (today, later(today, 14)),
    };
    let from = from.max(today);
    let to = to.max(from).min(later(from, 61));
    let asked = timed(facts, offered, wish, from, to);
    let fortnight = Search { to: later(from, 14).max(to), near: None, ..asked.clone() };
    let anytime = Search { to: later(from, 61), earliest: None, latest: None, near: None, ..asked.clone() };
    let mut plan = vec![asked, fortnight, anytime];
    if is_over(facts, wish.days, now) {
        plan.remove(0);
    }
    plan.dedup();
    plan
}

/// Whether the clinic does not open on `days`, or no more today.
pub fn is_over(facts: &ClinicFacts, days: Days, now: NaiveDateTime) -> bool {
    let Days::One(day) = days else { return false };
    let closes = facts.open_on(day).last().map(|stretch| stretch.closes);
    !facts.hours.is_empty() && closes.is_none_or(|closes| day == now.date() && now.time() >= closes)
}

fn timed(facts: &ClinicFacts, offered: &str, wish: Wish, from: NaiveDate, to: NaiveDate) -> Search {
    let weekday = (from == to).then(|| from.weekday());
    let mut search = Search {
        offered: offered.into(),
        practitioner: wish.practitioner,
        from,
        to,
        earliest: None,
        latest: None,
        near: None,
        far_confirmed: wish.far_confirmed,
    };
    match wish.time {
        Some(TimeWish::At(clock)) => search.near = Some(clock.resolve(facts, weekday)),
        Some(TimeWish::Between { from, to }) => {
            search.earliest = from.map(|clock| clock.resolve(facts, weekday));
            search.latest = to.map(|clock| clock.resolve(facts, weekday));
            let backwards = search.earliest.zip(search.latest).is_some_and(|(earliest, latest)| latest < earliest);
            if backwards {
                search.latest =
                    to.and_then(|clock| clock.both().into_iter().find(|time| Some(*time) >= search.earliest));
            }
        }
        Some(TimeWish::Any) | None => {}
    }
    search
}

fn later(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Count::new(days)).unwrap_or(date)
}
