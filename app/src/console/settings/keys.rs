//! API keys: for which programs, how to make one, and ending one.

use domain::{Rejection, say};
use http::{HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use services::clinics;
use services::keys::{self, ApiKey, Maker, NewKey, Scope};

use super::describing::{button, check, line, needed};
use super::form::{Answers, Form, Group, Input, Kind};
use super::{Row, Saved, Section, Settings};
use crate::caller::{Staff, cookie, edge, is_plain_form};
use crate::error::ServerError;

pub const TAB: &str = "keys";

/// What these forms ask for.
pub const CHANGES: [&str; 2] = [MAKE, REVOKE];
const MAKE: &str = "make_key";
const REVOKE: &str = "revoke_key";

/// Takes a new key from the form to the page that shows it, in a browser
/// without JavaScript. It is for that page alone, and gone with it.
const COOKIE: &str = "fd_new_key";

/// The keys and the form for another; or whether to revoke the one called
/// `item`.
///
/// # Errors
///
/// `not_found` if there is no such key.
pub async fn describe(staff: &Staff, item: &str, may_change: bool) -> Result<Settings, ServerError> {
    if !may_change {
        let section = Section { id: TAB.into(), heading: "API keys".into(), ..Section::default() };
        return Ok(Settings { sections: vec![section], ..Settings::default() });
    }
    let mut tx = staff.tx().await?;
    let zone = clinics::time_zone(&mut tx).await?;
    let known = keys::list(&mut tx).await?;
    if !item.is_empty() {
        let key = known.iter().find(|key| key.id.to_string() == item).ok_or_else(Rejection::not_found)?;
        return Ok(revoking(key, zone));
    }
    let (used, ended): (Vec<_>, Vec<_>) = known.iter().partition(|key| key.revoked_at.is_none());
    let list = Section {
        id: TAB.into(),
        heading: "API keys".into(),
        text: "Programs of yours that book visits or read the schedule show one of these.".into(),
        rows: used.into_iter().map(|key| row(key, zone)).collect(),
        empty: Some("There are no keys. Without one, no program of yours gets in.".into()),
        ..Section::default()
    };
    let ended = (!ended.is_empty()).then(|| Section {
        id: "revoked".into(),
        heading: "Revoked".into(),
        text: "These open nothing any more.".into(),
        rows: ended.into_iter().map(|key| Row { href: None, ..row(key, zone) }).collect(),
        ..Section::default()
    });
    let sections = fresh().into_iter().chain([list, making()]).chain(ended).collect();
    Ok(Settings { sections, ..Settings::default() })
}

/// The key that was just made.
fn fresh() -> Option<Section> {
    let parts = use_context::<http::request::Parts>()?;
    let key = cookie(&parts.headers, COOKIE).filter(|key| keys::is_one(key))?.to_owned();
    remember("", 0);
    Some(Section {
        id: "new-key".into(),
        heading: "Your new key".into(),
        text: "Copy it now. It is not shown again.".into(),
        rows: vec![Row { title: key, ..Row::default() }],
        ..Section::default()
    })
}

fn row(key: &ApiKey, zone: chrono_tz::Tz) -> Row {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| good_for(*scope)).collect();
    let used = match (key.revoked_at, key.last_used_at) {
        (Some(at), _) => format!("Revoked {}", say::moment(at, zone)),
        (None, Some(at)) => format!("Last used {}", say::moment(at, zone)),
        (None, None) => "Never used".to_owned(),
    };
    Row {
        title: format!("{} ({}…)", key.name, key.prefix),
        details: vec![scopes.join(" · "), format!("Made {}. {used}.", say::moment(key.created_at, zone))],
        href: Some(format!("/console/settings/{TAB}?item={}", key.id)),
        ..Row::default()
    }
}

fn good_for(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "See times and settings",
        Scope::Book => "Book and change visits",
        Scope::Patients => "See and change patients",
        Scope::Settings => "Change settings",
        Scope::Keys => "Make and revoke keys",
    }
}

fn making() -> Section {
    let name = Input {
        hint: "What uses it, for example “Website”.".into(),
        ..needed(Kind::Text, "name", "Name", String::new())
    };
    let scopes = Scope::ALL.map(|scope| {
        let usual = matches!(scope, Scope::Read | Scope::Book);
        line(vec![check(format!("scopes.{}", scope.as_str()), good_for(scope), usual)])
    });
    let form = Form {
        what: MAKE.into(),
        groups: vec![
            Group { lines: vec![line(vec![name])], ..Group::default() },
            Group { legend: "What it may do".into(), lines: scopes.into(), ..Group::default() },
        ],
        submit: "Make key".into(),
        ..Form::default()
    };
    Section { id: "make-key".into(), heading: "New key".into(), form: Some(form), ..Section::default() }
}

fn revoking(key: &ApiKey, zone: chrono_tz::Tz) -> Settings {
    let is_used = key.revoked_at.is_none();
    let section = Section {
        id: "revoke".into(),
        heading: if is_used { format!("Revoke {}?", key.name) } else { key.name.clone() },
        text: if is_used {
            "Whatever shows this key is refused from then on. This cannot be undone; a new key can be made.".into()
        } else {
            "This key was revoked and opens nothing any more.".into()
        },
        rows: vec![Row {
            href: None,
            act: is_used.then(|| button(REVOKE, "Revoke key", [("id", key.id.to_string())])),
            ..row(key, zone)
        }],
        ..Section::default()
    };
    Settings {
        back: Some((format!("/console/settings/{TAB}"), "All keys".into())),
        sections: vec![section],
        ..Settings::default()
    }
}

/// Makes or revokes a key.
pub async fn save(staff: &Staff, what: &str, form: &Answers) -> Result<Saved, ServerError> {
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    if what == REVOKE {
        let id = form.get("id").and_then(|id| id.parse().ok()).ok_or_else(Rejection::not_found)?;
        keys::revoke(&mut tx, now, id).await?;
        tx.commit().await?;
        lead_back();
        return Ok(Saved::Done("Revoked.".to_owned()));
    }
    let chosen = Scope::ALL.into_iter().filter(|scope| form.contains_key(&format!("scopes.{}", scope.as_str())));
    let new = NewKey {
        name: form.get("name").cloned().unwrap_or_default(),
        scopes: chosen.map(|scope| scope.as_str().to_owned()).collect(),
    };
    let made = keys::create(&mut tx, now, Maker::Member(staff.member.id), &new).await.map_err(at_a_field)?;
    tx.commit().await?;
    if is_plain_form() {
        remember(&made.key, 120);
    }
    lead_back();
    Ok(Saved::Done(format!("Copy the key now, it is not shown again: {}", made.key)))
}

/// What is wrong with all of the ticks stands at the first.
fn at_a_field(error: services::Error) -> services::Error {
    match error {
        services::Error::Rejected(mut rejection) => {
            for error in rejection.errors.iter_mut().filter(|error| error.field == "scopes") {
                error.field = format!("scopes.{}", Scope::Read.as_str());
                error.message = "Please tick at least one.".into();
                rejection.message = error.message.clone().into();
            }
            services::Error::Rejected(rejection)
        }
        other => other,
    }
}

fn lead_back() {
    if is_plain_form() {
        leptos_axum::redirect(&format!("/console/settings/{TAB}?saved=yes"));
    }
}

fn remember(key: &str, seconds: u32) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let secure = if edge().is_ok_and(|edge| edge.is_secure) { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={key}; Path=/console/settings/{TAB}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}
