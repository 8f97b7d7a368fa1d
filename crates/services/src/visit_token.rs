//! Links that open one visit.
//!
//! Whoever holds the link to a visit may see it: it is given to the patient at
//! booking and to nobody else. It cannot be made or guessed without the
//! server's secret.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::id::{AppointmentId, ClinicId};
use uuid::Uuid;

use crate::secrets::{SigningKey, same};

/// Signs links to visits and knows its own.
#[derive(Clone, Debug)]
pub struct VisitSigner(SigningKey);

const TAG: usize = 16;

impl VisitSigner {
    pub fn new(secret: &[u8]) -> Self {
        Self(SigningKey::derive(secret, "visit"))
    }

    /// The token in the link to this visit. Always the same for the same visit.
    pub fn sign(&self, clinic: ClinicId, appointment: AppointmentId) -> String {
        let mut bytes = Vec::with_capacity(32 + TAG);
        bytes.extend(clinic.uuid().as_bytes());
        bytes.extend(appointment.uuid().as_bytes());
        let tag = self.0.sign(&[&bytes]);
        bytes.extend(&tag[..TAG]);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Which visit a token opens; none if it was not made here.
    pub fn verify(&self, token: &str) -> Option<(ClinicId, AppointmentId)> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == 32 + TAG)?;
        let (body, tag) = bytes.split_at(32);
        if !same(&self.0.sign(&[body])[..TAG], tag) {
            return None;
        }
        let (clinic, appointment) = body.split_at(16);
        Some((Uuid::from_slice(clinic).ok()?.into(), Uuid::from_slice(appointment).ok()?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_visit_and_no_other() {
        let signer = VisitSigner::new(b"one secret");
        let (clinic, visit) = (ClinicId::new(), AppointmentId::new());
        let token = signer.sign(clinic, visit);
        assert_eq!(signer.verify(&token), Some((clinic, visit)));

        let other = signer.sign(clinic, AppointmentId::new());
        let forged = format!("{}{}", &other[..43], &token[43..]);
        assert_eq!(signer.verify(&forged), None);
        assert_eq!(VisitSigner::new(b"another").verify(&token), None);
        assert_eq!(signer.verify("é"), None);
    }
}
