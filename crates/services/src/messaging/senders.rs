//! The numbers that patients write to.
//!
//! A text says which number it came to, and that says whose it is and by whose
//! secret it has to be signed. So a number is one clinic's, and is written down
//! in the transaction that sets or removes the account it belongs to.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::ClinicId;

use crate::clinics::settings::TwilioAccount;
use crate::error::OnConstraint;
use crate::{ClinicTx, Result, Vault, secrets};

/// Where the vault keeps the account of a clinic that has none at Twilio.
const LOCAL: &str = "local_sms";

/// Has texts to the account's number and messaging service come to the clinic,
/// and to no other number of its.
///
/// # Errors
///
/// Rejected with `invalid` if another clinic has one of them.
pub async fn set(tx: &mut ClinicTx, account: &TwilioAccount) -> Result<()> {
    clear(tx).await?;
    if let Some(number) = &account.phone_number {
        insert(tx, number, account).await.on_constraint("sms_senders_unique", number_taken)?;
    }
    if let Some(service) = &account.messaging_service_sid {
        insert(tx, service, account).await.on_constraint("sms_senders_unique", service_taken)?;
    }
    Ok(())
}

/// Has no texts come to the clinic any more.
pub async fn clear(tx: &mut ClinicTx) -> Result<()> {
    sqlx::query!("delete from sms_senders").execute(tx.conn()).await?;
    Ok(())
}

async fn insert(tx: &mut ClinicTx, sender: &str, account: &TwilioAccount) -> std::result::Result<(), sqlx::Error> {
    sqlx::query!("insert into sms_senders (sender, account_sid) values ($1, $2)", sender, account.account_sid)
        .execute(tx.conn())
        .await
        .map(drop)
}

fn number_taken() -> Rejection {
    Rejection::invalid("twilio.phone_number", "Another clinic uses this number.")
}

fn service_taken() -> Rejection {
    Rejection::invalid("twilio.messaging_service_sid", "Another clinic uses this messaging service.")
}

/// The account that signs what comes in: the clinic's at Twilio, or its local
/// one.
///
/// # Errors
///
/// When its credentials do not open.
pub async fn account(tx: &mut ClinicTx, vault: &Vault) -> Result<Option<TwilioAccount>> {
    match vault.get(tx, "twilio").await? {
        Some(account) => Ok(Some(account)),
        None => vault.get(tx, LOCAL).await,
    }
}

/// The account as above; a clinic that has none is given a local one, whose
/// number nobody has. Its texts come in by the same door, signed with a token
/// that only this server knows.
///
/// # Errors
///
/// When the credentials do not open, or every such number is taken.
pub async fn account_or_local(tx: &mut ClinicTx, vault: &Vault, now: DateTime<Utc>) -> Result<TwilioAccount> {
    // Of two who ask at once, one makes it and both use it.
    sqlx::query!("select clinic_id from clinics for update").fetch_one(tx.conn()).await?;
    if let Some(account) = vault.get(tx, "twilio").await? {
        return Ok(account);
    }
    let known: Option<TwilioAccount> = vault.get(tx, LOCAL).await?;
    let clinic = tx.clinic();
    let mut account = known.unwrap_or_else(|| local(clinic));
    let standing = sqlx::query_scalar!("select sender from sms_senders where account_sid = $1", account.account_sid)
        .fetch_optional(tx.conn())
        .await?;
    if standing.is_some() && standing == account.phone_number {
        return Ok(account);
    }
    clear(tx).await?;
    account.phone_number = Some(free_number(tx, &account.account_sid).await?);
    vault.put(tx, now, LOCAL, &account, "").await?;
    Ok(account)
}

fn local(clinic: ClinicId) -> TwilioAccount {
    let token: String = secrets::random::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    TwilioAccount {
        account_sid: format!("AC{}", clinic.uuid().simple()),
        auth_token: token,
        api_key: None,
        phone_number: None,
        messaging_service_sid: None,
        webhook_keys: None,
        previous: None,
    }
}

/// Takes a number from those that belong to nobody (555-0100 to 555-0199 of
/// each area, as the North American plan sets aside for fiction).
async fn free_number(tx: &mut ClinicTx, account_sid: &str) -> Result<String> {
    let first = u32::try_from(tx.clinic().uuid().as_u128() % 60_000).unwrap_or_default();
    for number in (first..first + 1_000).map(|n| format!("+1{}55501{:02}", 201 + (n / 100) % 590, n % 100)) {
        let taken = sqlx::query!(
            "insert into sms_senders (sender, account_sid) values ($1, $2)
             on conflict on constraint sms_senders_unique do nothing",
            number,
            account_sid
        )
        .execute(tx.conn())
        .await?;
        if taken.rows_affected() == 1 {
            return Ok(number);
        }
    }
    Err(crate::Error::Internal("every number for a local account is taken"))
}
