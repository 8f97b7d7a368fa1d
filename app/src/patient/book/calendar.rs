//! The month: a table of weeks whose days with free times are links.

use leptos::prelude::*;

use super::{Booking, Chosen, DayOption, Month, MonthLink};

const WEEKDAYS: [(&str, &str); 7] = [
    ("Mon", "Monday"),
    ("Tue", "Tuesday"),
    ("Wed", "Wednesday"),
    ("Thu", "Thursday"),
    ("Fri", "Friday"),
    ("Sat", "Saturday"),
    ("Sun", "Sunday"),
];

/// The page's address for a choice.
pub fn address(slug: &str, chosen: &Chosen) -> String {
    // A day says its month.
    let month = chosen.month.as_ref().filter(|_| chosen.day.is_none());
    let parts = [
        ("type", chosen.kind.as_ref()),
        ("with", chosen.with.as_ref()),
        ("month", month),
        ("day", chosen.day.as_ref()),
        ("visit", chosen.visit.as_ref()),
    ];
    let query: Vec<String> =
        parts.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}={value}"))).collect();
    format!("/c/{slug}/book?{}", query.join("&"))
}

#[component]
pub fn Calendar(booking: Booking) -> impl IntoView {
    let Some(month) = booking.month else { return ().into_any() };
    let (slug, chosen) = (booking.clinic.slug, booking.chosen);
    let nothing = nothing_free(&slug, &chosen, &month);
    let to_month = |link: Option<MonthLink>| link.map(|link| (month_address(&slug, &chosen, &link), link.label));
    view! {
        <section aria-labelledby="month" class="flex flex-col gap-3 pt-2.5 md:pt-0">
            <div class="flex items-center justify-between gap-4">
                <h2 id="month" class="text-16 font-semibold">{month.label.clone()}</h2>
                <nav aria-label="Months" class="-my-2.5 flex gap-2">
                    <Turn to=to_month(month.earlier) way="Previous month" glyph="‹"/>
                    <Turn to=to_month(month.later) way="Next month" glyph="›"/>
                </nav>
            </div>
            <table class="month">
                <caption class="sr-only">{format!("Days with free times in {}", month.label)}</caption>
                <thead>
                    <tr>
                        {WEEKDAYS
                            .map(|(short, long)| {
                                view! {
                                    <th scope="col">
                                        <abbr title=long class="no-underline">{short}</abbr>
                                    </th>
                                }
                            })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {month
                        .weeks
                        .into_iter()
                        .map(|week| {
                            let days = week.into_iter().map(|day| view! { <td>{day.map(|day| cell(&slug, &chosen, day))}</td> });
                            view! { <tr>{days.collect_view()}</tr> }
                        })
                        .collect_view()}
                </tbody>
            </table>
            {nothing}
        </section>
    }
    .into_any()
}

/// A step to the month before or after, or room for one.
#[component]
fn Turn(to: Option<(String, String)>, way: &'static str, glyph: &'static str) -> impl IntoView {
    match to {
        Some((href, label)) => {
            let label = format!("{way}, {label}");
            view! { <a href=href data-noscroll="" aria-label=label class="month-step">{glyph}</a> }.into_any()
        }
        None => view! { <span aria-hidden="true" class="month-step"></span> }.into_any(),
    }
}

fn cell(slug: &str, chosen: &Chosen, day: DayOption) -> AnyView {
    if day.free == 0 {
        return day.number.into_any();
    }
    let is_chosen = chosen.day.as_ref() == Some(&day.date);
    // On a phone the times stand below the month.
    let href = format!("{}#times", address(slug, &Chosen { day: Some(day.date), ..chosen.clone() }));
    let count = if day.free == 1 { "1 time free".to_owned() } else { format!("{} times free", day.free) };
    let label = format!("{}, {count}", day.label);
    view! {
        <a href=href data-noscroll="" aria-current=is_chosen.then_some("true") aria-label=label class="month-day">
            {day.number}
        </a>
    }
    .into_any()
}

fn nothing_free(slug: &str, chosen: &Chosen, month: &Month) -> Option<AnyView> {
    if month.has_free {
        return None;
    }
    let said = format!("Nothing is free in {}.", month.label);
    let view = match &month.next_free {
        Some(next) => {
            let href = month_address(slug, chosen, next);
            view! {
                <div role="status" class="flex flex-col gap-2 text-14 text-muted">
                    <p>{said}</p>
                    <a href=href data-noscroll="" class="btn btn-quiet">{format!("Go to {}", next.label)}</a>
                </div>
            }
            .into_any()
        }
        None => {
            let said =
                format!("{said} Later months have nothing either. Please call the clinic, or choose someone else.");
            view! { <p role="status" class="text-14 text-muted">{said}</p> }.into_any()
        }
    };
    Some(view)
}

fn month_address(slug: &str, chosen: &Chosen, to: &MonthLink) -> String {
    address(slug, &Chosen { month: Some(to.month.clone()), day: None, ..chosen.clone() })
}
