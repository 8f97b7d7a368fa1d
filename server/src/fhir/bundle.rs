//! Answers to a search.
//!
//! <https://hl7.org/fhir/R4/bundle.html#searchset>

use serde_json::{Value, json};

use super::outcome::FhirResult;
use super::page::{Cursor, Page};
use super::resource::Resource;
use super::search::Asked;
use super::system::Base;

/// A page of what a search found.
#[derive(Debug)]
pub struct Found {
    pub resources: Vec<Value>,
    /// How many there are on all pages, where that is known.
    pub total: Option<i64>,
    pub next: Option<Cursor>,
}

/// The bundle that answers `asked` at `path`.
pub fn searchset(base: &Base, path: &str, asked: &Asked, found: Found) -> Resource {
    let mut links = vec![json!({ "relation": "self", "url": address(base, path, asked.pairs()) })];
    if let Some(next) = &found.next {
        let written = next.written();
        let pairs = asked.pairs().filter(|(name, _)| *name != "_cursor").chain([("_cursor", written.as_str())]);
        links.push(json!({ "relation": "next", "url": address(base, path, pairs) }));
    }
    let entries: Vec<Value> = found.resources.into_iter().map(|resource| entry(base, resource)).collect();
    Resource(json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "total": found.total,
        "link": links,
        "entry": entries,
    }))
}

/// The bundle of resources that are few enough to be read all: those of a page,
/// in the order of their ids.
pub fn few(base: &Base, kind: &str, asked: &Asked, mut resources: Vec<Value>) -> FhirResult<Resource> {
    let page = Page::read(asked)?;
    let place = |resource: &Value| Cursor::of_id(resource["id"].as_str().unwrap_or_default());
    resources.sort_by_key(|resource| place(resource).id);
    let total = i64::try_from(resources.len()).ok();
    let (resources, next) = page.cut(resources, place);
    Ok(searchset(base, kind, asked, Found { resources, total, next }))
}

/// Only what has an id has an address: results of operations may not.
fn entry(base: &Base, resource: Value) -> Value {
    let kind = resource["resourceType"].as_str().unwrap_or_default();
    let url = resource["id"].as_str().map(|id| base.url(format_args!("{kind}/{id}")));
    json!({ "fullUrl": url, "resource": resource, "search": { "mode": "match" } })
}

fn address<'a>(base: &Base, path: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let query: Vec<String> = pairs.map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    let question = if query.is_empty() { "" } else { "?" };
    format!("{}{question}{}", base.url(path), query.join("&"))
}

/// What stands for itself in an address's query, and the rest in percent.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/,".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
