//! Replies about visits: C, R, and the number of the one that is meant.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::chat::Card;
use domain::id::AppointmentId;
use domain::sms::keywords::Keyword;
use uuid::Uuid;

use super::super::post::Post;
use super::{Outcome, Reading, Taken};
use crate::booking::Changer;
use crate::booking::attending::{self, Ahead};
use crate::events::Actor;
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Error, Result, clinics, conversations};

/// How long a list of visits may be answered by number.
const CHOICE_LASTS: TimeDelta = TimeDelta::hours(24);

/// How long the times that were offered may be answered by number or word.
const OFFER_LASTS: TimeDelta = TimeDelta::hours(12);

/// How many messages back an offer is looked for.
const LOOK_BACK: i64 = 6;

/// What a patient wants with a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Confirm,
    Reschedule,
}

impl Wish {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reschedule => "reschedule",
        }
    }
}

/// Reads a reply about visits; none if it is for the receptionist as it is.
pub async fn about_visits(tx: &mut ClinicTx, post: &Post, reading: &Reading<'_>) -> Result<Option<Outcome>> {
    let pending = take_choice(tx, reading).await?;
    let wish = match reading.keyword {
        Some(Keyword::Number(number)) => {
            return match pending {
                Some((wish, choices)) => chosen(tx, post, reading, wish, &choices, number).await.map(Some),
                None => offered(tx, reading, number).await,
            };
        }
        Some(Keyword::Confirm) => Wish::Confirm,
        Some(Keyword::Reschedule) => Wish::Reschedule,
        _ => return Ok(None),
    };
    // To who is choosing a time, "confirm" and "change" are about that.
    let is_word = reading.text.body.trim().chars().count() > 1;
    if is_word && newest_offer(tx, reading).await?.is_some() {
        return Ok(None);
    }
    let visits = meant(wish, attending::ahead(tx, reading.now, &reading.text.from).await?);
    match visits.as_slice() {
        [] if is_word => Ok(None),
        [] => Ok(Some(Outcome::Taken(Taken::saying("no_visit", reading.voice.no_visit())))),
        [visit] => fulfil(tx, post, reading, wish, visit).await.map(Some),
        visits => ask_which(tx, reading, wish, visits).await.map(Some),
    }
}

/// The visits that a bare letter is about: those there was a reminder of, if
/// there was any; and of those that are not confirmed yet, if any is not.
fn meant(wish: Wish, ahead: Vec<Ahead>) -> Vec<Ahead> {
    let some = |visits: Vec<Ahead>, of: fn(&Ahead) -> bool| {
        if visits.iter().any(of) { visits.into_iter().filter(of).collect() } else { visits }
    };
    let reminded = some(ahead, |visit| visit.is_reminded);
    if wish == Wish::Confirm { some(reminded, |visit| !visit.is_confirmed) } else { reminded }
}

async fn fulfil(tx: &mut ClinicTx, post: &Post, reading: &Reading<'_>, wish: Wish, visit: &Ahead) -> Result<Outcome> {
    let zone = clinics::time_zone(tx).await?;
    let when = when(visit.starts_at, zone, reading);
    match wish {
        Wish::Confirm => {
            let changer = Changer { actor: Actor::Patient, actor_id: None, channel: "sms", conversation_id: None };
            match attending::confirm(tx, reading.now, visit.id, changer).await {
                Ok(()) => Ok(Outcome::Taken(Taken::saying("confirm", reading.voice.confirmed(&when)))),
                // Staff were quicker.
                Err(Error::Rejected(_)) => Ok(Outcome::Taken(Taken::saying("no_visit", reading.voice.not_any_more()))),
                Err(error) => Err(error),
            }
        }
        Wish::Reschedule => {
            let detail = "The patient replied R to a text: they want another time.";
            tasks::open(tx, reading.now, TaskKind::WantsChange, visit.id, detail).await?;
            let link = post.links.visit(tx.clinic(), visit.id);
            Ok(Outcome::Asks {
                words: reading.voice.wants_to_move(),
                postscript: Some(reading.voice.move_it_here(&when, &link)),
            })
        }
    }
}

async fn ask_which(tx: &mut ClinicTx, reading: &Reading<'_>, wish: Wish, visits: &[Ahead]) -> Result<Outcome> {
    let ids: Vec<Uuid> = visits.iter().map(|visit| visit.id.uuid()).collect();
    sqlx::query!(
        "update sms_threads set asked_to = $3, choices = $4, asked_at = $5
         where sender = $1 and patient_number = $2",
        reading.text.to,
        reading.text.from,
        wish.as_str(),
        &ids,
        reading.now
    )
    .execute(tx.conn())
    .await?;
    let zone = clinics::time_zone(tx).await?;
    let named = |visit: &Ahead| {
        let first_name = visit.patient.split(' ').next().unwrap_or_default();
        format!("{first_name} {}", when(visit.starts_at, zone, reading).replace(',', ""))
    };
    let list: Vec<String> = visits.iter().map(named).collect();
    Ok(Outcome::Taken(Taken::saying("asked_which", reading.voice.which(&list))))
}

/// What was asked about which visits, which no later text answers but this.
async fn take_choice(tx: &mut ClinicTx, reading: &Reading<'_>) -> Result<Option<(Wish, Vec<Uuid>)>> {
    let asked = sqlx::query!(
        "select asked_to, choices, asked_at from sms_threads where sender = $1 and patient_number = $2",
        reading.text.to,
        reading.text.from
    )
    .fetch_one(tx.conn())
    .await?;
    let (Some(wish), Some(choices), Some(asked_at)) = (asked.asked_to, asked.choices, asked.asked_at) else {
        return Ok(None);
    };
    sqlx::query!(
        "update sms_threads set asked_to = null, choices = null, asked_at = null
         where sender = $1 and patient_number = $2",
        reading.text.to,
        reading.text.from
    )
    .execute(tx.conn())
    .await?;
    let wish = if wish == Wish::Confirm.as_str() { Wish::Confirm } else { Wish::Reschedule };
    Ok((reading.now < asked_at + CHOICE_LASTS).then_some((wish, choices)))
}

async fn chosen(
    tx: &mut ClinicTx,
    post: &Post,
    reading: &Reading<'_>,
    wish: Wish,
    choices: &[Uuid],
    number: u8,
) -> Result<Outcome> {
    let ahead = attending::ahead(tx, reading.now, &reading.text.from).await?;
    let still: Vec<Ahead> = ahead.into_iter().filter(|visit| choices.contains(&visit.id.uuid())).collect();
    let Some(chosen) = choices.get(usize::from(number) - 1).copied().map(AppointmentId::from) else {
        return match still.as_slice() {
            [] => Ok(Outcome::Taken(Taken::saying("no_visit", reading.voice.no_visit()))),
            visits => ask_which(tx, reading, wish, visits).await,
        };
    };
    match still.iter().find(|visit| visit.id == chosen) {
        Some(visit) => fulfil(tx, post, reading, wish, visit).await,
        None => Ok(Outcome::Taken(Taken::saying("no_visit", reading.voice.not_any_more()))),
    }
}

/// A number that picks one of the times in the last answer, as if its button
/// had been pressed.
async fn offered(tx: &mut ClinicTx, reading: &Reading<'_>, number: u8) -> Result<Option<Outcome>> {
    let Some(Card::Slots { slots, .. }) = newest_offer(tx, reading).await? else { return Ok(None) };
    let slot = slots.get(usize::from(number) - 1);
    Ok(slot.map(|slot| Outcome::Asks { words: slot.label.clone(), postscript: None }))
}

/// The times or the hold in the receptionist's last answer.
async fn newest_offer(tx: &mut ClinicTx, reading: &Reading<'_>) -> Result<Option<Card>> {
    let latest = conversations::latest(tx, reading.conversation, LOOK_BACK).await?;
    let answer = latest.into_iter().rfind(|message| message.role == domain::chat::Role::Receptionist);
    let answer = answer.filter(|answer| reading.now < answer.created_at + OFFER_LASTS);
    let open = |card: &Card| matches!(card, Card::Slots { .. } | Card::Hold { .. });
    Ok(answer.and_then(|answer| answer.cards.into_iter().find(open)))
}

/// `Tue 24 Nov, 2:00 PM`, on the clinic's clock.
pub(super) fn when(at: DateTime<Utc>, zone: Tz, reading: &Reading<'_>) -> String {
    let local = at.with_timezone(&zone).naive_local();
    let language = reading.voice.language;
    format!("{}, {}", language.day(local.date()), language.time(local.time()))
}
