//! Whether a day that is far ahead was read back, and the patient wrote again.

use chrono::{Datelike, NaiveDate};
use domain::language::Language;

use super::Bench;
use crate::receptionist::builtin;
use crate::{ClinicTx, Result};

/// Whether the patient's message came after an answer in this conversation that
/// named `day`, which was refused before that, and does not say no to it. What
/// was agreed to once stays so.
///
/// What a model says of the patient's wish is no proof of it: the refusal, the
/// answer and the message are rows.
pub async fn was_answered(tx: &mut ClinicTx, bench: &Bench, day: NaiveDate) -> Result<bool> {
    let rows = sqlx::query!(
        r#"
        select t.output ->> 'outcome' = 'done' as "was_agreed!", a.text as answer, q.text as message
        from tool_calls t
        join messages a on a.clinic_id = t.clinic_id and a.answers = t.message_id
        join messages q on q.clinic_id = t.clinic_id and q.message_id = $2
        where t.conversation_id = $1 and t.name = 'check_availability' and t.message_id < $2
          and t.arguments ->> 'from' = $3 and t.output ->> 'outcome' in ('rejected', 'done')
        "#,
        bench.line.conversation.uuid(),
        bench.question.uuid(),
        day.to_string()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.iter().any(|row| row.was_agreed || names(&row.answer, day) && !builtin::declines(&row.message)))
}

/// Whether a text names the day, in either language.
fn names(text: &str, day: NaiveDate) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
    let number = day.day().to_string();
    let has_number = words.iter().any(|word| word.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']) == number);
    Language::ALL.into_iter().any(|language| {
        // Of `Friday 15 January 2027` and `viernes 15 de enero de 2027`.
        let date = language.date(day).to_lowercase();
        let month = date.split(' ').rfind(|word| word.len() > 2 && word.chars().all(char::is_alphabetic));
        has_number && month.is_some_and(|month| words.contains(&month))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_named_by_its_number_and_month() {
        let day = "2027-01-15".parse().unwrap();
        for text in [
            "Friday 15 January 2027 is more than 30 days ahead. Is that the day you mean?",
            "Do you mean January 15th?",
            "¿Se refiere al viernes 15 de enero?",
        ] {
            assert!(names(text, day), "{text}");
        }
        for text in ["Which day do you mean?", "Do you mean 16 January?", "At 15:00 in February?", "On the 15th?"] {
            assert!(!names(text, day), "{text}");
        }
    }
}
