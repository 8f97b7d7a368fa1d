//! Moving a visit to another time, by staff.

use domain::id::AppointmentId;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::appointment::VisitDetails;
use crate::components::button;
use crate::error::ServerError;

/// Free times on the day that was asked for, or on the next that has any.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FreeTimes {
    pub heading: String,
    pub times: Vec<FreeTime>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FreeTime {
    /// Who and when, as [`move_appointment`] takes it.
    pub slot: String,
    pub time: String,
    pub with: String,
}

/// Where a visit could move to.
#[server(prefix = "/fn", endpoint = "move_times")]
pub async fn move_times(
    id: AppointmentId,
    #[server(default)] day: String,
    #[server(default)] with: String,
) -> Result<FreeTimes, ServerError> {
    use domain::{Rejection, say};
    use services::booking::appointments;
    use services::{clinics, console};

    let staff = super::staff::staff().await?;
    let day = day.parse().ok().filter(|day| super::day::is_a_day(*day));
    let day = day.ok_or_else(|| Rejection::invalid("move", "Please choose a day."))?;
    let mut tx = staff.tx().await?;
    let zone = clinics::time_zone(&mut tx).await?;
    let visit = appointments::by_id(&mut tx, id).await?.ok_or_else(Rejection::not_found)?;
    let slots = console::free_times(&mut tx, staff.services.clock.now(), &visit, day, with.parse().ok()).await?;
    let asked = say::long_day(day);
    let found = slots.first().map(|slot| slot.claim.starts_at.with_timezone(&zone).date_naive());
    let heading = match found {
        None => format!("Nothing is free on {asked} or in the weeks after it."),
        Some(found) if found == day => format!("Free on {asked}"),
        Some(found) => format!("Nothing is free on {asked}. The next day that has times is {}:", say::long_day(found)),
    };
    let times = slots.into_iter().map(|slot| FreeTime {
        slot: format!("{} {}", slot.claim.practitioner_id, slot.claim.starts_at.format("%Y-%m-%dT%H:%M:%SZ")),
        time: say::time(slot.claim.starts_at, zone),
        with: slot.practitioner.name,
    });
    Ok(FreeTimes { heading, times: times.collect() })
}

/// Why a time is not among those a visit could move to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WhyNot {
    pub heading: String,
    pub reasons: Vec<String>,
}

/// What speaks against a moment on the clinic's wall clock, in staff's words.
#[server(prefix = "/fn", endpoint = "time_not_shown")]
pub async fn time_not_shown(
    id: AppointmentId,
    #[server(default)] at: String,
    #[server(default)] with: String,
) -> Result<WhyNot, ServerError> {
    use chrono::NaiveDateTime;
    use domain::Rejection;
    use services::booking::appointments;
    use services::console;

    let staff = super::staff::staff().await?;
    let at =
        ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"].iter().find_map(|form| NaiveDateTime::parse_from_str(&at, form).ok());
    let at = at.filter(|at| super::day::is_a_day(at.date()));
    let at = at.ok_or_else(|| Rejection::invalid("why", "Please choose a day and a time."))?;
    let mut tx = staff.tx().await?;
    let visit = appointments::by_id(&mut tx, id).await?.ok_or_else(Rejection::not_found)?;
    let now = staff.services.clock.now();
    let why = console::why_not(&mut tx, now, visit.appointment_type.id, at, with.parse().ok()).await?;
    let heading = match why.offered {
        true => format!("{} is free.", why.label),
        false => format!("{} is not free:", why.label),
    };
    let reasons = why.for_staff(&mut tx).await?.into_iter().map(|told| told.detail).collect();
    Ok(WhyNot { heading, reasons })
}

/// Moves a visit to one of its [`move_times`].
#[server(prefix = "/fn", endpoint = "move_appointment")]
pub async fn move_appointment(id: AppointmentId, #[server(default)] slot: String) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::booking::{self, Changer, SlotClaim, appointments};

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let (now, changer) = (staff.services.clock.now(), Changer::member(staff.member.id));
    let unreadable = || Rejection::invalid("slot", "Please choose one of the times.");
    let (practitioner, starts_at) = slot.split_once(' ').ok_or_else(unreadable)?;
    let practitioner_id = practitioner.parse().map_err(|_| unreadable())?;
    let starts_at = starts_at.parse().map_err(|_| unreadable())?;
    let clinic = staff.member.clinic_id;
    let moved = staff
        .services
        .db
        .transaction(clinic, move |tx| {
            Box::pin(async move {
                let visit = appointments::by_id(tx, id).await?.ok_or_else(Rejection::not_found)?;
                let appointment_type_id = visit.appointment_type.id.into();
                let claim = SlotClaim { practitioner_id, appointment_type_id, starts_at };
                booking::reschedule(tx, now, id, &claim, changer).await
            })
        })
        .await?;
    staff.services.feed.committed();
    moved.made()?;
    leptos_axum::redirect(&format!("/console/appointments/{id}"));
    Ok(())
}

/// Which day and with whom, and the times then. What was chosen stands in the
/// address.
#[component]
pub fn Moving(visit: Signal<VisitDetails>, id: Memo<String>, shift: ServerAction<MoveAppointment>) -> impl IntoView {
    let query = use_query_map();
    let day = Memo::new(move |_| query.with(|query| query.get("move").unwrap_or_default()));
    let with = Memo::new(move |_| query.with(|query| query.get("with").unwrap_or_default()));
    let times = Resource::new_blocking(
        move || (id.get(), day.get(), with.get(), shift.version().get()),
        |(id, day, with, _)| async move {
            match id.parse() {
                Ok(id) if !day.is_empty() => move_times(id, day, with).await,
                _ => Ok(FreeTimes::default()),
            }
        },
    );
    let why = Memo::new(move |_| query.with(|query| query.get("why").unwrap_or_default()));
    let reasons = Resource::new_blocking(
        move || (id.get(), why.get(), with.get()),
        |(id, why, with)| async move {
            match id.parse() {
                Ok(id) if !why.is_empty() => time_not_shown(id, why, with).await,
                _ => Ok(WhyNot::default()),
            }
        },
    );
    let offered_by = Memo::new(move |_| visit.with(|visit| visit.offered_by.clone()));
    let date = move || {
        Some(day.get()).filter(|day| !day.is_empty()).unwrap_or_else(|| visit.with(|visit| visit.day.to_string()))
    };
    view! {
        <details open=move || !day.get().is_empty() || !why.get().is_empty()>
            <summary class="cursor-pointer text-14 font-semibold">"Move to another time"</summary>
            <div class="mt-3 flex flex-col gap-4">
                {move || {
                    view! {
                        <Form method="GET" action=format!("/console/appointments/{}", id.get()) noscroll=true>
                            <div class="flex flex-wrap items-end gap-3">
                                <label class="flex flex-col gap-1 text-13 font-medium">
                                    "Day"
                                    <input type="date" name="move" required class="input w-auto font-normal" prop:value=date value=date/>
                                </label>
                                <label class="flex min-w-0 flex-col gap-1 text-13 font-medium">
                                    "With"
                                    <select name="with" class="input w-auto max-w-full font-normal">
                                        <option value="">"Anyone who is free"</option>
                                        {offered_by
                                            .get()
                                            .into_iter()
                                            .map(|(id, name)| {
                                                let chosen = with.get_untracked() == id;
                                                view! { <option value=id selected=chosen>{name}</option> }
                                            })
                                            .collect_view()}
                                    </select>
                                </label>
                                <button type="submit" class=button::QUIET>
                                    "Show times"
                                </button>
                            </div>
                        </Form>
                    }
                }}
                <Transition>
                    {move || Suspend::new(async move {
                        match times.await {
                            Ok(found) => view! { <Times found=found id=id shift=shift/> }.into_any(),
                            Err(error) => view! { <p class="text-14 text-bad">{error.to_string()}</p> }.into_any(),
                        }
                    })}
                </Transition>
                <Asking id=id day=day with=with why=why/>
                <Transition>
                    {move || Suspend::new(async move {
                        match reasons.await {
                            Ok(why) => view! { <Reasons why=why/> }.into_any(),
                            Err(error) => view! { <p class="text-14 text-bad">{error.to_string()}</p> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </details>
    }
}

#[component]
fn Times(found: FreeTimes, id: Memo<String>, shift: ServerAction<MoveAppointment>) -> impl IntoView {
    let heading = found.heading.clone();
    view! {
        <p role="status" class="text-13 font-medium empty:hidden">
            {found.heading}
        </p>
        <ActionForm action=shift>
            <input type="hidden" name="id" value=id/>
            <ul role="list" aria-label=heading class="grid grid-cols-2 gap-2 sm:grid-cols-3">
                {found
                    .times
                    .into_iter()
                    .map(|time| {
                        view! {
                            <li>
                                <button
                                    name="slot"
                                    value=time.slot
                                    class="btn btn-quiet w-full flex-col gap-0"
                                    disabled=move || shift.pending().get()
                                >
                                    <span class="figures">{time.time}</span>
                                    " "
                                    <span class="max-w-full truncate text-12 font-normal text-muted">{format!("with {}", time.with)}</span>
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </ActionForm>
    }
}

/// Asks about a time that a patient wishes and nobody offers.
#[component]
fn Asking(id: Memo<String>, day: Memo<String>, with: Memo<String>, why: Memo<String>) -> impl IntoView {
    view! {
        {move || {
            view! {
                <Form method="GET" action=format!("/console/appointments/{}", id.get()) noscroll=true>
                    <div class="flex flex-wrap items-end gap-3">
                        <input type="hidden" name="move" value=day/>
                        <input type="hidden" name="with" value=with/>
                        <label class="flex flex-col gap-1 text-13 font-medium">
                            "A time that is not shown"
                            <input
                                type="datetime-local"
                                name="why"
                                required
                                class="input w-auto font-normal"
                                prop:value=why
                                value=why
                            />
                        </label>
                        <button type="submit" class=button::QUIET>
                            "Ask why"
                        </button>
                    </div>
                </Form>
            }
        }}
    }
}

#[component]
fn Reasons(why: WhyNot) -> impl IntoView {
    view! {
        <div role="status" class="flex flex-col gap-1 text-13 empty:hidden">
            {(!why.heading.is_empty()).then(|| view! { <p class="font-medium">{why.heading}</p> })}
            {(!why.reasons.is_empty())
                .then(|| {
                    let reasons = why.reasons.into_iter().map(|reason| view! { <li class="break-words">{reason}</li> });
                    view! { <ul role="list" class="flex flex-col gap-1 text-muted">{reasons.collect_view()}</ul> }
                })}
        </div>
    }
}
