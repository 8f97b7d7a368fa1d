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
    let offered_by = Memo::new(move |_| visit.with(|visit| visit.offered_by.clone()));
    let date = move || {
        Some(day.get()).filter(|day| !day.is_empty()).unwrap_or_else(|| visit.with(|visit| visit.day.to_string()))
    };
    view! {
        <details open=move || !day.get().is_empty()>
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
