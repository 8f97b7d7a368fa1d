//! The steps of the booking page.

use domain::money;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::calendar::address;
use super::{ANYONE, BookVisit, Booking, CHOOSE, Chosen, ReleaseTime};
use crate::components::field::Field;
use crate::components::notice::Notice;
use crate::error::ServerError;

/// A step with its heading. Once made, a phone shows what was chosen in one
/// line, with a way back to the others.
#[component]
fn Step(
    id: &'static str,
    heading: &'static str,
    made: bool,
    #[prop(optional_no_strip)] change: Option<String>,
    children: Children,
) -> impl IntoView {
    let back = change.map(|href| {
        let label = format!("Change: {heading}");
        view! { <a href=href data-noscroll="" aria-label=label class="step-change text-13 text-accent underline md:hidden">"Change"</a> }
    });
    view! {
        <section aria-labelledby=id class="step" class:step-made=made>
            <h2 id=id class="text-16 font-semibold">{heading}</h2>
            {back}
            <div class="step-body">{children()}</div>
        </section>
    }
}

/// Something to choose, with what is chosen marked.
#[component]
fn Choice(
    href: String,
    is_chosen: bool,
    #[prop(into)] name: String,
    #[prop(optional, into)] detail: Option<String>,
) -> impl IntoView {
    view! {
        <li>
            // Not the router's own link: that one calls every choice current,
            // because they differ only in the query.
            <a href=href data-noscroll="" aria-current=is_chosen.then_some("true") class="choice">
                <span class="font-medium">{name}</span>
                {detail.map(|detail| view! { " " <span class="text-13 text-muted">{detail}</span> })}
            </a>
        </li>
    }
}

#[component]
pub fn Types(booking: Booking) -> impl IntoView {
    let slug = booking.clinic.slug;
    let chosen = booking.chosen;
    let made = booking.types.iter().any(|kind| chosen.kind.as_ref() == Some(&kind.slug));
    let is_choice = booking.types.len() > 1;
    if booking.types.is_empty() {
        return view! { <p class="text-14 text-muted">"Nothing can be booked here online yet. Please call the clinic."</p> }.into_any();
    }
    view! {
        <Step id="types" heading="What" made change=(made && is_choice).then(|| address(&slug, &Chosen::default()))>
            <ul class="choices" class:choices-made=made>
                {booking
                    .types
                    .into_iter()
                    .map(|kind| {
                        let price = kind.price_minor.map(|minor| format!(", {}", money::price(minor, &kind.currency)));
                        let detail = format!("{} min{}", kind.minutes, price.unwrap_or_default());
                        let is_chosen = chosen.kind.as_ref() == Some(&kind.slug);
                        let href = address(&slug, &Chosen { kind: Some(kind.slug), visit: chosen.visit.clone(), ..Chosen::default() });
                        view! { <Choice href is_chosen name=kind.name detail/> }
                    })
                    .collect_view()}
            </ul>
        </Step>
    }
    .into_any()
}

#[component]
pub fn Practitioners(booking: Booking) -> impl IntoView {
    let slug = booking.clinic.slug;
    let chosen = Chosen { day: None, ..booking.chosen };
    let mut offering = booking.practitioners;
    let only = if offering.len() == 1 { offering.pop() } else { None };
    if let Some((_, name)) = only {
        return view! {
            <Step id="practitioners" heading="With" made=true>
                <p class="text-14">{name}</p>
            </Step>
        }
        .into_any();
    }
    if offering.is_empty() {
        return ().into_any();
    }
    let is_open = chosen.with.as_deref() == Some(CHOOSE);
    let back = address(&slug, &Chosen { with: Some(CHOOSE.to_owned()), ..chosen.clone() });
    let anyone = (ANYONE.to_owned(), "Anyone".to_owned());
    let named = offering.into_iter().map(|(id, name)| (id.to_string(), name));
    let usual = booking.usual.map(|id| id.to_string());
    view! {
        <Step id="practitioners" heading="With" made=!is_open change=(!is_open).then_some(back)>
            <ul class="choices" class:choices-made=!is_open>
                {std::iter::once(anyone)
                    .chain(named)
                    .map(|(with, name)| {
                        let is_chosen = if with == ANYONE { chosen.is_anyone() } else { chosen.with.as_ref() == Some(&with) };
                        let is_usual = usual.as_ref() == Some(&with);
                        let href = address(&slug, &Chosen { with: Some(with), ..chosen.clone() });
                        if is_usual {
                            view! { <Choice href is_chosen name detail="as last time"/> }.into_any()
                        } else {
                            view! { <Choice href is_chosen name/> }.into_any()
                        }
                    })
                    .collect_view()}
            </ul>
        </Step>
    }
    .into_any()
}

#[component]
pub fn Details(booking: Booking, book: ServerAction<BookVisit>, refusal: Option<ServerError>) -> impl IntoView {
    let Some(kept) = booking.kept else { return ().into_any() };
    let release = ServerAction::<ReleaseTime>::new();
    let error = Signal::derive(move || {
        let tried = book.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        tried.or_else(|| refusal.clone())
    });
    let wrong = move |field: &'static str| Signal::derive(move || error.get().and_then(|error| error.field(field)));
    // What is said at a field is not said twice.
    let general =
        Signal::derive(move || error.get().filter(|error| error.0.errors.is_empty()).map(|error| error.to_string()));
    let keys = (booking.clinic.slug, booking.token, kept.hold_id.to_string());
    let keys_again = keys.clone();
    let with = booking.chosen.with;
    view! {
        <div class="grid items-start gap-6 md:grid-cols-[minmax(0,1fr)_minmax(0,18rem)]">
            <ActionForm action=book>
                <div class="card flex flex-col gap-4 p-4">
                    <h2 class="text-16 font-semibold">"Your details"</h2>
                    <Keys keys=keys.clone()/>
                    <Field label="Full name" name="name" autocomplete="name" required=true error=wrong("patient.name")/>
                    <Field label="Email" name="email" kind="email" autocomplete="email" max_length=254 error=wrong("patient.email")/>
                    <Field label="Phone" name="phone" kind="tel" autocomplete="tel" max_length=40 hint="Please give a phone number or an email address, or both." error=wrong("patient.phone")/>
                    <Field label="Note for the clinic" name="note" max_length=2000 error=wrong("note")/>
                    <Notice text=general/>
                    <button class="btn btn-primary" disabled=move || book.pending().get()>"Book visit"</button>
                </div>
            </ActionForm>
            <aside class="card flex flex-col gap-3 p-4" aria-label="Your time">
                <div>
                    <p class="text-16 font-semibold">{kept.when}</p>
                    <p class="text-14">{kept.what}</p>
                    <p class="text-14 text-muted">{format!("with {}", kept.with)}</p>
                </div>
                <p class="text-13 text-muted">{format!("Held for you until {}.", kept.until)}</p>
                <ActionForm action=release>
                    <Keys keys=keys_again/>
                    {with.map(|with| view! { <input type="hidden" name="with" value=with/> })}
                    <button class="btn btn-quiet w-full">"Choose another time"</button>
                </ActionForm>
            </aside>
        </div>
    }
        .into_any()
}

/// The clinic, the session and the hold, which every form here sends back.
#[component]
fn Keys(keys: (String, String, String)) -> impl IntoView {
    let (slug, token, hold_id) = keys;
    view! {
        <input type="hidden" name="slug" value=slug/>
        <input type="hidden" name="token" value=token/>
        <input type="hidden" name="hold_id" value=hold_id/>
    }
}
