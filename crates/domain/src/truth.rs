//! The truth gate: what a reply claims, against what the rows say.
//!
//! A sentence that says something was booked, moved, cancelled, sent or told, or
//! that names the hour of a visit, is said only if committed rows bear it out.
//! Patterns read it, in English and Spanish. In doubt it is a claim: what it is
//! replaced with is true, and a lie told to a patient is not taken back.

use chrono::{NaiveDate, NaiveDateTime};

use crate::code::ConfirmationCode;

mod claims;
mod english;
mod language;
mod moments;
mod opening;
mod replacement;
mod sentences;
mod spanish;
mod tokens;

pub use claims::claims;
pub use language::language;
pub use moments::{Day, Time};
pub use opening::{Days, Opening, Stance, openings};
pub use replacement::replacement;
pub use sentences::{next_sentence, sentences};
pub(crate) use tokens::words;

/// What a sentence says was done, and what a row says is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// A time is free.
    Offered,
    Held,
    /// Asked for; staff decide.
    Requested,
    Booked,
    Moved,
    Cancelled,
    Waitlisted,
    Sent(Channel),
    /// A person of the clinic was told, and may call.
    StaffTold,
    /// How they are reached is another now.
    ContactChanged,
    /// Something was done, and the sentence does not say what. Of claims only.
    Done,
    /// A time or a code is named, and nothing is said to have happened. Of
    /// facts: a time that may be named, such as one that the patient asked for.
    Named,
}

/// What something was sent by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    Sms,
    Email,
    /// "A message". Of claims only.
    Any,
}

/// What a committed row says, as it stands now: a visit that was booked and then
/// cancelled is only cancelled.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub act: Act,
    /// When the visit starts, on the clinic's clock.
    pub starts_at: Option<NaiveDateTime>,
    /// When it was to start before it was moved.
    pub moved_from: Option<NaiveDateTime>,
    pub code: Option<ConfirmationCode>,
    pub practitioner: Option<String>,
    pub appointment_type: Option<String>,
}

impl Fact {
    /// That `act` happened, to no visit in particular.
    pub const fn of(act: Act) -> Self {
        Self { act, starts_at: None, moved_from: None, code: None, practitioner: None, appointment_type: None }
    }
}

/// One thing a sentence says is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub act: Act,
    pub day: Option<Day>,
    pub time: Option<Time>,
    /// As it was written, without spaces and hyphens, in capitals.
    pub code: Option<String>,
    /// Words of the name after "with", small and without accents.
    pub practitioner: Vec<String>,
    /// The moment is the one something was moved away from.
    pub is_left: bool,
    /// The sentence speaks of a visit, or of coming.
    pub is_of_a_visit: bool,
}

impl Claim {
    /// What nothing bears out.
    const fn unreadable() -> Self {
        Self {
            act: Act::Named,
            day: None,
            time: None,
            code: Some(String::new()),
            practitioner: Vec::new(),
            is_left: false,
            is_of_a_visit: true,
        }
    }
}

/// What becomes of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It claims nothing.
    Harmless,
    /// Rows bear out all it claims.
    Backed,
    /// Nothing bears this out.
    Unbacked(Claim),
}

impl Verdict {
    pub const fn may_be_said(&self) -> bool {
        !matches!(self, Self::Unbacked(_))
    }
}

/// Whether `sentence` is true as far as `facts` go.
pub fn check(sentence: &str, today: NaiveDate, facts: &[Fact]) -> Verdict {
    if tokens::is_too_long(sentence) {
        return Verdict::Unbacked(Claim::unreadable());
    }
    let claims = claims(sentence, today);
    if claims.is_empty() {
        return Verdict::Harmless;
    }
    let unbacked = claims.into_iter().find(|claim| !facts.iter().any(|fact| backs(fact, claim, today)));
    unbacked.map_or(Verdict::Backed, Verdict::Unbacked)
}

fn backs(fact: &Fact, claim: &Claim, today: NaiveDate) -> bool {
    // A text about a visit names the visit's time, which is a claim of its own.
    let is_about_a_visit = !matches!(fact.act, Act::Sent(_) | Act::StaffTold | Act::ContactChanged);
    has_act(fact.act, claim.act)
        && !(fact.act == Act::Named && claim.is_of_a_visit)
        && (!is_about_a_visit || is_at(fact, claim, today))
        && (!is_about_a_visit || claim.code.as_ref().is_none_or(|code| is_coded(fact, code)))
        && (!is_about_a_visit || is_with(fact, claim))
}

fn has_act(fact: Act, claim: Act) -> bool {
    match claim {
        Act::Named => !matches!(fact, Act::Sent(_) | Act::StaffTold | Act::ContactChanged),
        Act::Done => !matches!(fact, Act::Offered | Act::Held | Act::Named),
        Act::Offered => matches!(fact, Act::Offered | Act::Held),
        Act::Booked => matches!(fact, Act::Booked | Act::Moved),
        Act::Sent(Channel::Any) => matches!(fact, Act::Sent(_)),
        claim => fact == claim,
    }
}

fn is_at(fact: &Fact, claim: &Claim, today: NaiveDate) -> bool {
    let is_at = |at: NaiveDateTime| {
        claim.day.as_ref().is_none_or(|day| day.is(at.date(), today))
            && claim.time.is_none_or(|time| time.is(at.time()))
    };
    let names_no_moment = claim.day.is_none() && claim.time.is_none();
    let was = fact.moved_from.is_some_and(is_at);
    let is = fact.starts_at.is_some_and(is_at);
    names_no_moment || if claim.is_left { was } else { is || was && claim.act == Act::Named }
}

fn is_coded(fact: &Fact, code: &str) -> bool {
    fact.code.as_ref().is_some_and(|known| code.parse().is_ok_and(|code: ConfirmationCode| code == *known))
}

fn is_with(fact: &Fact, claim: &Claim) -> bool {
    let Some(practitioner) = &fact.practitioner else { return true };
    let name = tokens::Tokens::of(practitioner).words;
    claim.practitioner.iter().all(|word| name.contains(word))
}

#[cfg(test)]
mod tests;
