//! The patient of a visit, as a person: who else they are known as, who speaks
//! for them, and forgetting them.

use leptos::form::ActionForm;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::acting::Actions;
use super::appointment::VisitDetails;
use crate::components::button;
use crate::error::ServerError;

/// What is known of a patient beside a visit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    pub id: String,
    /// Who may be the same person: ids, and how they are known.
    pub alike: Vec<(String, String)>,
    /// Who was found to be: merges, and how they are known.
    pub merged: Vec<(String, String)>,
    /// Who speaks for them: ids, names and what they are.
    pub proxies: Vec<(String, String)>,
    /// Who might: ids and names.
    pub household: Vec<(String, String)>,
    pub may_act: bool,
    pub may_erase: bool,
}

/// What a patient may be to another, as forms offer it.
const RELATIONS: [(&str, &str); 5] = [
    ("parent", "a parent"),
    ("guardian", "a guardian"),
    ("partner", "a partner"),
    ("child", "a child"),
    ("carer", "a carer"),
];

/// Reads what is known of a patient.
#[cfg(feature = "ssr")]
pub async fn describe(
    staff: &crate::caller::Staff,
    tx: &mut services::ClinicTx,
    patient: domain::id::PatientId,
) -> Result<Person, ServerError> {
    use super::staff::{Duty, may};
    use services::identity::{merging, patients, relating};

    let known = patients::find(tx, patient).await?;
    if known.is_none_or(|patient| patient.erased_at.is_some()) {
        return Ok(Person::default());
    }
    let how = |name: &str, phone: Option<&str>, email: Option<&str>| {
        [Some(name), phone, email].into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let mut alike = Vec::new();
    for other in merging::alike(tx, patient).await? {
        if let Some(other) = patients::find(tx, other).await? {
            alike.push((other.id.to_string(), how(&other.name, other.phone.as_deref(), other.email.as_deref())));
        }
    }
    let merged = merging::history(tx, patient).await?.into_iter().filter(|merge| merge.undone_at.is_none());
    let merged =
        merged.map(|merge| (merge.id.to_string(), how(&merge.name, merge.phone.as_deref(), merge.email.as_deref())));
    let merged = merged.collect();
    let speaking = relating::proxies(tx, patient).await?;
    let household = relating::household(tx, patient).await?;
    Ok(Person {
        id: patient.to_string(),
        alike,
        merged,
        household: household
            .into_iter()
            .filter(|(id, _)| speaking.iter().all(|proxy| proxy.id != *id))
            .map(|(id, name)| (id.to_string(), name))
            .collect(),
        proxies: speaking
            .into_iter()
            .map(|proxy| (proxy.id.to_string(), format!("{}, {}", proxy.name, words(proxy.relation.as_str()))))
            .collect(),
        may_act: may(staff, Duty::Visits),
        may_erase: may(staff, Duty::Erasing),
    })
}

#[cfg(feature = "ssr")]
fn words(relation: &str) -> &'static str {
    RELATIONS.iter().find(|(name, _)| *name == relation).map_or("", |(_, words)| words)
}

/// Notes that two patients are one person.
#[server(prefix = "/fn", endpoint = "merge_patients")]
pub async fn merge_patients(
    #[server(default)] from: String,
    #[server(default)] into: String,
) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::identity::merging::{self, By};

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let (now, by) = (staff.services.clock.now(), By::Member(staff.member.id));
    let from = from.parse().map_err(|_| Rejection::not_found())?;
    let into = into.parse().map_err(|_| Rejection::not_found())?;
    let clinic = staff.member.clinic_id;
    let db = &staff.services.db;
    db.transaction(clinic, move |tx| Box::pin(async move { merging::merge(tx, now, from, into, by).await })).await?;
    Ok(())
}

/// Notes that they were two after all.
#[server(prefix = "/fn", endpoint = "part_patients")]
pub async fn part_patients(#[server(default)] merge: String) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::identity::merging::{self, By};

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let (now, by) = (staff.services.clock.now(), By::Member(staff.member.id));
    let merge = merge.parse().map_err(|_| Rejection::not_found())?;
    let clinic = staff.member.clinic_id;
    let db = &staff.services.db;
    db.transaction(clinic, move |tx| Box::pin(async move { merging::undo(tx, now, merge, by).await })).await?;
    Ok(())
}

/// Lets somebody speak for a patient.
#[server(prefix = "/fn", endpoint = "let_speak")]
pub async fn let_speak(
    #[server(default)] proxy: String,
    #[server(default)] patient: String,
    #[server(default)] relation: String,
) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::identity::relating::{self, Relation};

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let proxy = proxy.parse().map_err(|_| Rejection::not_found())?;
    let patient = patient.parse().map_err(|_| Rejection::not_found())?;
    let relation = Relation::of_name(&relation).ok_or_else(|| Rejection::invalid("relation", "Please choose one."))?;
    let mut tx = staff.tx().await?;
    relating::relate(&mut tx, staff.services.clock.now(), proxy, patient, relation, Some(staff.member.id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Has somebody speak for a patient no more.
#[server(prefix = "/fn", endpoint = "end_speaking")]
pub async fn end_speaking(
    #[server(default)] proxy: String,
    #[server(default)] patient: String,
) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::identity::relating;

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let proxy = proxy.parse().map_err(|_| Rejection::not_found())?;
    let patient = patient.parse().map_err(|_| Rejection::not_found())?;
    let mut tx = staff.tx().await?;
    relating::part(&mut tx, proxy, patient).await?;
    tx.commit().await?;
    Ok(())
}

/// Erases a patient.
#[server(prefix = "/fn", endpoint = "erase_patient")]
pub async fn erase_patient(#[server(default)] patient: String) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::identity::erasing;

    let staff = super::staff::staff_for(super::staff::Duty::Erasing).await?;
    let (now, by) = (staff.services.clock.now(), Some(staff.member.id));
    let patient = patient.parse().map_err(|_| Rejection::not_found())?;
    let clinic = staff.member.clinic_id;
    let db = &staff.services.db;
    db.transaction(clinic, move |tx| Box::pin(async move { erasing::erase(tx, now, patient, by).await })).await?;
    Ok(())
}

/// What staff may do about the patient.
#[component]
pub fn PersonView(visit: Signal<VisitDetails>, actions: Actions) -> impl IntoView {
    let person = Memo::new(move |_| visit.with(|visit| visit.person.clone()));
    view! {
        <Show when=move || person.with(|person| !person.id.is_empty() && (person.may_act || person.may_erase))>
            <section aria-labelledby="person-heading" class="card flex flex-col gap-4 p-4">
                <h2 id="person-heading" class="text-16 font-semibold">
                    "Patient"
                </h2>
                {move || person.with(|person| person.may_act.then(|| same(person, actions)))}
                {move || person.with(|person| person.may_act.then(|| speakers(person, actions)))}
                {move || {
                    let name = visit.with(|visit| visit.patient.clone());
                    person.with(|person| person.may_erase.then(|| erasing(person.id.clone(), name, actions)))
                }}
            </section>
        </Show>
    }
}

fn same(person: &Person, actions: Actions) -> AnyView {
    let into = person.id.clone();
    let alike = person.alike.clone().into_iter().map(move |(from, known)| {
        let into = into.clone();
        view! {
            <li class="flex flex-wrap items-center justify-between gap-2">
                <span class="min-w-0 break-words">{known}</span>
                <ActionForm action=actions.merge>
                    <input type="hidden" name="from" value=from/>
                    <input type="hidden" name="into" value=into/>
                    <button class=button::QUIET disabled=move || actions.merge.pending().get()>
                        "Same person"
                    </button>
                </ActionForm>
            </li>
        }
    });
    let merged = person.merged.clone().into_iter().map(move |(merge, known)| {
        view! {
            <li class="flex flex-wrap items-center justify-between gap-2">
                <span class="min-w-0 break-words">{known}</span>
                <ActionForm action=actions.part>
                    <input type="hidden" name="merge" value=merge/>
                    <button class=button::QUIET disabled=move || actions.part.pending().get()>
                        "Not the same person"
                    </button>
                </ActionForm>
            </li>
        }
    });
    view! {
        {(!person.alike.is_empty())
            .then(|| {
                view! {
                    <div class="flex flex-col gap-2">
                        <h3 class="text-13 font-semibold">"May be the same person"</h3>
                        <ul role="list" class="flex flex-col gap-2">{alike.collect_view()}</ul>
                    </div>
                }
            })}
        {(!person.merged.is_empty())
            .then(|| {
                view! {
                    <div class="flex flex-col gap-2">
                        <h3 class="text-13 font-semibold">"Also known as"</h3>
                        <ul role="list" class="flex flex-col gap-2">{merged.collect_view()}</ul>
                    </div>
                }
            })}
    }
    .into_any()
}

fn speakers(person: &Person, actions: Actions) -> AnyView {
    let patient = person.id.clone();
    let proxies = person.proxies.clone().into_iter().map({
        let patient = patient.clone();
        move |(proxy, known)| {
            let patient = patient.clone();
            view! {
                <li class="flex flex-wrap items-center justify-between gap-2">
                    <span class="min-w-0 break-words">{known}</span>
                    <ActionForm action=actions.hush>
                        <input type="hidden" name="proxy" value=proxy/>
                        <input type="hidden" name="patient" value=patient/>
                        <button class=button::QUIET disabled=move || actions.hush.pending().get()>
                            "May not any more"
                        </button>
                    </ActionForm>
                </li>
            }
        }
    });
    let options = person.household.clone().into_iter().map(|(id, name)| view! { <option value=id>{name}</option> });
    let relations = RELATIONS.map(|(value, words)| view! { <option value=value>{words}</option> });
    view! {
        {(!person.proxies.is_empty())
            .then(|| {
                view! {
                    <div class="flex flex-col gap-2">
                        <h3 class="text-13 font-semibold">"May see and change these visits too"</h3>
                        <ul role="list" class="flex flex-col gap-2">{proxies.collect_view()}</ul>
                    </div>
                }
            })}
        {(!person.household.is_empty())
            .then(|| {
                view! {
                    <ActionForm action=actions.speak>
                        <input type="hidden" name="patient" value=patient/>
                        <h3 class="mb-2 text-13 font-semibold">"Let somebody of the household see and change these visits"</h3>
                        <div class="flex flex-wrap items-end gap-2">
                            <label class="flex min-w-0 flex-col gap-1 text-12 font-medium">
                                "Who"
                                <select name="proxy" class="input w-auto max-w-full font-normal">
                                    {options.collect_view()}
                                </select>
                            </label>
                            <label class="flex min-w-0 flex-col gap-1 text-12 font-medium">
                                "They are"
                                <select name="relation" class="input w-auto max-w-full font-normal">
                                    {relations.into_iter().collect_view()}
                                </select>
                            </label>
                            <button class=button::QUIET disabled=move || actions.speak.pending().get()>
                                "Allow"
                            </button>
                        </div>
                    </ActionForm>
                }
            })}
    }
    .into_any()
}

fn erasing(patient: String, name: String, actions: Actions) -> AnyView {
    view! {
        <details>
            <summary class="cursor-pointer text-14 font-semibold">"Erase this patient"</summary>
            <ActionForm action=actions.erase attr:class="mt-3 flex flex-col gap-3">
                <p class="text-13 text-muted">
                    {format!(
                        "{name} is forgotten: name, phone, email and birth date, every conversation and message, notes and wishes. \
                         Visits stay in the book without a name; cancel those that will not take place first. This cannot be undone.",
                    )}
                </p>
                <input type="hidden" name="patient" value=patient/>
                <button class="btn btn-bad self-start" disabled=move || actions.erase.pending().get()>
                    "Erase patient"
                </button>
            </ActionForm>
        </details>
    }
    .into_any()
}
