//! E-mail: what leaves, and what the mail server says.

use chrono::{DateTime, Utc};
use domain::id::AppointmentId;
use domain::sms::status::SmsStatus;
use domain::template::Kind;
use lettre::Message;

use super::noting::{again, fail, set_status, taken};
use super::{Claimed, Row};
use crate::booking::calendar_file::{self, Method, Parties};
use crate::clinics::smtp::SmtpAccount;
use crate::messaging::letter::{Invitations, Letter, Unmailable};
use crate::messaging::outbox::OutboxId;
use crate::messaging::post::Post;
use crate::messaging::smtp::{Attempt, Fault};
use crate::messaging::writing::Written;
use crate::{ClinicTx, Result, clinics};

/// A message as it leaves by this account.
pub(super) async fn letter(
    post: &Post,
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    row: &Row,
    words: &Written,
    account: &SmtpAccount,
) -> Result<Result<Message, Unmailable>> {
    let clinic = clinics::profile(tx).await?;
    let link = row.appointment().map(|visit| post.links.visit(clinic.clinic_id, visit));
    let is_unasked = row.kind().is_some_and(Kind::needs_opt_out);
    let unsubscribe = is_unasked.then(|| post.links.unsubscribe(clinic.clinic_id, id));
    let letter = Letter {
        id,
        kind: row.kind(),
        language: row.language(),
        to: &row.address,
        words,
        link: link.as_deref(),
        unsubscribe: unsubscribe.as_deref(),
        calendar: calendar(tx, now, row, account).await?,
        clinic: &clinic,
    };
    Ok(letter.message(now, account))
}

/// What a message does in the patient's calendar. A reminder does nothing: the
/// visit is there already, unless the patient took it out.
async fn calendar(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    row: &Row,
    account: &SmtpAccount,
) -> Result<Option<Invitations>> {
    let method = match row.kind() {
        Some(Kind::Confirmation | Kind::Change) => Method::Request,
        Some(Kind::Cancellation) => Method::Cancel,
        _ => return Ok(None),
    };
    let Some(visit) = row.appointment() else { return Ok(None) };
    let patient = sqlx::query_scalar!(
        "select p.name from appointments a join patients p using (clinic_id, patient_id) where a.appointment_id = $1",
        visit.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let parties = Parties {
        organizer: &account.from_address,
        attendee: &row.address,
        patient: patient.as_deref().unwrap_or_default(),
    };
    let mut others = Vec::new();
    if row.kind() == Some(Kind::Confirmation) {
        for other in booked_with(tx, visit).await? {
            others.extend(calendar_file::invitation(tx, now, other, row.language(), method, &parties).await?);
        }
    }
    let visit = calendar_file::invitation(tx, now, visit, row.language(), method, &parties).await?;
    Ok(visit.map(|visit| Invitations { method, visit, others }))
}

/// Visits of the same series, in order: one message confirms them all.
async fn booked_with(tx: &mut ClinicTx, visit: AppointmentId) -> Result<Vec<AppointmentId>> {
    let ids = sqlx::query_scalar!(
        "select o.appointment_id
         from appointments a
         join appointments o using (clinic_id, series_id)
         where a.appointment_id = $1 and o.appointment_id <> $1 and o.status = 'booked'
         order by o.starts_at",
        visit.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(AppointmentId::from).collect())
}

/// Writes down what came of an attempt.
pub(super) async fn record(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    claimed: &Claimed,
    message: &Message,
    attempt: Attempt,
) -> Result<()> {
    match attempt {
        Attempt::Accepted => {
            taken(tx, now, id, message.headers().get_raw("Message-ID").unwrap_or_default()).await?;
            set_status(tx, id, SmsStatus::Sent, None, None).await
        }
        Attempt::NotTaken { code } => {
            let sentence = "The mail server did not take the message, however often we tried. Please tell the patient another way.";
            again(tx, now, id, claimed.attempts, "not_taken", code.map(u32::from), sentence).await
        }
        Attempt::Refused { code, fault } => refused(tx, now, id, claimed, code.map(u32::from), fault).await,
        Attempt::Unknown => {
            set_status(tx, id, SmsStatus::Unknown, Some("unanswered"), None).await?;
            lost(tx, now, id).await
        }
    }
}

async fn refused(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    id: OutboxId,
    claimed: &Claimed,
    code: Option<u32>,
    fault: Fault,
) -> Result<()> {
    let sentence = match fault {
        Fault::Address => "No e-mail can be delivered to this address. Please ask the patient for another.",
        Fault::Account => {
            "The mail server does not accept the clinic's account or the address its mail is from. Please check the \
             e-mail settings."
        }
        Fault::Message => "The mail server refused the message. Please tell the patient another way.",
    };
    if fault == Fault::Address {
        sqlx::query!(
            "insert into unreachable (channel, address, error_code, since) values ('email', $1, $2, $3)
             on conflict do nothing",
            claimed.address,
            code.and_then(|code| i32::try_from(code).ok()),
            now
        )
        .execute(tx.conn())
        .await?;
    }
    fail(tx, now, id, "refused", code, sentence).await
}

/// Ends an e-mail of which nobody knows whether it left. There is no asking a
/// mail server what it has, so to send it again could be to send it twice, and
/// an invitation that comes twice or not at all is for a person to mend.
pub(super) async fn lost(tx: &mut ClinicTx, now: DateTime<Utc>, id: OutboxId) -> Result<()> {
    let sentence = "The connection to the mail server broke while the message was being sent, so nobody knows whether it \
                    was. We do not send it again. Please ask the patient, or tell them another way.";
    fail(tx, now, id, "unanswered", None, sentence).await
}
