//! The booking page: what, with whom, which day, which time, who. Every step
//! is an address, so it works without JavaScript and with the back button.

mod calendar;
mod steps;
mod times;

use domain::appointment::AppointmentTypeCard;
use domain::id::{HoldId, PractitionerId};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use crate::components::empty::Empty;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;
use crate::patient::clinic::{ClinicHeader, ClinicView, Reach};
use calendar::Calendar;
use steps::{Details, Practitioners, Types};
use times::Times;

/// What the address says has been chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    pub kind: Option<String>,
    /// A practitioner's id, [`ANYONE`] or [`CHOOSE`]; anyone without.
    pub with: Option<String>,
    /// The month shown, `2026-11`.
    pub month: Option<String>,
    pub day: Option<String>,
    pub hold: Option<String>,
    /// The link to a visit that is to be moved.
    pub visit: Option<String>,
}

/// Says in the address that any practitioner will do.
pub const ANYONE: &str = "any";
/// Says in the address that the patient is choosing with whom.
pub const CHOOSE: &str = "choose";

impl Chosen {
    /// Whether the times shown are anyone's.
    fn is_anyone(&self) -> bool {
        self.with.as_deref().is_none_or(|with| [ANYONE, CHOOSE].contains(&with))
    }
}

/// A visit that is to be moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moving {
    pub token: String,
    /// `Haircut with Mia Lin, Tue 24 Nov, 2:00 PM`.
    pub label: String,
}

/// A month to choose a day from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Month {
    /// `November 2026`.
    pub label: String,
    /// Weeks from Monday; none where a week reaches out of the month.
    pub weeks: Vec<Vec<Option<DayOption>>>,
    /// The months before and after, as far as visits can be booked.
    pub earlier: Option<MonthLink>,
    pub later: Option<MonthLink>,
    /// Whether any of its days has a free time.
    pub has_free: bool,
    /// Where nothing is free, the next month with a free time.
    pub next_free: Option<MonthLink>,
}

/// Another month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonthLink {
    /// `2026-12`.
    pub month: String,
    /// `December 2026`.
    pub label: String,
}

/// A day with its number of free times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayOption {
    /// `2026-11-24`.
    pub date: String,
    /// `24`.
    pub number: u32,
    /// `Tuesday 24 November`.
    pub label: String,
    pub free: usize,
}

/// The free times of the chosen day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayTimes {
    /// `Tuesday 24 November`.
    pub label: String,
    /// Morning, afternoon and evening, those with free times.
    pub parts: Vec<(String, Vec<TimeOption>)>,
}

/// A free time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeOption {
    pub slot: String,
    pub time: String,
    pub with: String,
}

/// A time being kept while the patient fills in the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub hold_id: HoldId,
    pub what: String,
    pub when: String,
    pub with: String,
    /// `2:05 PM`.
    pub until: String,
}

/// The booking page, as far as it has got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    pub clinic: ClinicView,
    pub token: String,
    pub chosen: Chosen,
    pub types: Vec<AppointmentTypeCard>,
    /// Who offers the chosen type: id and name.
    pub practitioners: Vec<(PractitionerId, String)>,
    /// Whom the patient saw last, where the browser is known to be theirs.
    pub usual: Option<PractitionerId>,
    pub month: Option<Month>,
    pub day: Option<DayTimes>,
    pub kept: Option<Kept>,
    pub moving: Option<Moving>,
    /// Something about the choice that has to be said.
    pub notice: Option<String>,
}

/// What the page shows for what has been chosen so far.
#[server(prefix = "/fn", endpoint = "open_booking")]
pub async fn open_booking(slug: String, chosen: Chosen) -> Result<Booking, ServerError> {
    let visitor = crate::caller::visitor(&slug, None).await?;
    Ok(reading::read(&visitor, chosen).await?)
}

/// Keeps a time and goes on to the form. `with` is whom the times shown were
/// with, so that going back shows them again.
#[server(prefix = "/fn", endpoint = "hold_time")]
pub async fn hold_time(slug: String, token: String, slot: String, with: Option<String>) -> Result<(), ServerError> {
    use services::booking::Channel;

    let visitor = crate::caller::visitor(&slug, Some(&token)).await?;
    let now = visitor.services.clock.now();
    let owner = visitor.owner();
    let claim = visitor.services.slots.verify(visitor.clinic, owner, &slot, now)?;
    let hold = visitor
        .services
        .db
        .transaction(visitor.clinic, move |tx| {
            Box::pin(async move { services::booking::hold(tx, now, owner, Channel::Web, &claim).await })
        })
        .await?;
    let with = reading::practitioner(with).map(|with| format!("&with={with}"));
    leptos_axum::redirect(&format!("/c/{slug}/book?hold={}{}", hold.hold_id, with.unwrap_or_default()));
    Ok(())
}

/// Moves a visit to a time, and goes back to the visit's own page.
#[server(prefix = "/fn", endpoint = "move_visit")]
pub async fn move_visit(slug: String, token: String, slot: String, visit: String) -> Result<(), ServerError> {
    use domain::{Rejection, RejectionCode};
    use services::booking::{self, Changer, Channel};

    let visitor = crate::caller::visitor(&slug, Some(&token)).await?;
    let now = visitor.services.clock.now();
    let opened = visitor.services.visits.verify(&visit).filter(|(clinic, _)| *clinic == visitor.clinic);
    let (_, id) = opened.ok_or_else(|| Rejection::new(RejectionCode::NotFound, "This link does not open a visit."))?;
    let claim = visitor.services.slots.verify(visitor.clinic, visitor.owner(), &slot, now)?;
    let changer = Changer::patient(Channel::Web, None);
    let moved = visitor
        .services
        .db
        .transaction(visitor.clinic, move |tx| {
            Box::pin(async move { booking::reschedule(tx, now, id, &claim, changer).await })
        })
        .await?;
    visitor.services.feed.committed();
    moved.made()?;
    leptos_axum::redirect(&format!("/m/{visit}"));
    Ok(())
}

/// Lets go of a time and goes back to choosing.
#[server(prefix = "/fn", endpoint = "release_time")]
pub async fn release_time(
    slug: String,
    token: String,
    hold_id: HoldId,
    with: Option<String>,
) -> Result<(), ServerError> {
    use services::booking;

    let visitor = crate::caller::visitor(&slug, Some(&token)).await?;
    let (now, owner) = (visitor.services.clock.now(), visitor.owner());
    let hold = visitor
        .services
        .db
        .transaction(visitor.clinic, move |tx| {
            Box::pin(async move {
                let hold = booking::find_hold(tx, now, owner, hold_id).await?;
                booking::release(tx, owner, hold_id).await?;
                Ok(hold)
            })
        })
        .await?;
    let back = hold.map(|hold| {
        let with = reading::practitioner(with).map(|with| format!("&with={with}"));
        let day = hold.local.split('T').next().unwrap_or_default();
        format!("?type={}{}&day={day}", hold.appointment_type.slug, with.unwrap_or_default())
    });
    leptos_axum::redirect(&format!("/c/{slug}/book{}", back.unwrap_or_default()));
    Ok(())
}

/// Books the kept time and goes on to the visit's own page.
#[server(prefix = "/fn", endpoint = "book_visit")]
pub async fn book_visit(
    slug: String,
    token: String,
    hold_id: HoldId,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    note: Option<String>,
) -> Result<(), ServerError> {
    use services::booking::{self, Channel};
    use services::{conversations, events::Actor, identity};

    let visitor = crate::caller::visitor(&slug, Some(&token)).await?;
    let now = visitor.services.clock.now();
    let note = booking::note(note.as_deref())?;
    let patient = identity::PatientInput { name, phone, email };
    let (owner, conversation) = (visitor.owner(), visitor.conversation);
    let confirmed = visitor
        .services
        .db
        .transaction(visitor.clinic, move |tx| {
            let (patient, note) = (patient.clone(), note.clone());
            Box::pin(async move {
                let patient = identity::read_input(tx, &patient).await?;
                conversations::open(tx, conversation, Channel::Web, now).await?;
                let booking = booking::Booking {
                    hold_id,
                    owner,
                    patient,
                    note,
                    channel: Channel::Web,
                    actor: Actor::Patient,
                    conversation_id: Some(conversation),
                };
                booking::confirm(tx, now, &booking).await
            })
        })
        .await?;
    visitor.services.feed.committed();
    crate::caller::remember_patient(&slug);
    let visit = visitor.services.visits.sign(visitor.clinic, confirmed.appointment.id);
    leptos_axum::redirect(&format!("/m/{visit}"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod month;
#[cfg(feature = "ssr")]
mod reading;

/// `/c/{slug}/book`.
#[component]
pub fn BookPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let refusal = refused(&query.read_untracked());
    let booking = Resource::new_blocking(
        move || (params.read().get("slug").unwrap_or_default(), chosen(&query.read())),
        |(slug, chosen)| open_booking(slug, chosen),
    );
    let hold = ServerAction::<HoldTime>::new();
    let book = ServerAction::<BookVisit>::new();
    let moving = ServerAction::<MoveVisit>::new();
    // A time that went to someone else is shown as gone at once.
    Effect::new(move |_| {
        let lost = hold.value().with(|value| matches!(value, Some(Err(_))))
            || moving.value().with(|value| matches!(value, Some(Err(_))));
        if lost {
            booking.refetch();
        }
    });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match booking.await {
                    Ok(booking) => view! { <Open booking hold book moving refusal=refusal.get_value()/> }.into_any(),
                    Err(error) => {
                        view! {
                            <Title text="Not found"/>
                            <main class="mx-auto max-w-xl p-6">
                                <Empty heading=error.to_string() text="Please check the address, or go back to the clinic's site." level=1/>
                            </main>
                        }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}

fn chosen(query: &leptos_router::params::ParamsMap) -> Chosen {
    Chosen {
        kind: query.get("type"),
        with: query.get("with"),
        month: query.get("month"),
        day: query.get("day"),
        hold: query.get("hold"),
        visit: query.get("visit"),
    }
}

#[component]
fn Open(
    booking: Booking,
    hold: ServerAction<HoldTime>,
    book: ServerAction<BookVisit>,
    moving: ServerAction<MoveVisit>,
    refusal: Option<ServerError>,
) -> impl IntoView {
    let clinic = booking.clinic.clone();
    let chat = format!("/c/{}", clinic.slug);
    let aside = view! { <a href=chat rel="external" class="btn btn-quiet">"Chat"</a> }.into_any();
    let hold_refusal = refusal.clone();
    let hold_error = Signal::derive(move || {
        let tried = hold.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        let moved = moving.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        tried.or(moved).or_else(|| hold_refusal.clone()).map(|error| error.to_string())
    });
    let notice = booking.notice.clone();
    let reach = clinic.clone();
    let (heading, about) = match &booking.moving {
        Some(moving) => ("Choose another time", format!("{}. Times are {}.", moving.label, clinic.zone)),
        None => ("Book a visit", format!("Times are {}.", clinic.zone)),
    };
    let panes = match booking.month {
        Some(_) => {
            "grid items-start gap-6 md:grid-cols-[minmax(0,14rem)_minmax(0,1fr)] \
             lg:grid-cols-[minmax(0,14rem)_minmax(0,1fr)_minmax(0,17rem)]"
        }
        None => "max-w-xl",
    };
    view! {
        <Title text=format!("Book a visit at {}", clinic.name)/>
        <div class="min-h-dvh bg-canvas" style=clinic.theme.clone()>
            <ClinicHeader clinic=clinic.clone() aside/>
            <main class="mx-auto flex max-w-5xl flex-col gap-6 px-4 py-6">
                <div>
                    <h1 class="text-28 font-semibold">{heading}</h1>
                    <p class="mt-1 text-14 text-muted">{about}</p>
                </div>
                {notice.map(|notice| view! { <p role="status" class="rounded-6 bg-warn-soft px-3 py-2 text-14 text-warn">{notice}</p> })}
                {if booking.kept.is_some() {
                    view! { <Details booking=booking.clone() book refusal/> }.into_any()
                } else {
                    view! {
                        <Notice text=hold_error/>
                        <div class=panes>
                            <div class="flex flex-col gap-3 md:gap-6">
                                <Types booking=booking.clone()/>
                                <Practitioners booking=booking.clone()/>
                            </div>
                            <div class="flex flex-col gap-6 lg:contents">
                                <Calendar booking=booking.clone()/>
                                <Times booking=booking.clone() hold moving/>
                            </div>
                        </div>
                    }
                        .into_any()
                }}
                <footer class="border-t border-line pt-4">
                    <Reach clinic=reach/>
                </footer>
            </main>
        </div>
    }
}
