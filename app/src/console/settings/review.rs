//! Deciding about visits that a change leaves without their hours, their
//! practitioner or their room, before the change is made.

use leptos::form::ActionForm;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::form::{Answers, Sent};
use crate::components::notice::Notice;

/// A change that is not made yet, and the visits it strands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    pub what: String,
    pub form: Answers,
    pub visits: Vec<StrandedVisit>,
    /// Why it is shown again.
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrandedVisit {
    pub id: String,
    /// `Tue 24 Nov, 2:00 PM`.
    pub when: String,
    /// `Haircut with Mia Lin, 45 min`.
    pub what: String,
    pub patient: String,
    /// How to reach the patient.
    pub contact: String,
    pub reasons: Vec<String>,
    /// Times it could move to: what to answer, and what to read.
    pub suggestions: Vec<(String, String)>,
}

const ALL: [(&str, &str, &str); 4] = [
    ("each", "Decide one by one", ""),
    ("keep", "Keep all", "They stay where they are, outside the new hours."),
    (
        "move",
        "Move all",
        "Each to the first time suggested for it that is still free. Where there is none, the patient is asked.",
    ),
    ("ask", "Ask all patients", "Each patient's page asks them to choose another time. Until then the visit stays."),
];

/// The visits, what may become of each, and the button that makes the change.
#[component]
pub fn Reviewing(review: Review, sent: Sent, #[prop(into)] back: ViewFn) -> impl IntoView {
    let save = sent.save;
    let heading = match review.visits.len() {
        1 => "1 visit no longer fits".to_owned(),
        count => format!("{count} visits no longer fit"),
    };
    let note = review.note;
    let trouble = Signal::derive(move || sent.error.get().map(|error| error.to_string()).or_else(|| note.clone()));
    let kept = review.form.into_iter().map(|(path, value)| {
        view! { <input type="hidden" name=format!("form[{path}]") value=value/> }
    });
    view! {
        <ActionForm action=save>
            <div class="settings-review flex max-w-3xl flex-col gap-4 p-4">
                <div>
                    <h2 id="review-heading" tabindex="-1" class="text-20 font-semibold outline-none">
                        {heading}
                    </h2>
                    <p class="text-14 text-muted">"Nothing has changed yet. Decide what becomes of them, then save."</p>
                </div>
                <Notice text=trouble/>
                <input type="hidden" name="what" value=review.what/>
                {kept.collect_view()}
                <fieldset class="card min-w-0 p-4">
                    <legend class="float-left mb-2 w-full text-14 font-semibold">"For all of them"</legend>
                    <div class="clear-both flex flex-col gap-2">
                        {ALL
                            .map(|(value, label, hint)| {
                                view! { <Pick name="decisions[all]" value=value label=label hint=hint chosen=value == "each"/> }
                            })
                            .collect_view()}
                        <Message name="decisions[message]"/>
                    </div>
                </fieldset>
                <ul role="list" aria-labelledby="review-heading" class="settings-each flex flex-col gap-3">
                    {review.visits.into_iter().map(|visit| view! { <Visit visit=visit sent=sent/> }).collect_view()}
                </ul>
                <div class="flex flex-wrap gap-2">
                    <button class="btn btn-primary" disabled=move || save.pending().get()>
                        "Save the change"
                    </button>
                    {back.run()}
                </div>
            </div>
        </ActionForm>
    }
}

#[component]
fn Visit(visit: StrandedVisit, sent: Sent) -> impl IntoView {
    let (path, name) = (format!("do.{}", visit.id), format!("decisions[do.{}]", visit.id));
    let wrong = Memo::new(move |_| sent.error.with(|error| error.as_ref().and_then(|error| error.field(&path))));
    let pick = move |value: String, label: String, hint: &'static str| {
        view! { <Pick name=name.clone() value=value label=label hint=hint chosen=false/> }
    };
    let moves = visit.suggestions.into_iter().map({
        let pick = pick.clone();
        move |(value, label)| pick(value, format!("Move to {label}"), "")
    });
    view! {
        <li class="card p-4">
            <fieldset class="settings-visit min-w-0">
                <legend class="float-left w-full text-14 font-semibold break-words">
                    <span class="figures">{visit.when}</span>
                    ", "
                    {visit.patient}
                </legend>
                <div class="clear-both flex flex-col gap-2">
                    <p class="text-13 text-muted">{visit.what}</p>
                    <p class="text-13 text-warn">{visit.reasons.join(" ")}</p>
                    {(!visit.contact.is_empty())
                        .then(|| view! { <p class="figures text-13 break-words text-muted">{visit.contact}</p> })}
                    <input type="hidden" name=format!("decisions[seen.{}]", visit.id) value="on"/>
                    {move || wrong.get().map(|wrong| view! { <p role="alert" class="text-13 text-bad">{wrong}</p> })}
                    {moves.collect_view()}
                    {pick("ask".into(), "Ask the patient to choose another time".into(), "")}
                    <Message name=format!("decisions[message.{}]", visit.id)/>
                    {pick("keep".into(), "Keep it where it is".into(), "")}
                </div>
            </fieldset>
        </li>
    }
}

#[component]
fn Pick(
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    #[prop(into)] label: String,
    hint: &'static str,
    chosen: bool,
) -> impl IntoView {
    view! {
        <label class="flex items-start gap-2 text-14">
            <input type="radio" name=name value=value checked=chosen class="mt-0.5 size-4 shrink-0 accent-accent"/>
            <span>
                {label} {(!hint.is_empty()).then(|| view! { <span class="block text-12 text-muted">{hint}</span> })}
            </span>
        </label>
    }
}

/// What the patient is told, shown once asking them is chosen.
#[component]
fn Message(#[prop(into)] name: String) -> impl IntoView {
    view! {
        <label class="settings-message flex-col gap-1 text-12 font-medium">
            "Message to the patient (optional)"
            <textarea name=name rows="2" maxlength="2000" class="input font-normal"></textarea>
        </label>
    }
}
