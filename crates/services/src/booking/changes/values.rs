//! What is written in a change.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use domain::Rejection;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::booking::scheduling::Mode;

/// A time of day from `00:00` to `24:00`, in minutes after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime(i32);

impl ClockTime {
    /// Minutes after local midnight; none beyond the day's end.
    pub fn from_minutes(minutes: i32) -> Option<Self> {
        (0..=1440).contains(&minutes).then_some(Self(minutes))
    }

    pub fn minutes(self) -> i32 {
        self.0
    }
}

/// Not a time of day.
#[derive(Debug, thiserror::Error)]
#[error("not a time of day such as 09:00")]
pub struct NotAClockTime;

impl FromStr for ClockTime {
    type Err = NotAClockTime;

    fn from_str(text: &str) -> Result<Self, NotAClockTime> {
        let (hours, minutes) = text.split_once(':').ok_or(NotAClockTime)?;
        let number = |text: &str| text.parse::<i32>().ok().filter(|_| text.len() == 2).ok_or(NotAClockTime);
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let is_time = (0..24).contains(&hours) && (0..60).contains(&minutes) || (hours, minutes) == (24, 0);
        if is_time { Ok(Self(hours * 60 + minutes)) } else { Err(NotAClockTime) }
    }
}

impl TryFrom<String> for ClockTime {
    type Error = NotAClockTime;

    fn try_from(text: String) -> Result<Self, NotAClockTime> {
        text.parse()
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> Self {
        time.to_string()
    }
}

/// A stretch of every such weekday.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeeklyHours {
    /// ISO 8601: 1 is Monday.
    pub weekday: i32,
    pub from: ClockTime,
    pub to: ClockTime,
    /// Taken out of the open hours instead of added to them.
    #[serde(default)]
    pub is_break: bool,
    /// Dates between which it holds, both included.
    pub effective_from: Option<NaiveDate>,
    pub effective_until: Option<NaiveDate>,
}

/// When more visits of a type than there is time for are taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overbooked {
    pub weekday: Option<i32>,
    pub from: ClockTime,
    pub to: ClockTime,
    /// How many more, 1 to 10.
    pub extra: i16,
}

/// What may be set of an appointment type; what is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TypeFields {
    pub name: Option<String>,
    pub slug: Option<String>,
    #[serde(deserialize_with = "given")]
    pub description: Option<Option<String>>,
    pub active: Option<bool>,
    pub position: Option<i32>,
    pub minutes: Option<i32>,
    pub grid_minutes: Option<i32>,
    #[serde(deserialize_with = "given")]
    pub price_minor: Option<Option<i32>>,
    pub buffer_before_minutes: Option<i32>,
    pub buffer_after_minutes: Option<i32>,
    pub notice_minutes: Option<i32>,
    pub horizon_days: Option<i32>,
    pub cutoff_minutes: Option<i32>,
    pub capacity: Option<i32>,
    pub sensitive: Option<bool>,
    pub web_mode: Option<Mode>,
    pub sms_mode: Option<Mode>,
    pub voice_mode: Option<Mode>,
    pub api_mode: Option<Mode>,
    /// For each need the rooms that meet it.
    pub needs: Option<Vec<Vec<Uuid>>>,
    pub overbooking: Option<Vec<Overbooked>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PractitionerFields {
    pub name: Option<String>,
    pub active: Option<bool>,
    pub position: Option<i32>,
    #[serde(deserialize_with = "given")]
    pub location: Option<Option<Uuid>>,
    /// The types they offer, instead of all they did.
    pub offers: Option<Vec<Uuid>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoomFields {
    pub name: Option<String>,
    pub equipment: Option<bool>,
    pub active: Option<bool>,
    pub position: Option<i32>,
    #[serde(deserialize_with = "given")]
    pub location: Option<Option<Uuid>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocationFields {
    pub name: Option<String>,
    #[serde(deserialize_with = "given")]
    pub address: Option<Option<String>>,
    pub active: Option<bool>,
    pub position: Option<i32>,
}

/// Tells a field that is null from one that is left out.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A name as it may stand on a page.
///
/// # Errors
///
/// Rejected with `invalid` if it is empty or longer than 120 characters.
pub(super) fn name(field: &str, text: &str) -> Result<String, Rejection> {
    let kept: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let kept = kept.trim();
    match kept.chars().count() {
        1..=120 => Ok(kept.to_owned()),
        _ => Err(Rejection::invalid(field, "Please give a name of 1 to 120 characters.")),
    }
}

/// A name as it stands in addresses: `Deep tissue massage` is
/// `deep-tissue-massage`.
pub(super) fn slug(name: &str) -> String {
    let letters = name.to_lowercase();
    let words = letters.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug: String = words.collect::<Vec<_>>().join("-").chars().take(60).collect();
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "visit".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_as_people_write_them() {
        for (text, minutes) in [("00:00", 0), ("09:30", 570), ("24:00", 1440)] {
            let time: ClockTime = text.parse().unwrap();
            assert_eq!((time.minutes(), time.to_string()), (minutes, text.to_owned()));
        }
        for text in ["", "9", "9:30", "24:01", "25:00", "12:60", "-1:00", "ab:cd", "09:30:00"] {
            assert!(text.parse::<ClockTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("Deep tissue massage"), "deep-tissue-massage");
        assert_eq!(slug("  Über—Check "), "ber-check");
        assert_eq!(slug("指圧"), "visit");
    }
}
