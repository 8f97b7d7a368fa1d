//! The steps of the booking page.

use domain::money;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::{BookVisit, Booking, Chosen, HoldTime, MoveVisit, ReleaseTime};
use crate::components::field::Field;
use crate::components::notice::Notice;
use crate::error::ServerError;

/// The page's address for a choice.
fn address(slug: &str, chosen: &Chosen) -> String {
    let parts = [
        ("type", &chosen.kind),
        ("with", &chosen.with),
        ("from", &chosen.from),
        ("day", &chosen.day),
        ("visit", &chosen.visit),
    ];
    let query: Vec<String> =
        parts.iter().filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}={value}"))).collect();
    format!("/c/{slug}/book?{}", query.join("&"))
}

/// A step with its heading and, on a phone, a way back to a choice made.
#[component]
fn Step(
    id: &'static str,
    #[prop(into)] heading: String,
    #[prop(optional_no_strip)] change: Option<String>,
    children: Children,
) -> impl IntoView {
    let back = change.map(|href| {
        let label = format!("Change: {heading}");
        view! { <a href=href data-noscroll="" aria-label=label class="text-13 text-accent underline md:hidden">"Change"</a> }
    });
    view! {
        <section aria-labelledby=id class="flex flex-col gap-2">
            <div class="flex items-baseline justify-between gap-4">
                <h2 id=id class="text-16 font-semibold">{heading}</h2>
                {back}
            </div>
            {children()}
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
    if booking.types.is_empty() {
        return view! { <p class="text-14 text-muted">"Nothing can be booked here online yet. Please call the clinic."</p> }.into_any();
    }
    view! {
        <Step id="types" heading="What" change=(made && booking.moving.is_none()).then(|| address(&slug, &Chosen::default()))>
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
    if booking.practitioners.is_empty() {
        return ().into_any();
    }
    let slug = booking.clinic.slug;
    let chosen = booking.chosen;
    let made = chosen.with.is_some();
    let back = address(&slug, &Chosen { kind: chosen.kind.clone(), visit: chosen.visit.clone(), ..Chosen::default() });
    let anyone = ("any".to_owned(), "Any practitioner".to_owned());
    let named = booking.practitioners.into_iter().map(|(id, name)| (id.to_string(), name));
    view! {
        <Step id="practitioners" heading="With" change=made.then_some(back)>
            <ul class="choices" class:choices-made=made>
                {std::iter::once(anyone)
                    .chain(named)
                    .map(|(with, name)| {
                        let is_chosen = chosen.with.as_ref() == Some(&with);
                        let href = address(&slug, &Chosen { with: Some(with), ..chosen.clone() });
                        view! { <Choice href is_chosen name/> }
                    })
                    .collect_view()}
            </ul>
        </Step>
    }
    .into_any()
}

#[component]
pub fn Days(booking: Booking) -> impl IntoView {
    if booking.days.is_empty() {
        return ().into_any();
    }
    let slug = booking.clinic.slug;
    let chosen = Chosen { hold: None, ..booking.chosen };
    let starting = |from: Option<String>| {
        from.map(|from| address(&slug, &Chosen { from: Some(from), day: None, ..chosen.clone() }))
    };
    let (earlier, later) = (starting(booking.earlier), starting(booking.later));
    let from = booking.days.first().map(|day| day.date.clone());
    let made = chosen.day.is_some() && booking.days.iter().any(|day| chosen.day.as_ref() == Some(&day.date));
    let back = made.then(|| address(&slug, &Chosen { day: None, ..chosen.clone() }));
    let is_full = booking.days.iter().all(|day| day.free == 0);
    view! {
        <Step id="days" heading="Which day" change=back>
            <ul class="choices choices-days grid-cols-3 sm:grid-cols-4 lg:grid-cols-7" class:choices-made=made>
                {booking
                    .days
                    .into_iter()
                    .map(|day| {
                        let is_chosen = chosen.day.as_ref() == Some(&day.date);
                        if day.free == 0 {
                            return view! {
                                <li>
                                    <span class="choice choice-none">
                                        <span>{day.label}</span>
                                        <span class="text-12">"None"</span>
                                    </span>
                                </li>
                            }
                                .into_any();
                        }
                        let href = address(&slug, &Chosen { day: Some(day.date), from: from.clone(), ..chosen.clone() });
                        view! { <Choice href is_chosen name=day.label detail=format!("{} free", day.free)/> }.into_any()
                    })
                    .collect_view()}
            </ul>
            {is_full
                .then(|| view! { <p class="text-14 text-muted">"Nothing is free in these two weeks. Please look later, or with someone else."</p> })}
            <nav aria-label="More days" class="flex justify-between gap-2" class:max-md:hidden=made>
                {earlier.map(|href| view! { <a href=href data-noscroll="" class="btn btn-quiet">"Earlier days"</a> })}
                <span></span>
                {later.map(|href| view! { <a href=href data-noscroll="" class="btn btn-quiet">"Later days"</a> })}
            </nav>
        </Step>
    }
        .into_any()
}

#[component]
pub fn Times(booking: Booking, hold: ServerAction<HoldTime>, moving: ServerAction<MoveVisit>) -> impl IntoView {
    let Some(day) = booking.day_label else { return ().into_any() };
    if booking.times.is_empty() {
        return view! { <p role="status" class="text-14 text-muted">{format!("Nothing is free on {day}. Please choose another day.")}</p> }
            .into_any();
    }
    let is_any = booking.chosen.with.as_deref() == Some("any");
    view! {
        <Step id="times" heading=format!("Which time on {day}")>
            <ul class="grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-4">
                {booking
                    .times
                    .into_iter()
                    .map(|time| {
                        let (slug, token) = (booking.clinic.slug.clone(), booking.token.clone());
                        let visit = booking.moving.as_ref().map(|moving| moving.token.clone());
                        let is_busy = Signal::derive(move || hold.pending().get() || moving.pending().get());
                        let fields = view! {
                            <input type="hidden" name="slug" value=slug/>
                            <input type="hidden" name="token" value=token/>
                            <input type="hidden" name="slot" value=time.slot/>
                            {visit.clone().map(|visit| view! { <input type="hidden" name="visit" value=visit/> })}
                            <button class="btn btn-quiet min-h-12 w-full flex-col gap-0" disabled=is_busy>
                                <span class="figures">{time.time}</span>
                                {is_any
                                    .then(|| {
                                        view! { <span class="text-12 font-normal text-muted">{format!("with {}", time.with)}</span> }
                                    })}
                            </button>
                        };
                        if visit.is_some() {
                            view! { <li><ActionForm action=moving>{fields}</ActionForm></li> }.into_any()
                        } else {
                            view! { <li><ActionForm action=hold>{fields}</ActionForm></li> }.into_any()
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
