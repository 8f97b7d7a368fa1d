//! A day drawn to scale, a column for each practitioner; on a phone, a list.

use domain::appointment::AppointmentStatus;
use domain::id::{AppointmentId, PractitionerId};
use leptos::prelude::*;

use super::day::{Column, Day, Visit};
use super::keys::VISIT;
use super::status::Status;

/// The day's visits. Elements stay while the day changes under them, so focus
/// and scroll do too.
#[component]
pub fn Timeline(day: Signal<Day>) -> impl IntoView {
    view! {
        <div
            class="flex flex-col gap-6 md:flex-row md:gap-0 md:overflow-x-auto"
            style:--day-from=move || day.with(|day| day.from.to_string())
            style:--day-to=move || day.with(|day| day.to.to_string())
        >
            <div class="hidden w-18 shrink-0 md:block" aria-hidden="true">
                <div class="h-10"></div>
                <div class="day-track">
                    {move || day.with(hour_labels)}
                    {move || {
                        day.with(|day| day.now.clone())
                            .map(|now| {
                                view! {
                                    <p
                                        class="day-label z-1 bg-canvas font-semibold text-bad"
                                        style:--from=now.minute.to_string()
                                    >
                                        {now.label}
                                    </p>
                                }
                            })
                    }}
                </div>
            </div>
            <For
                each=move || day.with(|day| day.columns.iter().map(|column| column.id).collect::<Vec<_>>())
                key=|id| *id
                let:id
            >
                <PractitionerColumn day=day id=id/>
            </For>
        </div>
    }
}

fn hour_labels(day: &Day) -> impl IntoView + use<> {
    // The present time is written over the hour it is near.
    let hidden = |minute: i32| day.now.as_ref().is_some_and(|now| (now.minute - minute).abs() < 12);
    day.hours
        .iter()
        .filter(|hour| !hidden(hour.minute))
        .map(|hour| {
            view! {
                <p class="day-label text-muted" style:--from=hour.minute.to_string()>
                    {hour.label.clone()}
                </p>
            }
        })
        .collect_view()
}

#[component]
fn PractitionerColumn(day: Signal<Day>, id: PractitionerId) -> impl IntoView {
    let column = Memo::new(move |_| day.with(|day| day.columns.iter().find(|column| column.id == id).cloned()));
    let visits = Memo::new(move |_| {
        column.with(|column| column.iter().flat_map(|column| &column.visits).map(|visit| visit.id).collect::<Vec<_>>())
    });
    let (heading, named_by) = (format!("practitioner-{id}"), format!("practitioner-{id}"));
    view! {
        <section aria-labelledby=named_by class="min-w-0 md:min-w-36 md:flex-1">
            <h2
                id=heading
                class="mb-2 truncate text-14 font-semibold md:mb-0 md:flex md:h-10 md:items-center md:border-l md:border-line md:px-2 md:text-13"
            >
                {move || column.with(|column| column.as_ref().map(|column| column.name.clone()))}
            </h2>
            <p class="text-13 text-muted md:hidden" hidden=move || !visits.with(Vec::is_empty)>
                "Nothing booked."
            </p>
            <div class="day-track md:border-l md:border-line">
                <div class="hidden md:block" aria-hidden="true">
                    {move || column.with(|column| column.as_ref().map(closed_time))}
                </div>
                <ol role="list" class="flex flex-col gap-2 md:block">
                    <For each=move || visits.get() key=|id| *id let:visit>
                        <VisitEntry column=column id=visit/>
                    </For>
                </ol>
                {move || {
                    day.with(|day| day.now.clone())
                        .map(|now| {
                            view! { <div class="day-now" aria-hidden="true" style:--from=now.minute.to_string()></div> }
                        })
                }}
            </div>
        </section>
    }
}

fn closed_time(column: &Column) -> impl IntoView + use<> {
    column
        .closed
        .iter()
        .map(|(from, to)| view! { <div class="day-at day-closed" style:--from=from.to_string() style:--to=to.to_string()></div> })
        .collect_view()
}

#[component]
fn VisitEntry(column: Memo<Option<Column>>, id: AppointmentId) -> impl IntoView {
    let visit = Memo::new(move |_| {
        column.with(|column| column.iter().flat_map(|column| &column.visits).find(|visit| visit.id == id).cloned())
    });
    let text = move |read: fn(&Visit) -> String| move || visit.with(|visit| visit.as_ref().map(read));
    let status = Signal::derive(move || {
        visit.with(|visit| visit.as_ref().map_or(AppointmentStatus::Booked, |visit| visit.status))
    });
    view! {
        <li
            class="day-at day-lane"
            style:--from=text(|visit| visit.from.to_string())
            style:--to=text(|visit| visit.to.to_string())
            style:--lane=text(|visit| visit.lane.to_string())
            style:--lanes=text(|visit| visit.lanes.to_string())
        >
            <a href=format!("/console/appointments/{id}") class=move || format!("{VISIT} {}", look(status.get()))>
                <span class="flex min-w-0 gap-2 text-14 md:gap-1.5 md:text-13">
                    <span class="figures shrink-0">{text(|visit| visit.time.clone())}</span>
                    " "
                    <span class="truncate font-semibold">{text(|visit| visit.patient.clone())}</span>
                </span>
                " "
                <span class="flex min-w-0 items-center gap-1.5 text-12">
                    <Status status=status/>
                    " "
                    <span class="truncate">{text(what)}</span>
                </span>
            </a>
        </li>
    }
}

fn what(visit: &Visit) -> String {
    let confirmed = if visit.is_confirmed { "patient confirmed, " } else { "" };
    format!("{confirmed}{}, {}", visit.appointment_type, visit.length)
}

fn look(status: AppointmentStatus) -> &'static str {
    match status {
        AppointmentStatus::Pending => "border-dashed border-warn bg-warn-soft text-ink",
        AppointmentStatus::Booked => "border-accent bg-accent-soft text-ink",
        AppointmentStatus::Arrived => "border-good bg-good-soft text-ink",
        AppointmentStatus::Fulfilled => "border-line bg-surface text-ink",
        AppointmentStatus::Cancelled => "border-dashed border-line bg-surface text-muted",
        AppointmentStatus::Noshow => "border-warn bg-warn-soft text-ink",
    }
}
