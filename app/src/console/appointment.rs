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
use super::person::{Person, PersonView};
use super::status::Status;
use super::told::{Said, Told, ToldLine};
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
    /// Where it is, if the clinic names its places.
    pub place: Option<String>,
    pub status: AppointmentStatus,
    pub code: String,
    pub channel: String,
    pub note: Option<String>,
    /// What was decided about it, beside its status.
    pub decisions: Vec<String>,
    pub rooms: Vec<String>,
    /// Booked together with it.
    pub series: Vec<OtherVisit>,
    pub other_visits: Vec<OtherVisit>,
    /// Ids and names of those it could move to.
    pub offered_by: Vec<(String, String)>,
    pub history: Vec<HistoryLine>,
    /// What the patient was written about it, oldest first.
    pub messages: Vec<ToldLine>,
    /// What they agreed to and ended, in sentences, newest first.
    pub said: Vec<String>,
    pub may: May,
    pub person: Person,
}

/// What can be done about a visit now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct May {
    pub approve: bool,
    pub arrive: bool,
    pub miss: bool,
    pub finish: bool,
    pub shift: bool,
    pub repeat: bool,
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
    use services::booking::{appointments, standing};
    use services::messaging::{ledger, listing};
    use services::{clinics, console, events};

    use super::told::telling as told;

    let staff = super::staff::staff().await?;
    let id: AppointmentId = id.parse().map_err(|_| Rejection::not_found())?;
    let mut tx = staff.tx().await?;
    let zone = clinics::time_zone(&mut tx).await?;
    let booked = appointments::with_notes(&mut tx, id).await?.ok_or_else(Rejection::not_found)?;
    let patient = booked.appointment.patient.clone().ok_or_else(Rejection::not_found)?;
    let standing = standing::of(&mut tx, id).await?;
    let series = match standing.series {
        Some(series) => appointments::of_series(&mut tx, series).await?,
        None => Vec::new(),
    };
    let known = telling::Known {
        others: console::other_visits(&mut tx, patient.id, id).await?,
        history: events::history(&mut tx, id).await?,
        names: console::names(&mut tx).await?,
        offered_by: console::offering(&mut tx, booked.appointment.appointment_type.id).await?,
        may_act: super::staff::may(&staff, super::staff::Duty::Visits),
        person: super::person::describe(&staff, &mut tx, patient.id).await?,
        standing,
        series,
        zone,
    };
    let log = listing::log(&mut tx, id).await?;
    let said = ledger::of_patient(&mut tx, patient.id).await?;
    let now = staff.services.clock.now();
    Ok(VisitDetails {
        messages: log.into_iter().map(|logged| told::line(logged, zone, now)).collect(),
        said: told::said(&said, zone),
        ..telling::tell(booked, patient, known, now)
    })
}

#[cfg(feature = "ssr")]
mod telling {
    use std::collections::HashMap;

    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;
    use domain::appointment::{Appointment, AppointmentStatus, Named, PatientCard};
    use domain::say;
    use serde_json::Value;
    use services::booking::Booked;
    use services::booking::standing::Standing;
    use services::console::VisitLine;
    use services::events::Happened;

    use super::{HistoryLine, May, OtherVisit, Person, VisitDetails};

    /// Everything about a visit but the visit.
    pub struct Known {
        pub others: Vec<VisitLine>,
        pub series: Vec<Appointment>,
        pub history: Vec<Happened>,
        pub names: HashMap<String, String>,
        pub offered_by: Vec<Named>,
        pub standing: Standing,
        pub may_act: bool,
        pub person: Person,
        pub zone: Tz,
    }

    pub fn tell(booked: Booked, patient: PatientCard, known: Known, now: DateTime<Utc>) -> VisitDetails {
        let (appointment, zone) = (booked.appointment, known.zone);
        let is_pending = appointment.status == AppointmentStatus::Pending;
        let is_booked = appointment.status == AppointmentStatus::Booked;
        let may = May {
            approve: is_pending,
            arrive: is_booked,
            miss: is_booked && appointment.starts_at <= now,
            finish: matches!(appointment.status, AppointmentStatus::Booked | AppointmentStatus::Arrived)
                && appointment.starts_at <= now,
            shift: is_booked || is_pending,
            repeat: known.standing.series.is_none()
                && matches!(
                    appointment.status,
                    AppointmentStatus::Booked | AppointmentStatus::Arrived | AppointmentStatus::Fulfilled
                ),
            cancel: is_booked,
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
            place: appointment.location.map(|place| place.to_string()),
            status: appointment.status,
            code: appointment.confirmation_code.as_str().to_owned(),
            channel: channel(&booked.channel).to_owned(),
            note: booked.note,
            decisions: decisions(&known.standing, zone),
            history: history(&known),
            messages: Vec::new(),
            said: Vec::new(),
            rooms: known.standing.rooms,
            offered_by: known.offered_by.into_iter().map(|named| (named.id.to_string(), named.name)).collect(),
            may: if known.may_act { may } else { May::default() },
            person: known.person,
            series: known
                .series
                .into_iter()
                .filter(|visit| visit.id != appointment.id)
                .map(|visit| sibling(visit, zone))
                .collect(),
            other_visits: known.others.into_iter().map(|visit| other(visit, zone)).collect(),
        }
    }

    /// What was decided about the visit, in sentences.
    fn decisions(standing: &Standing, zone: Tz) -> Vec<String> {
        let mut decisions = Vec::new();
        if let Some(at) = standing.confirmed_at {
            decisions.push(format!("The patient confirmed it on {}.", moment(at, zone)));
        }
        if let Some(asked) = &standing.asked {
            decisions.push(match &asked.message {
                Some(message) => format!("The patient was asked to choose another time: “{message}”"),
                None => "The patient was asked to choose another time.".to_owned(),
            });
        }
        if standing.is_kept {
            decisions.push("Kept although it is outside the usual hours.".to_owned());
        }
        if let Some(reason) = &standing.cancel_reason {
            decisions.push(format!("Reason: {reason}"));
        }
        decisions
    }

    fn sibling(visit: Appointment, zone: Tz) -> OtherVisit {
        OtherVisit {
            id: visit.id,
            when: moment(visit.starts_at, zone),
            what: format!("{} with {}", visit.appointment_type.name, visit.practitioner.name),
            status: visit.status,
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

    /// What happened, oldest first.
    fn history(known: &Known) -> Vec<HistoryLine> {
        let mut is_request = false;
        let told = known.history.iter().filter(|happened| {
            // That a time is free again is news for the clinic, not part of
            // what happened to the visit.
            happened.kind != "SlotOpened"
        });
        told.map(|happened| {
            let was_request = is_request;
            is_request = match happened.kind.as_str() {
                "BookingRequested" => true,
                "BookingRescheduled" => was_request || happened.payload["pending"] == true,
                "BookingCreated" => false,
                _ => was_request,
            };
            line(happened, was_request, known)
        })
        .collect()
    }

    fn line(happened: &Happened, was_request: bool, known: &Known) -> HistoryLine {
        let payload = &happened.payload;
        let place = |at: &Value| place(at, known);
        let by_staff = happened.actor == "member";
        let what = match happened.kind.as_str() {
            "BookingRequested" => format!("Asked for {}", place(payload)),
            "BookingCreated" if payload["approved"] == true => "Approved".to_owned(),
            "BookingCreated" => format!("Booked for {}", place(payload)),
            "BookingRescheduled" => format!("Moved from {} to {}", place(&payload["from"]), place(&payload["to"])),
            "BookingCancelled" if was_request && by_staff => "Declined".to_owned(),
            "BookingCancelled" if was_request => "Taken back".to_owned(),
            "BookingCancelled" => "Cancelled".to_owned(),
            "BookingConfirmed" => "Confirmed".to_owned(),
            "BookingArrived" => "Marked as arrived".to_owned(),
            "BookingNoShow" => "Marked as not come".to_owned(),
            "BookingFulfilled" => "Done".to_owned(),
            "BookingKept" => "Kept outside the usual hours".to_owned(),
            "BookingAsked" => match payload["message"].as_str() {
                Some(message) => format!("Patient asked to choose another time (“{message}”)"),
                None => "Patient asked to choose another time".to_owned(),
            },
            other => words(other),
        };
        HistoryLine { text: format!("{what}{}", who(happened, known)), when: moment(happened.created_at, known.zone) }
    }

    /// `Tue 24 Nov 2026, 2:00 PM with Mia Lin`, as far as it was written down.
    fn place(at: &Value, known: &Known) -> String {
        let starts_at = at["starts_at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
        let when = starts_at.map_or_else(|| "an unknown time".to_owned(), |at| moment(at, known.zone));
        match at["practitioner_id"].as_str().and_then(|id| known.names.get(id)) {
            Some(name) => format!("{when} with {name}"),
            None => when,
        }
    }

    /// By whom and which way, after what was done.
    fn who(happened: &Happened, known: &Known) -> String {
        let member = happened.actor_id.and_then(|id| known.names.get(&id.to_string()));
        match (happened.actor.as_str(), happened.channel.as_str()) {
            ("receptionist", "web") => " by the receptionist in the web chat",
            ("receptionist", "sms") => " by the receptionist in text messages",
            ("receptionist", "voice") => " by the receptionist on the phone",
            ("receptionist", _) => " by the receptionist",
            ("patient", "web") => " by the patient on the web",
            ("patient", "sms") => " by the patient in a text message",
            ("patient", "voice") => " by the patient on the phone",
            ("patient", "api") => " for the patient through the API",
            ("program", _) => " by the clinic's own program through the API",
            ("patient", _) => " by the patient",
            ("member", "api") => " by staff through the API",
            ("member", _) => match member {
                Some(name) => return format!(" by {name} in the console"),
                None => " by a member of staff in the console",
            },
            ("job", _) => " automatically",
            _ => "",
        }
        .to_owned()
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

        fn told(happened: Vec<(&str, &str, &str, Value)>) -> Vec<String> {
            let member = domain::Id::<()>::new().uuid();
            let known = Known {
                others: Vec::new(),
                series: Vec::new(),
                history: happened
                    .into_iter()
                    .map(|(kind, actor, channel, payload)| Happened {
                        id: domain::Id::<()>::new().uuid(),
                        kind: kind.into(),
                        actor: actor.into(),
                        actor_id: (actor == "member").then_some(member),
                        channel: channel.into(),
                        payload,
                        created_at: "2026-11-24T19:00:00Z".parse().unwrap(),
                    })
                    .collect(),
                names: [("p1".to_owned(), "Mia Lin".to_owned()), (member.to_string(), "Rosa Delgado".to_owned())]
                    .into(),
                offered_by: Vec::new(),
                standing: Standing {
                    is_kept: false,
                    confirmed_at: None,
                    asked: None,
                    is_declined: false,
                    cancel_reason: None,
                    series: None,
                    rooms: Vec::new(),
                },
                may_act: true,
                person: Person::default(),
                zone: chrono_tz::America::New_York,
            };
            history(&known).into_iter().map(|line| format!("{}, {}", line.text, line.when)).collect()
        }

        #[test]
        fn history_reads_as_sentences() {
            let at = |at: &str| serde_json::json!({ "starts_at": at, "practitioner_id": "p1" });
            let moved = serde_json::json!({ "from": at("2026-11-24T19:00:00Z"), "to": at("2026-11-25T15:30:00Z") });
            let lines = told(vec![
                ("BookingRequested", "receptionist", "web", at("2026-11-24T19:00:00Z")),
                ("BookingCreated", "member", "console", serde_json::json!({ "approved": true })),
                ("BookingRescheduled", "member", "console", moved),
                ("SlotOpened", "member", "console", Value::Null),
                ("BookingAsked", "member", "api", serde_json::json!({ "message": "Mia is away." })),
                ("BookingCancelled", "patient", "web", Value::Null),
                ("BookingPostponed", "job", "web", Value::Null),
            ]);
            let now = ", Tue 24 Nov 2026, 2:00 PM";
            let expected = [
                "Asked for Tue 24 Nov 2026, 2:00 PM with Mia Lin by the receptionist in the web chat",
                "Approved by Rosa Delgado in the console",
                "Moved from Tue 24 Nov 2026, 2:00 PM with Mia Lin to Wed 25 Nov 2026, 10:30 AM with Mia Lin \
                 by Rosa Delgado in the console",
                "Patient asked to choose another time (“Mia is away.”) by staff through the API",
                "Cancelled by the patient on the web",
                "Booking postponed automatically",
            ];
            assert_eq!(lines, expected.map(|line| format!("{line}{now}")));
        }

        #[test]
        fn a_request_is_declined_or_taken_back() {
            let asked = || ("BookingRequested", "patient", "web", Value::Null);
            let ended = |actor: &'static str, channel: &'static str| {
                told(vec![asked(), ("BookingCancelled", actor, channel, Value::Null)]).remove(1)
            };
            assert!(ended("member", "console").starts_with("Declined by Rosa Delgado"));
            assert!(ended("patient", "web").starts_with("Taken back by the patient"));
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
    let actions = Actions::default();
    Effect::new(move |_| {
        if actions.version() > 0 {
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
                <PersonView visit=visit actions=actions/>
                <Said visit=visit/>
            </div>
            <div class="flex min-w-0 flex-col gap-4">
                <Show when=move || visit.with(|visit| !visit.series.is_empty())>
                    <VisitList
                        id="series-heading"
                        heading="Booked together with it"
                        visits=Signal::derive(move || visit.with(|visit| visit.series.clone()))
                    />
                </Show>
                <VisitList
                    id="others-heading"
                    heading="Earlier and later visits"
                    visits=Signal::derive(move || visit.with(|visit| visit.other_visits.clone()))
                />
                <Told visit=visit/>
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
                {move || visit.with(|visit| visit.place.clone()).map(|place| view! { <dt>"Where"</dt><dd>{place}</dd> })}
                {move || {
                    let rooms = visit.with(|visit| visit.rooms.join(", "));
                    (!rooms.is_empty()).then(|| view! { <dt>"Room"</dt><dd>{rooms}</dd> })
                }}
                <dt>"Status"</dt>
                <dd>
                    <Status status=Signal::derive(move || visit.with(|visit| visit.status))/>
                    {move || {
                        visit
                            .with(|visit| visit.decisions.clone())
                            .into_iter()
                            .map(|decision| view! { <p class="text-13 break-words text-muted">{decision}</p> })
                            .collect_view()
                    }}
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
fn VisitList(id: &'static str, heading: &'static str, visits: Signal<Vec<OtherVisit>>) -> impl IntoView {
    let none = Memo::new(move |_| visits.with(Vec::is_empty));
    view! {
        <section aria-labelledby=id class="card p-4">
            <h2 id=id class="mb-3 text-16 font-semibold">
                {heading}
            </h2>
            {move || match none.get() {
                true => view! { <p class="text-muted">"This is the patient's only visit so far."</p> }.into_any(),
                false => {
                    view! {
                        <ul role="list" aria-labelledby=id class="flex flex-col gap-3">
                            <For each=move || visits.get() key=|other| (other.id, other.when.clone(), other.status.as_str()) let:other>
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
                                    <p class="break-words">{line.text}</p>
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
