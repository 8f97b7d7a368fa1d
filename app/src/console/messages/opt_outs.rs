//! Who said stop, and noting it for somebody who says so in person.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::Heading;
use crate::components::button;
use crate::components::empty::Empty;
use crate::components::notice::{Notice, refused};
use crate::console::loaded::Loaded;
use crate::error::ServerError;

#[cfg(feature = "ssr")]
const PAGE: usize = 50;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptOuts {
    pub lines: Vec<OptOutLine>,
    pub next: Option<String>,
    pub may_act: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptOutLine {
    pub id: String,
    pub address: String,
    pub channel: String,
    /// How they said it and when, and how it ended.
    pub story: String,
    pub words: Option<String>,
    pub is_open: bool,
}

/// The ledger, newest first.
#[server(prefix = "/fn", endpoint = "opt_outs_view")]
pub async fn opt_outs_view(#[server(default)] after: String) -> Result<OptOuts, ServerError> {
    use domain::say;
    use services::messaging::ledger;

    let staff = crate::console::staff::staff().await?;
    let mut tx = staff.tx().await?;
    let zone = services::clinics::time_zone(&mut tx).await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = ledger::list(&mut tx, after.parse().ok(), limit).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let via = |via: &str| match via {
        "keyword" => "by a word such as STOP",
        "provider" => "at the texting provider",
        "words" => "in their own words",
        "refused" => "at the carrier, which refused a text",
        "link" => "by the link in a message",
        "voice" => "on the phone",
        _ => "and staff noted it",
    };
    Ok(OptOuts {
        next: found.last().filter(|_| has_more).map(|last| last.id.to_string()),
        may_act: crate::console::staff::may(&staff, crate::console::staff::Duty::Visits),
        lines: found
            .into_iter()
            .map(|line| OptOutLine {
                id: line.id.to_string(),
                story: match line.ended_at {
                    None => format!("Said stop {}, {}.", via(&line.via), say::moment(line.created_at, zone)),
                    Some(ended) => format!(
                        "Said stop {}, {}. Back since {}.",
                        via(&line.via),
                        say::moment(line.created_at, zone),
                        say::moment(ended, zone)
                    ),
                },
                channel: match line.channel.as_str() {
                    "sms" => "Texts",
                    "email" => "E-mail",
                    _ => "Calls",
                }
                .to_owned(),
                address: line.address,
                words: line.words,
                is_open: line.ended_at.is_none(),
            })
            .collect(),
    })
}

/// Notes that somebody wants no more messages at an address.
#[server(prefix = "/fn", endpoint = "note_opt_out")]
pub async fn note_opt_out(
    #[server(default)] address: String,
    #[server(default)] words: String,
) -> Result<(), ServerError> {
    use domain::Rejection;
    use domain::contact::{EmailAddress, PhoneNumber};
    use services::messaging::ledger::{self, Stop, Via, Way};

    let staff = crate::console::staff::staff_for(crate::console::staff::Duty::Visits).await?;
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    let country = services::clinics::settings::read(&mut tx).await?.country;
    let stops: Vec<(Way, String)> = if address.contains('@') {
        let email = EmailAddress::parse(&address).map_err(|error| Rejection::invalid("address", error.to_string()))?;
        vec![(Way::Email, email.as_str().to_owned())]
    } else {
        let phone =
            PhoneNumber::parse(&address, &country).map_err(|error| Rejection::invalid("address", error.to_string()))?;
        vec![(Way::Sms, phone.as_str().to_owned()), (Way::Voice, phone.as_str().to_owned())]
    };
    let words = Some(words.trim()).filter(|words| !words.is_empty());
    for (way, address) in &stops {
        let stop = Stop { way: *way, address, via: Via::Staff, words, member: Some(staff.member.id) };
        ledger::stop(&mut tx, now, &stop).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Notes that somebody who had said stop wants messages again.
#[server(prefix = "/fn", endpoint = "end_opt_out")]
pub async fn end_opt_out(id: String) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::messaging::ledger;

    let staff = crate::console::staff::staff_for(crate::console::staff::Duty::Visits).await?;
    let id = id.parse().map_err(|_| Rejection::not_found())?;
    let mut tx = staff.tx().await?;
    ledger::end(&mut tx, staff.services.clock.now(), id).await?;
    tx.commit().await?;
    Ok(())
}

/// `/console/messages/opt-outs`.
#[component]
pub fn OptOutsPage() -> impl IntoView {
    let query = use_query_map();
    let refusal = refused(&query.read_untracked());
    let after = Memo::new(move |_| query.with(|query| query.get("after").unwrap_or_default()));
    let ledger = Resource::new_blocking(move || after.get(), opt_outs_view);
    let (note, end) = (ServerAction::<NoteOptOut>::new(), ServerAction::<EndOptOut>::new());
    Effect::new(move |_| {
        if note.version().get() + end.version().get() > 0 {
            ledger.refetch();
        }
    });
    let error = Signal::derive(move || {
        let tried = [note.value(), end.value()]
            .into_iter()
            .find_map(|value| value.with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned())));
        tried.or_else(|| refusal.get_value()).map(|error| error.to_string())
    });
    view! {
        <Title text="Opt-outs"/>
        <Heading/>
        <div class="flex max-w-4xl flex-col gap-4 p-4">
            <Loaded resource=ledger waiting="Opening the opt-outs." show={move |page| view! { <Page page=page note=note end=end error=error/> }}/>
        </div>
    }
}

#[component]
fn Page(
    page: Signal<OptOuts>,
    note: ServerAction<NoteOptOut>,
    end: ServerAction<EndOptOut>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let may_act = page.with_untracked(|page| page.may_act);
    let next = move || {
        page.with(|page| page.next.clone()).map(|next| {
            view! { <a href=format!("/console/messages/opt-outs?after={next}") class=button::QUIET>"Earlier"</a> }
        })
    };
    view! {
        <Notice text=error/>
        {may_act
            .then(|| {
                view! {
                    <section aria-labelledby="note-heading" class="card flex flex-col gap-3 p-4">
                        <h2 id="note-heading" class="text-16 font-semibold">
                            "Somebody wants no more messages"
                        </h2>
                        <ActionForm action=note>
                            <div class="flex flex-wrap items-end gap-3">
                                <label class="flex min-w-0 grow flex-col gap-1 text-12 font-medium">
                                    "Phone number or e-mail address"
                                    <input name="address" required=true maxlength="254" autocomplete="off" class="input"/>
                                </label>
                                <label class="flex min-w-0 grow flex-col gap-1 text-12 font-medium">
                                    "What they said (optional)"
                                    <input name="words" maxlength="500" autocomplete="off" class="input"/>
                                </label>
                                <button class=button::PRIMARY disabled=move || note.pending().get()>
                                    "Note opt-out"
                                </button>
                            </div>
                        </ActionForm>
                    </section>
                }
            })}
        <Show
            when=move || page.with(|page| !page.lines.is_empty())
            fallback=|| view! { <Empty heading="Nobody said stop." text="Whoever texts STOP, or says so in other words, is listed here and gets no more messages." level=2/> }
        >
            <ul role="list" class="card divide-y divide-line">
                <For each=move || page.with(|page| page.lines.clone()) key=|line| (line.id.clone(), line.is_open) let:line>
                    <li class="flex flex-wrap items-center justify-between gap-3 p-3 text-14">
                        <div class="min-w-0">
                            <p class="figures font-medium break-words">
                                {line.address} <span class="font-normal text-muted">" · " {line.channel}</span>
                            </p>
                            <p class="text-13 text-muted">{line.story}</p>
                            {line.words.map(|words| view! { <p class="text-13 break-words">"“" {words} "”"</p> })}
                        </div>
                        {(line.is_open && may_act)
                            .then(|| {
                                view! {
                                    <ActionForm action=end>
                                        <input type="hidden" name="id" value=line.id/>
                                        <button class=button::QUIET disabled=move || end.pending().get()>
                                            "They want messages again"
                                        </button>
                                    </ActionForm>
                                }
                            })}
                    </li>
                </For>
            </ul>
        </Show>
        <div>{next}</div>
    }
}
