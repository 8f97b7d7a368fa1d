//! E-mail that a mail server took and that came back later.

use chrono::{DateTime, Utc};
use domain::sms::status::SmsStatus;
use uuid::Uuid;

use super::noting::{settle, tell_staff};
use super::{locked, way};
use crate::messaging::ledger::Way;
use crate::messaging::reports::Report;
use crate::messaging::smtp;
use crate::{ClinicTx, Error, Result};

/// Writes down that a message came back. False if the clinic sent no such
/// message. The same again changes nothing.
///
/// # Errors
///
/// When the database does not answer.
pub async fn came_back(tx: &mut ClinicTx, now: DateTime<Utc>, report: &Report) -> Result<bool> {
    // The id of ours that stands before the @ says which it is, also where we
    // never heard that a server took it.
    let Some(id) = report.message_id.split('@').next().and_then(|id| id.trim_start_matches('<').parse::<Uuid>().ok())
    else {
        return Ok(false);
    };
    let Some(row) = locked(tx, id).await?.filter(|row| row.provider.as_deref() == Some("smtp")) else {
        return Ok(false);
    };
    let code = report.diagnostic.as_deref().and_then(reply_code);
    let is_gone = smtp::is_about_the_address(&report.status);
    if is_gone && way(&row.channel) == Way::Email {
        sqlx::query!(
            "insert into unreachable (channel, address, error_code, since) values ('email', $1, $2, $3)
             on conflict do nothing",
            row.address,
            code.and_then(|code| i32::try_from(code).ok()),
            now
        )
        .execute(tx.conn())
        .await?;
    }
    let known = SmsStatus::try_from(row.status.clone()).map_err(|_| Error::Internal("an unknown status"))?;
    if known.is_final() {
        return Ok(true);
    }
    settle(tx, now, id, SmsStatus::Undelivered, Some("not_delivered"), code).await?;
    let sentence = if is_gone {
        "The e-mail came back: its address does not exist. Please ask the patient for another."
    } else {
        "The e-mail came back: the patient's mail server did not take it. Please tell the patient another way."
    };
    tell_staff(tx, now, id, sentence).await?;
    Ok(true)
}

/// The reply code in what a server said, such as 550 in `smtp; 550 5.1.1 …`.
fn reply_code(diagnostic: &str) -> Option<u32> {
    let words = diagnostic.split([' ', ';', '-', '\t']);
    words.filter(|word| word.len() == 3).filter_map(|word| word.parse().ok()).find(|code| (400..600).contains(code))
}

#[cfg(test)]
mod tests {
    use super::reply_code;

    #[test]
    fn a_reply_code_is_found_in_what_a_server_said() {
        assert_eq!(reply_code("smtp; 550 5.1.1 Nobody of that name"), Some(550));
        assert_eq!(reply_code("smtp;452-4.2.2 full"), Some(452));
        assert_eq!(reply_code("X-Postfix; unknown host, 3 tries since 200"), None);
    }
}
