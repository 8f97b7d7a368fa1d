//! Callers who want to hear no more from the clinic.

use domain::contact::PhoneNumber;
use domain::sms::revocation;

use super::Desk;
use crate::messaging::ledger::{self, Stop, Via, Way};
use crate::{ClinicTx, Result};

/// Writes down that a caller wants no more texts and calls, if these words say
/// so and it is known for which number; whether it did. What is said on the
/// phone counts as what is written (47 CFR 64.1200(a)(10)).
pub(super) async fn note(tx: &mut ClinicTx, desk: &Desk, words: &str, numbers: [Option<&str>; 2]) -> Result<bool> {
    if !revocation::revokes(words) {
        return Ok(false);
    }
    let number = numbers.into_iter().flatten().find_map(|text| PhoneNumber::parse(text, &desk.country).ok());
    let Some(number) = number else { return Ok(false) };
    for way in [Way::Sms, Way::Voice] {
        let stop = Stop { way, address: number.as_str(), via: Via::Voice, words: Some(words), member: None };
        ledger::stop(tx, desk.now, &stop).await?;
    }
    Ok(true)
}
