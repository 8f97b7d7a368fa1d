//! The id of a free slot: who, what and when, so that it reads back without
//! being kept anywhere.
//!
//! An id is at most 64 letters, digits, hyphens and full stops
//! (<https://hl7.org/fhir/R4/datatypes.html#id>): base64 for addresses, with a
//! full stop for its underscore, of two ids and a count of seconds.

use base64::Engine;
use base64::alphabet::Alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use chrono::{DateTime, Datelike};
use services::booking::SlotClaim;
use uuid::Uuid;

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.";

/// The id of this time.
pub fn written(claim: &SlotClaim) -> String {
    let mut bytes = Vec::with_capacity(40);
    bytes.extend(claim.practitioner_id.uuid().as_bytes());
    bytes.extend(claim.appointment_type_id.uuid().as_bytes());
    bytes.extend(claim.starts_at.timestamp().to_be_bytes());
    engine().encode(bytes)
}

/// The time with this id, whether or not it ever was free.
pub fn read(id: &str) -> Option<SlotClaim> {
    let bytes: [u8; 40] = engine().decode(id).ok()?.try_into().ok()?;
    let seconds: [u8; 8] = bytes[32..].try_into().ok()?;
    let starts_at = DateTime::from_timestamp(i64::from_be_bytes(seconds), 0)?;
    // No other years have slots, or are times to the database.
    (1..=9_999).contains(&starts_at.year()).then_some(())?;
    Some(SlotClaim {
        practitioner_id: Uuid::from_slice(&bytes[..16]).ok()?.into(),
        appointment_type_id: Uuid::from_slice(&bytes[16..32]).ok()?.into(),
        starts_at,
    })
}

fn engine() -> GeneralPurpose {
    let alphabet = Alphabet::new(LETTERS).expect("64 different letters");
    GeneralPurpose::new(&alphabet, NO_PAD)
}

#[cfg(test)]
mod tests {
    use domain::id::{AppointmentTypeId, PractitionerId};

    use super::*;

    #[test]
    fn an_id_reads_back_and_is_one_that_fhir_allows() {
        for start in ["2026-11-24T14:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"] {
            let claim = SlotClaim {
                practitioner_id: PractitionerId::new(),
                appointment_type_id: AppointmentTypeId::new(),
                starts_at: start.parse().unwrap(),
            };
            let id = written(&claim);
            assert!(id.len() <= 64 && id.chars().all(|letter| LETTERS.contains(letter)), "{id}");
            assert_eq!(read(&id), Some(claim));
        }
    }

    #[test]
    fn nothing_else_reads_as_one() {
        for id in ["", "x", "0198c2a0-7d3c-7a11-9b5e-000000000001", &"A".repeat(53), &"-".repeat(54), "é"] {
            assert_eq!(read(id), None, "{id}");
        }
        assert!(read(&"A".repeat(54)).is_some(), "1970 is a time like any other");
    }
}
