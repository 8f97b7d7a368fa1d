//! Links that open one visit.
//!
//! Whoever holds the link to a visit may see it: it is given to the patient at
//! booking and to nobody else. It cannot be made or guessed without the
//! server's secret.

use domain::id::{AppointmentId, ClinicId};

use crate::link_token;
use crate::secrets::SigningKey;

/// Signs links to visits and knows its own.
#[derive(Clone, Debug)]
pub struct VisitSigner(SigningKey);

impl VisitSigner {
    pub fn new(secret: &[u8]) -> Self {
        Self(SigningKey::derive(secret, "visit"))
    }

    /// The token in the link to this visit. Always the same for the same visit.
    pub fn sign(&self, clinic: ClinicId, appointment: AppointmentId) -> String {
        link_token::sign(&self.0, clinic, appointment.uuid())
    }

    /// Which visit a token opens; none if it was not made here.
    pub fn verify(&self, token: &str) -> Option<(ClinicId, AppointmentId)> {
        let (clinic, id) = link_token::verify(&self.0, token)?;
        Some((clinic, id.into()))
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
