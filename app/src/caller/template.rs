//! A visitor who is nobody: what a page says to one visitor alone is left
//! open, so that the rest of it can be shown to everyone.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use services::booking::SlotClaim;
use services::secrets;

/// Marks what a page says to its visitor alone. The mark is random and used
/// for one page: no name, note or address can contain it.
#[derive(Debug)]
pub struct Template {
    mark: String,
    noted: Mutex<Noted>,
}

/// What was noted while the page was made.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// The times on offer, in the order of their holes.
    pub offers: Vec<SlotClaim>,
    /// When something that was read stops being so by itself.
    pub good_until: Option<DateTime<Utc>>,
}

/// A place in a page for what only its visitor is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hole {
    /// The session's token.
    Session,
    /// What allows the page's own scripts to run.
    Nonce,
    /// The token of a time on offer.
    Offer(usize),
}

/// How many letters follow the mark to say which hole it is.
const NAME: usize = 6;
const SESSION: &str = "-token";
const NONCE: &str = "-nonce";

impl Template {
    pub fn new() -> Self {
        let random = secrets::random::<32>();
        Self { mark: random.iter().map(|byte| format!("{byte:02x}")).collect(), noted: Mutex::default() }
    }

    /// Stands for the session's token.
    pub fn token(&self) -> String {
        format!("{}{SESSION}", self.mark)
    }

    /// Stands for the page's nonce.
    pub fn nonce(&self) -> String {
        format!("{}{NONCE}", self.mark)
    }

    /// Stands for the token of a time on offer.
    pub fn offer(&self, claim: SlotClaim) -> String {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.offers.push(claim);
        format!("{}-{:05}", self.mark, noted.offers.len() - 1)
    }

    /// Notes that something that was read is so only until then.
    pub fn good_until(&self, until: DateTime<Utc>) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.good_until = Some(noted.good_until.map_or(until, |earlier| earlier.min(until)));
    }

    /// What was noted so far.
    pub fn noted(&self) -> Noted {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Cuts `text` at its holes: what stands before each, the hole, and what
    /// stands after the last. None if a mark stands where nobody put one.
    pub fn cut<'a>(&self, text: &'a str) -> Option<(Vec<(&'a str, Hole)>, &'a str)> {
        let mut pieces = text.split(self.mark.as_str());
        let mut before = pieces.next()?;
        let mut cuts = Vec::new();
        for piece in pieces {
            let (name, rest) = piece.split_at_checked(NAME)?;
            cuts.push((before, Hole::named(name)?));
            before = rest;
        }
        Some((cuts, before))
    }
}

impl Default for Template {
    fn default() -> Self {
        Self::new()
    }
}

impl Hole {
    fn named(name: &str) -> Option<Self> {
        match name {
            SESSION => Some(Self::Session),
            NONCE => Some(Self::Nonce),
            offer => offer.strip_prefix('-')?.parse().ok().map(Self::Offer),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::id::{AppointmentTypeId, PractitionerId};

    use super::*;

    fn claim() -> SlotClaim {
        SlotClaim {
            practitioner_id: PractitionerId::new(),
            appointment_type_id: AppointmentTypeId::new(),
            starts_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_page_is_cut_where_its_visitor_is_addressed() {
        let template = Template::new();
        let (first, second) = (template.offer(claim()), template.offer(claim()));
        let page = format!("a{}b{second}{first}c{}", template.nonce(), template.token());
        let (cuts, rest) = template.cut(&page).unwrap();
        assert_eq!(cuts, [("a", Hole::Nonce), ("b", Hole::Offer(1)), ("", Hole::Offer(0)), ("c", Hole::Session)]);
        assert_eq!((rest, template.noted().offers.len()), ("", 2));
    }

    #[test]
    fn a_mark_that_was_tampered_with_is_no_hole() {
        let template = Template::new();
        let page = template.token();
        assert_eq!(template.cut(&page[..page.len() - 1]), None);
        assert_eq!(template.cut(&page.replace("-token", "-tökn")), None);
        assert_eq!(Template::new().cut(&page).map(|(cuts, _)| cuts.len()), Some(0));
    }
}
