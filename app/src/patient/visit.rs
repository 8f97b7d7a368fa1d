//! A booked visit, behind the link its patient was given.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use crate::components::empty::Empty;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;
use crate::patient::clinic::{ClinicHeader, ClinicView, Reach};

/// A visit as its patient sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    pub clinic: ClinicView,
    pub heading: String,
    /// `Tuesday 24 November`.
    pub day: String,
    /// `2:00 PM to 2:45 PM`.
    pub time: String,
    pub starts_at: String,
    pub what: String,
    pub with: String,
    /// The name and the address of the place, where the clinic has several.
    pub place: Option<(String, Option<String>)>,
    pub code: String,
    /// What the code is for, while nothing is booked.
    pub code_label: String,
    /// While there is something to put into a calendar.
    pub calendar: Option<String>,
    /// What to expect, while the clinic has not decided.
    pub expect: Option<String>,
    /// That the clinic asks for another time, and its own words.
    pub asked: Option<Asked>,
    /// Where another time can be chosen, while that is possible.
    pub move_href: Option<String>,
}

/// The clinic asks the patient to choose another time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub message: Option<String>,
}

/// The visit a link opens.
#[server(prefix = "/fn", endpoint = "open_visit")]
pub async fn open_visit(token: String) -> Result<Visit, ServerError> {
    use chrono::Datelike;
    use domain::{Rejection, RejectionCode, appointment::AppointmentStatus, say};
    use services::booking::{appointments, standing};
    use services::clinics;

    let services = crate::caller::edge()?.services;
    let unknown = || Rejection::new(RejectionCode::NotFound, "This link does not open a visit.");
    let (clinic, id) = services.visits.verify(&token).ok_or_else(unknown)?;
    let now = services.clock.now();
    let mut tx = services.db.clinic(clinic).await?;
    let appointment = appointments::by_id(&mut tx, id).await?.ok_or_else(unknown)?;
    let zone = clinics::time_zone(&mut tx).await?;
    let clinic = ClinicView::read(&mut tx, now).await?;
    let may_change = appointments::may_change(&mut tx, id, now).await?;
    let standing = standing::of(&mut tx, id).await?;
    let is_over = appointment.ends_at < now || appointment.status == AppointmentStatus::Fulfilled;
    let is_pending = appointment.status == AppointmentStatus::Pending && !is_over;
    let is_ahead = matches!(appointment.status, AppointmentStatus::Booked | AppointmentStatus::Arrived) && !is_over;
    let (heading, expect) = match appointment.status {
        AppointmentStatus::Cancelled if standing.is_declined => (
            "The clinic could not take this time",
            Some("Nothing is booked, and the time is free again. Please choose another time, or get in touch."),
        ),
        AppointmentStatus::Cancelled => ("This visit was cancelled", None),
        AppointmentStatus::Noshow => ("You missed this visit", None),
        _ if is_over => ("Your visit is over", None),
        AppointmentStatus::Pending => (
            "You have asked for this time",
            Some(
                "The clinic decides whether it can take it. Until then the time is kept for you, but the visit is not \
                 booked yet. This page shows what was decided, so please look again.",
            ),
        ),
        _ => ("Your visit is booked", None),
    };
    let asked = standing.asked.filter(|_| is_pending || is_ahead).map(|asked| Asked { message: asked.message });
    Ok(Visit {
        heading: heading.into(),
        day: say::friendly_day(
            appointment.starts_at.with_timezone(&zone).date_naive(),
            now.with_timezone(&zone).year(),
        ),
        time: format!("{} to {}", say::time(appointment.starts_at, zone), say::time(appointment.ends_at, zone)),
        starts_at: appointment.starts_at.to_rfc3339(),
        what: format!("{}, {}", appointment.appointment_type.name, say::minutes(appointment.minutes())),
        with: appointment.practitioner.name,
        place: appointment.location.map(|place| (place.name, place.address)),
        code: appointment.confirmation_code.to_string(),
        code_label: if is_pending { "Code of your request" } else { "Confirmation code" }.to_owned(),
        move_href: may_change.then(|| format!("/c/{}/book?visit={token}", clinic.slug)),
        calendar: (is_ahead && asked.is_none()).then(|| format!("/m/{token}/calendar.ics")),
        expect: expect.map(str::to_owned),
        asked,
        clinic,
    })
}

/// Calls the visit off that a link opens.
#[server(prefix = "/fn", endpoint = "cancel_visit")]
pub async fn cancel_visit(token: String) -> Result<(), ServerError> {
    use domain::{Rejection, RejectionCode};
    use services::booking::{self, Changer, Channel};

    let services = crate::caller::edge()?.services;
    let unknown = || Rejection::new(RejectionCode::NotFound, "This link does not open a visit.");
    let (clinic, id) = services.visits.verify(&token).ok_or_else(unknown)?;
    let now = services.clock.now();
    let changer = Changer::patient(Channel::Web, None);
    let cancelled = services
        .db
        .transaction(clinic, move |tx| Box::pin(async move { booking::cancel(tx, now, id, None, changer).await }))
        .await?;
    services.feed.committed();
    cancelled.made()?;
    leptos_axum::redirect(&format!("/m/{token}"));
    Ok(())
}

/// `/m/{token}`.
#[component]
pub fn VisitPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let refusal = refused(&query.read_untracked());
    let cancel = ServerAction::<CancelVisit>::new();
    let token = move || params.read().get("token").unwrap_or_default();
    let visit = Resource::new_blocking(move || (token(), cancel.version().get()), |(token, _)| open_visit(token));
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match visit.await {
                    Ok(visit) => view! { <Ticket visit token=token() cancel refusal=refusal.get_value()/> }.into_any(),
                    Err(error) => {
                        view! {
                            <Title text="Not found"/>
                            <main class="mx-auto max-w-xl p-6">
                                <Empty heading=error.to_string() text="Please check that the whole link was copied." level=1/>
                            </main>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
}

#[component]
fn Ticket(
    visit: Visit,
    token: String,
    cancel: ServerAction<CancelVisit>,
    refusal: Option<ServerError>,
) -> impl IntoView {
    let error = Signal::derive(move || {
        let tried = cancel.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        tried.or_else(|| refusal.clone()).map(|error| error.to_string())
    });
    // Where the clinic asks for another time, that stands above.
    let is_asked = visit.asked.is_some();
    let change = visit.move_href.clone().map(|href| {
        view! {
            <section class="flex flex-col gap-2">
                <h2 class="text-14 font-semibold">"Change of plan"</h2>
                {(!is_asked)
                    .then(|| view! { <a class="btn btn-quiet" href=href rel="external">"Choose another time"</a> })}
                // Works without JavaScript, and nothing is cancelled by one tap.
                <details class="card">
                    <summary class="cursor-pointer px-4 py-3 text-14 font-semibold">"Cancel this visit"</summary>
                    <ActionForm action=cancel attr:class="flex flex-col gap-3 px-4 pb-4">
                        <p class="text-14 text-muted">"Your time is given free at once. This cannot be undone."</p>
                        <input type="hidden" name="token" value=token/>
                        <button class="btn btn-bad" disabled=move || cancel.pending().get()>
                            "Yes, cancel my visit"
                        </button>
                    </ActionForm>
                </details>
            </section>
        }
    });
    let again = format!("/c/{}/book", visit.clinic.slug);
    let asked =
        visit.asked.map(|asked| view! { <ChooseAgain asked clinic=visit.clinic.clone() move_href=visit.move_href/> });
    let expect = visit.expect.map(|expect| view! { <p class="-mt-4 text-14 text-muted">{expect}</p> });
    let calendar = visit.calendar.map(|calendar| {
        view! { <a class="btn btn-primary" href=calendar download="visit.ics" rel="external">"Add to calendar"</a> }
    });
    let clinic = visit.clinic;
    let reach = clinic.clone();
    view! {
        <Title text=visit.heading.clone()/>
        <div class="min-h-dvh bg-canvas" style=clinic.theme.clone()>
            <ClinicHeader clinic=clinic.clone()/>
            <main class="mx-auto flex max-w-md flex-col gap-6 px-4 py-8">
                <h1 class="text-28 font-semibold">{visit.heading}</h1>
                {expect}
                {asked}
                <div class="card overflow-hidden">
                    <div class="flex flex-col gap-1 p-4">
                        <p class="text-20 font-semibold">
                            <time datetime=visit.starts_at>{visit.day} <span class="block">{visit.time}</span></time>
                        </p>
                        <p class="text-13 text-muted">{clinic.zone.clone()}</p>
                        <p class="mt-2 text-14">{visit.what}</p>
                        <p class="text-14 text-muted">{format!("with {}", visit.with)}</p>
                        {visit
                            .place
                            .map(|(name, address)| {
                                view! {
                                    <p class="mt-2 text-14">
                                        <span class="font-semibold">{name}</span>
                                        {address.map(|address| view! { <span class="block text-muted">{address}</span> })}
                                    </p>
                                }
                            })}
                    </div>
                    <div class="ticket-edge"></div>
                    <div class="flex items-center justify-between gap-4 p-4">
                        <span class="text-13 text-muted">{visit.code_label}</span>
                        <span class="figures text-20 font-semibold tracking-wider">{visit.code}</span>
                    </div>
                </div>
                <div class="flex flex-col gap-2">
                    {calendar}
                    <a class="btn btn-quiet" href=again rel="external">"Book another visit"</a>
                </div>
                <Notice text=error/>
                {change}
                <section class="flex flex-col gap-2">
                    <h2 class="text-14 font-semibold">"Questions"</h2>
                    <p class="text-14 text-muted">"Get in touch with the clinic, and have your code ready."</p>
                    <Reach clinic=reach/>
                </section>
            </main>
        </div>
    }
}

/// The clinic's wish for another time, and the ways to answer it.
#[component]
fn ChooseAgain(asked: Asked, clinic: ClinicView, move_href: Option<String>) -> impl IntoView {
    let talk = match clinic.phone {
        Some(phone) => format!("tel:{phone}"),
        None => format!("/c/{}", clinic.slug),
    };
    view! {
        <section aria-labelledby="asked-heading" class="flex flex-col gap-3 rounded-10 border border-warn bg-warn-soft p-4">
            <h2 id="asked-heading" class="text-16 font-semibold">
                "Please choose another time"
            </h2>
            {match asked.message {
                Some(message) => {
                    view! {
                        <blockquote class="text-14 break-words whitespace-pre-line">{message}</blockquote>
                        <p class="text-13">{format!("from {}", clinic.name)}</p>
                    }
                        .into_any()
                }
                None => view! { <p class="text-14">"The clinic cannot keep this time as it is. Until you choose, it stays yours."</p> }.into_any(),
            }}
            {move_href.map(|href| view! { <a class="btn btn-primary" href=href rel="external">"Choose another time"</a> })}
            <a class="btn btn-quiet" href=talk rel="external">
                "Keep talking to the clinic"
            </a>
        </section>
    }
}
