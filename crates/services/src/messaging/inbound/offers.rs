//! Replies to a time that was offered by text: 1 takes it, 2 or no does not.

use chrono::{DateTime, TimeDelta, Utc};
use domain::sms::keywords::Keyword;

use super::super::post::Post;
use super::visits::when;
use super::{Outcome, Reading, Taken};
use crate::booking::Channel;
use crate::waitlist::answering::{self, Answer};
use crate::waitlist::listing;
use crate::{ClinicTx, Error, Result, clinics};

/// How long a reply is still about an offer.
const REMEMBERED: TimeDelta = TimeDelta::hours(12);

/// What a reply says to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Yes,
    No,
}

/// Reads a reply to the newest offer; none if it is about something else.
pub async fn about_offers(tx: &mut ClinicTx, post: &Post, reading: &Reading<'_>) -> Result<Option<Outcome>> {
    let is_no = reading.text.body.trim().trim_end_matches(['.', '!']).eq_ignore_ascii_case("no");
    let says = match reading.keyword {
        Some(Keyword::Number(1) | Keyword::Yes) => Says::Yes,
        Some(Keyword::Number(2)) => Says::No,
        None if is_no => Says::No,
        _ => return Ok(None),
    };
    let since = reading.now - REMEMBERED;
    let newest = listing::newest_by_text(tx, &reading.text.from, reading.conversation, since).await?;
    let Some((offer, false)) = newest else { return Ok(None) };
    match says {
        Says::Yes => take(tx, post, reading, offer).await.map(Some),
        Says::No if answering::decline(tx, reading.now, offer, Channel::Sms).await? => {
            Ok(Some(Outcome::Taken(Taken::saying("offer", reading.voice.offer_declined()))))
        }
        Says::No => Ok(None),
    }
}

async fn take(tx: &mut ClinicTx, post: &Post, reading: &Reading<'_>, offer: uuid::Uuid) -> Result<Outcome> {
    let zone = clinics::time_zone(tx).await?;
    let local = |at: DateTime<Utc>| when(at, zone, reading);
    let said = match answering::take(tx, reading.now, offer, Channel::Sms).await {
        Ok(Answer::Booked(visit)) => {
            let is_pending = visit.status == domain::appointment::AppointmentStatus::Pending;
            reading.voice.offer_taken(&local(visit.starts_at), is_pending)
        }
        Ok(Answer::Gone { next }) => {
            let slug = clinics::profile(tx).await?.slug;
            reading.voice.offer_gone(next.map(local).as_deref(), &post.links.book(&slug))
        }
        Err(Error::Rejected(rejection)) => reading.voice.refused(&rejection.message),
        Err(error) => return Err(error),
    };
    Ok(Outcome::Taken(Taken::saying("offer", said)))
}
