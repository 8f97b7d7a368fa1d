//! Putting somebody on the list by hand. Who is looked for stands in the
//! address, so that it works without WASM.

#[cfg(feature = "ssr")]
mod reading;

use std::collections::BTreeMap;

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::components::Form as AddressForm;
use serde::{Deserialize, Serialize};

use crate::components::button;
use crate::components::field::Field;
use crate::error::ServerError;

/// What was filled in, by path.
pub type Answers = BTreeMap<String, String>;

/// How many patients are shown of those that were found.
#[cfg(feature = "ssr")]
const MOST_FOUND: usize = 8;

/// What there is to choose from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    /// Ids and names.
    pub types: Vec<(String, String)>,
    pub practitioners: Vec<(String, String)>,
    /// Patients that were looked for: ids, and how they are known.
    pub found: Vec<(String, String)>,
    pub has_more: bool,
    /// The days that are filled in at first, as forms write them.
    pub from: String,
    pub to: String,
}

/// What somebody can wait for, and the patients that `find` finds.
#[server(prefix = "/fn", endpoint = "wait_choices")]
pub async fn wait_choices(#[server(default)] find: String) -> Result<Choices, ServerError> {
    use services::booking::catalogue;
    use services::identity::searching;

    use crate::console::staff::{Duty, staff_for};

    let staff = staff_for(Duty::Visits).await?;
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    let catalogue = catalogue::read(&mut tx, now).await?;
    let limit = i64::try_from(MOST_FOUND + 1).unwrap_or(i64::MAX);
    let mut found = searching::search(&mut tx, &find, limit).await?;
    let has_more = found.len() > MOST_FOUND;
    found.truncate(MOST_FOUND);
    let today = now.with_timezone(&catalogue.time_zone).date_naive();
    let types = catalogue.appointment_types.into_iter().filter(|kind| kind.active);
    let practitioners = catalogue.practitioners.into_iter().filter(|who| who.active);
    Ok(Choices {
        types: types.map(|kind| (kind.id.to_string(), kind.name)).collect(),
        practitioners: practitioners.map(|who| (who.id.to_string(), who.name)).collect(),
        found: found
            .into_iter()
            .map(|patient| {
                let known = [Some(patient.name), patient.phone, patient.email].into_iter().flatten();
                (patient.id.to_string(), known.collect::<Vec<_>>().join(", "))
            })
            .collect(),
        has_more,
        from: today.to_string(),
        to: (today + chrono::Days::new(30)).to_string(),
    })
}

/// Puts somebody on the list.
#[server(prefix = "/fn", endpoint = "add_wait")]
pub async fn add_wait(#[server(default)] form: Answers) -> Result<(), ServerError> {
    use services::waitlist::adding::{self, Added};

    use crate::console::staff::{Duty, staff_for};

    let staff = staff_for(Duty::Visits).await?;
    let (now, member) = (staff.services.clock.now(), staff.member.id);
    let added = staff
        .services
        .db
        .transaction(staff.member.clinic_id, move |tx| {
            let form = form.clone();
            Box::pin(async move {
                let (wish, today) = reading::wish(tx, now, &form).await?;
                adding::add(tx, now, today, &wish, member).await
            })
        })
        .await?;
    staff.services.feed.committed();
    let done = match added {
        Added::New(_) => "added",
        Added::Already(_) => "already",
    };
    leptos_axum::redirect(&format!("/console/waitlist?done={done}"));
    Ok(())
}

/// What is wrong with a field of the form.
type Wrong = Signal<Option<ServerError>>;

fn wrong(error: Wrong, path: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || error.with(|error| error.as_ref().and_then(|error| error.field(path))))
}

/// The form, and above it a way to find who is known already.
#[component]
pub fn Adding(choices: Choices, find: String, add: ServerAction<AddWait>, error: Wrong) -> impl IntoView {
    // What is wrong with no field in particular.
    let elsewhere =
        move || error.with(|error| error.as_ref().filter(|error| error.0.errors.is_empty()).map(ToString::to_string));
    view! {
        <section aria-labelledby="add-heading" class="card flex flex-col gap-4 p-4">
            <h2 id="add-heading" class="text-16 font-semibold">
                "Add somebody to the waitlist"
            </h2>
            <Finding find=find.clone()/>
            <ActionForm action=add attr:class="flex flex-col gap-4">
                <Who found=choices.found has_more=choices.has_more find error/>
                <fieldset class="min-w-0 border-t border-line pt-3">
                    <legend class="float-left w-full text-13 font-semibold">"What they wait for"</legend>
                    <div class="clear-both grid gap-3 pt-2 sm:grid-cols-2">
                        <Choice label="Visit" name="form[type]" id="wait-type" options=choices.types first="Choose one" error=wrong(error, "type")/>
                        <Choice
                            label="With"
                            name="form[practitioner]"
                            id="wait-with"
                            options=choices.practitioners
                            first="Anyone"
                            error=wrong(error, "practitioner")
                        />
                        <Field label="First day" name="form[from]" id="wait-from" kind="date" required=true value=choices.from error=wrong(error, "from")/>
                        <Field label="Last day" name="form[to]" id="wait-to" kind="date" required=true value=choices.to error=wrong(error, "to")/>
                        <Field label="Starting no earlier than" name="form[earliest]" id="wait-earliest" kind="time" error=wrong(error, "earliest")/>
                        <Field label="Starting no later than" name="form[latest]" id="wait-latest" kind="time" error=wrong(error, "latest")/>
                        <div class="sm:col-span-2">
                            <Field label="Note" name="form[note]" id="wait-note" max_length=2000 error=wrong(error, "note")/>
                        </div>
                    </div>
                </fieldset>
                <p class="text-12 text-muted">
                    "Add only who asked to hear of a time: they are written to when one is offered, and it is kept that they told you so."
                </p>
                <p role="alert" class="text-13 text-bad empty:hidden">
                    {elsewhere}
                </p>
                <div class="flex flex-wrap gap-2">
                    <button class=button::PRIMARY disabled=move || add.pending().get()>
                        "Add to the waitlist"
                    </button>
                    <a href="/console/waitlist" class=button::QUIET>
                        "Cancel"
                    </a>
                </div>
            </ActionForm>
        </section>
    }
}

#[component]
fn Finding(find: String) -> impl IntoView {
    view! {
        <AddressForm method="GET" action="/console/waitlist">
            <input type="hidden" name="add" value="who"/>
            <div class="flex flex-wrap items-end gap-2">
                <label class="flex min-w-0 flex-1 basis-56 flex-col gap-1 text-13 font-medium">
                    "Find a patient by name, phone or e-mail"
                    <input type="search" name="find" autocomplete="off" maxlength="200" class="input font-normal" value=find/>
                </label>
                <button type="submit" class=button::QUIET>
                    "Find"
                </button>
            </div>
        </AddressForm>
    }
}

/// Somebody of those who were found, or somebody new.
#[component]
fn Who(found: Vec<(String, String)>, has_more: bool, find: String, error: Wrong) -> impl IntoView {
    let is_found = !found.is_empty();
    let told = match (is_found, find.is_empty(), has_more) {
        (true, _, true) => Some("There are more. Type more of the name to see them."),
        (false, false, _) => Some("Nobody was found. Fill in who it is."),
        _ => None,
    };
    let known = found.into_iter().enumerate().map(|(n, (id, label))| {
        view! {
            <label class="flex items-start gap-2 py-1 text-14">
                <input type="radio" name="form[patient]" value=id checked=n == 0 class="mt-0.5 size-4 shrink-0 accent-accent"/>
                <span class="min-w-0 break-words">{label}</span>
            </label>
        }
    });
    view! {
        <fieldset class="wait-who min-w-0 border-t border-line pt-3">
            <legend class="float-left w-full text-13 font-semibold">"Who"</legend>
            <div class="clear-both flex flex-col gap-1 pt-2">
                {told.map(|told| view! { <p role="status" class="text-13 text-muted">{told}</p> })}
                {known.collect_view()}
                {is_found
                    .then(|| {
                        view! {
                            <label class="flex items-start gap-2 py-1 text-14">
                                <input type="radio" name="form[patient]" value="" class="mt-0.5 size-4 shrink-0 accent-accent"/>
                                "Somebody new"
                            </label>
                        }
                    })}
                <p class="text-13 text-bad empty:hidden">{move || wrong(error, "patient").get()}</p>
                <div class="wait-new grid gap-3 sm:grid-cols-3">
                    <New label="Name" name="form[name]" id="wait-name" kind="text" error=wrong(error, "patient.name")/>
                    <New label="Phone" name="form[phone]" id="wait-phone" kind="tel" error=wrong(error, "patient.phone")/>
                    <New label="E-mail" name="form[email]" id="wait-email" kind="email" error=wrong(error, "patient.email")/>
                </div>
                <p class="wait-new text-12 text-muted">"One of phone and e-mail is enough."</p>
            </div>
        </fieldset>
    }
}

/// A field of somebody new, of whom nothing is needed if they are not new.
#[component]
fn New(
    label: &'static str,
    name: &'static str,
    id: &'static str,
    kind: &'static str,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    view! {
        <div class="flex min-w-0 flex-col gap-1">
            <label for=id class="text-13 font-medium">
                {label}
            </label>
            <input
                id=id
                name=name
                type=kind
                autocomplete="off"
                maxlength="200"
                class="input"
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=move || error.get().is_some().then(|| described.clone())
            />
            <p id=error_id class="text-13 text-bad" hidden=move || error.get().is_none()>
                {move || error.get()}
            </p>
        </div>
    }
}

/// A labelled choice with room for what is wrong with it.
#[component]
fn Choice(
    label: &'static str,
    name: &'static str,
    id: &'static str,
    options: Vec<(String, String)>,
    /// What stands first, and chooses nothing.
    first: &'static str,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    view! {
        <div class="flex min-w-0 flex-col gap-1">
            <label for=id class="text-13 font-medium">
                {label}
            </label>
            <select
                id=id
                name=name
                class="input"
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=move || error.get().is_some().then(|| described.clone())
            >
                <option value="">{first}</option>
                {options.into_iter().map(|(value, name)| view! { <option value=value>{name}</option> }).collect_view()}
            </select>
            <p id=error_id class="text-13 text-bad" hidden=move || error.get().is_none()>
                {move || error.get()}
            </p>
        </div>
    }
}
