//! What the values of parameters mean: ids, references, codes, names.

use services::inventory::AppointmentType;
use uuid::Uuid;

use super::outcome::{FhirResult, Outcome};
use super::search::{Asked, alternatives};
use super::system::Base;

impl Asked {
    /// The ids asked for; none at all is not the same as any.
    pub fn ids(&self, name: &str) -> FhirResult<Option<Vec<Uuid>>> {
        self.every(name, |value| id(name, value))
    }

    /// The ids of the resources referred to, which are of one of `kinds`; a
    /// bare id is of the first.
    pub fn references(&self, base: &Base, name: &str, kinds: &[&str]) -> FhirResult<Option<Vec<(String, Uuid)>>> {
        self.every(name, |value| reference(base, name, kinds, value))
    }

    /// The ids of all resources of one kind that are mentioned.
    pub fn mentioned(&self, base: &Base, name: &str, kind: &str) -> FhirResult<Vec<Uuid>> {
        let values = self.all(name).flat_map(alternatives);
        let ids = values.filter_map(|value| reference(base, name, &[kind], &value).transpose());
        ids.map(|found| found.map(|(_, id)| id)).collect()
    }

    /// What each mention of `actor` asks for, all of one kind; an id alone is a
    /// practitioner's.
    pub fn actors(&self, base: &Base) -> FhirResult<Vec<(String, Vec<Uuid>)>> {
        let kinds = ["Practitioner", "Patient", "Location"];
        let mut mentions = Vec::new();
        for values in self.all("actor") {
            let any = alternatives(values).into_iter();
            let any = any.filter_map(|value| reference(base, "actor", &kinds, &value).transpose());
            let any: Vec<(String, Uuid)> = any.collect::<FhirResult<_>>()?;
            let kind = any.first().map_or(kinds[0], |(kind, _)| kind).to_owned();
            if any.iter().any(|(other, _)| *other != kind) {
                return Err(Outcome::not_supported("actor", "Please ask for actors of one kind at a time."));
            }
            mentions.push((kind, any.into_iter().map(|(_, id)| id).collect()));
        }
        Ok(mentions)
    }

    /// The codes asked for, out of a system or whatever it is.
    pub fn codes(&self, name: &str, system: &str) -> FhirResult<Option<Vec<String>>> {
        self.every(name, |value| Ok(code(system, value)))
    }

    /// The codes asked for, each of them one of `allowed`.
    pub fn codes_of(&self, name: &str, system: &str, allowed: &[&str]) -> FhirResult<Option<Vec<String>>> {
        self.every(name, |value| match code(system, value) {
            Some(code) if !allowed.contains(&code.as_str()) => Err(Outcome::value(name, "There is no such code.")),
            code => Ok(code),
        })
    }

    /// `true`, `false`, or either.
    pub fn booleans(&self, name: &str) -> FhirResult<Option<Vec<bool>>> {
        let codes = self.codes_of(name, "http://terminology.hl7.org/CodeSystem/special-values", &["true", "false"])?;
        Ok(codes.map(|codes| codes.iter().map(|code| code == "true").collect()))
    }

    /// The ids of the appointment types asked for, by id or slug.
    pub fn service_types(&self, base: &Base, types: &[AppointmentType]) -> FhirResult<Option<Vec<Uuid>>> {
        let Some(codes) = self.codes("service-type", &base.appointment_types())? else { return Ok(None) };
        let asked = |kind: &&AppointmentType| codes.contains(&kind.slug) || codes.contains(&kind.id.to_string());
        Ok(Some(types.iter().filter(asked).map(|kind| kind.id).collect()))
    }

    /// Whether something goes by a name asked for: a word of it, and what
    /// follows, begins with the value.
    pub fn goes_by(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let begins = |value: String| {
            let value = value.trim().to_lowercase();
            let mut words = name.char_indices().filter(|(at, _)| !name[..*at].ends_with(char::is_alphanumeric));
            words.any(|(at, _)| name[at..].starts_with(&value))
        };
        self.all("name").all(|values| alternatives(values).into_iter().any(begins))
    }

    /// What holds for every mention of a parameter.
    fn every<T: PartialEq>(
        &self,
        name: &str,
        read: impl Fn(&str) -> FhirResult<Option<T>>,
    ) -> FhirResult<Option<Vec<T>>> {
        let mut kept: Option<Vec<T>> = None;
        for values in self.all(name) {
            let any = alternatives(values).into_iter().filter_map(|value| read(&value).transpose());
            let mut any: Vec<T> = any.collect::<FhirResult<_>>()?;
            any.retain(|value| kept.as_ref().is_none_or(|kept| kept.contains(value)));
            kept = Some(any);
        }
        Ok(kept)
    }
}

/// A resource's own id. What could be an id elsewhere is nothing here.
fn id(name: &str, value: &str) -> FhirResult<Option<Uuid>> {
    let is_id = (1..=64).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    if is_id { Ok(own_id(value)) } else { Err(Outcome::value(name, "That is not the id of a resource.")) }
}

/// The id as resources here are addressed; other spellings of it are others'.
pub fn own_id(value: &str) -> Option<Uuid> {
    value.parse::<Uuid>().ok().filter(|id| id.to_string() == value)
}

fn reference(base: &Base, name: &str, kinds: &[&str], value: &str) -> FhirResult<Option<(String, Uuid)>> {
    let local = value.strip_prefix(base.url("").as_str()).unwrap_or(value);
    if local.contains("://") || local.starts_with("urn:") {
        return Ok(None);
    }
    let (kind, bare) = local.split_once('/').unwrap_or((kinds[0], local));
    if !kinds.contains(&kind) {
        return Err(Outcome::value(name, "That refers to something else than can be meant here."));
    }
    Ok(id(name, bare)?.map(|id| (kind.to_owned(), id)))
}

/// `code` or `system|code`; none if it is of another system.
fn code(system: &str, value: &str) -> Option<String> {
    match value.split_once('|') {
        None => Some(value.to_owned()),
        Some((of, code)) => (of == system).then(|| code.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        Asked::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(), false)
    }

    #[test]
    fn mentions_narrow_and_alternatives_widen() {
        let both = asked(&[("status", "booked,arrived"), ("status", "arrived,noshow")]);
        assert_eq!(both.codes("status", "x").unwrap().unwrap(), ["arrived"]);
        let neither = asked(&[("status", "booked"), ("status", "arrived")]);
        assert_eq!(neither.codes("status", "x").unwrap().unwrap(), Vec::<String>::new());
        assert_eq!(asked(&[("status", "")]).codes("status", "x").unwrap(), None);
    }

    #[test]
    fn a_code_of_another_system_is_none_of_ours() {
        let codes = |value| asked(&[("status", value)]).codes("status", "urn:ours").unwrap().unwrap();
        assert_eq!(codes("urn:ours|booked,booked"), ["booked", "booked"]);
        assert_eq!(codes("urn:theirs|booked"), Vec::<String>::new());
    }

    #[test]
    fn people_go_by_any_of_their_names() {
        for (value, goes) in
            [("mia", true), ("lin", true), ("Mia L", true), ("in", false), ("lin mia", false), ("zoe,mi", true)]
        {
            assert_eq!(asked(&[("name", value)]).goes_by("Mia Lin"), goes, "{value}");
        }
        assert!(asked(&[("name", "élo")]).goes_by("Dr. Élodie"));
        assert!(!asked(&[("name", "mia"), ("name", "noah")]).goes_by("Mia Lin"));
    }

    #[test]
    fn an_id_is_spelt_one_way() {
        let spelt = "0198c2a0-7d3c-7a11-9b5e-000000000001";
        assert!(own_id(spelt).is_some());
        for other in [spelt.to_uppercase(), spelt.replace('-', ""), format!("urn:uuid:{spelt}")] {
            assert_eq!(own_id(&other), None, "{other}");
        }
    }
}
