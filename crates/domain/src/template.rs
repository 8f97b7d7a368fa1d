//! Messages with gaps: a clinic writes them, appointments fill them.
//!
//! A gap is a field in braces, as in `{clinic}: see you {day}, {time}.` A brace
//! that is meant as one is doubled: `{{`.

use std::{fmt, str::FromStr};

use chrono::NaiveDateTime;

use crate::language::Language;

mod defaults;
mod kind;
pub mod lint;

pub use defaults::{default_email, default_sms, default_subject};
pub use kind::{Kind, UnknownKind};

/// A message that can be read and rendered. What it says is for
/// [`lint`](lint::lint) to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Field(Field),
}

/// What a gap is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Clinic,
    Patient,
    Practitioner,
    /// What the visit is for.
    Type,
    /// `Tue 24 Nov`.
    Day,
    /// `2:00 PM`.
    Time,
    /// `Tuesday 24 November 2026`.
    Date,
    /// A confirmation code or a one-time code, as the kind of message has it.
    Code,
    /// Where to go on: the visit, the booking page, a conversation.
    Link,
    /// The clinic's.
    Phone,
    /// The clinic's, or that of the visit's location.
    Address,
    /// When an offer ends: `2:30 PM`, or `Wed 25 Nov, 2:30 PM` on another day.
    Until,
}

/// Why a text is no template. `at` counts characters from 0, for a caret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("There is no field {{{name}}}.{}", meant.map_or(String::new(), |field| format!(" Did you mean {field}?")))]
    UnknownField { name: String, at: usize, meant: Option<Field> },
    #[error("The brace at character {} is not closed. Write {{{{ for a brace that is meant as one.", at + 1)]
    UnclosedBrace { at: usize },
    #[error("The closing brace at character {} opens nowhere. Write }}}} for a brace that is meant as one.", at + 1)]
    StrayBrace { at: usize },
}

/// What an appointment has to fill a template with.
#[derive(Clone, Copy, Default)]
pub struct Values<'a> {
    pub clinic: Option<&'a str>,
    pub patient: Option<&'a str>,
    pub practitioner: Option<&'a str>,
    pub appointment_type: Option<&'a str>,
    /// By the wall clock where the visit is: its zone is the caller's to know.
    pub starts_at: Option<NaiveDateTime>,
    pub code: Option<&'a str>,
    pub link: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub address: Option<&'a str>,
    pub until: Option<&'a str>,
}

/// The template needs a value that there is none of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no value for {0}")]
pub struct MissingValue(pub Field);

impl Piece {
    /// What stands there whatever it is filled with.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Field(_) => None,
        }
    }
}

impl Field {
    pub const ALL: [Self; 12] = [
        Self::Clinic,
        Self::Patient,
        Self::Practitioner,
        Self::Type,
        Self::Day,
        Self::Time,
        Self::Date,
        Self::Code,
        Self::Link,
        Self::Phone,
        Self::Address,
        Self::Until,
    ];

    /// The field as it stands between braces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clinic => "clinic",
            Self::Patient => "patient",
            Self::Practitioner => "practitioner",
            Self::Type => "type",
            Self::Day => "day",
            Self::Time => "time",
            Self::Date => "date",
            Self::Code => "code",
            Self::Link => "link",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Until => "until",
        }
    }

    /// The most characters of it that a message shows; a longer name is cut
    /// after a word. What only works whole (links, codes, numbers) and what is
    /// never longer (times) is not cut.
    pub const fn longest(self) -> usize {
        match self {
            Self::Clinic | Self::Practitioner | Self::Type => 50,
            Self::Patient => 40,
            Self::Address => 100,
            Self::Link => 140,
            Self::Phone => 20,
            Self::Code => 8,
            Self::Day => 10,
            Self::Time => 11,
            Self::Date => 35,
            Self::Until => 26,
        }
    }

    /// What people write where they mean a field, in both languages.
    fn meant_by(name: &str) -> Option<Self> {
        let known = match name {
            "name" | "customer" | "client" | "firstname" | "first_name" | "paciente" | "nombre" => Self::Patient,
            "doctor" | "dentist" | "provider" | "therapist" | "staff" | "with" | "profesional" => Self::Practitioner,
            "service" | "visit" | "appointment" | "treatment" | "servicio" | "tipo" => Self::Type,
            "business" | "practice" | "company" | "office" | "clinica" | "clínica" => Self::Clinic,
            "weekday" | "when" | "dia" | "día" => Self::Day,
            "hour" | "start" | "starts_at" | "hora" => Self::Time,
            "fecha" => Self::Date,
            "pin" | "otp" | "codigo" | "código" | "clave" => Self::Code,
            "url" | "website" | "enlace" => Self::Link,
            "number" | "tel" | "telephone" | "telefono" | "teléfono" => Self::Phone,
            "location" | "where" | "place" | "direccion" | "dirección" => Self::Address,
            "expires" | "deadline" | "hasta" => Self::Until,
            _ => {
                let near = Self::ALL.into_iter().map(|field| (distance(name, field.as_str()), field));
                // Two slips of the finger, but not two of four letters.
                return near
                    .filter(|(far, field)| *far <= field.as_str().len() / 3)
                    .min_by_key(|(far, _)| *far)
                    .map(|(_, field)| field);
            }
        };
        Some(known)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.as_str())
    }
}

impl FromStr for Template {
    type Err = ParseError;

    /// Case and space inside the braces make no difference.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let letters: Vec<char> = text.chars().collect();
        let mut template = Self { pieces: Vec::new() };
        let mut at = 0;
        while let Some(letter) = letters.get(at) {
            let is_doubled = letters.get(at + 1) == Some(letter);
            match letter {
                '{' | '}' if is_doubled => {
                    template.push(*letter);
                    at += 2;
                }
                '}' => return Err(ParseError::StrayBrace { at }),
                '{' => {
                    let (field, end) = field(&letters, at)?;
                    template.pieces.push(Piece::Field(field));
                    at = end + 1;
                }
                other => {
                    template.push(*other);
                    at += 1;
                }
            }
        }
        Ok(template)
    }
}

/// The field whose brace opens at `at`, and where that closes.
fn field(letters: &[char], at: usize) -> Result<(Field, usize), ParseError> {
    let closed = letters[at + 1..].iter().position(|letter| matches!(letter, '{' | '}' | '\n'));
    let Some(end) = closed.map(|length| at + 1 + length).filter(|end| letters[*end] == '}') else {
        return Err(ParseError::UnclosedBrace { at });
    };
    let name: String = letters[at + 1..end].iter().collect::<String>().trim().to_lowercase();
    match Field::ALL.into_iter().find(|field| field.as_str() == name) {
        Some(field) => Ok((field, end)),
        None => {
            let meant = Field::meant_by(&name);
            Err(ParseError::UnknownField { name: name.chars().take(40).collect(), at, meant })
        }
    }
}

/// How many letters have to be put in, taken out or replaced to make `one` of
/// `other` (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    // Field names are short; what is much longer is none of them.
    for (i, letter) in one.chars().take(40).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, same) in other.chars().map(|known| known == letter).enumerate() {
            let cost = (diagonal + usize::from(!same)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row[other.len()]
}

impl Template {
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The fields that stand in it, each as often as it does.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field(field) => Some(*field),
            Piece::Text(_) => None,
        })
    }

    /// The message. Every value is one line, names are cut to what
    /// [`Field::longest`] allows, and a value that ends with a full stop takes
    /// the place of one that follows it.
    ///
    /// # Errors
    ///
    /// [`MissingValue`] if it needs a value that is not there, or is blank:
    /// nobody gets "See you None".
    pub fn render(&self, language: Language, values: &Values<'_>) -> Result<String, MissingValue> {
        let mut message = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Field(field) => message.push_str(&values.of(*field, language).ok_or(MissingValue(*field))?),
                Piece::Text(text) => {
                    let is_ended = message.ends_with('.');
                    message.push_str(text.strip_prefix('.').filter(|_| is_ended).unwrap_or(text));
                }
            }
        }
        Ok(message)
    }

    fn push(&mut self, letter: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(letter),
            _ => self.pieces.push(Piece::Text(letter.into())),
        }
    }
}

/// The text that reads back as the same template.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Piece::Field(field) => field.fmt(f),
        })
    }
}

impl Values<'_> {
    fn of(&self, field: Field, language: Language) -> Option<String> {
        let given = match field {
            Field::Day => return self.starts_at.map(|at| language.day(at.date())),
            Field::Time => return self.starts_at.map(|at| language.time(at.time())),
            Field::Date => return self.starts_at.map(|at| language.date(at.date())),
            Field::Code => return self.code.and_then(one_line),
            Field::Link => return self.link.and_then(one_line),
            Field::Phone => return self.phone.and_then(one_line),
            Field::Until => return self.until.and_then(one_line),
            Field::Clinic => self.clinic,
            Field::Patient => self.patient,
            Field::Practitioner => self.practitioner,
            Field::Type => self.appointment_type,
            Field::Address => self.address,
        };
        given.and_then(one_line).map(|name| shortened(&name, field.longest()).to_owned())
    }
}

/// `text` without line breaks and control characters; none if nothing is left.
fn one_line(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(|letter: char| letter.is_whitespace() || letter.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// As much of `name` as `longest` characters hold, in whole words if it can be.
fn shortened(name: &str, longest: usize) -> &str {
    let Some((end, _)) = name.char_indices().nth(longest) else { return name };
    let is_between_words = name[end..].starts_with(' ');
    let last_space = name[..end].rfind(' ').filter(|_| !is_between_words);
    name[..last_space.unwrap_or(end)].trim_end()
}

#[cfg(test)]
mod tests;
