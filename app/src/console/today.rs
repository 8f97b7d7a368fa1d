//! The clinic's day, live.

use chrono::NaiveDate;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;

use super::day::{Day, NextVisit, day_view, is_a_day};
use super::fresh::{LiveStatus, Liveness, keep_fresh};
use super::keys::Keys;
use super::loaded::Loaded;
use super::queue::{Queue, QueuePanel, asks_for_all, queue_view};
use super::timeline::Timeline;
use crate::components::empty::Empty;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;

/// What the address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Today,
    Day(NaiveDate),
    Unreadable,
}

/// `/console/today?day=2026-11-24`, or today.
#[component]
pub fn TodayPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| read(query.get_str("day"))));
    let day = Resource::new_blocking(
        move || asked.get(),
        |asked| day_view(if let Asked::Day(date) = asked { Some(date) } else { None }),
    );
    let all = asks_for_all();
    let queue = Resource::new_blocking(move || all.get(), queue_view);
    let refusal = refused(&query.read_untracked()).get_value();
    let liveness = keep_fresh(move || {
        day.refetch();
        queue.refetch();
    });
    let notice = Signal::derive(move || {
        (asked.get() == Asked::Unreadable).then(|| "That day could not be read, so this is today.".to_owned())
    });
    view! {
        <div class="px-4 has-[p]:pt-3">
            <Notice text=notice/>
        </div>
        <Loaded
            resource=day
            waiting="Opening the day."
            show={move |day| view! { <DayPage day=day queue=queue liveness=liveness refusal=refusal.clone()/> }}
        />
    }
}

fn read(day: Option<&str>) -> Asked {
    match day.filter(|day| !day.is_empty()).map(str::parse::<NaiveDate>) {
        None => Asked::Today,
        Some(Ok(date)) if is_a_day(date) => Asked::Day(date),
        Some(_) => Asked::Unreadable,
    }
}

#[component]
fn DayPage(
    day: Signal<Day>,
    queue: Resource<Result<Queue, ServerError>>,
    liveness: Signal<Liveness>,
    refusal: Option<ServerError>,
) -> impl IntoView {
    let nobody_works = Memo::new(move |_| day.with(|day| day.columns.is_empty()));
    let nothing_booked = Memo::new(move |_| day.with(|day| day.columns.iter().all(|column| column.visits.is_empty())));
    view! {
        // The document's title is asked for once more after the page is gone.
        <Title text=move || day.try_with(|day| day.heading.clone()).unwrap_or_default()/>
        <DayHeader day=day liveness=liveness/>
        // What waits is read first, and on a wide screen stands on the right.
        <div class="flex flex-col gap-6 p-4 xl:flex-row-reverse xl:items-start">
            <aside aria-label="What waits, and a summary" class="flex shrink-0 flex-col gap-6 xl:w-72">
                <QueuePanel queue=queue refusal=refusal/>
                <Summary day=day/>
            </aside>
            <div class="min-w-0 flex-1">
                <Glance day=day/>
                {move || match (nobody_works.get(), nothing_booked.get()) {
                    (true, _) => {
                        view! { <Empty heading="No practitioners yet." text="The day appears here once somebody works at the clinic."/> }
                            .into_any()
                    }
                    (false, true) => view! { <Empty heading="Nothing booked." text="New visits appear here by themselves."/> }.into_any(),
                    (false, false) => view! { <Timeline day=day/> }.into_any(),
                }}
            </div>
        </div>
    }
}

/// The day's name, and the ways to other days.
#[component]
fn DayHeader(day: Signal<Day>, liveness: Signal<Liveness>) -> impl IntoView {
    let previous = Signal::derive(move || address(day.with(|day| day.previous)));
    let next = Signal::derive(move || address(day.with(|day| day.next)));
    view! {
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-surface px-4 py-2 md:min-h-14">
            <div class="flex w-full items-center gap-2 md:w-auto md:min-w-fit md:flex-1">
                <div class="min-w-0">
                    <h1 class="text-16 font-semibold">{move || day.with(|day| day.heading.clone())}</h1>
                    <p class="text-12 whitespace-nowrap text-muted">{move || day.with(|day| day.subheading.clone())}</p>
                </div>
                <nav aria-label="Days" class="ml-auto flex items-center gap-1 md:ml-2">
                    <a href=previous aria-label="Previous day" class="day-step" data-noscroll="true">
                        <Chevron path="M10 3.5L5.5 8l4.5 4.5"/>
                    </a>
                    <a href=next aria-label="Next day" class="day-step" data-noscroll="true">
                        <Chevron path="M6 3.5L10.5 8L6 12.5"/>
                    </a>
                    {move || {
                        (!day.with(|day| day.is_today))
                            .then(|| {
                                view! {
                                    <a href="/console/today" class="px-2 py-1 text-13 font-medium text-accent hover:underline">
                                        "Today"
                                    </a>
                                }
                            })
                    }}
                </nav>
            </div>
            <Form method="GET" action="/console/today">
                <div class="flex items-center gap-2">
                    <label for="day" class="text-13 text-muted">
                        "Day"
                    </label>
                    <input
                        id="day"
                        name="day"
                        type="date"
                        required
                        min="1970-01-01"
                        max="2199-12-31"
                        class="h-9 rounded-6 border border-muted/70 bg-surface px-2 text-16 text-ink md:text-13"
                        prop:value=move || day.with(|day| day.date.to_string())
                        value=move || day.with(|day| day.date.to_string())
                    />
                    <button type="submit" class="h-9 rounded-6 border border-line px-3 text-13 font-medium hover:border-muted">
                        "Go"
                    </button>
                </div>
            </Form>
            <div class="ml-auto flex items-center gap-3">
                <LiveStatus liveness=liveness/>
                <Keys previous=previous next=next/>
            </div>
        </div>
    }
}

#[component]
fn Chevron(path: &'static str) -> impl IntoView {
    view! {
        <svg viewBox="0 0 16 16" class="size-4" fill="none" stroke="currentColor" stroke-width="1.75" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}

fn address(date: NaiveDate) -> String {
    format!("/console/today?day={date}")
}

/// The summary in a line, where there is no room beside the day.
#[component]
fn Glance(day: Signal<Day>) -> impl IntoView {
    view! {
        <p class="figures mb-4 text-13 text-muted xl:hidden">
            {move || {
                day.with(|day| {
                    let next = day.next_visit.as_ref().map(|next| format!(" · Next visit {}", next.wait)).unwrap_or_default();
                    format!("{} booked · {} arrived{next}", day.booked, day.arrived)
                })
            }}
        </p>
    }
}

#[component]
fn Summary(day: Signal<Day>) -> impl IntoView {
    view! {
        <section aria-label="Summary" class="card hidden p-4 text-13 xl:block">
            <dl class="grid grid-cols-[1fr_auto] gap-y-2">
                <dt class="text-muted">"Booked"</dt>
                <dd class="figures font-semibold">{move || day.with(|day| day.booked)}</dd>
                <dt class="text-muted">"Arrived"</dt>
                <dd class="figures font-semibold">{move || day.with(|day| day.arrived)}</dd>
            </dl>
            // Of another day nobody comes next.
            <Show when=move || day.with(|day| day.is_today)>
                <h2 class="mt-4 border-t border-line pt-4 text-muted">"Next visit"</h2>
                {move || match day.with(|day| day.next_visit.clone()) {
                    Some(next) => view! { <Next next=next/> }.into_any(),
                    None => view! { <p class="mt-1">"Nobody else is due."</p> }.into_any(),
                }}
            </Show>
        </section>
    }
}

#[component]
fn Next(next: NextVisit) -> impl IntoView {
    view! {
        <p class="mt-1">
            <a href=format!("/console/appointments/{}", next.id) class="font-semibold hover:underline">
                {next.patient}
            </a>
        </p>
        <p class="figures text-muted">{format!("{}, {}", next.time, next.wait)}</p>
    }
}
