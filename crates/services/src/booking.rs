//! Appointments: what is free, keeping a time, booking it.
//!
//! Whether a time is taken is never decided here. Everything that occupies a
//! practitioner's time is a row of `occupancies`, and the database refuses two
//! that overlap; this module turns that refusal into `slot_taken`.

pub mod appointments;
pub mod attending;
pub mod availability;
pub(crate) mod books;
pub mod calendar_file;
pub mod catalogue;
pub mod changes;
pub mod changing;
mod confirming;
pub mod expiring;
pub mod explaining;
mod holding;
pub mod listing;
mod placing;
pub mod scheduling;
pub mod series;
pub mod slot_token;
pub mod standing;
pub mod stranding;

pub use appointments::{Booked, day};
pub use availability::{Wanted, available};
pub use changing::{Change, Changer, Rescheduled, approve, cancel, decline, mark, reschedule};
pub use confirming::{Booking, Confirmed, confirm};
pub use explaining::{At, Explanation, explain};
pub use holding::{claim_at, find_hold, hold, let_go, release};
pub use series::{Repeat, Series, confirm_series};
pub use slot_token::{SlotClaim, SlotSigner};

use std::fmt;

use domain::Rejection;
use domain::id::ConversationId;
use uuid::Uuid;

/// On whose behalf a slot is offered, held and confirmed. A slot shown to one
/// owner is worth nothing to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A chat session.
    Session(ConversationId),
    /// An API key.
    Key(Uuid),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(id) => write!(f, "session:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
        }
    }
}

/// The way an appointment came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    Web,
    Sms,
    Voice,
    Api,
}

impl Channel {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Api => "api",
        }
    }
}

/// A patient's note to the clinic, if there is one.
///
/// # Errors
///
/// Rejected with `invalid` if it is longer than 2,000 characters.
pub fn note(text: Option<&str>) -> Result<Option<String>, Rejection> {
    let kept: String =
        text.unwrap_or_default().chars().filter(|letter| !letter.is_control() || *letter == '\n').take(2_001).collect();
    let kept = kept.trim();
    match kept.chars().count() {
        0 => Ok(None),
        1..=2_000 => Ok(Some(kept.to_owned())),
        _ => Err(Rejection::invalid("note", "Please keep the note under 2,000 characters.")),
    }
}

#[cfg(test)]
mod tests;
