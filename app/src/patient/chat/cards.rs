//! What is shown with a message: times to choose from, a time being kept, a
//! visit that is booked.

use domain::appointment::{Appointment, AppointmentStatus, Hold, Slot};
use domain::chat::Card;
use leptos::prelude::*;

use crate::patient::clinic::zone_name;

/// Where a card's buttons send their words: to the form they stand in without
/// JavaScript, through `say` with it.
#[derive(Clone)]
pub struct Reply {
    pub slug: String,
    pub token: String,
    pub say: Callback<String>,
}

/// Any card. Only the newest can be acted on.
#[component]
pub fn CardView(card: Card, reply: Reply, is_newest: bool) -> impl IntoView {
    match card {
        Card::Slots { time_zone, slots } => view! { <Slots time_zone slots reply is_newest/> }.into_any(),
        Card::Hold { hold } => view! { <Held hold reply is_newest/> }.into_any(),
        Card::Confirmation { appointment, calendar_url, manage_url } => {
            view! { <Confirmed appointment calendar_url manage_url/> }.into_any()
        }
    }
}

/// What a patient may want to say first.
#[component]
pub fn Starters(reply: Reply) -> impl IntoView {
    let starters = [
        ("Book a visit", "I would like to book a visit"),
        ("Opening hours", "What are your opening hours?"),
        ("Prices", "What do you offer, and what does it cost?"),
    ];
    view! {
        <form
            method="post"
            action="/fn/send_message"
            role="group"
            aria-label="Ways to begin"
            class="mt-2 flex flex-wrap gap-2"
        >
            <Fields reply=reply.clone()/>
            {starters
                .into_iter()
                .map(|(label, words)| {
                    view! {
                        <SayButton words=words.to_owned() reply=reply.clone() is_newest=true class="btn btn-quiet">
                            {label}
                        </SayButton>
                    }
                })
                .collect_view()}
        </form>
    }
}

#[component]
fn Slots(time_zone: String, slots: Vec<Slot>, reply: Reply, is_newest: bool) -> impl IntoView {
    let mut days: Vec<(String, Vec<Slot>)> = Vec::new();
    for slot in slots {
        match days.last_mut() {
            Some((day, slots)) if *day == slot.day => slots.push(slot),
            _ => days.push((slot.day.clone(), vec![slot])),
        }
    }
    view! {
        <form method="post" action="/fn/send_message" role="group" aria-label="Times on offer" class="card mt-2 flex flex-col gap-3 p-3">
            <Fields reply=reply.clone()/>
            <p class="text-12 text-muted">{zone_name(&time_zone)}</p>
            {days
                .into_iter()
                .map(|(day, slots)| {
                    let reply = reply.clone();
                    view! {
                        <div class="flex flex-col gap-2">
                            <p class="text-13 font-semibold">{day}</p>
                            <div class="grid grid-cols-1 gap-2 min-[360px]:grid-cols-2">
                                {slots
                                    .into_iter()
                                    .map(|slot| view! { <SlotButton offered=slot reply=reply.clone() is_newest/> })
                                    .collect_view()}
                            </div>
                        </div>
                    }
                })
                .collect_view()}
        </form>
    }
}

#[component]
fn SlotButton(offered: Slot, reply: Reply, is_newest: bool) -> impl IntoView {
    // The label ends in whose it is, in the patient's language.
    let when = format!("{}, {} ", offered.day, offered.time);
    let with = offered.label.strip_prefix(&when).unwrap_or(&offered.practitioner.name).to_owned();
    view! {
        <SayButton words=offered.label.clone() reply is_newest class="btn btn-quiet min-h-12 flex-col gap-0">
            <time datetime=offered.starts_at.to_rfc3339()>{offered.time}</time>
            " "
            <span class="text-12 font-normal text-muted">{with}</span>
        </SayButton>
    }
}

/// A button that says something for the patient.
#[component]
fn SayButton(words: String, reply: Reply, is_newest: bool, class: &'static str, children: Children) -> impl IntoView {
    let said = words.clone();
    view! {
        <button
            type="submit"
            name="text"
            value=words
            disabled=!is_newest
            class=class
            on:click=move |event| {
                event.prevent_default();
                reply.say.run(said.clone());
            }
        >
            {children()}
        </button>
    }
}

#[component]
fn Fields(reply: Reply) -> impl IntoView {
    view! {
        <input type="hidden" name="slug" value=reply.slug/>
        <input type="hidden" name="token" value=reply.token/>
    }
}

#[component]
fn Held(hold: Hold, reply: Reply, is_newest: bool) -> impl IntoView {
    let minutes = (hold.ends_at - hold.starts_at).num_minutes();
    view! {
        <form method="post" action="/fn/send_message" role="group" aria-label="Being held for you" class="card mt-2 flex flex-col gap-2 p-3">
            <Fields reply=reply.clone()/>
            <p class="text-14 font-semibold">{hold.label}</p>
            <p class="text-13 text-muted">{format!("{}, {minutes} min, {}", hold.appointment_type.name, zone_name(&hold.time_zone))}</p>
            <SayButton words="A different time, please".to_owned() reply is_newest class="btn btn-quiet self-start">
                "Choose another time"
            </SayButton>
        </form>
    }
}

#[component]
fn Confirmed(appointment: Appointment, calendar_url: String, manage_url: String) -> impl IntoView {
    let what = format!("{}, {} min", appointment.appointment_type.name, appointment.minutes());
    let (label, title, tone) = match appointment.status {
        AppointmentStatus::Pending => ("Time asked for", "Asked for, not booked yet", "bg-warn-soft text-warn"),
        _ => ("Appointment confirmed", "Booked", "bg-good-soft text-good"),
    };
    view! {
        <section role="group" aria-label=label class="card mt-2 overflow-hidden">
            <div class=format!("flex items-center gap-2 border-b border-line px-3 py-2 text-13 font-semibold {tone}")>
                <svg aria-hidden="true" width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
                    <path d="M3 8.5l3.5 3.5L13 5"/>
                </svg>
                {title}
            </div>
            <dl class="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 p-3 text-14">
                <dt class="text-muted">"When"</dt>
                <dd class="font-semibold">
                    <time datetime=appointment.starts_at.to_rfc3339()>{appointment.label.clone()}</time>
                    <span class="block text-12 font-normal text-muted">{zone_name(&appointment.time_zone)}</span>
                </dd>
                <dt class="text-muted">"What"</dt>
                <dd>{what}</dd>
                <dt class="text-muted">"With"</dt>
                <dd>{appointment.practitioner.name.clone()}</dd>
                {appointment
                    .location
                    .as_ref()
                    .map(|place| view! { <dt class="text-muted">"Where"</dt> <dd>{place.to_string()}</dd> })}
                <dt class="text-muted">"Code"</dt>
                <dd class="figures font-semibold tracking-wider">{appointment.confirmation_code.to_string()}</dd>
            </dl>
            <div class="flex flex-wrap gap-2 border-t border-line p-3">
                <a class="btn btn-quiet" href=calendar_url download="visit.ics" rel="external">"Add to calendar"</a>
                <a class="btn btn-quiet" href=manage_url target="_blank" rel="external noopener">"See your visit"</a>
            </div>
        </section>
    }
}
