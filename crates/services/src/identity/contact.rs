//! Changing how a patient is reached, which takes proof (level 2).

use chrono::{DateTime, Utc};
use domain::contact::{ContactError, EmailAddress, PhoneNumber};
use domain::id::{ConversationId, PatientId};
use domain::template::{Kind, Values};
use domain::{FieldError, Rejection, RejectionCode};
use serde_json::json;

use super::codes::{self, Shown};
use super::verifying::Level;
use crate::booking::Channel;
use crate::events::{self, Actor, Event, EventKind};
use crate::messaging::ledger::{self, Way};
use crate::messaging::outbox::{self, Ready};
use crate::messaging::writing;
use crate::tasks::{self, TaskKind};
use crate::{ClinicTx, Result, audit, clinics, conversations};

/// The words that patients agree to by leaving a new number or address.
const CHANGE_CONSENT: &str = "contact-change/2026-11";

/// A number, an address or both, as somebody gave them.
#[derive(Clone, Debug)]
pub struct NewContact {
    phone: Option<PhoneNumber>,
    email: Option<EmailAddress>,
}

impl NewContact {
    /// Reads what was typed as this country writes phone numbers.
    ///
    /// # Errors
    ///
    /// Rejected with `invalid`, naming the fields, also if there is nothing.
    pub fn read(phone: Option<&str>, email: Option<&str>, country: &str) -> Result<Self, Rejection> {
        let given = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let phone = given(phone).map(|text| PhoneNumber::parse(&text, country)).transpose();
        let email = given(email).map(|text| EmailAddress::parse(&text)).transpose();
        match (phone, email) {
            (Ok(None), Ok(None)) => Err(Rejection::invalid("phone", "Please give a phone number or an email address.")),
            (Ok(phone), Ok(email)) => Ok(Self { phone, email }),
            (phone, email) => Err(Rejection::invalid_fields(
                [wrong("phone", phone.err()), wrong("email", email.err())].into_iter().flatten().collect(),
            )),
        }
    }

    fn phone(&self) -> Option<&str> {
        self.phone.as_ref().map(PhoneNumber::as_str)
    }

    fn email(&self) -> Option<&str> {
        self.email.as_ref().map(EmailAddress::as_str)
    }

    fn fields(&self) -> Vec<&'static str> {
        let fields = [("phone", self.phone.is_some()), ("email", self.email.is_some())];
        fields.into_iter().filter(|(_, is_new)| *is_new).map(|(field, _)| field).collect()
    }
}

fn wrong(field: &str, error: Option<ContactError>) -> Option<FieldError> {
    error.map(|error| FieldError { field: field.into(), message: error.to_string() })
}

/// What became of a wish to change contact data. Commit either: what cannot be
/// done here has become a task for the staff.
#[derive(Clone, Debug)]
#[must_use]
pub enum Changed {
    /// What is new.
    Made(Vec<&'static str>),
    LeftToStaff(Rejection),
}

/// Changes how whoever is proved to be there is reached; of several, whoever is
/// called `whose`. What was on file until now is told of it.
///
/// # Errors
///
/// Rejected with `verification_required` if nobody is proved (level 2), and
/// `invalid` if it is not clear who is meant.
pub async fn change(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    channel: Channel,
    whose: Option<&str>,
    new: &NewContact,
) -> Result<Changed> {
    let mut people = codes::shown(tx, conversation).await?;
    people.retain(|person| person.level >= Level::Contact);
    if people.is_empty() {
        return Err(not_proved().into());
    }
    let people = codes::of_one(people, whose)?;
    let mut changed = Vec::new();
    for person in people {
        if set(tx, person.id, new).await? {
            changed.push(person);
        }
    }
    if changed.is_empty() {
        let detail = "They want to be reached in another way, with which the clinic has another patient of the same \
                      name. Please see whether it is one person.";
        tasks::open_about(tx, now, TaskKind::Inquiry, conversation, detail).await?;
        return Ok(Changed::LeftToStaff(Rejection::new(
            RejectionCode::Forbidden,
            "These details could not be changed here. The clinic's staff have been told and will look at it.",
        )));
    }
    note(tx, now, conversation, channel, &changed, new).await?;
    tell(tx, now, conversation, &changed).await?;
    Ok(Changed::Made(new.fields()))
}

fn not_proved() -> Rejection {
    Rejection::new(
        RejectionCode::VerificationRequired,
        "Before contact details are changed, I have to send a code to the phone number or address on file.",
    )
}

/// Writes it down; false where that would make two patients one.
async fn set(tx: &mut ClinicTx, patient: PatientId, new: &NewContact) -> Result<bool> {
    let set = sqlx::query!(
        "update patients p
         set phone = coalesce($2, p.phone), email = coalesce($3, p.email)
         where p.patient_id = $1
           and not exists (select from patients o
                           where o.patient_id <> p.patient_id and o.erased_at is null and lower(o.name) = lower(p.name)
                             and o.birth_date is not distinct from p.birth_date
                             and o.phone is not distinct from coalesce($2, p.phone)
                             and o.email is not distinct from coalesce($3, p.email))",
        patient.uuid(),
        new.phone(),
        new.email()
    )
    .execute(tx.conn())
    .await?;
    Ok(set.rows_affected() == 1)
}

async fn note(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    channel: Channel,
    changed: &[Shown],
    new: &NewContact,
) -> Result<()> {
    let patients: Vec<_> = changed.iter().map(|person| person.id).collect();
    for (way, address) in [(Way::Sms, new.phone()), (Way::Email, new.email())] {
        if let Some(address) = address {
            ledger::consent(tx, now, way, address, CHANGE_CONSENT, channel.as_str()).await?;
        }
    }
    // A code that is on its way to what was on file proves nothing any more.
    let ids: Vec<_> = patients.iter().map(|patient| patient.uuid()).collect();
    sqlx::query!(
        "update one_time_codes set expires_at = $2 where patient_id = any($1) and used_at is null and expires_at > $2",
        &ids,
        now
    )
    .execute(tx.conn())
    .await?;
    let detail = json!({ "conversation_id": conversation, "patient_ids": patients, "fields": new.fields() });
    audit::record(tx, now, "contact_changed", &detail).await?;
    let event = Event {
        kind: EventKind::ContactChanged,
        appointment_id: None,
        conversation_id: Some(conversation),
        actor: Actor::Patient,
        actor_id: None,
        channel: channel.as_str(),
        payload: json!({ "fields": new.fields() }),
    };
    events::record(tx, now, &event).await.map(drop)
}

/// Tells every address that was on file, once: it may not have been its owner.
async fn tell(tx: &mut ClinicTx, now: DateTime<Utc>, conversation: ConversationId, changed: &[Shown]) -> Result<()> {
    let clinic = clinics::profile(tx).await?;
    let language = conversations::language(tx, conversation).await?;
    let mut told: Vec<(Way, &str)> = Vec::new();
    let change = domain::Id::<Changed>::new();
    for person in changed {
        let ways = [(Way::Sms, person.phone.as_deref()), (Way::Email, person.email.as_deref())];
        for (way, address) in ways.into_iter().filter_map(|(way, address)| Some((way, address?))) {
            if told.contains(&(way, address)) {
                continue;
            }
            told.push((way, address));
            let values = Values { clinic: Some(&clinic.name), phone: clinic.phone.as_deref(), ..Values::default() };
            let ready = Ready {
                key: format!("contact_change:{change}:{}:{}", way.as_str(), told.len()),
                kind: Kind::ContactChange,
                way,
                to: address,
                language,
                words: writing::about_nothing_else(tx, Kind::ContactChange, way, language, &values).await?,
                patient: Some(person.id),
                conversation: Some(conversation),
                expires_at: None,
            };
            outbox::queue(tx, now, &ready).await?;
        }
    }
    Ok(())
}
