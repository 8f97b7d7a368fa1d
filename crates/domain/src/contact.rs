//! Names, phone numbers and e-mail addresses that are what they say.

use std::{fmt, str::FromStr};

use phonenumber::country;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A phone number in E.164, such as `+15551234567`.
///
/// Accepted when libphonenumber calls it possible: the fictional +1 555
/// numbers are not valid lines but must pass.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PhoneNumber(String);

/// An e-mail address, lower case.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct EmailAddress(String);

/// What a person is called: 1 to 200 characters, one line, no control or
/// direction-changing characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PersonName(String);

/// Why a contact field was not accepted, as a sentence for whoever typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    #[error("That does not look like a phone number. Please give it with its area code.")]
    Phone,
    #[error("That does not look like an email address.")]
    Email,
    #[error("Please give a name.")]
    NameMissing,
    #[error("Please give a name of at most 200 characters.")]
    NameTooLong,
}

impl PhoneNumber {
    /// Reads E.164, or a national number of `country` (ISO 3166-1 alpha-2).
    ///
    /// # Errors
    ///
    /// [`ContactError::Phone`] when no country could have such a number.
    pub fn parse(text: &str, country: &str) -> Result<Self, ContactError> {
        if text.len() > 40 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(ContactError::Phone);
        }
        let region = country::Id::from_str(country).ok();
        let number = phonenumber::parse(region, text).map_err(|_| ContactError::Phone)?;
        let national = number.national().to_string();
        let possible = match number.code().value() {
            // The North American plan has exactly ten digits, area code 2–9.
            1 => national.len() == 10 && matches!(national.as_bytes().first(), Some(b'2'..=b'9')),
            _ => (4..=14).contains(&national.len()),
        };
        if !possible {
            return Err(ContactError::Phone);
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A stored number as people in `country` write it: nationally if it is one of
/// theirs, else with its country code.
pub fn written(e164: &str, country: &str) -> String {
    let Ok(number) = phonenumber::parse(None, e164) else { return e164.to_owned() };
    let is_theirs = country::Id::from_str(country).is_ok_and(|id| {
        number.country().id() == Some(id) || {
            // Fictional numbers have no country of their own, only a code.
            phonenumber::parse(Some(id), number.national().to_string())
                .is_ok_and(|local| local.code().value() == number.code().value())
        }
    });
    let mode = if is_theirs { phonenumber::Mode::National } else { phonenumber::Mode::International };
    number.format().mode(mode).to_string()
}

impl EmailAddress {
    /// # Errors
    ///
    /// [`ContactError::Email`] unless it is `local@domain.tld` as RFC 5322 has
    /// it, at most 254 characters, without display name or quotes.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let text = text.trim().to_lowercase();
        let plain = text.len() <= 254 && !text.contains(['"', '<', '>', ' ', '[']);
        let dotted = text
            .rsplit_once('@')
            .is_some_and(|(_, domain)| domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.'));
        if plain && dotted && email_address::EmailAddress::is_valid(&text) {
            Ok(Self(text))
        } else {
            Err(ContactError::Email)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PersonName {
    /// # Errors
    ///
    /// [`ContactError::NameMissing`] or [`ContactError::NameTooLong`].
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        // Direction overrides could make a name read as something else
        // beside it (Unicode TR 36); a name needs none of them.
        let kept: String = text
            .chars()
            .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
            .filter(|letter| !letter.is_control() && !is_direction_mark(*letter))
            .take(4_000)
            .collect();
        let name = kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if !name.chars().any(char::is_alphanumeric) {
            return Err(ContactError::NameMissing);
        }
        if name.chars().count() > 200 {
            return Err(ContactError::NameTooLong);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both are the same name said aloud: whoever writes down what was
    /// said knows no accents, hyphens or capitals.
    pub fn sounds_like(&self, other: &str) -> bool {
        said(&self.0) == said(other)
    }
}

fn said(name: &str) -> String {
    let plain: String = name
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter) && !matches!(letter, '\'' | '’' | '.'))
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .flat_map(char::to_lowercase)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_direction_mark(letter: char) -> bool {
    matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Logs see the last four digits, never the number.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", &self.0[self.0.len().saturating_sub(4)..])
    }
}
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…@…")
    }
}
impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::{ContactError, EmailAddress, PersonName, PhoneNumber};
    use proptest::prelude::*;

    #[test]
    fn phones_become_e164() {
        for (typed, stored) in [
            ("+1 555 123 4567", "+15551234567"),
            ("(555) 123-4567", "+15551234567"),
            ("555.123.4567", "+15551234567"),
            ("+15559999999", "+15559999999"),
            ("+44 20 7946 0958", "+442079460958"),
        ] {
            assert_eq!(PhoneNumber::parse(typed, "US").map(|p| p.0), Ok(stored.to_owned()), "{typed}");
        }
    }

    #[test]
    fn numbers_are_written_as_people_there_do() {
        assert_eq!(super::written("+15551230100", "US"), "(555) 123-0100");
        assert_eq!(super::written("+442079460958", "US"), "+44 20 7946 0958");
        assert_eq!(super::written("nonsense", "US"), "nonsense");
    }

    #[test]
    fn impossible_phones_are_refused() {
        for typed in ["", "12", "555-1234", "+1 055 123 4567", "call me", "+1555123456789012345", "📞"] {
            assert_eq!(PhoneNumber::parse(typed, "US"), Err(ContactError::Phone), "{typed}");
        }
    }

    #[test]
    fn emails_are_lower_case_and_whole() {
        assert_eq!(EmailAddress::parse(" Ada@Example.COM ").map(|e| e.0), Ok("ada@example.com".into()));
        for typed in ["", "ada", "ada@", "@x.com", "ada@localhost", "a b@x.com", "<a@x.com>", "a@.com"] {
            assert_eq!(EmailAddress::parse(typed), Err(ContactError::Email), "{typed}");
        }
    }

    #[test]
    fn names_keep_every_script_but_no_tricks() {
        assert_eq!(PersonName::parse("  Zoë \n O’Neil ").map(|n| n.0), Ok("Zoë O’Neil".into()));
        assert_eq!(PersonName::parse("\u{202E}evil").map(|n| n.0), Ok("evil".into()));
        assert_eq!(PersonName::parse("محمد علي").map(|n| n.0), Ok("محمد علي".into()));
        assert_eq!(PersonName::parse("🙂"), Err(ContactError::NameMissing));
        assert_eq!(PersonName::parse(&"a".repeat(10_000)), Err(ContactError::NameTooLong));
    }

    #[test]
    fn a_name_is_known_by_its_sound_and_as_a_whole() {
        let jose = PersonName::parse("José O’Neil-Ruiz").unwrap();
        assert!(jose.sounds_like("jose oneil ruiz") && jose.sounds_like(" JOSE O'Neil  Ruiz"));
        for other in ["José", "Jose O'Neil", "José O’Neil-Ruiz Jr", "Josef O'Neil Ruiz", ""] {
            assert!(!jose.sounds_like(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_parser(text: String) {
            let _ = PhoneNumber::parse(&text, "US");
            let _ = EmailAddress::parse(&text);
            let _ = PersonName::parse(&text);
        }
    }
}
