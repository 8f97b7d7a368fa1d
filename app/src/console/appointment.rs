//! One visit, with what staff need to know about it.

use chrono::NaiveDate;
use domain::appointment::AppointmentStatus;
use domain::id::AppointmentId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use super::acting::{Actions, Doing};
use super::fresh::{LiveStatus, Liveness, keep_fresh};
use super::loaded::Loaded;
use super::status::Status;
use crate::components::notice::refused;
use crate::error::ServerError;

/// A visit as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitDetails {
    pub patient: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub day: NaiveDate,
    /// `Tue 24 Nov`.
    pub short_date: String,
    /// `Tuesday 24 November 2026`.
    pub long_date: String,
    /// `2:00 PM to 2:45 PM`.
    pub times: String,
    /// `New York time (EST)`.
    pub zone: String,
    pub length: String,
    pub appointment_type: String,
    pub practitioner: String,
    pub status: AppointmentStatus,
    pub code: String,
    pub channel: String,
    pub note: Option<String>,
    pub other_visits: Vec<OtherVisit>,
    pub history: Vec<HistoryLine>,
    pub may: May,
}

/// What can be done about a visit now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct May {
    pub arrive: bool,
    pub miss: bool,
    pub cancel: bool,
}

/// Another visit of the same patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherVisit {
    pub id: AppointmentId,
    /// `Tue 24 Nov 2026, 2:00 PM`.
    pub when: String,
    pub what: String,
    pub status: AppointmentStatus,
}

/// Something that happened to the visit, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryLine {
    pub text: String,
    pub when: String,
}

/// The visit with this id, if it is the clinic's.
#[server(prefix = "/fn", endpoint = "appointment_view")]
pub async fn appointment_view(id: String) -> Result<VisitDetails, ServerError> {
    use domain::Rejection;
    use services::{booking::appointments, clinics, console, events};

    let staff = super::staff::staff().await?;
    let id: AppointmentId = id.parse().map_err(|_| Rejection::not_found())?;
    let mut tx = staff.tx().await?;
    let zone = clinics::time_zone(&mut tx).await?;
    let booked = appointments::with_notes(&mut tx, id).await?.ok_or_else(Rejection::not_found)?;
    let patient = booked.appointment.patient.clone().ok_or_else(Rejection::not_found)?;
    let others = console::other_visits(&mut tx, patient.id, id).await?;
    let history = events::history(&mut tx, id).await?;
    Ok(telling::tell(booked, patient, others, history, zone, staff.services.clock.now()))
}

#[cfg(feature = "ssr")]
mod telling {
    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;
    use domain::appointment::{AppointmentStatus, PatientCard};
    use domain::say;
    use services::booking::Booked;
    use services::console::VisitLine;
    use services::events::Happened;

    use super::{HistoryLine, May, OtherVisit, VisitDetails};

    pub fn tell(
        booked: Booked,
        patient: PatientCard,
        others: Vec<VisitLine>,
        history: Vec<Happened>,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> VisitDetails {
        let appointment = booked.appointment;
        let is_booked = appointment.status == AppointmentStatus::Booked;
        let may = May {
            arrive: is_booked,
            miss: is_booked && appointment.starts_at <= now,
            cancel: is_booked || appointment.status == AppointmentStatus::Pending,
        };
        let day = appointment.starts_at.with_timezone(&zone).date_naive();
        VisitDetails {
            patient: patient.name,
            phone: patient.phone,
            email: patient.email,
            day,
            short_date: say::day(appointment.starts_at, zone),
            long_date: say::long_day(day),
            times: format!("{} to {}", say::time(appointment.starts_at, zone), say::time(appointment.ends_at, zone)),
            zone: zone_name(appointment.starts_at, zone),
            length: say::minutes(appointment.minutes()),
            appointment_type: appointment.appointment_type.name,
            practitioner: appointment.practitioner.name,
            status: appointment.status,
            code: appointment.confirmation_code.as_str().to_owned(),
            channel: channel(&booked.channel).to_owned(),
            note: booked.note,
            may,
            other_visits: others.into_iter().map(|visit| other(visit, zone)).collect(),
            history: history
                .iter()
                // That a time is free again is news for the clinic, not part
                // of what happened to the visit.
                .filter(|happened| happened.kind != "SlotOpened")
                .map(|happened| line(happened, zone))
                .collect(),
        }
    }

    /// `New York time (EST)`.
    fn zone_name(at: DateTime<Utc>, zone: Tz) -> String {
        let place = zone.name().rsplit('/').next().unwrap_or(zone.name()).replace('_', " ");
        format!("{place} time ({})", at.with_timezone(&zone).format("%Z"))
    }

    fn channel(channel: &str) -> &'static str {
        match channel {
            "web" => "Web",
            "sms" => "Text message",
            "voice" => "Phone",
            "api" => "API",
            _ => "Elsewhere",
        }
    }

    fn other(visit: VisitLine, zone: Tz) -> OtherVisit {
        OtherVisit {
            id: visit.id,
            when: moment(visit.starts_at, zone),
            what: format!("{} with {}", visit.appointment_type, visit.practitioner),
            status: visit.status,
        }
    }

    /// `Tue 24 Nov 2026, 2:00 PM`: other visits may be years away.
    fn moment(at: DateTime<Utc>, zone: Tz) -> String {
        at.with_timezone(&zone).format("%a %-d %b %Y, %-I:%M %p").to_string()
    }

    fn line(happened: &Happened, zone: Tz) -> HistoryLine {
        let what = match happened.kind.as_str() {
            "BookingCreated" => "Booked".to_owned(),
            "BookingRescheduled" => "Moved to another time".to_owned(),
            "BookingCancelled" => "Cancelled".to_owned(),
            "BookingArrived" => "Marked as arrived".to_owned(),
            "BookingNoShow" => "Marked as not come".to_owned(),
            other => words(other),
        };
        let who = match (happened.actor.as_str(), happened.channel.as_str()) {
            ("receptionist", "web") => " by the receptionist in the web chat",
            ("receptionist", "sms") => " by the receptionist in text messages",
            ("receptionist", "voice") => " by the receptionist on the phone",
            ("receptionist", _) => " by the receptionist",
            ("patient", "web") => " by the patient on the booking page",
            ("patient", "api") => " for the patient through the API",
            ("patient", _) => " by the patient",
            ("member", _) => " by a member of staff",
            ("job", _) => " automatically",
            _ => "",
        };
        HistoryLine { text: format!("{what}{who}"), when: moment(happened.created_at, zone) }
    }

    /// `BookingMoved` as `Booking moved`.
    fn words(kind: &str) -> String {
        let mut words = String::with_capacity(kind.len() + 4);
        for letter in kind.chars() {
            match (letter.is_uppercase(), words.is_empty()) {
                (true, false) => words.extend([' '].into_iter().chain(letter.to_lowercase())),
                _ => words.push(letter),
            }
        }
        words
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn history_reads_as_sentences() {
            let at = "2026-11-24T19:00:00Z".parse().unwrap();
            let told = |kind: &str, actor: &str, channel: &str| {
                let happened =
                    Happened { kind: kind.into(), actor: actor.into(), channel: channel.into(), created_at: at };
                line(&happened, chrono_tz::America::New_York)
            };
            let booked = told("BookingCreated", "receptionist", "web");
            assert_eq!(booked.text, "Booked by the receptionist in the web chat");
            assert_eq!(booked.when, "Tue 24 Nov 2026, 2:00 PM");
            assert_eq!(told("BookingMoved", "job", "web").text, "Booking moved automatically");
        }
    }
}

/// `/console/appointments/{id}`.
#[component]
pub fn AppointmentPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let visit = Resource::new_blocking(move || id.get(), appointment_view);
    let liveness = keep_fresh(move || visit.refetch());
    let refusal = refused(&use_query_map().read_untracked()).get_value();
    let actions = Actions { mark: ServerAction::new(), cancel: ServerAction::new() };
    Effect::new(move |_| {
        if actions.mark.version().get() + actions.cancel.version().get() > 0 {
            visit.refetch();
        }
    });
    view! {
        <Loaded
            resource=visit
            waiting="Opening the visit."
            show={move |visit| {
                view! { <Details visit=visit liveness=liveness id=id actions=actions refusal=refusal.clone()/> }
            }}
        />
    }
}

#[component]
fn Details(
    visit: Signal<VisitDetails>,
    liveness: Signal<Liveness>,
    id: Memo<String>,
    actions: Actions,
    refusal: Option<ServerError>,
) -> impl IntoView {
    let text = move |read: fn(&VisitDetails) -> String| move || visit.with(read);
    view! {
        // The document's title is asked for once more after the page is gone.
        <Title text=move || visit.try_with(|visit| visit.patient.clone()).unwrap_or_default()/>
        <div class="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-surface px-4 py-2 md:min-h-14">
            <div class="min-w-0 flex-1">
                <p class="text-12">
                    <a href=text(|visit| format!("/console/today?day={}", visit.day)) class="text-accent hover:underline">
                        "← "
                        {text(|visit| visit.short_date.clone())}
                    </a>
                </p>
                <h1 class="text-16 font-semibold break-words">{text(|visit| visit.patient.clone())}</h1>
            </div>
            <LiveStatus liveness=liveness/>
        </div>
        <div class="grid max-w-5xl items-start gap-4 p-4 text-14 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <div class="flex min-w-0 flex-col gap-4">
                <Visit visit=visit/>
                <Doing visit=visit id=id actions=actions refusal=refusal/>
                <Contact visit=visit/>
            </div>
            <div class="flex min-w-0 flex-col gap-4">
                <OtherVisits visit=visit/>
                <History visit=visit/>
            </div>
        </div>
    }
}

#[component]
fn Visit(visit: Signal<VisitDetails>) -> impl IntoView {
    let text = move |read: fn(&VisitDetails) -> String| move || visit.with(read);
    view! {
        <section aria-labelledby="visit-heading" class="card p-4">
            <h2 id="visit-heading" class="mb-3 text-16 font-semibold">
                "Visit"
            </h2>
            <dl class="details">
                <dt>"When"</dt>
                <dd>
                    <p class="font-semibold">{text(|visit| visit.long_date.clone())}</p>
                    <p class="figures">{text(|visit| format!("{}, {}", visit.times, visit.length))}</p>
                    <p class="text-13 text-muted">{text(|visit| visit.zone.clone())}</p>
                </dd>
                <dt>"Type"</dt>
                <dd>{text(|visit| visit.appointment_type.clone())}</dd>
                <dt>"Practitioner"</dt>
                <dd>{text(|visit| visit.practitioner.clone())}</dd>
                <dt>"Status"</dt>
                <dd>
                    <Status status=Signal::derive(move || visit.with(|visit| visit.status))/>
                </dd>
                <dt>"Confirmation code"</dt>
                <dd class="figures">{text(|visit| visit.code.clone())}</dd>
                <dt>"Came by"</dt>
                <dd>{text(|visit| visit.channel.clone())}</dd>
                <dt>"Note"</dt>
                <dd class="break-words whitespace-pre-line">
                    {text(|visit| visit.note.clone().unwrap_or_else(|| "None".to_owned()))}
                </dd>
            </dl>
        </section>
    }
}

#[component]
fn Contact(visit: Signal<VisitDetails>) -> impl IntoView {
    let link = |scheme: &'static str, value: Option<String>| match value {
        Some(value) => view! {
            <a href=format!("{scheme}:{value}") class="figures break-all text-accent hover:underline">
                {value.clone()}
            </a>
        }
        .into_any(),
        None => view! { <span class="text-muted">"None"</span> }.into_any(),
    };
    view! {
        <section aria-labelledby="contact-heading" class="card p-4">
            <h2 id="contact-heading" class="mb-3 text-16 font-semibold">
                "Contact"
            </h2>
            <dl class="details">
                <dt>"Phone"</dt>
                <dd>{move || link("tel", visit.with(|visit| visit.phone.clone()))}</dd>
                <dt>"Email"</dt>
                <dd>{move || link("mailto", visit.with(|visit| visit.email.clone()))}</dd>
            </dl>
        </section>
    }
}

#[component]
fn OtherVisits(visit: Signal<VisitDetails>) -> impl IntoView {
    let none = Memo::new(move |_| visit.with(|visit| visit.other_visits.is_empty()));
    view! {
        <section aria-labelledby="others-heading" class="card p-4">
            <h2 id="others-heading" class="mb-3 text-16 font-semibold">
                "Earlier and later visits"
            </h2>
            {move || match none.get() {
                true => view! { <p class="text-muted">"This is the patient's only visit so far."</p> }.into_any(),
                false => {
                    view! {
                        <ul role="list" aria-labelledby="others-heading" class="flex flex-col gap-3">
                            <For
                                each=move || visit.with(|visit| visit.other_visits.clone())
                                key=|other| (other.id, other.status.as_str())
                                let:other
                            >
                                <li>
                                    <a
                                        href=format!("/console/appointments/{}", other.id)
                                        class="figures font-medium text-accent hover:underline"
                                    >
                                        {other.when}
                                    </a>
                                    <p class="flex flex-wrap gap-x-2 text-13 text-muted">
                                        {other.what} <Status status=other.status/>
                                    </p>
                                </li>
                            </For>
                        </ul>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

#[component]
fn History(visit: Signal<VisitDetails>) -> impl IntoView {
    view! {
        <section aria-labelledby="history-heading" class="card p-4">
            <h2 id="history-heading" class="mb-3 text-16 font-semibold">
                "History"
            </h2>
            <ol role="list" aria-label="History" class="flex flex-col gap-3">
                {move || {
                    visit
                        .with(|visit| visit.history.clone())
                        .into_iter()
                        .map(|line| {
                            view! {
                                <li>
                                    <p>{line.text}</p>
                                    <p class="figures text-13 text-muted">{line.when}</p>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ol>
        </section>
    }
}
