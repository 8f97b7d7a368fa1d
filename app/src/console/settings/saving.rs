//! Making a change, once everything it strands has been decided about.

use domain::{FieldError, Rejection, say};
use services::booking::availability::OpenSlot;
use services::booking::changes::{self, Changed, Plan, ScheduleChange};
use services::booking::stranding::{Decision, Stranded};
use services::booking::{Changer, catalogue};
use services::{Error, clinics};

use super::Saved;
use super::form::Answers;
use super::reading::{self, Read};
use super::review::{Review, StrandedVisit};
use crate::caller::{Staff, is_plain_form, sent_from};
use crate::error::ServerError;

/// Makes the change that `form` asks for, or says which visits it strands.
pub async fn save(staff: &Staff, what: String, form: Answers, decisions: &Answers) -> Result<Saved, ServerError> {
    let (read, stranded) = preview(staff, &what, &form).await?;
    let seen = |visit: &Stranded| decisions.contains_key(&format!("seen.{}", visit.appointment.id));
    if !stranded.iter().all(seen) {
        let note = (!decisions.is_empty()).then(|| "Other visits are concerned by now. Please look again.".to_owned());
        if is_plain_form() {
            leptos_axum::redirect(&review_address(&what, &form));
        }
        return review(staff, what, form, &stranded, note).await;
    }
    let plan = plan(&stranded, decisions)?;
    let (now, changer) = (staff.services.clock.now(), Changer::member(staff.member.id));
    let change = read.change.clone();
    let changed = staff
        .services
        .db
        .transaction(staff.member.clinic_id, move |tx| {
            let (change, plan) = (change.clone(), plan.clone());
            Box::pin(async move { changes::change(tx, now, &change, &plan, changer).await })
        })
        .await
        .map_err(|error| refusal(&read, error))?;
    staff.services.feed.committed();
    lead_on(&read.change, &changed, !decisions.is_empty());
    Ok(Saved::Done(said(&changed)))
}

/// Which visits the change strands; that nothing is, if none.
pub async fn look(staff: &Staff, what: String, form: Answers) -> Result<Saved, ServerError> {
    let (_, stranded) = preview(staff, &what, &form).await?;
    if stranded.is_empty() {
        return Ok(Saved::Done("The change strands no visit any more. Please make it again.".to_owned()));
    }
    review(staff, what, form, &stranded, None).await
}

async fn preview(staff: &Staff, what: &str, form: &Answers) -> Result<(Read, Vec<Stranded>), ServerError> {
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    let read = reading::read(what, form, &catalogue::read(&mut tx, now).await?)?;
    // Dropped with what the preview tried out in it.
    let stranded = changes::preview(&mut tx, now, &read.change).await.map_err(|error| refusal(&read, error))?;
    Ok((read, stranded))
}

fn refusal(read: &Read, error: Error) -> ServerError {
    match error {
        Error::Rejected(rejection) => read.refusal(rejection).into(),
        other => other.into(),
    }
}

async fn review(
    staff: &Staff,
    what: String,
    form: Answers,
    stranded: &[Stranded],
    note: Option<String>,
) -> Result<Saved, ServerError> {
    let zone = clinics::time_zone(&mut staff.tx().await?).await?;
    let visits = stranded.iter().map(|visit| {
        let appointment = &visit.appointment;
        let patient = appointment.patient.clone();
        let contact = patient.iter().flat_map(|patient| [patient.phone.clone(), patient.email.clone()]).flatten();
        StrandedVisit {
            id: appointment.id.to_string(),
            when: appointment.label.clone(),
            what: format!(
                "{} with {}, {}",
                appointment.appointment_type.name,
                appointment.practitioner.name,
                say::minutes(appointment.minutes())
            ),
            contact: contact.collect::<Vec<_>>().join(", "),
            patient: patient.map_or_else(|| "A patient".to_owned(), |patient| patient.name),
            reasons: visit.reasons.iter().map(|reason| reason.sentence().to_owned()).collect(),
            suggestions: visit
                .suggestions
                .iter()
                .map(|slot| {
                    let at = slot.claim.starts_at;
                    let label = format!("{} with {}", say::moment(at, zone), slot.practitioner.name);
                    (format!("{} {}", slot.claim.practitioner_id, at.format("%Y-%m-%dT%H:%M:%SZ")), label)
                })
                .collect(),
        }
    });
    Ok(Saved::Review(Review { what, form, visits: visits.collect(), note }))
}

/// What was decided about each visit, alone or with all others.
fn plan(stranded: &[Stranded], decisions: &Answers) -> Result<Plan, Rejection> {
    let text = |path: &str| decisions.get(path).map(|text| text.trim()).filter(|text| !text.is_empty());
    let ask = |message: Option<&str>| Decision::Ask { message: message.map(str::to_owned) };
    let (mut plan, mut errors, mut moves) = (Plan::new(), Vec::new(), Moves::default());
    for visit in stranded {
        let id = visit.appointment.id;
        let own = text(&format!("do.{id}"));
        let decision = match text("all") {
            Some("keep") => Some(Decision::Keep),
            Some("move") => Some(moves.next(visit).unwrap_or_else(|| ask(text("message")))),
            Some("ask") => Some(ask(text("message"))),
            _ => match own {
                Some("keep") => Some(Decision::Keep),
                Some("ask") => Some(ask(text(&format!("message.{id}")))),
                Some(slot) => read_move(slot),
                None => None,
            },
        };
        match decision {
            Some(decision) => drop(plan.insert(id, decision)),
            None => errors.push(FieldError {
                field: format!("do.{id}"),
                message: "Please decide what becomes of this visit.".to_owned(),
            }),
        }
    }
    if errors.is_empty() { Ok(plan) } else { Err(Rejection::invalid_fields(errors)) }
}

/// Times that visits move to together: two are not given the same.
#[derive(Default)]
struct Moves<'a>(Vec<&'a OpenSlot>);

impl<'a> Moves<'a> {
    fn next(&mut self, visit: &'a Stranded) -> Option<Decision> {
        let meets = |one: &OpenSlot, other: &OpenSlot| {
            one.claim.practitioner_id == other.claim.practitioner_id
                && one.claim.starts_at < other.ends_at
                && other.claim.starts_at < one.ends_at
        };
        let slot = visit.suggestions.iter().find(|slot| self.0.iter().all(|taken| !meets(slot, taken)))?;
        self.0.push(slot);
        Some(Decision::Move { practitioner: slot.claim.practitioner_id, starts_at: slot.claim.starts_at })
    }
}

fn read_move(slot: &str) -> Option<Decision> {
    let (practitioner, starts_at) = slot.split_once(' ')?;
    Some(Decision::Move { practitioner: practitioner.parse().ok()?, starts_at: starts_at.parse().ok()? })
}

fn said(changed: &Changed) -> String {
    let visits = |count: usize, did: &str| match count {
        0 => None,
        1 => Some(format!("1 visit {did}")),
        count => Some(format!("{count} visits {did}")),
    };
    let asked = match changed.asked {
        0 => None,
        1 => Some("1 patient asked to choose again".to_owned()),
        count => Some(format!("{count} patients asked to choose again")),
    };
    let ended = match changed.holds_ended {
        0 => None,
        1 => Some("1 time that somebody was choosing is no longer offered".to_owned()),
        count => Some(format!("{count} times that somebody was choosing are no longer offered")),
    };
    let all = [visits(changed.moved, "moved"), visits(changed.kept, "kept"), asked, ended];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "Saved. No visit is concerned.".to_owned() } else { format!("Saved. {}.", all.join(", ")) }
}

/// Goes to what was made new; and from the review's own page back to what was
/// changed.
fn lead_on(change: &ScheduleChange, changed: &Changed, is_reviewed: bool) {
    let (tab, is_new) = match change {
        ScheduleChange::AppointmentType { id, .. } => ("types", id.is_none()),
        ScheduleChange::Practitioner { id, .. } => ("practitioners", id.is_none()),
        ScheduleChange::Room { id, .. } => ("rooms", id.is_none()),
        ScheduleChange::Location { id, .. } => ("locations", id.is_none()),
        ScheduleChange::Hours { .. } | ScheduleChange::Exception { .. } | ScheduleChange::EndException { .. } => {
            ("hours", false)
        }
        _ => ("time-off", false),
    };
    match (changed.id, is_plain_form()) {
        (Some(id), _) if is_new => leptos_axum::redirect(&format!("/console/settings/{tab}?item={id}")),
        (_, true) if is_reviewed => leptos_axum::redirect(&format!("/console/settings/{tab}?saved=yes")),
        (_, true) => leptos_axum::redirect(&saved_at(&sent_from().unwrap_or_default(), tab)),
        _ => {}
    }
}

/// What was done, said on the page that asked for it.
pub fn done(tab: &str, said: &str) -> Saved {
    if is_plain_form() {
        leptos_axum::redirect(&saved_at(&sent_from().unwrap_or_default(), tab));
    }
    Saved::Done(said.to_owned())
}

/// The page a form came from, which then says that it was saved.
fn saved_at(page: &str, tab: &str) -> String {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let path =
        if path.starts_with("/console/settings/") { path.to_owned() } else { format!("/console/settings/{tab}") };
    let kept = query.split('&').filter(|pair| ["of=", "item="].iter().any(|name| pair.starts_with(name)));
    let query: Vec<&str> = kept.chain(["saved=yes"]).collect();
    format!("{path}?{}", query.join("&"))
}

/// Where a form goes that was sent without JavaScript. What was left empty
/// says nothing.
fn review_address(what: &str, form: &Answers) -> String {
    let filled: Answers =
        form.iter().filter(|(_, value)| !value.is_empty()).map(|(path, value)| (path.clone(), value.clone())).collect();
    let form = serde_json::to_string(&filled).unwrap_or_default();
    format!("/console/settings/review?what={}&form={}", escaped(what), escaped(&form))
}

/// As it may stand in an address (RFC 3986).
fn escaped(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_form_goes_back_to_its_page_and_nowhere_else() {
        assert_eq!(
            saved_at("/console/settings/hours?of=practitioner:1&__err=x", "hours"),
            "/console/settings/hours?of=practitioner:1&saved=yes"
        );
        assert_eq!(saved_at("/elsewhere", "types"), "/console/settings/types?saved=yes");
    }
}
