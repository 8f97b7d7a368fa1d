//! What a model fills in: names in any spelling, values in any form.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use domain::code::ConfirmationCode;
use serde_json::Value;

use crate::secrets::sha256;

/// Arguments by name. What was left empty is not there.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Arguments(BTreeMap<String, String>);

/// There is something in that place, which nobody understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// The longest value taken, in characters.
const LONGEST: usize = 2_000;

impl std::fmt::Debug for Arguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Arguments {
    /// Reads an object, or a text that is one; none if it is neither.
    pub fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::default()),
            Value::String(text) if text.trim().is_empty() => Some(Self::default()),
            Value::String(text) => match serde_json::from_str(text).ok()? {
                Value::String(_) => None,
                inner => Self::read(&inner),
            },
            Value::Object(fields) => Some(Self(
                fields.iter().filter_map(|(name, value)| text_of(value).map(|text| (plain(name), text))).collect(),
            )),
            _ => None,
        }
    }

    /// The first of these that was given.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.0.get(&plain(name))).map(String::as_str)
    }

    /// Everything that was given.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// A date, as `YYYY-MM-DD`; an error if there is one in another form.
    pub(super) fn date(&self, names: &[&str]) -> Result<Option<NaiveDate>, Unreadable> {
        let read = |text: &str| {
            let date = text.split(['T', ' ']).next().unwrap_or_default();
            NaiveDate::parse_from_str(date, "%Y-%m-%d").map_err(|_| Unreadable)
        };
        self.get(names).map(read).transpose()
    }

    /// A time of day, as `HH:MM` or as it is said; an error if there is one in
    /// another form.
    pub(super) fn time(&self, names: &[&str]) -> Result<Option<NaiveTime>, Unreadable> {
        self.get(names).map(|text| time(text).ok_or(Unreadable)).transpose()
    }

    /// A confirmation code as it was heard: letters and digits, whatever
    /// stands between them.
    pub(super) fn code(&self) -> Option<ConfirmationCode> {
        let text = self.get(&["confirmationCode", "code"])?;
        let heard: String = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
        heard.parse().ok()
    }

    /// Stands for all of them.
    pub(super) fn fingerprint(&self, tool: &str) -> Vec<u8> {
        let fields = self.0.iter().flat_map(|(name, value)| [name.as_str(), value]);
        digest(std::iter::once(tool).chain(fields))
    }
}

/// Stands for these texts, in this order.
pub(super) fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let text: String = parts.into_iter().map(|part| format!("{}:{part}", part.len())).collect();
    sha256(&[text.as_bytes()])
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(is) => is.to_string(),
        _ => return None,
    };
    let kept: String = text.trim().chars().filter(|letter| *letter != '\0').take(LONGEST).collect();
    (!kept.is_empty()).then_some(kept)
}

fn time(text: &str) -> Option<NaiveTime> {
    let text = text.rsplit('T').next().unwrap_or(text).trim().to_uppercase().replace('.', "");
    ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(&text, form).ok())
        .or_else(|| {
            // A bare hour says nothing about its minutes, which chrono wants.
            let (hour, half) = text.split_at_checked(text.len().checked_sub(2)?)?;
            NaiveTime::parse_from_str(&format!("{}:00 {half}", hour.trim()), "%I:%M %p").ok()
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_read_however_they_come() {
        let object = json!({ "patientName": " Ada ", "patient_phone": 5551234567_u64, "Service-Type": "haircut",
                             "patientEmail": "", "note": null, "extra": { "a": 1 } });
        let read = Arguments::read(&object).unwrap();
        assert_eq!(read, Arguments::read(&json!(object.to_string())).unwrap());
        assert_eq!(read.get(&["patientName"]), Some("Ada"));
        assert_eq!(read.get(&["phone", "patientPhone"]), Some("5551234567"));
        assert_eq!(read.get(&["serviceType"]), Some("haircut"));
        assert_eq!((read.get(&["patientEmail"]), read.get(&["note"]), read.get(&["extra"])), (None, None, None));
        for nothing in [json!(null), json!(""), json!("{}"), json!({})] {
            assert_eq!(Arguments::read(&nothing), Some(Arguments::default()));
        }
        for wrong in [json!("{"), json!([1]), json!("[]"), json!(7), json!("\"{}\"")] {
            assert_eq!(Arguments::read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_and_dates_are_read_as_they_are_said() {
        let read = |value: Value| Arguments::read(&json!({ "at": value })).unwrap();
        for said in ["15:00", "15:00:00", "3:00 PM", "3:00pm", "3 PM", "3pm", "3 p.m.", "2026-12-01T15:00:00"] {
            assert_eq!(read(json!(said)).time(&["at"]), Ok(NaiveTime::from_hms_opt(15, 0, 0)), "{said}");
        }
        assert_eq!(read(json!("9:30")).time(&["at"]), Ok(NaiveTime::from_hms_opt(9, 30, 0)));
        assert_eq!(read(json!("12 AM")).time(&["at"]), Ok(NaiveTime::from_hms_opt(0, 0, 0)));
        for wrong in ["25:00", "noonish", "3", "PM", "🙂", "é", "13 PM"] {
            assert_eq!(read(json!(wrong)).time(&["at"]), Err(Unreadable), "{wrong}");
        }
        let first = NaiveDate::from_ymd_opt(2026, 12, 1);
        assert_eq!(read(json!("2026-12-01")).date(&["at"]), Ok(first));
        assert_eq!(read(json!("2026-12-01T15:00:00Z")).date(&["at"]), Ok(first));
        assert_eq!(read(json!("tomorrow")).date(&["at"]), Err(Unreadable));
        assert_eq!(read(json!(null)).date(&["at"]), Ok(None));
    }

    #[test]
    fn a_code_is_read_as_it_was_heard() {
        for heard in ["7K3M9Q2X", "7k3m 9q2x", "7-K-3-M-9-Q-2-X", "7, K, 3, M, 9, Q, 2, X.", "7.k.3.m.9.q.2.x"] {
            let read = Arguments::read(&json!({ "confirmationCode": heard })).unwrap();
            assert_eq!(read.code().map(String::from), Some("7K3M9Q2X".to_owned()), "{heard}");
        }
        let look_alike = Arguments::read(&json!({ "code": "oIL 7k3m9" })).unwrap();
        assert_eq!(look_alike.code().map(String::from), Some("0117K3M9".to_owned()));
        assert_eq!(Arguments::read(&json!({ "code": "none" })).unwrap().code(), None);
    }

    #[test]
    fn what_is_spelled_otherwise_is_the_same_request() {
        let one = Arguments::read(&json!({ "patientName": "Ada", "note": "" })).unwrap();
        let same = Arguments::read(&json!({ "patient_name": "Ada " })).unwrap();
        assert_eq!(one.fingerprint("a"), same.fingerprint("a"));
        assert_ne!(one.fingerprint("a"), one.fingerprint("b"));
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
    }

    proptest! {
        #[test]
        fn nothing_breaks_the_reading(text: String) {
            let read = Arguments::read(&json!({ "a": text })).unwrap();
            let _ = (read.date(&["a"]), read.time(&["a"]), Arguments::read(&json!(text)));
        }
    }
}
