//! Proving who somebody is, and changing how they are reached.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Bench, Outcome};
use crate::identity::codes;
use crate::identity::contact::{self, Changed, NewContact};
use crate::messaging::ledger::Way;
use crate::{ClinicTx, Result, clinics};

/// What a code goes by.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    Sms,
    Email,
}

impl By {
    const fn way(self) -> Way {
        match self {
            Self::Sms => Way::Sms,
            Self::Email => Way::Email,
        }
    }
}

/// Sends a one-time code to the phone number or email address that the clinic
/// has on file, never to one given here. It needs a visit or a patient that
/// lookup_booking found, or that was booked here.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendCode {
    channel: By,
    /// Whose, by full name, if several people were found.
    #[serde(default)]
    name: Option<String>,
}

pub async fn send_code(tx: &mut ClinicTx, bench: &Bench, asked: &SendCode) -> Result<Outcome> {
    let conversation = bench.line.conversation;
    let sent = codes::send(tx, bench.now, conversation, asked.channel.way(), asked.name.as_deref()).await?;
    Ok(Outcome::Done(json!({
        "code_sent_to": sent.sent_to,
        "works_for_minutes": codes::LASTS.num_minutes(),
    })))
}

/// Takes the one-time code that the patient read out. After that their contact
/// details may be changed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmCode {
    /// The six digits the patient gave.
    code: String,
}

pub async fn confirm_code(tx: &mut ClinicTx, bench: &Bench, asked: &ConfirmCode) -> Result<Outcome> {
    match Outcome::of_try(codes::confirm(tx, bench.now, bench.line.conversation, &asked.code).await?) {
        Ok(_) => Ok(Outcome::Done(json!({ "level": 2 }))),
        Err(refused) => Ok(refused),
    }
}

/// Changes the phone number, the email address or both that the clinic has on
/// file. It needs a code that confirm_code took.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeContact {
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
    /// Whose, by full name, if several people were proved.
    #[serde(default)]
    name: Option<String>,
}

pub async fn change_contact(tx: &mut ClinicTx, bench: &Bench, asked: &ChangeContact) -> Result<Outcome> {
    let country = clinics::profile(tx).await?.country;
    let new = NewContact::read(asked.phone.as_deref(), asked.email.as_deref(), &country)?;
    let line = bench.line;
    let changed = contact::change(tx, bench.now, line.conversation, line.channel, asked.name.as_deref(), &new).await?;
    Ok(match changed {
        Changed::Made(fields) => Outcome::Done(json!({ "changed": fields })),
        Changed::LeftToStaff(rejection) => Outcome::Refused(rejection),
    })
}
