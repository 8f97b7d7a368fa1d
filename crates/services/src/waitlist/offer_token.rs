//! Links by which an offer is taken.
//!
//! Whoever holds the link got the offer. It cannot be made or guessed without
//! the server's secret.

use domain::id::ClinicId;
use uuid::Uuid;

use crate::link_token;
use crate::secrets::SigningKey;

/// Signs links to offers and knows its own.
#[derive(Clone, Debug)]
pub struct OfferSigner(SigningKey);

impl OfferSigner {
    pub fn new(secret: &[u8]) -> Self {
        Self(SigningKey::derive(secret, "offer"))
    }

    /// The token in the link to this offer.
    pub fn sign(&self, clinic: ClinicId, offer: Uuid) -> String {
        link_token::sign(&self.0, clinic, offer)
    }

    /// Which offer a token opens; none if it was not made here.
    pub fn verify(&self, token: &str) -> Option<(ClinicId, Uuid)> {
        link_token::verify(&self.0, token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit_token::VisitSigner;

    #[test]
    fn a_link_to_a_visit_takes_no_offer() {
        let (clinic, id) = (ClinicId::new(), Uuid::from_u128(7));
        let signer = OfferSigner::new(b"one secret");
        assert_eq!(signer.verify(&signer.sign(clinic, id)), Some((clinic, id)));
        assert_eq!(signer.verify(&VisitSigner::new(b"one secret").sign(clinic, id.into())), None);
    }
}
