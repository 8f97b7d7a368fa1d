//! What was written to patients, what became of it, and who said stop.

mod opt_outs;
#[cfg(feature = "ssr")]
pub(super) mod telling;
mod unanswered;

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::{A, Form as AddressForm};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::loaded::Loaded;
use crate::components::button;
use crate::components::empty::Empty;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;

pub use opt_outs::OptOutsPage;
use unanswered::{Unanswered, UnansweredText};

/// Messages on one page.
#[cfg(feature = "ssr")]
const PAGE: usize = 50;

/// What may be asked for, by its word in the address.
const FILTERS: [(&str, &str); 6] = [
    ("", "All"),
    ("waiting", "Waiting"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("failed", "Not delivered"),
    ("suppressed", "Not sent"),
];

/// A page of messages, newest first, with how the last day went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Messages {
    pub figures: Figures,
    pub messages: Vec<MessageLine>,
    /// Texts that came in and were given up, on the first page.
    pub unanswered: Vec<UnansweredText>,
    /// Where the next page begins.
    pub next: Option<String>,
    pub may_act: bool,
}

/// The last 24 hours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub has_account: bool,
    /// Whether e-mail leaves, by the clinic's own server or the platform's.
    pub has_mail: bool,
    pub left: i64,
    /// Of those whose end is known, in percent.
    pub delivered: Option<i64>,
    pub waiting: i64,
    /// What went wrong and how often.
    pub errors: Vec<(String, i64)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageLine {
    pub id: String,
    pub what: String,
    pub to: String,
    pub when: String,
    pub state: State,
    /// Why, in a sentence, where there is something to say.
    pub why: Option<String>,
    pub subject: Option<String>,
    pub body: Option<String>,
    pub visit: Option<String>,
    pub may_retry: bool,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Waiting,
    /// The clinic has no account, so staff read it here.
    Kept,
    Unknown,
    Sent,
    Delivered,
    Failed,
    Suppressed,
}

/// A page of messages with this state, from after the one with id `after` on.
#[server(prefix = "/fn", endpoint = "messages_view")]
pub async fn messages_view(
    #[server(default)] state: String,
    #[server(default)] after: String,
) -> Result<Messages, ServerError> {
    use services::messaging::listing;

    let staff = super::staff::staff().await?;
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    let zone = services::clinics::time_zone(&mut tx).await?;
    let wanted =
        listing::Wanted { states: telling::states(&state), after: after.parse().ok(), ..listing::Wanted::default() };
    let mut found = listing::list(&mut tx, &wanted, i64::try_from(PAGE + 1).unwrap_or(i64::MAX)).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let figures = listing::figures(&mut tx, now - chrono::Duration::days(1)).await?;
    let settings = services::clinics::settings::read(&mut tx).await?;
    let has = telling::Has {
        texting: settings.twilio.configured,
        mail: settings.smtp.configured || staff.services.post.mails_for_all(),
    };
    let unanswered = match after.is_empty() {
        true => unanswered::read(&mut tx, zone).await?,
        false => Vec::new(),
    };
    Ok(Messages {
        unanswered,
        next: found.last().filter(|_| has_more).map(|last| last.id.to_string()),
        figures: telling::figures(&figures, has),
        messages: found.into_iter().map(|message| telling::line(message, zone, now)).collect(),
        may_act: super::staff::may(&staff, super::staff::Duty::Visits),
    })
}

/// Sends a message that failed again, as a new one.
#[server(prefix = "/fn", endpoint = "retry_message")]
pub async fn retry_message(id: String) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::messaging::outbox;

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let id = id.parse().map_err(|_| Rejection::not_found())?;
    let mut tx = staff.tx().await?;
    outbox::queue_again(&mut tx, staff.services.clock.now(), id).await?;
    tx.commit().await?;
    Ok(())
}

/// `/console/messages?state=…&after=…`.
#[component]
pub fn MessagesPage() -> impl IntoView {
    let query = use_query_map();
    let refusal = refused(&query.read_untracked());
    let asked = move |name: &'static str| query.with(|query| query.get(name).unwrap_or_default());
    let place = Memo::new(move |_| (asked("state"), asked("after")));
    let messages = Resource::new_blocking(move || place.get(), |(state, after)| messages_view(state, after));
    let retry = ServerAction::<RetryMessage>::new();
    let seeing = unanswered::Actions::default();
    Effect::new(move |_| {
        if retry.version().get() + seeing.version() > 0 {
            messages.refetch();
        }
    });
    let error = Signal::derive(move || {
        let tried = retry.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        tried.or_else(|| seeing.error()).or_else(|| refusal.get_value()).map(|error| error.to_string())
    });
    view! {
        <Title text="Messages"/>
        <Heading/>
        <div class="flex max-w-4xl flex-col gap-4 p-4">
            <Notice text=error/>
            <AddressForm method="GET" action="/console/messages">
                <div class="flex flex-wrap items-end gap-2">
                    <label class="flex flex-col gap-1 text-13 font-medium">
                        "Show"
                        <select name="state" class="input w-auto font-normal">
                            {FILTERS
                                .map(|(value, name)| {
                                    let selected = move || asked("state") == value;
                                    view! { <option value=value selected=selected>{name}</option> }
                                })
                                .collect_view()}
                        </select>
                    </label>
                    <button type="submit" class=button::QUIET>
                        "Show"
                    </button>
                </div>
            </AddressForm>
            <Loaded resource=messages waiting="Opening the messages." show={move |page| view! { <Page page=page place=place retry=retry seeing=seeing/> }}/>
        </div>
    }
}

#[component]
pub fn Heading() -> impl IntoView {
    view! {
        <div class="border-b border-line bg-surface px-4 py-2">
            <h1 class="text-16 font-semibold">"Messages"</h1>
            <nav aria-label="Messages" class="settings-tabs">
                <A href="/console/messages" exact=true>
                    "Sent to patients"
                </A>
                <A href="/console/messages/opt-outs">"Opt-outs"</A>
            </nav>
        </div>
    }
}

#[component]
fn Page(
    page: Signal<Messages>,
    place: Memo<(String, String)>,
    retry: ServerAction<RetryMessage>,
    seeing: unanswered::Actions,
) -> impl IntoView {
    let next = move || {
        page.with(|page| page.next.clone()).map(|next| {
            let href = format!("/console/messages?state={}&after={next}", place.with(|(state, _)| state.clone()));
            view! { <a href=href class=button::QUIET>"Older messages"</a> }
        })
    };
    view! {
        {move || view! { <Day figures=page.with(|page| page.figures.clone())/> }}
        <Unanswered
            texts=Signal::derive(move || page.with(|page| page.unanswered.clone()))
            may_act=page.with_untracked(|page| page.may_act)
            actions=seeing
        />
        <Show
            when=move || page.with(|page| !page.messages.is_empty())
            fallback=|| view! { <Empty heading="No messages." text="What patients are sent is listed here, with what became of it." level=2/> }
        >
            <ul role="list" class="card divide-y divide-line">
                <For each=move || page.with(|page| page.messages.clone()) key=|line| (line.id.clone(), line.state as u8, line.why.clone()) let:line>
                    <Line line=line may_act=page.with_untracked(|page| page.may_act) retry=retry/>
                </For>
            </ul>
        </Show>
        <div>{next}</div>
    }
}

/// How the last day went.
#[component]
fn Day(figures: Figures) -> impl IntoView {
    let is_low = figures.delivered.is_some_and(|percent| percent < 90);
    let delivered = figures.delivered.map_or_else(|| "None ended yet".to_owned(), |percent| format!("{percent} %"));
    let cell = |name: &'static str, value: String| {
        view! {
            <div class="min-w-24">
                <dt class="text-12 text-muted">{name}</dt>
                <dd class="figures text-16 font-semibold">{value}</dd>
            </div>
        }
    };
    view! {
        <section aria-label="The last 24 hours" class="card flex flex-col gap-3 p-4">
            <dl class="flex flex-wrap gap-x-8 gap-y-2">
                {cell("Left in 24 hours", figures.left.to_string())} {cell("Delivered", delivered)}
                {cell("Waiting", figures.waiting.to_string())}
            </dl>
            {is_low
                .then(|| {
                    view! {
                        <p role="alert" class="rounded-6 border border-bad/40 bg-bad-soft px-3 py-2 text-14 text-bad">
                            "Fewer than 90 % of the texts whose end is known were delivered."
                        </p>
                    }
                })}
            {(!figures.has_account)
                .then(|| {
                    view! {
                        <p class="text-14 text-muted">
                            "This clinic has no texting account, so texts stay here. "
                            <a href="/console/settings/accounts" class="text-accent underline">
                                "Add an account"
                            </a>
                        </p>
                    }
                })}
            {(!figures.has_mail)
                .then(|| {
                    view! {
                        <p class="text-14 text-muted">
                            "No mail server is set, so e-mail stays here. "
                            <a href="/console/settings/email" class="text-accent underline">
                                "Add a mail server"
                            </a>
                        </p>
                    }
                })}
            {(!figures.errors.is_empty())
                .then(|| {
                    view! {
                        <ul role="list" class="flex flex-col gap-1 text-13">
                            {figures
                                .errors
                                .into_iter()
                                .map(|(error, count)| view! { <li class="break-words">{count} " × " {error}</li> })
                                .collect_view()}
                        </ul>
                    }
                })}
        </section>
    }
}

#[component]
fn Line(line: MessageLine, may_act: bool, retry: ServerAction<RetryMessage>) -> impl IntoView {
    let (tone, word) = told(line.state);
    view! {
        <li class="flex flex-col gap-1 p-3 text-14">
            <div class="flex flex-wrap items-baseline justify-between gap-x-3">
                <p class="font-medium">
                    {match line.visit {
                        Some(visit) => {
                            view! {
                                <a href=format!("/console/appointments/{visit}") class="text-accent hover:underline">
                                    {line.what}
                                </a>
                            }
                                .into_any()
                        }
                        None => line.what.into_any(),
                    }}
                </p>
                <p class=tone>
                    <svg viewBox="0 0 12 12" class="size-3 shrink-0" aria-hidden="true" stroke="currentColor" stroke-width="1.5" fill="none">
                        <path d=shape(line.state)></path>
                    </svg>
                    {word}
                </p>
            </div>
            <p class="text-13 break-words text-muted">
                {line.to} " · " <span class="figures">{line.when}</span>
            </p>
            {line.why.map(|why| view! { <p class="text-13 break-words">{why}</p> })}
            {line
                .body
                .map(|body| {
                    view! {
                        <details>
                            <summary class="cursor-pointer text-13 text-accent">"What it says"</summary>
                            {line.subject.map(|subject| view! { <p class="pt-2 text-13 font-medium">{subject}</p> })}
                            <p class="pt-2 text-13 break-words whitespace-pre-wrap">{body}</p>
                        </details>
                    }
                })}
            {(line.may_retry && may_act)
                .then(|| {
                    view! {
                        <ActionForm action=retry>
                            <input type="hidden" name="id" value=line.id/>
                            <button class=button::QUIET disabled=move || retry.pending().get()>
                                "Send again"
                            </button>
                        </ActionForm>
                    }
                })}
        </li>
    }
}

pub(super) fn told(state: State) -> (&'static str, &'static str) {
    match state {
        State::Waiting => ("status text-muted", "Waiting"),
        State::Kept => ("status text-muted", "Kept here"),
        State::Unknown => ("status text-warn", "Not certain"),
        State::Sent => ("status text-accent", "Sent"),
        State::Delivered => ("status text-good", "Delivered"),
        State::Failed => ("status text-bad", "Not delivered"),
        State::Suppressed => ("status text-muted", "Not sent"),
    }
}

pub(super) fn shape(state: State) -> &'static str {
    match state {
        State::Waiting => "M6 1.5v5l3 1.8M1.5 6a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
        State::Kept => "M2 3h8v6h-8zM2 3l4 3.5l4-3.5",
        State::Unknown => "M4 4a2 2 0 1 1 2.6 2c-.5.2-.6.6-.6 1M6 9v.5",
        State::Sent => "M2 6h7.5M6.5 2.8L9.8 6L6.5 9.2",
        State::Delivered => "M2 6.5l2.5 2.5l5.5-6",
        State::Failed => "M2.5 2.5l7 7M9.5 2.5l-7 7",
        State::Suppressed => "M2 6h8",
    }
}
