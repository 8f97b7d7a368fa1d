//! Confirmation codes that survive being read aloud.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Eight characters of Crockford's base 32: no I, L, O or U, any case on
/// input, and the look-alikes a person may type are read as what was meant.
///
/// <https://www.crockford.com/base32.html>
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConfirmationCode(String);

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// That is not a confirmation code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a confirmation code")]
pub struct ParseCodeError;

impl ConfirmationCode {
    /// The code for 40 bits of randomness.
    pub fn from_bits(bytes: [u8; 5]) -> Self {
        let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let letter = |place: u32| char::from(ALPHABET[(bits >> (35 - 5 * place) & 31) as usize]);
        Self((0..8).map(letter).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ConfirmationCode {
    type Err = ParseCodeError;

    fn from_str(text: &str) -> Result<Self, ParseCodeError> {
        let code: String = text
            .chars()
            .filter(|letter| !matches!(letter, '-' | ' '))
            .take(9)
            .map(|letter| match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let known = code.bytes().all(|letter| ALPHABET.contains(&letter));
        if code.len() == 8 && known { Ok(Self(code)) } else { Err(ParseCodeError) }
    }
}

impl TryFrom<String> for ConfirmationCode {
    type Error = ParseCodeError;

    fn try_from(text: String) -> Result<Self, ParseCodeError> {
        text.parse()
    }
}

impl From<ConfirmationCode> for String {
    fn from(code: ConfirmationCode) -> Self {
        code.0
    }
}

impl fmt::Display for ConfirmationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A code opens someone's visit, so logs see only its end.
impl fmt::Debug for ConfirmationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", &self.0[6..])
    }
}

#[cfg(test)]
mod tests {
    use super::ConfirmationCode;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_code_reads_back_however_it_is_typed(bytes: [u8; 5]) {
            let code = ConfirmationCode::from_bits(bytes);
            let typed = code.as_str().to_lowercase().replace('0', "o").replace('1', "l");
            prop_assert_eq!(typed.parse(), Ok(code));
        }

        #[test]
        fn no_text_breaks_the_parser(text: String) {
            let _ = text.parse::<ConfirmationCode>();
        }
    }

    #[test]
    fn a_u_is_never_part_of_a_code() {
        assert!("ABCDEFGU".parse::<ConfirmationCode>().is_err());
        assert!("ABCDEFG".parse::<ConfirmationCode>().is_err());
        assert!("".parse::<ConfirmationCode>().is_err());
    }
}
