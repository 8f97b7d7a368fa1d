//! Offering a time that came free: to one after another of those it suits.
//!
//! The time is held for whoever it is offered to, as for anybody who chooses
//! one, so that it is theirs or nobody's until they answer or the hold runs
//! out.

use chrono::{DateTime, Duration, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use domain::id::{AppointmentTypeId, ConversationId, HoldId, MemberId, PatientId, PractitionerId};
use domain::language::Language;
use domain::template::{Kind, Values};
use domain::{Rejection, quiet};
use serde_json::json;
use uuid::Uuid;

use super::openings::{self, Opening};
use crate::booking::availability::OpenSlot;
use crate::booking::{self, Channel, Owner, SlotClaim, Wanted};
use crate::error::OnConstraint;
use crate::events::{self, Actor, Event, EventKind};
use crate::messaging::ledger::Way;
use crate::messaging::links::Links;
use crate::messaging::outbox::{self, Ready};
use crate::messaging::{settings, writing};
use crate::{ClinicTx, Error, Result, clinics, conversations};

/// How many entries are looked at for one opening.
const MOST_ENTRIES: i64 = 500;

/// How long until an opening is looked at again that suits somebody for whom it
/// is night.
const LATER: Duration = Duration::minutes(30);

/// What came of looking at an opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// It suits nobody, or nobody who may be written to now.
    Left,
    /// It is kept for somebody; and what was written in their chat.
    Offered { offer: Uuid, note: Option<(ConversationId, domain::id::MessageId)> },
}

/// Somebody who waits, and may be written to.
pub(super) struct Entry {
    id: Uuid,
    pub(super) patient: PatientId,
    name: String,
    conversation: Option<ConversationId>,
    is_chat: bool,
    appointment_type: AppointmentTypeId,
    type_name: String,
    is_sensitive: bool,
    pub(super) practitioner: Option<PractitionerId>,
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    from_minute: i32,
    to_minute: i32,
    pub(super) way: Way,
    pub(super) address: String,
    language: Language,
    zone: Option<Tz>,
}

/// Whether the clinic has times offered by themselves. What comes free
/// meanwhile is remembered until it is over, and offered once they are again.
pub async fn is_wanted(tx: &mut ClinicTx) -> Result<bool> {
    Ok(settings::read(tx).await?.waitlist_offers)
}

/// Whether people may be written to at the clinic at this hour.
pub async fn is_day(tx: &mut ClinicTx, now: DateTime<Utc>) -> Result<bool> {
    let zone = clinics::time_zone(tx).await?;
    is_day_in(tx, now, &[zone]).await
}

/// Whether it is day in all of these zones.
async fn is_day_in(tx: &mut ClinicTx, now: DateTime<Utc>, zones: &[Tz]) -> Result<bool> {
    let window = settings::read(tx).await?.quiet();
    Ok(quiet::next_allowed_in_all(now, zones, window) == Some(now))
}

/// Has one process at a time offer a clinic's times.
pub async fn lock(tx: &mut ClinicTx) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(current_clinic_id()::text, 8))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Offers what came free to the first of those it suits: whoever asked for the
/// very practitioner before those who would see anyone, and of them whoever has
/// waited longest. Nobody is offered the same time twice, or two at once, and
/// nobody who said stop anything.
///
/// # Errors
///
/// Rejected as [`booking::hold`] if somebody else was quicker.
pub async fn look(tx: &mut ClinicTx, now: DateTime<Utc>, links: &Links, opening: Opening) -> Result<Looked> {
    lock(tx).await?;
    let zone = clinics::time_zone(tx).await?;
    let mut suited = Vec::new();
    let mut is_night = false;
    for entry in waiting(tx, now.with_timezone(&zone).date_naive(), None).await? {
        let Some(slot) = fitting(tx, now, zone, opening, &entry).await? else { continue };
        if let Some(own) = entry.zone
            && !is_day_in(tx, now, &[zone, own]).await?
        {
            is_night = true;
            continue;
        }
        suited.push((entry, slot));
    }
    // They come in the order in which they began to wait.
    suited.sort_by_key(|(entry, _)| entry.practitioner.is_none());
    let others = suited.len().saturating_sub(1);
    match suited.into_iter().next() {
        Some((entry, slot)) => {
            let why = Why { others, chosen_by: None };
            offer(tx, now, links, &entry, &slot, why).await
        }
        None if is_night => {
            openings::put_off(tx, opening.id, now + LATER).await?;
            Ok(Looked::Left)
        }
        None => {
            openings::done(tx, opening.id).await?;
            Ok(Looked::Left)
        }
    }
}

/// Those who may be offered something now, whoever has waited longest first; or
/// the one that staff choose, who answer in their conversation themselves.
pub(super) async fn waiting(tx: &mut ClinicTx, today: NaiveDate, chosen: Option<Uuid>) -> Result<Vec<Entry>> {
    let rows = sqlx::query!(
        r#"
        select e.waitlist_entry_id, e.patient_id, p.name, e.conversation_id, e.appointment_type_id, t.name as type_name,
               t.sensitive, e.practitioner_id, e.from_date, e.to_date, e.from_minute, e.to_minute,
               way.channel as "channel!", way.address as "address!", p.time_zone,
               coalesce(v.language, p.language, c.languages[1]) as "language!",
               coalesce(v.channel = 'web', false) as "is_chat!"
        from waitlist_entries e
        join clinics c using (clinic_id)
        join patients p using (clinic_id, patient_id)
        join appointment_types t using (clinic_id, appointment_type_id)
        left join conversations v on v.clinic_id = e.clinic_id and v.conversation_id = e.conversation_id
        left join messaging_settings s on s.clinic_id = e.clinic_id
        cross join lateral (
            select w.channel, w.address
            from (values (1, 'sms', p.phone, coalesce(s.sms, true)), (2, 'email', p.email, coalesce(s.email, true)))
                 w (preference, channel, address, is_wanted)
            where w.address is not null and w.is_wanted
              and not exists (select from opt_outs o
                              where o.channel = w.channel and o.address = w.address and o.ended_at is null)
              and not exists (select from unreachable u where u.channel = w.channel and u.address = w.address)
            order by w.preference
            limit 1
        ) way
        where e.closed_at is null and e.to_date >= $1 and ($3::uuid is null or e.waitlist_entry_id = $3)
          and ($3 is not null or not exists (
              select from handovers h where h.conversation_id = e.conversation_id and h.ended_at is null))
          -- An answer from one telephone or address is about one offer.
          and not exists (select from waitlist_offers o
                          join waitlist_entries oe using (clinic_id, waitlist_entry_id)
                          join patients op using (clinic_id, patient_id)
                          where o.state = 'open'
                            and (oe.patient_id = e.patient_id or op.phone = p.phone or op.email = p.email))
        order by e.created_at, e.waitlist_entry_id
        limit $2
        "#,
        today,
        MOST_ENTRIES,
        chosen
    )
    .fetch_all(tx.conn())
    .await?;
    let entries = rows.into_iter().map(|row| Entry {
        id: row.waitlist_entry_id,
        patient: row.patient_id.into(),
        name: row.name,
        conversation: row.conversation_id.map(Into::into),
        is_chat: row.is_chat,
        appointment_type: row.appointment_type_id.into(),
        type_name: row.type_name,
        is_sensitive: row.sensitive,
        practitioner: row.practitioner_id.map(Into::into),
        from: row.from_date.max(today),
        to: row.to_date,
        from_minute: row.from_minute,
        to_minute: row.to_minute,
        way: if row.channel == "sms" { Way::Sms } else { Way::Email },
        address: row.address,
        language: Language::of_tag(&row.language).unwrap_or(Language::English),
        zone: row.time_zone.and_then(|zone| zone.parse().ok()),
    });
    Ok(entries.collect())
}

/// The first free time in what came free that this entry would take, and was
/// not offered before.
async fn fitting(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    zone: Tz,
    opening: Opening,
    entry: &Entry,
) -> Result<Option<OpenSlot>> {
    let (mut from, mut to) = (entry.from, entry.to);
    if let Some((began, ended)) = opening.span {
        // A visit may begin before what came free and reach into it.
        from = from.max((began - Duration::days(1)).with_timezone(&zone).date_naive());
        to = to.min(ended.with_timezone(&zone).date_naive());
    }
    let asked_for_another =
        entry.practitioner.is_some_and(|asked| opening.practitioner.is_some_and(|free| free != asked.uuid()));
    if from > to || asked_for_another {
        return Ok(None);
    }
    let practitioner = entry.practitioner.or(opening.practitioner.map(Into::into));
    let is_part = |slot: &OpenSlot| {
        opening.span.is_none_or(|(began, ended)| slot.claim.starts_at < ended && slot.ends_at > began)
    };
    let before = offered_before(tx, entry.id).await?;
    // Whoever let a time go does not want half of it either, before others are
    // asked.
    let is_new = |slot: &OpenSlot| {
        before.iter().all(|(who, began, ended)| {
            *who != slot.claim.practitioner_id.uuid() || slot.claim.starts_at >= *ended || slot.ends_at <= *began
        })
    };
    let free = free(tx, now, entry.wish(practitioner, from, to)).await?;
    Ok(free.into_iter().find(|slot| is_part(slot) && is_new(slot)))
}

impl Entry {
    pub(super) fn wish(&self, practitioner: Option<PractitionerId>, from: NaiveDate, to: NaiveDate) -> Wanted {
        wish(self.appointment_type, practitioner, from, to, self.from_minute, self.to_minute)
    }
}

/// What somebody waits for, as a search.
pub(super) fn wish(
    kind: AppointmentTypeId,
    practitioner: Option<PractitionerId>,
    from: NaiveDate,
    to: NaiveDate,
    from_minute: i32,
    to_minute: i32,
) -> Wanted {
    // A longer search would be refused; what is further away comes nearer.
    let to = to.min(from + Duration::days(booking::availability::MOST_DAYS - 1));
    Wanted {
        practitioner,
        earliest: u32::try_from(from_minute).ok(),
        latest: u32::try_from(to_minute).ok(),
        ..Wanted::of(kind.to_string(), Channel::Web, from, to)
    }
}

/// What is free; nothing of what is not offered any more.
pub(super) async fn free(tx: &mut ClinicTx, now: DateTime<Utc>, wanted: Wanted) -> Result<Vec<OpenSlot>> {
    match booking::available(tx, now, &wanted).await {
        Ok(found) => Ok(found.slots),
        Err(Error::Rejected(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

async fn offered_before(tx: &mut ClinicTx, entry: Uuid) -> Result<Vec<(Uuid, DateTime<Utc>, DateTime<Utc>)>> {
    let rows = sqlx::query!(
        "select practitioner_id, starts_at, ends_at from waitlist_offers where waitlist_entry_id = $1",
        entry
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.practitioner_id, row.starts_at, row.ends_at)).collect())
}

/// The owner of an offer's hold, whom nobody else can be.
pub(super) fn keeper(offer: Uuid) -> Owner {
    Owner::Session(offer.into())
}

/// Why a time is offered to this one.
pub(super) struct Why {
    /// How many others it suits.
    pub(super) others: usize,
    /// Who of the staff chose it for them.
    pub(super) chosen_by: Option<MemberId>,
}

/// Keeps a time for somebody and tells them.
pub(super) async fn offer(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    links: &Links,
    entry: &Entry,
    slot: &OpenSlot,
    why: Why,
) -> Result<Looked> {
    let zone = clinics::time_zone(tx).await?;
    let offer = domain::Id::<Looked>::new().uuid();
    let kept_for = Duration::minutes(settings::read(tx).await?.offer_minutes.into());
    let expires_at = (now + kept_for).min(slot.claim.starts_at);
    let until = until(entry.language, zone, now, expires_at);
    let hold = keep(tx, now, offer, &slot.claim, expires_at).await?;
    sqlx::query!(
        "insert into waitlist_offers
                (waitlist_offer_id, waitlist_entry_id, hold_id, practitioner_id, starts_at, ends_at, asked_for_them,
                 others, offered_at, expires_at, offered_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        offer,
        entry.id,
        hold.uuid(),
        slot.claim.practitioner_id.uuid(),
        slot.claim.starts_at,
        slot.ends_at,
        entry.practitioner.is_some(),
        i32::try_from(why.others).unwrap_or(i32::MAX),
        now,
        expires_at,
        why.chosen_by.map(MemberId::uuid)
    )
    .execute(tx.conn())
    .await
    .on_constraint("waitlist_offers_one_open", already_offered)?;
    let link = links.offer(tx.clinic(), offer);
    write(tx, now, zone, entry, slot, &Written { offer, link: &link, expires_at, until: &until }).await?;
    let note = match entry.conversation.filter(|_| entry.is_chat) {
        Some(conversation) => {
            conversations::lock(tx, conversation).await?;
            let text = told(entry.language, zone, slot, &until, &link);
            let message = conversations::note(tx, now, conversation, &text).await?;
            Some((conversation, message))
        }
        None => None,
    };
    let event = Event {
        kind: EventKind::OfferMade,
        appointment_id: None,
        conversation_id: note.map(|(conversation, _)| conversation),
        actor: if why.chosen_by.is_some() { Actor::Member } else { Actor::Job },
        actor_id: why.chosen_by.map(MemberId::uuid),
        channel: if why.chosen_by.is_some() { "console" } else { "job" },
        payload: json!({ "offer_id": offer, "starts_at": slot.claim.starts_at, "expires_at": expires_at, "link": link }),
    };
    events::record(tx, now, &event).await?;
    Ok(Looked::Offered { offer, note })
}

pub(super) fn already_offered() -> Rejection {
    Rejection::invalid("offer", "A time is already kept for them. It has to be answered or run out first.")
}

/// Keeps a time until `expires_at`, which is longer than a clinic keeps one for
/// somebody who is choosing.
async fn keep(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    offer: Uuid,
    claim: &SlotClaim,
    expires_at: DateTime<Utc>,
) -> Result<HoldId> {
    let hold = booking::hold(tx, now, keeper(offer), Channel::Web, claim).await?;
    sqlx::query!("update holds set expires_at = $2 where hold_id = $1", hold.hold_id.uuid(), expires_at)
        .execute(tx.conn())
        .await?;
    Ok(hold.hold_id)
}

/// An offer as it is written to somebody.
struct Written<'a> {
    offer: Uuid,
    link: &'a str,
    expires_at: DateTime<Utc>,
    until: &'a str,
}

async fn write(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    zone: Tz,
    entry: &Entry,
    slot: &OpenSlot,
    written: &Written<'_>,
) -> Result<()> {
    let clinic = clinics::profile(tx).await?;
    let anything = match entry.language {
        Language::English => "your visit",
        Language::Spanish => "su cita",
    };
    let values = Values {
        clinic: Some(&clinic.name),
        patient: Some(&entry.name),
        practitioner: Some(&slot.practitioner.name),
        appointment_type: Some(if entry.is_sensitive { anything } else { &entry.type_name }),
        starts_at: Some(slot.claim.starts_at.with_timezone(&zone).naive_local()),
        link: Some(written.link),
        phone: clinic.phone.as_deref(),
        address: clinic.address.as_deref(),
        until: Some(written.until),
        ..Values::default()
    };
    let ready = Ready {
        key: format!("waitlist_offer:{}", written.offer),
        kind: Kind::WaitlistOffer,
        way: entry.way,
        to: &entry.address,
        language: entry.language,
        words: writing::about_nothing_else(tx, Kind::WaitlistOffer, entry.way, entry.language, &values).await?,
        patient: Some(entry.patient),
        conversation: entry.conversation,
        expires_at: Some(written.expires_at),
    };
    outbox::queue(tx, now, &ready).await.map(drop)
}

/// Until when a time is kept, as it follows "until" and "hasta".
pub fn until(language: Language, zone: Tz, now: DateTime<Utc>, expires_at: DateTime<Utc>) -> String {
    let local = expires_at.with_timezone(&zone).naive_local();
    let (day, time) = (language.day(local.date()), language.time(local.time()));
    let is_today = now.with_timezone(&zone).date_naive() == local.date();
    match (language, is_today) {
        (Language::English, true) => time,
        (Language::English, false) => format!("{day}, {time}"),
        (Language::Spanish, true) if local.hour12().1 == 1 => format!("la {time}"),
        (Language::Spanish, true) => format!("las {time}"),
        (Language::Spanish, false) => format!("el {day}, {time}"),
    }
}

/// The offer as it stands in the patient's chat.
fn told(language: Language, zone: Tz, slot: &OpenSlot, until: &str, link: &str) -> String {
    let local = slot.claim.starts_at.with_timezone(&zone).naive_local();
    let (day, time) = (language.day(local.date()), language.time(local.time()));
    let with = &slot.practitioner.name;
    match language {
        Language::English => format!(
            "You are on the waitlist, and a time has come free: {day}, {time}, with {with}. It is kept for you until \
             {until}. To take it or not: {link}"
        ),
        Language::Spanish => format!(
            "Usted está en la lista de espera y hay un lugar: {day}, {time}, con {with}. Se lo guardamos hasta \
             {until}. Para tomarlo o no: {link}"
        ),
    }
}
