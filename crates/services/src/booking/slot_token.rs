//! Slots that prove they were offered.
//!
//! A slot token is a short-lived MAC over clinic, owner, practitioner, type
//! and start. Whoever holds one was shown that time, here and lately, so a
//! model that invents a time, edits a byte or replays another clinic's slot
//! books nothing.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use domain::id::{AppointmentTypeId, ClinicId, PractitionerId};
use domain::{Rejection, RejectionCode};
use uuid::Uuid;

use super::Owner;
use crate::secrets::{SigningKey, same};

/// How long a slot stays on offer: time enough to fill in a form.
const OFFERED_FOR: Duration = Duration::minutes(60);

/// Signs slots and knows its own.
#[derive(Clone, Debug)]
pub struct SlotSigner(SigningKey);

/// What a token proves was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotClaim {
    pub practitioner_id: PractitionerId,
    pub appointment_type_id: AppointmentTypeId,
    pub starts_at: DateTime<Utc>,
}

const BODY: usize = 48;
const TAG: usize = 16;

impl SlotSigner {
    pub fn new(secret: &[u8]) -> Self {
        Self(SigningKey::derive(secret, "slot"))
    }

    /// The token for a slot shown now to `owner`.
    pub fn sign(&self, clinic: ClinicId, owner: Owner, claim: &SlotClaim, now: DateTime<Utc>) -> String {
        let mut bytes = Vec::with_capacity(BODY + TAG);
        bytes.extend(claim.practitioner_id.uuid().as_bytes());
        bytes.extend(claim.appointment_type_id.uuid().as_bytes());
        bytes.extend(claim.starts_at.timestamp().to_be_bytes());
        bytes.extend((now + OFFERED_FOR).timestamp().to_be_bytes());
        let tag = self.tag(clinic, owner, &bytes);
        bytes.extend(&tag[..TAG]);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What `token` proves was offered to `owner` by this clinic.
    ///
    /// # Errors
    ///
    /// Rejected with `invalid` if it was not, and `hold_expired` if it was, but
    /// too long ago.
    pub fn verify(
        &self,
        clinic: ClinicId,
        owner: Owner,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<SlotClaim, Rejection> {
        let not_offered =
            || Rejection::invalid("slot", "That time was not offered here. Please choose one of the times shown.");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| not_offered())?;
        if bytes.len() != BODY + TAG {
            return Err(not_offered());
        }
        let (body, tag) = bytes.split_at(BODY);
        if !same(&self.tag(clinic, owner, body)[..TAG], tag) {
            return Err(not_offered());
        }
        let claim = read(body).ok_or_else(not_offered)?;
        let offered_until = seconds(body, 40).ok_or_else(not_offered)?;
        if offered_until <= now || claim.starts_at < now {
            return Err(Rejection::new(
                RejectionCode::HoldExpired,
                "That offer has run out. Please look at the times again.",
            ));
        }
        Ok(claim)
    }

    fn tag(&self, clinic: ClinicId, owner: Owner, body: &[u8]) -> [u8; 32] {
        self.0.sign(&[clinic.uuid().as_bytes(), owner.to_string().as_bytes(), b"|", body])
    }
}

fn read(body: &[u8]) -> Option<SlotClaim> {
    Some(SlotClaim {
        practitioner_id: Uuid::from_slice(body.get(..16)?).ok()?.into(),
        appointment_type_id: Uuid::from_slice(body.get(16..32)?).ok()?.into(),
        starts_at: seconds(body, 32)?,
    })
}

fn seconds(body: &[u8], at: usize) -> Option<DateTime<Utc>> {
    let bytes: [u8; 8] = body.get(at..at + 8)?.try_into().ok()?;
    DateTime::from_timestamp(i64::from_be_bytes(bytes), 0)
}

#[cfg(test)]
mod tests {
    use domain::id::ConversationId;
    use proptest::prelude::*;

    use super::*;

    fn signer() -> SlotSigner {
        SlotSigner::new(b"a secret of at least thirty-two bytes")
    }

    fn now() -> DateTime<Utc> {
        "2026-11-20T15:00:00Z".parse().unwrap()
    }

    fn claim() -> SlotClaim {
        SlotClaim {
            practitioner_id: PractitionerId::new(),
            appointment_type_id: AppointmentTypeId::new(),
            starts_at: now() + Duration::days(4),
        }
    }

    #[test]
    fn a_slot_is_good_for_whoever_was_shown_it() {
        let (clinic, owner, claim) = (ClinicId::new(), Owner::Session(ConversationId::new()), claim());
        let token = signer().sign(clinic, owner, &claim, now());
        assert_eq!(signer().verify(clinic, owner, &token, now()), Ok(claim));

        let stranger = Owner::Session(ConversationId::new());
        let refused = signer().verify(clinic, stranger, &token, now()).unwrap_err();
        assert_eq!(refused.code, RejectionCode::Invalid);
        let elsewhere = signer().verify(ClinicId::new(), owner, &token, now()).unwrap_err();
        assert_eq!(elsewhere.code, RejectionCode::Invalid);
    }

    #[test]
    fn an_offer_runs_out() {
        let (clinic, owner) = (ClinicId::new(), Owner::Session(ConversationId::new()));
        let token = signer().sign(clinic, owner, &claim(), now());
        let late = signer().verify(clinic, owner, &token, now() + Duration::minutes(61)).unwrap_err();
        assert_eq!(late.code, RejectionCode::HoldExpired);
    }

    proptest! {
        #[test]
        fn no_edited_token_is_good(at in 0_usize..86, letter in "[A-Za-z0-9_-]") {
            let (clinic, owner) = (ClinicId::new(), Owner::Session(ConversationId::new()));
            let token = signer().sign(clinic, owner, &claim(), now());
            let mut edited = token.clone();
            edited.replace_range(at..=at, &letter);
            prop_assume!(edited != token);
            prop_assert!(signer().verify(clinic, owner, &edited, now()).is_err());
        }

        #[test]
        fn no_text_breaks_the_check(text: String) {
            let owner = Owner::Session(ConversationId::new());
            prop_assert!(signer().verify(ClinicId::new(), owner, &text, now()).is_err());
        }
    }
}
