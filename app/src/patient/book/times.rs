//! The free times of the chosen day, in one form whose buttons are the times.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::{Booking, HoldTime, MoveVisit, TimeOption};

#[component]
pub fn Times(booking: Booking, hold: ServerAction<HoldTime>, moving: ServerAction<MoveVisit>) -> impl IntoView {
    let Some(day) = booking.day else { return ().into_any() };
    if day.parts.is_empty() {
        let said = format!("Nothing is free on {}. Please choose another day.", day.label);
        return view! { <p id="times" role="status" class="text-14 text-muted">{said}</p> }.into_any();
    }
    // Whoever chose one practitioner, or has no choice, need not read the name
    // on every button.
    let names_them = booking.chosen.is_anyone() && booking.practitioners.len() > 1;
    let is_busy = Signal::derive(move || hold.pending().get() || moving.pending().get());
    let parts = day.parts.into_iter().map(|(part, times)| view! { <Part part times names_them/> }).collect_view();
    let fields = view! {
        <input type="hidden" name="slug" value=booking.clinic.slug/>
        <input type="hidden" name="token" value=booking.token/>
    };
    let form = match booking.moving {
        Some(visit) => view! {
            <ActionForm action=moving>
                {fields}
                <input type="hidden" name="visit" value=visit.token/>
                <fieldset disabled=is_busy class="flex min-w-0 flex-col gap-4">{parts}</fieldset>
            </ActionForm>
        }
        .into_any(),
        None => view! {
            <ActionForm action=hold>
                {fields}
                {booking.chosen.with.map(|with| view! { <input type="hidden" name="with" value=with/> })}
                <fieldset disabled=is_busy class="flex min-w-0 flex-col gap-4">{parts}</fieldset>
            </ActionForm>
        }
        .into_any(),
    };
    view! {
        <section id="times" aria-labelledby="times-heading" class="times flex flex-col gap-3">
            <h2 id="times-heading" class="text-16 font-semibold">{day.label}</h2>
            {form}
        </section>
    }
    .into_any()
}

/// The times of a morning, an afternoon or an evening.
#[component]
fn Part(part: String, times: Vec<TimeOption>, names_them: bool) -> impl IntoView {
    let columns = if names_them {
        "grid-cols-[repeat(auto-fill,minmax(7.5rem,1fr))]"
    } else {
        "grid-cols-[repeat(auto-fill,minmax(6.25rem,1fr))]"
    };
    view! {
        <div class="flex flex-col gap-2">
            <h3 class="text-13 font-medium text-muted">{part}</h3>
            <ul class=format!("grid gap-2 {columns}")>
                {times
                    .into_iter()
                    .map(|time| {
                        view! {
                            <li>
                                <button name="slot" value=time.slot class="btn btn-quiet min-h-12 w-full flex-col gap-0 px-2">
                                    <span class="figures">{time.time}</span>
                                    {names_them
                                        .then(|| {
                                            view! {
                                                " "
                                                <span class="text-12 font-normal text-muted">{format!("with {}", time.with)}</span>
                                            }
                                        })}
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </div>
    }
}
