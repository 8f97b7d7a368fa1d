//! Booking a visit again in the weeks after it, by staff.

use chrono::NaiveDateTime;
use domain::id::AppointmentId;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use crate::components::button;
use crate::error::ServerError;

/// A date on which a visit would repeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepeatDate {
    /// `Tue 1 Dec 2026, 2:00 PM`.
    pub label: String,
    /// What speaks against it; nothing if it is free.
    pub reasons: Vec<String>,
}

/// The dates on which a visit would repeat, and which of them are free.
#[server(prefix = "/fn", endpoint = "repeat_dates")]
pub async fn repeat_dates(
    id: AppointmentId,
    #[server(default)] count: i64,
    #[server(default)] every: i64,
) -> Result<Vec<RepeatDate>, ServerError> {
    use services::booking::series::{self, Repeat, Take};

    let staff = super::staff::staff().await?;
    let repeat = Repeat { every_weeks: every, count, take: Take::AsManyAsFit };
    let mut tx = staff.tx().await?;
    let dates = series::dates_for(&mut tx, staff.services.clock.now(), id, repeat).await?;
    let told = dates.into_iter().map(|date| RepeatDate {
        label: label(&date.local),
        reasons: date.reasons.into_iter().map(|reason| reason.sentence().to_owned()).collect(),
    });
    Ok(told.collect())
}

/// Books a visit again on its [`repeat_dates`]: on all of them or on none, or
/// on those that are free. Which were not stands in the address afterwards.
#[server(prefix = "/fn", endpoint = "repeat_visit")]
pub async fn repeat_visit(
    id: AppointmentId,
    #[server(default)] count: i64,
    #[server(default)] every: i64,
    #[server(default)] take: String,
) -> Result<(), ServerError> {
    use services::booking::Changer;
    use services::booking::series::{self, Repeat, Take};

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let (now, changer) = (staff.services.clock.now(), Changer::member(staff.member.id));
    let take = if take == "free" { Take::AsManyAsFit } else { Take::AllOrNothing };
    let repeat = Repeat { every_weeks: every, count, take };
    let booked = staff
        .services
        .db
        .transaction(staff.member.clinic_id, move |tx| {
            Box::pin(async move { series::repeat_visit(tx, now, id, repeat, changer).await })
        })
        .await?;
    staff.services.feed.committed();
    let skipped: Vec<String> = booked.skipped.into_iter().map(|skipped| skipped.local).collect();
    let skipped = if skipped.is_empty() { String::new() } else { format!("?skipped={}", skipped.join(",")) };
    leptos_axum::redirect(&format!("/console/appointments/{id}{skipped}"));
    Ok(())
}

/// `2026-12-01T14:00` as `Tue 1 Dec 2026, 2:00 PM`.
fn label(local: &str) -> String {
    let read = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M");
    read.map_or_else(|_| local.to_owned(), |local| local.format("%a %-d %b %Y, %-I:%M %p").to_string())
}

/// The dates of a series that could not be booked, as the address names them.
#[component]
pub fn NotBooked() -> impl IntoView {
    let query = use_query_map();
    let skipped = move || {
        let skipped = query.with(|query| query.get("skipped").unwrap_or_default());
        let dates: Vec<String> = skipped
            .split(',')
            .filter(|local| NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").is_ok())
            .map(label)
            .collect();
        dates
    };
    view! {
        {move || {
            let dates = skipped();
            (!dates.is_empty())
                .then(|| {
                    view! {
                        <p role="status" class="rounded-6 bg-warn-soft px-3 py-2 text-14 text-warn">
                            {format!("Booked, but for {}: not free.", dates.join("; "))}
                        </p>
                    }
                })
        }}
    }
}

/// How often a visit repeats, and the dates then. What was chosen stands in the
/// address.
#[component]
pub fn Repeating(id: Memo<String>, repeat: ServerAction<RepeatVisit>) -> impl IntoView {
    let query = use_query_map();
    let number =
        move |name: &'static str| query.with(|query| query.get(name).and_then(|number| number.parse::<i64>().ok()));
    let count = Memo::new(move |_| number("repeat"));
    let every = Memo::new(move |_| number("every").unwrap_or(1));
    let dates = Resource::new_blocking(
        move || (id.get(), count.get(), every.get(), repeat.version().get()),
        |(id, count, every, _)| async move {
            match (id.parse(), count) {
                (Ok(id), Some(count)) => repeat_dates(id, count, every).await,
                _ => Ok(Vec::new()),
            }
        },
    );
    view! {
        <details open=move || count.get().is_some()>
            <summary class="cursor-pointer text-14 font-semibold">"Repeat weekly"</summary>
            <div class="mt-3 flex flex-col gap-4">
                {move || {
                    view! {
                        <Form method="GET" action=format!("/console/appointments/{}", id.get()) noscroll=true>
                            <div class="flex flex-wrap items-end gap-3">
                                <label class="flex flex-col gap-1 text-13 font-medium">
                                    "Visits in all"
                                    <input
                                        type="number"
                                        name="repeat"
                                        required
                                        min="2"
                                        max="52"
                                        class="input w-24 font-normal"
                                        value=count.get().unwrap_or(4).to_string()
                                    />
                                </label>
                                <label class="flex flex-col gap-1 text-13 font-medium">
                                    "Weeks apart"
                                    <input
                                        type="number"
                                        name="every"
                                        required
                                        min="1"
                                        max="12"
                                        class="input w-24 font-normal"
                                        value=every.get().to_string()
                                    />
                                </label>
                                <button type="submit" class=button::QUIET>
                                    "Show dates"
                                </button>
                            </div>
                        </Form>
                    }
                }}
                <Transition>
                    {move || Suspend::new(async move {
                        match dates.await {
                            Ok(dates) => {
                                let count = count.get_untracked().unwrap_or_default();
                                view! { <Dates dates=dates id=id count=count every=every.get_untracked() repeat=repeat/> }.into_any()
                            }
                            Err(error) => view! { <p class="text-14 text-bad">{error.to_string()}</p> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </details>
    }
}

#[component]
fn Dates(
    dates: Vec<RepeatDate>,
    id: Memo<String>,
    count: i64,
    every: i64,
    repeat: ServerAction<RepeatVisit>,
) -> impl IntoView {
    if dates.is_empty() {
        return ().into_any();
    }
    let free = dates.iter().filter(|date| date.reasons.is_empty()).count();
    let (take, words) = match (free, dates.len()) {
        (0, _) => (None, String::new()),
        (1, 1) => (Some("all"), "Book this date".to_owned()),
        (free, all) if free == all => (Some("all"), format!("Book all {all} dates")),
        (1, _) => (Some("free"), "Book the one that is free".to_owned()),
        (free, _) => (Some("free"), format!("Book the {free} that are free")),
    };
    view! {
        <ol role="list" aria-label="Dates" class="flex flex-col gap-2 text-14">
            {dates
                .into_iter()
                .map(|date| {
                    let free = date.reasons.is_empty();
                    view! {
                        <li>
                            <span class="figures font-medium">{date.label}</span>
                            " "
                            <span class=if free { "text-13 text-good" } else { "text-13 text-warn" }>
                                {if free { "Free".to_owned() } else { date.reasons.join(" ") }}
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
        {take
            .map(|take| {
                view! {
                    <ActionForm action=repeat>
                        <input type="hidden" name="id" value=id/>
                        <input type="hidden" name="count" value=count.to_string()/>
                        <input type="hidden" name="every" value=every.to_string()/>
                        <input type="hidden" name="take" value=take/>
                        <button class=button::PRIMARY disabled=move || repeat.pending().get()>
                            {words}
                        </button>
                    </ActionForm>
                }
            })}
    }
    .into_any()
}
