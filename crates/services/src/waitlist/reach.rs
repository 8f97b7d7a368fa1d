//! Why somebody who waits cannot be offered a time now, in staff's words.

use chrono::{DateTime, Utc};
use domain::{Rejection, say};
use uuid::Uuid;

use super::offering::{Entry, already_offered};
use crate::messaging::sending::{self, Reached};
use crate::{ClinicTx, Result, clinics};

/// One way to reach somebody.
struct Address {
    is_known: bool,
    is_wanted: bool,
    is_stopped: bool,
    is_unreachable: bool,
}

impl Address {
    /// What keeps a message from going there, if anything does.
    fn trouble(&self, words: Words) -> Option<&'static str> {
        match self {
            Self { is_known: false, .. } => Some(words.unknown),
            Self { is_stopped: true, .. } => Some(words.stopped),
            Self { is_unreachable: true, .. } => Some(words.unreachable),
            Self { is_wanted: false, .. } => Some(words.unwanted),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
struct Words {
    unknown: &'static str,
    stopped: &'static str,
    unreachable: &'static str,
    unwanted: &'static str,
}

const TEXTS: Words = Words {
    unknown: "there is no phone number on file",
    stopped: "they asked for no more texts",
    unreachable: "texts do not reach their number",
    unwanted: "the clinic sends no texts",
};

const MAIL: Words = Words {
    unknown: "there is no e-mail address on file",
    stopped: "they asked for no more e-mail",
    unreachable: "e-mail does not reach their address",
    unwanted: "the clinic sends no e-mail",
};

/// Checks that a time may be offered to an entry as far as it and its patient
/// are concerned. It cannot be closed before this transaction ends.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such entry, and `invalid` if it is
/// closed, is offered something already, or nothing can be sent to its patient.
pub(super) async fn check(tx: &mut ClinicTx, entry: Uuid) -> Result<()> {
    let row = sqlx::query!(
        r#"
        select e.closed_at is not null as "is_closed!",
               exists (select from waitlist_offers o
                       where o.waitlist_entry_id = e.waitlist_entry_id and o.state = 'open') as "is_offered!",
               exists (select from waitlist_offers o
                       join waitlist_entries oe using (clinic_id, waitlist_entry_id)
                       join patients op using (clinic_id, patient_id)
                       where o.state = 'open'
                         and (oe.patient_id = e.patient_id or op.phone = p.phone or op.email = p.email)) as "is_asked!",
               p.phone is not null as "has_phone!", p.email is not null as "has_email!",
               coalesce((select s.sms from messaging_settings s), true) as "texts!",
               coalesce((select s.email from messaging_settings s), true) as "mails!",
               exists (select from opt_outs o where o.channel = 'sms' and o.address = p.phone and o.ended_at is null)
                   as "no_texts!",
               exists (select from opt_outs o where o.channel = 'email' and o.address = p.email and o.ended_at is null)
                   as "no_mail!",
               exists (select from unreachable u where u.channel = 'sms' and u.address = p.phone) as "texts_fail!",
               exists (select from unreachable u where u.channel = 'email' and u.address = p.email) as "mail_fails!"
        from waitlist_entries e
        join patients p using (clinic_id, patient_id)
        where e.waitlist_entry_id = $1
        for update of e
        "#,
        entry
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Rejection::not_found)?;
    if row.is_closed {
        return Err(Rejection::invalid("offer", "They are not on the list any more.").into());
    }
    if row.is_offered {
        return Err(already_offered().into());
    }
    if row.is_asked {
        let words = "Somebody with the same phone number or e-mail address is being offered a time. Their answer has \
                     to come first.";
        return Err(Rejection::invalid("offer", words).into());
    }
    let phone = Address {
        is_known: row.has_phone,
        is_wanted: row.texts,
        is_stopped: row.no_texts,
        is_unreachable: row.texts_fail,
    };
    let email = Address {
        is_known: row.has_email,
        is_wanted: row.mails,
        is_stopped: row.no_mail,
        is_unreachable: row.mail_fails,
    };
    match (phone.trouble(TEXTS), email.trouble(MAIL)) {
        (Some(texts), Some(mail)) => {
            let words =
                format!("Nothing can be sent to them: {texts}, and {mail}. Please call them or tell them in person.");
            Err(Rejection::invalid("offer", words).into())
        }
        _ => Ok(()),
    }
}

/// Checks that a message may leave for them now: an offer is over before one
/// that waits would leave.
///
/// # Errors
///
/// Rejected with `invalid` if it is night or they have been sent enough.
pub(super) async fn check_hour(tx: &mut ClinicTx, now: DateTime<Utc>, entry: &Entry) -> Result<()> {
    let to = Reached { channel: entry.way.as_str(), address: &entry.address, patient: Some(entry.patient) };
    let (at, reason) = sending::next_unasked(tx, now, None, to).await?;
    if at == Some(now) {
        return Ok(());
    }
    let zone = clinics::time_zone(tx).await?;
    let from = at.map(|at| format!(" Messages may leave again from {}.", say::moment(at, zone))).unwrap_or_default();
    let why = match reason {
        "enough" => "They have been sent as many messages as they may get unasked.",
        _ => "It is in the quiet hours of the clinic or of the patient.",
    };
    let words = format!("Nothing can be sent to them now. {why}{from}");
    Err(Rejection::invalid("offer", words).into())
}
