//! Stretches of the day: "after 3", "between 2 and 4", "in the morning".

use super::super::text::{Word, joined, says_any};
use super::{Clock, Found, Half, TimeWish, half_at, written};

/// "Between 2 and 4", "after 3", "before noon", "2-4pm".
pub fn window(words: &[Word], found: &[Found]) -> Option<TimeWish> {
    if let Some(range) = hyphen_range(words) {
        return Some(range);
    }
    let text = |n: Option<usize>| n.and_then(|n| words.get(n)).map_or("", |word| word.text.as_str());
    if let [a, b, ..] = found {
        let linked = matches!(text(Some(a.end)), "to" | "and" | "till" | "until" | "through") && b.start == a.end + 1
            || b.start == a.end && words.get(b.start).is_some_and(|w| w.hyphenated);
        let led = matches!(text(a.start.checked_sub(1)), "between" | "from") || text(Some(a.end)) != "and";
        if linked && led {
            return Some(between(a.clock, b.clock));
        }
    }
    let (mut from, mut to) = (None, None);
    for one in found {
        let (lead, lead2) = (text(one.start.checked_sub(1)), text(one.start.checked_sub(2)));
        let (lead, lead2) = if matches!(lead, "about" | "around" | "like" | "say" | "at") {
            (lead2, text(one.start.checked_sub(3)))
        } else {
            (lead, lead2)
        };
        let (next, next2) = (text(Some(one.end)), text(Some(one.end + 1)));
        match (lead2, lead) {
            ("later", "than") | (_, "after" | "past" | "since" | "from") => from = Some(one.clock),
            ("earlier", "than") | (_, "before") => to = Some(just_before(one.clock)),
            ("later", "then") => from = Some(one.clock),
            (_, "by" | "until" | "till" | "til") => to = Some(one.clock),
            ("no" | "not", _) if lead == "later" => to = Some(one.clock),
            _ if matches!(
                (next, next2),
                ("or" | "and", "later" | "after" | "onwards" | "on" | "beyond") | ("onwards" | "onward", _)
            ) =>
            {
                from = Some(one.clock)
            }
            _ if matches!((next, next2), ("or" | "and", "earlier" | "before")) => to = Some(one.clock),
            _ => {}
        }
    }
    let line = joined(words);
    if says_any(&line, &["no later than", "not later than", "not after", "latest by"]) && from.is_some() {
        (from, to) = (None, from);
    }
    if says_any(&line, &["no earlier than", "not earlier than", "not before"]) && to.is_some() {
        (from, to) = (found.first().map(|one| one.clock), None);
    }
    (from.is_some() || to.is_some()).then_some(TimeWish::Between { from, to })
}

// "2-4", "2-4pm", "9-11am": one word for text::words.
fn hyphen_range(words: &[Word]) -> Option<TimeWish> {
    words.iter().enumerate().find_map(|(i, word)| {
        let (a, b) = word.text.split_once('-')?;
        let (from, mut to) = (written(a)?, written(b)?);
        if let (None, Some((half, _))) = (to.half, half_at(words, i + 1)) {
            to.half = Some(half);
        }
        let before = i.checked_sub(1).and_then(|j| words.get(j)).map_or("", |w| w.text.as_str());
        let sure = to.half.is_some()
            || from.minute > 0
            || to.minute > 0
            || matches!(before, "between" | "from" | "around" | "at")
            || words.len() <= 3;
        sure.then(|| between(from, to))
    })
}

// "between 10 and 2pm" starts in the morning, "2 to 4pm" in the afternoon.
fn between(mut from: Clock, mut to: Clock) -> TimeWish {
    if let (None, Some(Half::Pm)) = (from.half, to.half) {
        let early = from.hour % 12 < to.hour % 12;
        from.half = Some(if early { Half::Pm } else { Half::Am });
    }
    if let (Some(half), None) = (from.half, to.half) {
        let wraps = to.hour % 12 <= from.hour % 12;
        to.half = Some(if wraps || half == Half::Pm { Half::Pm } else { Half::Am });
    }
    TimeWish::Between { from: Some(from), to: Some(to) }
}

// A start "before 3" is 2:59 at the latest.
fn just_before(clock: Clock) -> Clock {
    match clock {
        Clock { minute: 0, hour, half } => {
            let half = if hour == 12 && half == Some(Half::Pm) { Some(Half::Am) } else { half };
            Clock { hour: if hour <= 1 { hour + 11 } else { hour - 1 }, minute: 59, half }
        }
        Clock { minute, .. } => Clock { minute: minute - 1, ..clock },
    }
}

/// A part of the day by its name, or any time at all.
pub fn part_of_day(line: &str) -> Option<TimeWish> {
    type Bound = Option<(u32, u32)>;
    const PARTS: &[(&[&str], Bound, Bound)] = &[
        (&["early morning", "early in the morning", "first thing", "early am"], None, Some((10, 0))),
        (&["late morning", "mid morning", "midmorning"], Some((10, 0)), Some((11, 59))),
        (&["before work"], None, Some((9, 0))),
        (&["before lunch"], None, Some((11, 59))),
        (&["after lunch", "early afternoon"], Some((13, 0)), Some((15, 0))),
        (
            &["lunch time", "lunchtime", "over lunch", "at lunch", "during lunch", "lunch break", "lunch hour"],
            Some((11, 30)),
            Some((13, 30)),
        ),
        (&["late afternoon", "end of the day", "end of day"], Some((15, 0)), None),
        (&["after school"], Some((15, 0)), None),
        (&["after work", "after hours"], Some((17, 0)), None),
        (&["evening", "evenings", "tonight", "this eve", "night"], Some((17, 0)), None),
        (&["afternoon", "afternoons", "arvo", "afternoon", "afternon", "pm"], Some((12, 0)), Some((17, 0))),
        (&["morning", "mornings", "mornin", "morn", "am hours"], None, Some((11, 59))),
    ];
    const ANY: &[&str] =
        &["any time", "anytime", "whenever", "any slot", "all day", "time doesnt matter", "time does not matter"];
    let line = line
        .replace(" good morning ", " ")
        .replace(" good afternoon ", " ")
        .replace(" good evening ", " ")
        .replace(" good night ", " ");
    let part = PARTS.iter().find(|(phrases, ..)| says_any(&line, phrases)).map(|(_, from, to)| {
        let clock = |(hour, minute): (u32, u32)| Clock::exact(hour, minute);
        TimeWish::Between { from: from.map(clock), to: to.map(clock) }
    });
    part.or_else(|| says_any(&line, ANY).then_some(TimeWish::Any))
}
