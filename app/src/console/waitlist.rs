//! Who waits for a time, and what they were offered.

pub mod adding;
pub mod offering;
#[cfg(feature = "ssr")]
mod telling;

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use self::adding::{AddWait, Adding, wait_choices};
use self::offering::{OfferTime, Offering, Suiting, suiting_times};
use super::fresh::{LiveStatus, Liveness, keep_fresh};
use super::loaded::Loaded;
use super::settings::focus_on;
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

/// What staff do about those who wait.
#[derive(Clone, Copy)]
struct Acts {
    close: ServerAction<CloseWait>,
    offer: ServerAction<OfferTime>,
    /// The page of the list, and who on it is being offered a time.
    after: Memo<String>,
    offered: Memo<String>,
    suiting: Resource<Result<Suiting, ServerError>>,
}

/// `/console/waitlist?after=…`, with `add=who&find=…` or `offer=…&day=…`.
#[component]
pub fn WaitlistPage() -> impl IntoView {
    let query = use_query_map();
    let refusal = refused(&query.read_untracked());
    let asked = move |name: &'static str| query.with(|query| query.get(name).unwrap_or_default());
    // Which form was refused that was sent without JavaScript.
    let is_add_refused = query.read_untracked().get("__path").is_some_and(|path| path.ends_with("add_wait"));
    let after = Memo::new(move |_| asked("after"));
    let list = Resource::new_blocking(move || after.get(), waitlist_view);
    let adds = Memo::new(move |_| (!asked("add").is_empty()).then(|| asked("find")));
    let choices = Resource::new_blocking(
        move || adds.get(),
        |find| async move {
            match find {
                Some(find) => wait_choices(find).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let (offer, add, close) = (ServerAction::<OfferTime>::new(), ServerAction::<AddWait>::new(), ServerAction::new());
    let offered = Memo::new(move |_| asked("offer"));
    let day = Memo::new(move |_| asked("day"));
    let suiting = Resource::new_blocking(
        // What was just taken is not offered again.
        move || (offered.get(), day.get(), offer.version().get()),
        |(entry, day, _)| async move {
            if entry.is_empty() { Ok(Suiting::default()) } else { suiting_times(entry, day).await }
        },
    );
    let acts = Acts { close, offer, after, offered, suiting };
    Effect::new(move |_| {
        if close.version().get() + offer.version().get() + add.version().get() > 0 {
            list.refetch();
        }
    });
    let error = Signal::derive(move || {
        let tried = close.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        tried.or_else(|| refusal.get_value().filter(|_| !is_add_refused)).map(|error| error.to_string())
    });
    let add_error = Signal::derive(move || match add.value().get() {
        Some(answer) => answer.err(),
        None => refusal.get_value().filter(|_| is_add_refused),
    });
    // Whoever made a mistake is taken to the first.
    Effect::new(move |_| {
        if add_error.with(Option::is_some) {
            focus_on("[aria-invalid=true]");
        }
    });
    let liveness = keep_fresh(move || list.refetch());
    view! {
        <Title text="Waitlist"/>
        <Heading liveness/>
        <div class="flex max-w-4xl flex-col gap-4 p-4">
            <Notice text=error/>
            <Done done=Memo::new(move |_| asked("done"))/>
            <Transition>
                {move || Suspend::new(async move {
                    match choices.await {
                        Ok(Some(choices)) => {
                            let find = adds.get_untracked().unwrap_or_default();
                            view! { <Adding choices find add error=add_error/> }.into_any()
                        }
                        Ok(None) => ().into_any(),
                        Err(error) => view! { <p class="text-14 text-bad">{error.to_string()}</p> }.into_any(),
                    }
                })}
            </Transition>
            <Loaded resource=list waiting="Opening the waitlist." show={move |page| view! { <Page page acts adds/> }}/>
        </div>
    }
}

/// What was done last, as the address says.
#[component]
fn Done(done: Memo<String>) -> impl IntoView {
    let said = move || match done.get().as_str() {
        "added" => Some("Added to the waitlist."),
        "already" => Some("They wait for that already, so nothing was added."),
        "offered-sms" => Some("The time is kept for them, and a text about it is on its way."),
        "offered-email" => Some("The time is kept for them, and an e-mail about it is on its way."),
        _ => None,
    };
    view! {
        <p role="status" class="text-14 text-good empty:hidden">
            {said}
        </p>
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
fn Page(page: Signal<Waitlist>, acts: Acts, adds: Memo<Option<String>>) -> impl IntoView {
    let next = move || {
        page.with(|page| page.next.clone()).map(|next| {
            let href = format!("/console/waitlist?after={next}");
            view! { <a href=href class=button::QUIET>"More"</a> }
        })
    };
    view! {
        <Show when=move || page.with(|page| page.may_act) && adds.with(Option::is_none)>
            <div>
                <a href="/console/waitlist?add=who" class=button::QUIET>
                    "Add somebody"
                </a>
            </div>
        </Show>
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
                    <Line line may_act=page.with_untracked(|page| page.may_act) acts/>
                </For>
            </ul>
        </Show>
        <div>{next}</div>
    }
}

#[component]
fn Line(line: WaitLine, may_act: bool, acts: Acts) -> impl IntoView {
    let (id, patient, is_offered) = (line.id, line.patient.clone(), line.is_offered);
    let place = format!("wait-{id}");
    view! {
        <li id=place class="flex scroll-mt-4 flex-wrap items-start justify-between gap-3 p-3 text-14">
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
                {is_offered.then(|| view! { <p class="text-13 text-warn">"A time is kept for them"</p> })}
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
            {may_act.then(|| view! { <Buttons id=id.clone() patient=patient.clone() is_offered acts/> })}
            {may_act.then(|| view! { <Chooser id patient acts/> })}
        </li>
    }
}

#[component]
fn Buttons(id: String, patient: String, is_offered: bool, acts: Acts) -> impl IntoView {
    let close = acts.close;
    let to_offer = {
        let id = id.clone();
        move || offering::address(&acts.after.get(), &id)
    };
    let offer_label = format!("Offer a time: {patient}");
    let close_label = format!("Take {patient} off the list");
    let gone = match is_offered {
        true => {
            format!("{patient} waits no more, and the time that is kept for them is free again. They are not told.")
        }
        false => format!("{patient} waits no more and is offered nothing. They are not told."),
    };
    view! {
        <div class="flex flex-wrap items-start gap-2">
            {(!is_offered)
                .then(|| {
                    view! {
                        <a href=to_offer class=button::QUIET aria-label=offer_label>
                            "Offer a time"
                        </a>
                    }
                })}
            <details class="open:basis-full">
                <summary class="btn btn-quiet cursor-pointer">"Take off the list"</summary>
                <ActionForm action=close attr:class="mt-3 flex max-w-72 flex-col gap-3">
                    <p class="text-13 text-muted">{gone}</p>
                    <input type="hidden" name="id" value=id/>
                    <button class="btn btn-bad self-start" disabled=move || close.pending().get()>
                        {close_label}
                    </button>
                </ActionForm>
            </details>
        </div>
    }
}

/// The times that could be offered to them, if they are whom the address names.
#[component]
fn Chooser(id: String, patient: String, acts: Acts) -> impl IntoView {
    let is_chosen = Memo::new(move |_| acts.offered.with(|offered| *offered == id));
    let patient = StoredValue::new(patient);
    view! {
        <Show when=move || is_chosen.get()>
            <Transition>
                {move || Suspend::new(async move {
                    match acts.suiting.await {
                        Ok(suiting) => {
                            let (after, offer) = (acts.after.get_untracked(), acts.offer);
                            view! { <Offering suiting after patient=patient.get_value() offer/> }.into_any()
                        }
                        Err(error) => view! { <p class="text-14 text-bad">{error.to_string()}</p> }.into_any(),
                    }
                })}
            </Transition>
        </Show>
    }
}
