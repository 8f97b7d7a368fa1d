//! What is asked for, as FHIR's search parameters put it.
//!
//! A parameter given twice has to hold twice; values parted by commas are
//! alternatives (<https://hl7.org/fhir/R4/search.html#combining>).

use axum::Form;
use axum::extract::{FromRequest, Query, Request};
use http::{HeaderMap, Method};

use super::outcome::{FhirResult, Outcome};
use crate::state::AppState;

/// A parameter that can be asked with: its name, its type, and what it does.
pub type Param = (&'static str, &'static str, &'static str);

/// Said of how an answer is written, not of what is in it; always allowed.
const OF_THE_FORM: [&str; 2] = ["_format", "_pretty"];

/// What any search takes to give its answer in pages.
const OF_PAGES: [&str; 2] = ["_count", "_cursor"];

/// Parameters whose values are references, and may say of what by a modifier:
/// `actor:Practitioner=…`.
const REFERENCES: [&str; 6] = ["actor", "location", "partof", "patient", "practitioner", "schedule"];

/// The parameters of a request, in order.
#[derive(Debug)]
pub struct Asked {
    pairs: Vec<(String, String)>,
    lenient: bool,
}

impl FromRequest<AppState> for Asked {
    type Rejection = Outcome;

    /// From the address, and from a posted form, which keeps them out of logs:
    /// <https://hl7.org/fhir/R4/http.html#search>.
    async fn from_request(request: Request, state: &AppState) -> Result<Self, Outcome> {
        let lenient = is_lenient(request.headers());
        let in_address = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
        let mut pairs = in_address.map_err(|refused| Outcome::of_status(refused.status()))?.0;
        if request.method() == Method::POST {
            let posted = Form::<Vec<(String, String)>>::from_request(request, state).await;
            pairs.extend(posted.map_err(|refused| Outcome::of_status(refused.status()))?.0);
        }
        Ok(Self::new(pairs, lenient))
    }
}

/// Whether the caller would rather have what it did not understand ignored:
/// <https://hl7.org/fhir/R4/search.html#errors>.
pub fn is_lenient(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all("prefer").iter().flat_map(|value| value.to_str());
    preferences.flat_map(|line| line.split([',', ';'])).any(|one| one.trim().eq_ignore_ascii_case("handling=lenient"))
}

impl Asked {
    /// What has no value asks for nothing.
    pub fn new(pairs: Vec<(String, String)>, lenient: bool) -> Self {
        Self { pairs: pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect(), lenient }
    }

    /// The request, if it asks with nothing but these and pages.
    pub fn searching(self, params: &[Param]) -> FhirResult<Self> {
        let known: Vec<&str> = params.iter().map(|(name, ..)| *name).chain(OF_PAGES).collect();
        self.only(&known)
    }

    /// The request, if it asks for no more than a resource by its address.
    pub fn reading(self) -> FhirResult<Self> {
        self.only(&[])
    }

    fn only(self, known: &[&str]) -> FhirResult<Self> {
        let mut pairs = Vec::new();
        for (name, value) in self.pairs {
            let (plain, modifier) =
                name.split_once(':').map_or((name.as_str(), None), |(one, other)| (one, Some(other)));
            match modifier {
                _ if OF_THE_FORM.contains(&plain) => {}
                _ if !known.contains(&plain) && self.lenient => {}
                _ if !known.contains(&plain) => return Err(Outcome::unknown_parameter(&name)),
                None => pairs.push((name, value)),
                Some(kind) if REFERENCES.contains(&plain) && is_resource(kind) => {
                    pairs.push((plain.to_owned(), of_kind(kind, &value)));
                }
                // Ignoring a modifier would turn the question around.
                Some(_) => return Err(Outcome::not_supported(&name, "This modifier is not supported.")),
            }
        }
        Ok(Self { pairs, lenient: self.lenient })
    }

    /// What was asked and understood, to be asked again.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Every value given under this name, as it was given.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs().filter(move |(asked, _)| *asked == name).map(|(_, value)| value)
    }

    /// The one value of a parameter that makes no sense twice.
    pub fn one(&self, name: &str) -> FhirResult<Option<String>> {
        let given: Vec<String> = self.all(name).flat_map(alternatives).collect();
        match <[String; 1]>::try_from(given) {
            Ok([value]) => Ok(Some(value)),
            Err(given) if given.is_empty() => Ok(None),
            Err(_) => Err(Outcome::value(name, "Please give this once.")),
        }
    }
}

/// The values between commas. A backslash keeps a comma in its value:
/// <https://hl7.org/fhir/R4/search.html#escaping>.
pub fn alternatives(values: &str) -> Vec<String> {
    let mut alternatives = vec![String::new()];
    let mut letters = values.chars();
    while let Some(letter) = letters.next() {
        let kept = match letter {
            ',' => {
                alternatives.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            letter => letter,
        };
        if let Some(last) = alternatives.last_mut() {
            last.push(kept);
        }
    }
    alternatives
}

/// The value as one alternative, whatever it holds.
pub fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace(',', "\\,")
}

fn is_resource(modifier: &str) -> bool {
    modifier.starts_with(|letter: char| letter.is_ascii_uppercase())
}

fn of_kind(kind: &str, values: &str) -> String {
    let of_kind = |value: String| if value.contains('/') { value } else { format!("{kind}/{value}") };
    alternatives(values).into_iter().map(|value| escaped(&of_kind(value))).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_part_alternatives_unless_they_are_escaped() {
        assert_eq!(alternatives("a,b"), ["a", "b"]);
        assert_eq!(alternatives(r"Anand\, Priya,Lin"), ["Anand, Priya", "Lin"]);
        assert_eq!(alternatives(r"a\"), [r"a\"]);
        for value in ["a,b", r"\,", r"a\\b"] {
            assert_eq!(alternatives(&escaped(value)), [value]);
        }
    }
}
