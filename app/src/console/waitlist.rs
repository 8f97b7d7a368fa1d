//! Who waits for a time, and what they were offered.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::fresh::{LiveStatus, Liveness, keep_fresh};
use super::loaded::Loaded;
use crate::components::button;
use crate::components::empty::Empty;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;

#[cfg(feature = "ssr")]
const PAGE: usize = 50;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waitlist {
    pub lines: Vec<WaitLine>,
    pub next: Option<String>,
    pub may_act: bool,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitLine {
    pub id: String,
    pub patient: String,
    pub reach: String,
    /// `Haircut with Mia Lin, Tue 24 Nov to Fri 27 Nov, 9:00 AM to noon`.
    pub wish: String,
    pub since: String,
    pub note: Option<String>,
    pub conversation: Option<String>,
    /// What they were offered and what came of it, the newest first.
    pub offers: Vec<String>,
    /// Whether a time is kept for them now.
    pub is_offered: bool,
}

/// Everybody who waits, whoever has longest first.
#[server(prefix = "/fn", endpoint = "waitlist_view")]
pub async fn waitlist_view(#[server(default)] after: String) -> Result<Waitlist, ServerError> {
    use services::waitlist::listing;

    let staff = super::staff::staff().await?;
    let mut tx = staff.tx().await?;
    let zone = services::clinics::time_zone(&mut tx).await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = listing::list(&mut tx, after.parse().ok(), limit).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    Ok(Waitlist {
        next: found.last().filter(|_| has_more).map(|last| last.id.to_string()),
        may_act: super::staff::may(&staff, super::staff::Duty::Visits),
        lines: found.into_iter().map(|entry| telling::line(entry, zone)).collect(),
    })
}

/// Takes somebody off the list.
#[server(prefix = "/fn", endpoint = "close_wait")]
pub async fn close_wait(id: String) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::waitlist::listing;

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let id = id.parse().map_err(|_| Rejection::not_found())?;
    let (now, member) = (staff.services.clock.now(), staff.member.id);
    staff
        .services
        .db
        .transaction(staff.member.clinic_id, move |tx| {
            Box::pin(async move { listing::close(tx, now, id, member).await })
        })
        .await?;
    staff.services.feed.committed();
    Ok(())
}

#[cfg(feature = "ssr")]
mod telling {
    use chrono_tz::Tz;
    use domain::language::Language::English;
    use domain::say;
    use services::waitlist::listing::{Offered, Waiting};

    use super::WaitLine;

    pub fn line(entry: Waiting, zone: Tz) -> WaitLine {
        let is_offered = entry.offers.iter().any(|offer| offer.state == "open");
        WaitLine {
            id: entry.id.to_string(),
            wish: wish(&entry),
            since: format!("Waiting since {}", say::moment(entry.since, zone)),
            offers: entry.offers.iter().map(|offer| story(offer, zone)).collect(),
            conversation: entry.conversation.map(|id| id.to_string()),
            patient: entry.patient,
            reach: entry.reach,
            note: entry.note,
            is_offered,
        }
    }

    fn wish(entry: &Waiting) -> String {
        let with = entry.practitioner.as_deref().map_or("anyone".to_owned(), str::to_owned);
        let (from, to) = (English.day(entry.from), English.day(entry.to));
        let days = if from == to { from } else { format!("{from} to {to}") };
        let minute = |minute: i32| say::minute_of_day(minute.min(1439));
        let hours = if entry.from_minute == 0 && entry.to_minute == 1440 {
            "any time of day".to_owned()
        } else {
            format!("starting {} to {}", minute(entry.from_minute), minute(entry.to_minute))
        };
        format!("{} with {with}, {days}, {hours}", entry.appointment_type)
    }

    fn story(offer: &Offered, zone: Tz) -> String {
        let what = format!("{} with {}", say::moment(offer.starts_at, zone), offer.practitioner);
        let outcome = match offer.state.as_str() {
            "open" => format!("kept for them until {}", say::time(offer.expires_at, zone)),
            "taken" => "taken".to_owned(),
            "declined" => "they did not want it".to_owned(),
            "lapsed" => "no answer in time".to_owned(),
            "unreached" => "no message could be sent".to_owned(),
            _ => "taken off the list".to_owned(),
        };
        let why = match (offer.asked_for_them, offer.others) {
            (_, 0) => "the only one it suited".to_owned(),
            (true, others) => format!("asked for {}; it suited {others} more", offer.practitioner),
            (false, others) => format!("waiting longest; it suited {others} more"),
        };
        format!("Offered {}: {what}, {outcome} ({why})", say::moment(offer.offered_at, zone))
    }
}

/// `/console/waitlist`.
#[component]
pub fn WaitlistPage() -> impl IntoView {
    let query = use_query_map();
    let refusal = refused(&query.read_untracked());
    let after = Memo::new(move |_| query.with(|query| query.get("after").unwrap_or_default()));
    let list = Resource::new_blocking(move || after.get(), waitlist_view);
    let close = ServerAction::<CloseWait>::new();
    Effect::new(move |_| {
        if close.version().get() > 0 {
            list.refetch();
        }
    });
    let error = Signal::derive(move || {
        let tried = close.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        tried.or_else(|| refusal.get_value()).map(|error| error.to_string())
    });
    let liveness = keep_fresh(move || list.refetch());
    view! {
        <Title text="Waitlist"/>
        <Heading liveness/>
        <div class="flex max-w-4xl flex-col gap-4 p-4">
            <Notice text=error/>
            <Loaded resource=list waiting="Opening the waitlist." show={move |page| view! { <Page page=page close=close/> }}/>
        </div>
    }
}

#[component]
fn Heading(liveness: Signal<Liveness>) -> impl IntoView {
    view! {
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-surface px-4 py-2 md:min-h-14">
            <h1 class="min-w-0 flex-1 text-16 font-semibold">"Waitlist"</h1>
            <LiveStatus liveness=liveness/>
        </div>
    }
}

#[component]
fn Page(page: Signal<Waitlist>, close: ServerAction<CloseWait>) -> impl IntoView {
    let next = move || {
        page.with(|page| page.next.clone()).map(|next| {
            let href = format!("/console/waitlist?after={next}");
            view! { <a href=href class=button::QUIET>"More"</a> }
        })
    };
    view! {
        <Show
            when=move || page.with(|page| !page.lines.is_empty())
            fallback=|| {
                view! {
                    <Empty
                        heading="Nobody is waiting."
                        text="Whoever asks for a time that is taken can wait for one. When one comes free it is offered to them, one after another, and listed here."
                    />
                }
            }
        >
            <ul role="list" class="card divide-y divide-line">
                <For
                    each=move || page.with(|page| page.lines.clone())
                    key=|line| (line.id.clone(), line.offers.clone())
                    let:line
                >
                    <Line line may_act=page.with_untracked(|page| page.may_act) close/>
                </For>
            </ul>
        </Show>
        <div>{next}</div>
    }
}

#[component]
fn Line(line: WaitLine, may_act: bool, close: ServerAction<CloseWait>) -> impl IntoView {
    let label = format!("Take off the list: {}", line.patient);
    view! {
        <li class="flex flex-wrap items-start justify-between gap-3 p-3 text-14">
            <div class="flex min-w-0 grow basis-64 flex-col gap-1 sm:flex-1">
                <p class="font-medium break-words">
                    {match line.conversation {
                        Some(id) => {
                            view! {
                                <a href=format!("/console/conversations/{id}") class="text-accent hover:underline">
                                    {line.patient}
                                </a>
                            }
                                .into_any()
                        }
                        None => line.patient.into_any(),
                    }}
                </p>
                {line.is_offered.then(|| view! { <p class="text-13 text-warn">"A time is kept for them"</p> })}
                <p class="break-words">{line.wish}</p>
                <p class="figures text-13 break-words text-muted">{line.since} " · " {line.reach}</p>
                {line.note.map(|note| view! { <p class="text-13 break-words">"“" {note} "”"</p> })}
                {(!line.offers.is_empty())
                    .then(|| {
                        view! {
                            <ul role="list" class="flex flex-col gap-1 text-13 text-muted">
                                {line.offers.into_iter().map(|offer| view! { <li class="break-words">{offer}</li> }).collect_view()}
                            </ul>
                        }
                    })}
            </div>
            {may_act
                .then(|| {
                    view! {
                        <ActionForm action=close>
                            <input type="hidden" name="id" value=line.id/>
                            <button class=button::QUIET aria-label=label disabled=move || close.pending().get()>
                                "Take off the list"
                            </button>
                        </ActionForm>
                    }
                })}
        </li>
    }
}
