//! How long the truth gate takes for a sentence, over its whole corpus.
//!
//! Fails where a sentence takes longer than it may.
#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate, NaiveDateTime};
use domain::truth::{self, Act, Fact};

const CORPUS: &str = include_str!("../../domain/src/truth/corpus.txt");

/// The longest that any sentence may take.
const MOST: Duration = Duration::from_millis(5);

const ROUNDS: usize = 20;

fn main() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default();
    let facts = facts(today);
    let lines: Vec<&str> = CORPUS.lines().filter_map(|line| line.splitn(3, " | ").nth(2)).collect();
    let first = took(|| truth::check(lines[0], today, &facts).may_be_said());
    let mut took: Vec<Duration> = (0..ROUNDS)
        .flat_map(|_| lines.iter().map(|line| took(|| truth::check(line, today, &facts).may_be_said())))
        .collect();
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100];
    let (median, late, most) = (at(50), at(99), at(100));
    println!("A sentence past the truth gate, {} lines, {} facts", lines.len(), facts.len());
    for (name, took, against) in [
        ("median", median, String::new()),
        ("99 % within", late, String::new()),
        ("slowest", most, format!("at most {} ms", MOST.as_millis())),
        ("the first, which makes the rules ready", first, String::new()),
    ] {
        println!("  {name:<42}{:>9.3} ms  {against}", took.as_secs_f64() * 1_000.0);
    }
    if late > MOST {
        println!("The gate is slower than it may be.");
        std::process::exit(1);
    }
}

fn took<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    std::hint::black_box(work());
    began.elapsed()
}

/// A long conversation's: every time of a day and a half that was shown, and a
/// few visits.
fn facts(today: NaiveDate) -> Vec<Fact> {
    let starts = (1..=3).filter_map(|day| today.checked_add_days(Days::new(day)));
    let at = |day: NaiveDate, hour| day.and_hms_opt(hour, 0, 0);
    let offered = starts.flat_map(move |day| (8..18).filter_map(move |hour| at(day, hour)));
    let fact = |act, starts_at: NaiveDateTime| Fact {
        starts_at: Some(starts_at),
        practitioner: Some("Dr. Mia Lin".to_owned()),
        appointment_type: Some("Haircut".to_owned()),
        ..Fact::of(act)
    };
    let mut facts: Vec<Fact> = offered.map(|at| fact(Act::Offered, at)).collect();
    let visits: Vec<Fact> =
        facts.iter().filter_map(|one| one.starts_at).take(3).map(|at| fact(Act::Booked, at)).collect();
    facts.extend(visits);
    facts
}
