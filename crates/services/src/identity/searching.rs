//! Finding a patient by what staff remember of them.

use super::patients::{self, Patient};
use crate::{ClinicTx, Result};

/// Fewer digits are found in too many numbers.
const FEWEST_DIGITS: usize = 3;

/// Patients whose name, e-mail address or phone number holds what was typed, in
/// the order of their names. Who was erased or found to be somebody else is
/// not among them.
pub async fn search(tx: &mut ClinicTx, typed: &str, limit: i64) -> Result<Vec<Patient>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    // "(212) 555" is a number however it is written; "Ann 2" is not.
    let is_number = digits.len() >= FEWEST_DIGITS && !typed.chars().any(char::is_alphabetic);
    let ids = sqlx::query_scalar!(
        "select patient_id from patients
         where erased_at is null and merged_into is null
           and (strpos(lower(name), lower($1)) > 0 or strpos(email, lower($1)) > 0 or strpos(phone, $2) > 0)
         order by lower(name), patient_id
         limit $3",
        typed,
        is_number.then_some(digits),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(patients::find(tx, id.into()).await?);
    }
    Ok(found)
}
