//! From what is known to the next step.

use domain::language::Language;
use serde_json::json;

use super::super::model::{Step, ToolCall};
use super::answers;
use super::aside;
use super::draft::{Act, Draft, Made, Turn, same_visit};
use super::found;
use super::intent::{Talk, Topic};
use super::questions;
use super::refusals;
use super::say::{self, said};
use super::slot::Slot;

/// No turn uses more tools than this.
const MOST_CALLS: usize = 6;

/// What to do next about the newest message.
pub fn next(draft: &Draft) -> Step {
    let Some(turn) = &draft.turn else {
        return Step::Say(answers::can_do(draft.language, draft.facts));
    };
    match step(draft, turn) {
        Step::Call(call) if turn.made.len() >= MOST_CALLS || turn.made.iter().any(|made| made.call == call) => {
            Step::Say(stuck(draft))
        }
        step => step,
    }
}

fn step(draft: &Draft, turn: &Turn) -> Step {
    let mut asked = [turn.heard.topic, turn.heard.second_topic].into_iter().flatten().map(look_up);
    if let Some(call) = asked.find(|call| !turn.made.iter().any(|made| made.call == *call)) {
        return Step::Call(call);
    }
    match turn.made.iter().rfind(|made| made.call.name != "clinic_facts") {
        None => begin(draft, turn),
        Some(made) => react(draft, turn, made),
    }
}

fn begin(draft: &Draft, turn: &Turn) -> Step {
    if turn.heard.talk == Some(Talk::Human) && turn.act == Act::Nothing {
        return Step::Call(hand_over(draft));
    }
    match &turn.act {
        Act::Hold(slot) => Step::Call(hold(slot)),
        Act::Search => search(draft, turn),
        Act::Confirm => confirm(draft, turn),
        Act::GiveUp => Step::Say(said!(
            draft.language,
            "All right, nothing is reserved for you. If you would like another time, just tell me what and when.",
            "De acuerdo, no queda nada reservado. Si desea otra hora, dígame qué cita y para cuándo.",
        )),
        Act::StartOver => {
            let opening = said!(draft.language, "Let us start again.", "Empecemos de nuevo.");
            Step::Say(questions::join(draft, turn, &opening))
        }
        Act::Nothing => Step::Say(questions::reply(draft, turn)),
        Act::Ask(question) => Step::Say(say::paragraphs(&[questions::remarks(draft, turn), (*question).to_owned()])),
        Act::Wait | Act::Leave(_) | Act::WriteLater { .. } | Act::Explain(_) | Act::ReadBack(_) => {
            aside::call(draft, turn).map_or_else(|| Step::Say(questions::reply(draft, turn)), Step::Call)
        }
    }
}

fn react(draft: &Draft, turn: &Turn, made: &Made) -> Step {
    if let Some(step) = aside::react(draft, turn, made) {
        return step;
    }
    match (made.call.name.as_str(), &made.refusal) {
        ("check_availability", None) if made.found == 0 => search(draft, turn),
        ("check_availability", None) => match again(draft, turn) {
            Some(slot) => Step::Call(hold(slot)),
            None => Step::Say(found::times(draft, turn)),
        },
        ("hold_slot", None) if draft.agreed_before && draft.contact_is_complete() => confirm(draft, turn),
        ("hold_slot", None) => Step::Say(questions::held(draft, turn)),
        ("hold_slot", Some(_)) => search(draft, turn),
        ("confirm_booking", None) => Step::Say(questions::booked(draft, turn)),
        ("confirm_booking", Some(refusal)) if refusal.code == "invalid" => {
            let why = refusals::sentence(draft.language, refusal);
            Step::Say(say::paragraphs(&[why, questions::pending(draft, turn)]))
        }
        ("confirm_booking", Some(_)) => search(draft, turn),
        // Where nobody can take over, the team reads of it, and there are other
        // ways to reach somebody.
        ("hand_to_human", Some(_)) => Step::Call(aside::leave_for_team(draft, &summary(draft))),
        ("explain_time", None) => search(draft, turn),
        (_, Some(refusal)) if refusals::is_far(refusal) => Step::Say(refusals::sentence(draft.language, refusal)),
        (_, Some(refusal)) => Step::Say(say::paragraphs(&[
            refusals::sentence(draft.language, refusal),
            said!(draft.language, "Which other day or time would you like?", "¿Qué otro día u otra hora desea?"),
        ])),
        _ => Step::Say(stuck(draft)),
    }
}

// The first look not taken yet since the time fell through, if it did.
fn search(draft: &Draft, turn: &Turn) -> Step {
    let mut plan = draft.plan().into_iter().map(|search| search.call());
    match plan.find(|call| !turn.made.iter().any(|made| made.call == *call)) {
        Some(call) => Step::Call(call),
        None => Step::Say(found::nothing(draft, turn)),
    }
}

// A slot may be refused because its token is old while the time is still free.
fn again<'d>(draft: &'d Draft, turn: &'d Turn) -> Option<&'d Slot> {
    let holds = turn.made.iter().filter(|made| made.call.name == "hold_slot").count();
    let refused = turn.made.iter().find_map(|made| made.refusal.as_ref().filter(|_| made.call.name == "hold_slot"))?;
    let Act::Hold(wanted) = &turn.act else { return None };
    let stale = refused.code != "slot_taken" && holds == 1;
    draft.offers.iter().find(|slot| stale && same_visit(&slot.visit, &wanted.visit))
}

fn hand_over(draft: &Draft) -> ToolCall {
    ToolCall { name: "hand_to_human".into(), arguments: json!({ "summary": summary(draft) }) }
}

// Staff read it.
fn summary(draft: &Draft) -> String {
    let about = draft.offered.filter(|_| draft.started).and_then(|n| draft.facts.appointment_types.get(n));
    let about = about.map(|offered| say::a(Language::English, &offered.name));
    let about = about.map(|offered| format!(" They were booking {offered}.")).unwrap_or_default();
    format!("The patient asks for a person.{about}")
}

fn look_up(topic: Topic) -> ToolCall {
    ToolCall { name: "clinic_facts".into(), arguments: json!({ "topic": topic.name() }) }
}

fn hold(slot: &Slot) -> ToolCall {
    ToolCall { name: "hold_slot".into(), arguments: json!({ "slot": slot.token }) }
}

fn confirm(draft: &Draft, turn: &Turn) -> Step {
    let (Some(hold), Some(name)) = (&draft.hold, &draft.name) else {
        return Step::Say(questions::reply(draft, turn));
    };
    Step::Call(ToolCall {
        name: "confirm_booking".into(),
        arguments: json!({ "hold_id": hold.id, "name": name, "email": draft.email, "phone": draft.phone }),
    })
}

fn stuck(draft: &Draft) -> String {
    let reach = answers::reach(draft.language, draft.facts);
    said!(
        draft.language,
        "I am sorry, I could not look that up just now. Please try again in a moment. {reach}",
        "Lo siento, ahora mismo no pude consultarlo. Inténtelo de nuevo en un momento. {reach}",
    )
}
