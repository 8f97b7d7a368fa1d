//! Offering somebody who waits a time that staff choose. Which day and with
//! whom stands in the address.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::components::Form as AddressForm;
use serde::{Deserialize, Serialize};

use crate::components::button;
use crate::error::ServerError;

/// Free times that suit somebody, or why they can be offered none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Suiting {
    /// Whose wish it is.
    pub id: String,
    pub heading: String,
    pub times: Vec<SuitingTime>,
    /// The first and the last day there is to look at, as forms write them.
    pub from: String,
    pub to: String,
    /// The day that is shown.
    pub day: String,
    /// The day after it, if there is one.
    pub later: Option<String>,
    /// Why nothing can be offered to them now.
    pub trouble: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuitingTime {
    /// Who and when, as [`offer_time`] takes it.
    pub slot: String,
    pub time: String,
    pub with: String,
}

/// Where the list goes on with somebody being offered a time.
pub fn address(after: &str, id: &str) -> String {
    let after = if after.is_empty() { String::new() } else { format!("after={after}&") };
    format!("/console/waitlist?{after}offer={id}#wait-{id}")
}

/// What could be offered to an entry: on a day, or the next that has any.
#[server(prefix = "/fn", endpoint = "suiting_times")]
pub async fn suiting_times(id: String, #[server(default)] day: String) -> Result<Suiting, ServerError> {
    use domain::{Rejection, RejectionCode, say};
    use services::clinics;
    use services::waitlist::choosing;

    use crate::console::day::is_a_day;
    use crate::console::staff::{Duty, staff_for};

    let staff = staff_for(Duty::Visits).await?;
    let entry = id.parse().map_err(|_| Rejection::not_found())?;
    let asked = day.parse().ok().filter(|day| is_a_day(*day));
    let mut tx = staff.tx().await?;
    let zone = clinics::time_zone(&mut tx).await?;
    let found = match choosing::suiting(&mut tx, staff.services.clock.now(), entry, asked).await {
        Ok(found) => found,
        Err(services::Error::Rejected(rejection)) if rejection.code == RejectionCode::Invalid => {
            return Ok(Suiting { id, trouble: Some(rejection.message.into_owned()), ..Suiting::default() });
        }
        Err(error) => return Err(error.into()),
    };
    let shown = found.slots.first().map(|slot| slot.claim.starts_at.with_timezone(&zone).date_naive());
    let heading = match (shown, asked) {
        (None, None) => "Nothing that suits them is free.".to_owned(),
        (None, Some(day)) => format!("Nothing that suits them is free from {} on.", say::long_day(day)),
        (Some(shown), Some(day)) if shown > day => {
            format!(
                "Nothing that suits them is free on {}. The next day is {}:",
                say::long_day(day),
                say::long_day(shown)
            )
        }
        (Some(shown), _) => format!("Free on {}", say::long_day(shown)),
    };
    let times = found.slots.into_iter().map(|slot| SuitingTime {
        slot: format!("{} {}", slot.claim.practitioner_id, slot.claim.starts_at.format("%Y-%m-%dT%H:%M:%SZ")),
        time: say::time(slot.claim.starts_at, zone),
        with: slot.practitioner.name,
    });
    Ok(Suiting {
        id,
        heading,
        times: times.collect(),
        day: shown.or(asked).unwrap_or(found.from).to_string(),
        later: shown.and_then(|day| day.succ_opt()).filter(|day| *day <= found.to).map(|day| day.to_string()),
        from: found.from.to_string(),
        to: found.to.to_string(),
        trouble: None,
    })
}

/// Keeps one of its [`suiting_times`] for somebody and tells them.
#[server(prefix = "/fn", endpoint = "offer_time")]
pub async fn offer_time(id: String, #[server(default)] slot: String) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::waitlist::choosing::{self, Chosen};

    use crate::console::staff::{Duty, staff_for};

    let staff = staff_for(Duty::Visits).await?;
    let (now, member, links) = (staff.services.clock.now(), staff.member.id, staff.services.post.links.clone());
    let entry = id.parse().map_err(|_| Rejection::not_found())?;
    let unreadable = || Rejection::invalid("slot", "Please choose one of the times.");
    let (practitioner, starts_at) = slot.split_once(' ').ok_or_else(unreadable)?;
    let chosen = Chosen {
        practitioner: practitioner.parse().map_err(|_| unreadable())?,
        starts_at: starts_at.parse().map_err(|_| unreadable())?,
    };
    let made = staff
        .services
        .db
        .transaction(staff.member.clinic_id, move |tx| {
            let links = links.clone();
            Box::pin(async move { choosing::offer(tx, now, &links, entry, chosen, member).await })
        })
        .await?;
    match made.note {
        Some((conversation, note)) => staff.services.receptionist.announce(conversation, note),
        None => staff.services.feed.committed(),
    }
    leptos_axum::redirect(&format!("/console/waitlist?done=offered-{}", made.way.as_str()));
    Ok(())
}

/// The free times, each a button; and other days.
#[component]
pub fn Offering(suiting: Suiting, after: String, patient: String, offer: ServerAction<OfferTime>) -> impl IntoView {
    let error = move || {
        offer.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err()).map(ToString::to_string))
    };
    let label = format!("Times to offer {patient}");
    view! {
        <section aria-label=label class="flex basis-full flex-col gap-3 rounded-6 border border-line bg-canvas p-3">
            <p role="alert" class="text-14 text-bad empty:hidden">
                {error}
            </p>
            {match suiting.trouble {
                Some(trouble) => view! { <p role="status" class="text-14 text-warn">{trouble}</p> }.into_any(),
                None => {
                    view! {
                        <Days id=suiting.id.clone() after=after.clone() day=suiting.day from=suiting.from to=suiting.to later=suiting.later/>
                        <p role="status" class="text-13 font-medium">
                            {suiting.heading.clone()}
                        </p>
                        <Times id=suiting.id heading=suiting.heading times=suiting.times offer/>
                    }
                        .into_any()
                }
            }}
            <div>
                <a href=list(&after) class="text-13 text-accent hover:underline">
                    "Offer nothing now"
                </a>
            </div>
        </section>
    }
}

fn list(after: &str) -> String {
    if after.is_empty() { "/console/waitlist".to_owned() } else { format!("/console/waitlist?after={after}") }
}

#[component]
fn Days(id: String, after: String, day: String, from: String, to: String, later: Option<String>) -> impl IntoView {
    if from == to {
        return ().into_any();
    }
    let place = StoredValue::new((id, after));
    view! {
        <div class="flex flex-wrap items-end gap-2">
            <AddressForm method="GET" action="/console/waitlist" noscroll=true>
                <Place place/>
                <div class="flex flex-wrap items-end gap-2">
                    <label class="flex flex-col gap-1 text-13 font-medium">
                        "Day"
                        <input type="date" name="day" required min=from max=to value=day class="input w-auto font-normal"/>
                    </label>
                    <button type="submit" class=button::QUIET>
                        "Show"
                    </button>
                </div>
            </AddressForm>
            {later
                .map(|later| {
                    view! {
                        <AddressForm method="GET" action="/console/waitlist" noscroll=true>
                            <Place place/>
                            <input type="hidden" name="day" value=later/>
                            <button type="submit" class=button::QUIET>
                                "Next day"
                            </button>
                        </AddressForm>
                    }
                })}
        </div>
    }
    .into_any()
}

/// What a form leaves as it is in the address.
#[component]
fn Place(place: StoredValue<(String, String)>) -> impl IntoView {
    let (id, after) = place.get_value();
    view! {
        <input type="hidden" name="offer" value=id/>
        {(!after.is_empty()).then(|| view! { <input type="hidden" name="after" value=after/> })}
    }
}

#[component]
fn Times(id: String, heading: String, times: Vec<SuitingTime>, offer: ServerAction<OfferTime>) -> impl IntoView {
    view! {
        <ActionForm action=offer>
            <input type="hidden" name="id" value=id/>
            <ul role="list" aria-label=heading class="grid grid-cols-2 gap-2 sm:grid-cols-4">
                {times
                    .into_iter()
                    .map(|time| {
                        view! {
                            <li>
                                <button
                                    name="slot"
                                    value=time.slot
                                    class="btn btn-quiet w-full flex-col gap-0"
                                    disabled=move || offer.pending().get()
                                >
                                    <span class="figures">{time.time}</span>
                                    " "
                                    <span class="max-w-full truncate text-12 font-normal text-muted">{format!("with {}", time.with)}</span>
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </ActionForm>
    }
}
