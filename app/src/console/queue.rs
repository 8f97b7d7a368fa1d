//! What waits for a person, beside the day.

use domain::id::{AppointmentId, ConversationId};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::acting::{ApproveRequest, Deciding, DeclineRequest};
use super::loaded::Loaded;
use crate::components::button;
use crate::components::notice::Notice;
use crate::error::ServerError;

/// How many stand beside the day, and how many where all were asked for.
#[cfg(feature = "ssr")]
const MOST: [usize; 2] = [8, 200];

/// How many stand above the day on a narrow screen.
const SHORT: usize = 4;

/// What waits, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    pub tasks: Vec<Waiting>,
    /// Whether there are more than these.
    pub has_more: bool,
    pub may_act: bool,
}

/// Something about a visit or a conversation that somebody has to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    pub id: String,
    pub reason: Reason,
    pub appointment: Option<AppointmentId>,
    pub conversation: Option<ConversationId>,
    /// Whose visit it is, or who asked.
    pub patient: String,
    /// `Tue 24 Nov, 2:00 PM`; empty without a visit.
    pub when: String,
    /// `Haircut with Mia Lin`; empty without a visit.
    pub what: String,
    pub detail: String,
    /// `5 min`.
    pub since: String,
}

/// Why it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    Request,
    LateChange,
    Stranded,
    MessageFailed,
    WantsChange,
    Inquiry,
    Handover,
}

/// What waits for a person; all of it, or only the first few.
#[server(prefix = "/fn", endpoint = "queue_view")]
pub async fn queue_view(#[server(default)] all: bool) -> Result<Queue, ServerError> {
    use domain::say;
    use services::{clinics, tasks};

    let staff = super::staff::staff().await?;
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    let zone = clinics::time_zone(&mut tx).await?;
    let most = MOST[usize::from(all)];
    let mut open = tasks::list(&mut tx, None, i64::try_from(most + 1).unwrap_or(i64::MAX)).await?;
    let has_more = open.len() > most;
    open.truncate(most);
    let tasks = open.into_iter().map(|task| Waiting {
        id: task.id.to_string(),
        reason: match task.kind.as_str() {
            "booking_request" => Reason::Request,
            "late_change" => Reason::LateChange,
            "message_failed" => Reason::MessageFailed,
            "wants_change" => Reason::WantsChange,
            "inquiry" => Reason::Inquiry,
            "handover" => Reason::Handover,
            _ => Reason::Stranded,
        },
        appointment: task.appointment_id,
        conversation: task.conversation_id,
        patient: task
            .patient
            .or_else(|| task.asked_by.filter(|by| !by.is_empty()))
            .unwrap_or_else(|| "Somebody who gave no name".to_owned()),
        when: task.starts_at.map(|at| say::moment(at, zone)).unwrap_or_default(),
        what: task
            .appointment_type
            .zip(task.practitioner)
            .map(|(kind, who)| format!("{kind} with {who}"))
            .unwrap_or_default(),
        detail: task.detail,
        since: match (now - task.created_at).num_minutes() {
            ..1 => "now".to_owned(),
            minutes @ 1..1_440 => say::minutes(minutes),
            minutes @ 1_440..2_880 => format!("{} day", minutes / 1_440),
            minutes => format!("{} days", minutes / 1_440),
        },
    });
    Ok(Queue { tasks: tasks.collect(), has_more, may_act: super::staff::may(&staff, super::staff::Duty::Visits) })
}

/// Notes that somebody has looked at it.
#[server(prefix = "/fn", endpoint = "finish_task")]
pub async fn finish_task(id: String) -> Result<(), ServerError> {
    use domain::{Id, Rejection};
    use services::tasks::{self, Task};

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let id: Id<Task> = id.parse().map_err(|_| Rejection::not_found())?;
    let mut tx = staff.tx().await?;
    tasks::finish(&mut tx, staff.services.clock.now(), id.uuid(), Some(staff.member.id)).await?;
    tx.commit().await?;
    staff.services.feed.committed();
    Ok(())
}

/// What staff do from the queue.
#[derive(Clone, Copy)]
struct Actions {
    approve: ServerAction<ApproveRequest>,
    decline: ServerAction<DeclineRequest>,
    finish: ServerAction<FinishTask>,
}

/// The queue, loaded again whenever something was done from it.
#[component]
pub fn QueuePanel(queue: Resource<Result<Queue, ServerError>>, refusal: Option<ServerError>) -> impl IntoView {
    let actions = Actions { approve: ServerAction::new(), decline: ServerAction::new(), finish: ServerAction::new() };
    Effect::new(move |_| {
        let done = actions.approve.version().get() + actions.decline.version().get() + actions.finish.version().get();
        if done > 0 {
            queue.refetch();
        }
    });
    let error = Signal::derive(move || {
        let tried = [actions.approve.value(), actions.decline.value(), actions.finish.value()]
            .into_iter()
            .find_map(|value| value.with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned())));
        tried.or_else(|| refusal.clone()).map(|error| error.to_string())
    });
    view! {
        <section aria-labelledby="queue-heading" class="flex flex-col gap-2">
            <Notice text=error/>
            <Loaded resource=queue waiting="" show={move |queue| view! { <Tasks queue=queue actions=actions/> }}/>
        </section>
    }
}

/// Whether the address asks for the whole queue.
pub fn asks_for_all() -> Memo<bool> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get_str("queue") == Some("all")))
}

#[component]
fn Tasks(queue: Signal<Queue>, actions: Actions) -> impl IntoView {
    let (query, all) = (use_query_map(), asks_for_all());
    let none = Memo::new(move |_| queue.with(|queue| queue.tasks.is_empty()));
    let count = move || {
        queue.with(|queue| match (queue.tasks.len(), queue.has_more) {
            (0, _) => String::new(),
            (count, true) => format!("{count}+"),
            (count, false) => count.to_string(),
        })
    };
    view! {
        <h2 id="queue-heading" class="flex items-baseline justify-between text-13 font-semibold">
            "Needs a person"
            <span class="figures font-normal text-muted">{count}</span>
        </h2>
        <p class="card px-3 py-2 text-13 text-muted" hidden=move || !none.get()>
            "Nothing waits. Requests, late changes and questions appear here by themselves."
        </p>
        <ul
            role="list"
            aria-labelledby="queue-heading"
            class="grid items-start gap-2 sm:grid-cols-2 xl:grid-cols-1"
            // Above the day it leaves room for the day.
            class:queue-short=move || !all.get()
            hidden=move || none.get()
        >
            <For
                each=move || queue.with(|queue| queue.tasks.clone())
                key=|task| (task.id.clone(), task.when.clone(), task.detail.clone())
                let:task
            >
                <Task task=task may_act=Signal::derive(move || queue.with(|queue| queue.may_act)) actions=actions/>
            </For>
        </ul>
        <Show when=move || !all.get() && queue.with(|queue| queue.tasks.len() > SHORT)>
            <a
                href=move || {
                    query.with(|query| query.get_str("day").map_or_else(|| "?queue=all".to_owned(), |day| format!("?day={day}&queue=all")))
                }
                class="text-13 font-medium text-accent hover:underline"
                class=("xl:hidden", move || !queue.with(|queue| queue.has_more))
                data-noscroll="true"
            >
                "Show all that waits"
            </a>
        </Show>
    }
}

#[component]
fn Task(task: Waiting, may_act: Signal<bool>, actions: Actions) -> impl IntoView {
    let (id, appointment) = (StoredValue::new(task.id), task.appointment);
    let reason = task.reason;
    let page = match (appointment, task.conversation) {
        (Some(appointment), _) => Some(format!("/console/appointments/{appointment}")),
        (None, Some(conversation)) => Some(format!("/console/conversations/{conversation}")),
        (None, None) => None,
    };
    view! {
        <li class="card flex flex-col gap-1 p-3 text-13">
            <p class="flex items-center justify-between gap-2 text-12">
                <span class="status font-medium text-warn">
                    <svg viewBox="0 0 12 12" class="size-3 shrink-0" aria-hidden="true" stroke="currentColor" stroke-width="1.5" fill="none">
                        <path d=shape(reason)></path>
                    </svg>
                    {word(reason)}
                </span>
                <span class="figures text-muted">{task.since}</span>
            </p>
            <p class="text-14 font-semibold break-words">
                {match page {
                    Some(page) => {
                        view! {
                            <a href=page class="hover:underline">
                                {task.patient}
                            </a>
                        }
                            .into_any()
                    }
                    None => task.patient.into_any(),
                }}
            </p>
            {(!task.when.is_empty()).then(|| view! { <p class="figures">{task.when}</p> })}
            {(!task.what.is_empty()).then(|| view! { <p class="text-muted">{task.what}</p> })}
            <p class="break-words text-muted">{task.detail}</p>
            <Show when=move || may_act.get()>
                <div class="mt-2">
                    {match (reason, appointment) {
                        (Reason::Request, Some(id)) => {
                            view! { <Deciding id=id.to_string() approve=actions.approve decline=actions.decline/> }.into_any()
                        }
                        _ => {
                            view! {
                                <ActionForm action=actions.finish>
                                    <input type="hidden" name="id" value=id.get_value()/>
                                    <button class=button::QUIET disabled=move || actions.finish.pending().get()>
                                        "Done"
                                    </button>
                                </ActionForm>
                            }
                                .into_any()
                        }
                    }}
                </div>
            </Show>
        </li>
    }
}

fn word(reason: Reason) -> &'static str {
    match reason {
        Reason::Request => "Booking request",
        Reason::LateChange => "Late change",
        Reason::Stranded => "Has to choose again",
        Reason::MessageFailed => "Not told",
        Reason::WantsChange => "Wants a change",
        Reason::Inquiry => "Question",
        Reason::Handover => "Waits for an answer",
    }
}

fn shape(reason: Reason) -> &'static str {
    match reason {
        Reason::Request => "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM6 3.5v3l2 1.2",
        Reason::LateChange => "M2 6h7.5M6.5 2.8L9.8 6L6.5 9.2",
        Reason::Stranded => "M6 1.5L11 10.5H1zM6 5v2.5",
        Reason::MessageFailed => "M1.5 2.5h9v6h-5l-2.5 2v-2h-1.5zM4.5 4l3 3M7.5 4l-3 3",
        Reason::WantsChange => "M1.5 2.5h9v6h-5l-2.5 2v-2h-1.5zM6 4v2M6 7.2v.3",
        Reason::Inquiry => "M4 4.5a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6.9M6 9.4v.6",
        Reason::Handover => "M1.5 2.5h9v6H6l-2.5 2v-2h-2z",
    }
}
