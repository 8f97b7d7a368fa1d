//! A conversation, for whoever answers in it.

use domain::chat::Role;
use domain::id::{ConversationId, PatientId};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use super::fresh::{LiveStatus, Liveness, keep_fresh};
use super::loaded::Loaded;
use crate::components::button;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;

/// How much of a conversation is shown.
#[cfg(feature = "ssr")]
const NEWEST: i64 = 200;

/// A conversation as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// The patient, as far as is known.
    pub who: String,
    /// What it is about, where a person answers.
    pub summary: Option<String>,
    pub lines: Vec<Line>,
    pub may_act: bool,
    /// Who may be writing, as far as the clinic can tell.
    pub people: Vec<Person>,
    /// Whether what staff write arrives.
    pub reaches_patient: bool,
}

/// A patient who may be the one writing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    pub id: String,
    pub name: String,
    /// How they are reached, as far as is on file.
    pub reach: String,
    /// Whether their contact details may be changed in this conversation.
    pub is_proved: bool,
}

/// Something said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub id: String,
    pub role: Role,
    pub text: String,
    /// `Tue 24 Nov, 2:00 PM`.
    pub when: String,
}

/// The conversation with this id, if it is the clinic's.
#[server(prefix = "/fn", endpoint = "conversation_view")]
pub async fn conversation_view(id: String) -> Result<Thread, ServerError> {
    use domain::{Rejection, say};
    use services::booking::Channel;
    use services::identity::codes;
    use services::identity::verifying::Level;
    use services::{clinics, conversations, handover};

    let staff = super::staff::staff().await?;
    let id: ConversationId = id.parse().map_err(|_| Rejection::not_found())?;
    let mut tx = staff.tx().await?;
    let channel = conversations::channel(&mut tx, id).await?;
    let zone = clinics::time_zone(&mut tx).await?;
    let messages = conversations::latest(&mut tx, id, NEWEST).await?;
    let lines = messages.into_iter().map(|message| Line {
        id: message.id.to_string(),
        role: message.role,
        text: message.text,
        when: say::moment(message.created_at, zone),
    });
    let people = codes::may_be(&mut tx, id).await?.into_iter().map(|person| Person {
        id: person.id.to_string(),
        name: person.name,
        reach: [person.phone, person.email].into_iter().flatten().collect::<Vec<_>>().join(", "),
        is_proved: person.level >= Level::Contact,
    });
    Ok(Thread {
        people: people.collect(),
        who: conversations::patient_name(&mut tx, id).await?.unwrap_or_else(|| "A visitor".to_owned()),
        summary: handover::summary(&mut tx, id).await?,
        lines: lines.collect(),
        may_act: super::staff::may(&staff, super::staff::Duty::Visits),
        reaches_patient: matches!(channel, Channel::Web | Channel::Sms),
    })
}

/// Writes to the patient, and takes the conversation over by doing so.
#[server(prefix = "/fn", endpoint = "reply_as_staff")]
pub async fn reply_as_staff(id: ConversationId, #[server(default)] text: String) -> Result<(), ServerError> {
    use services::handover;

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    let message = handover::reply(&mut tx, now, id, staff.member.id, &text).await?;
    tx.commit().await?;
    staff.services.receptionist.announce(id, message);
    Ok(())
}

/// Has the receptionist say nothing more in a conversation.
#[server(prefix = "/fn", endpoint = "take_over")]
pub async fn take_over(id: ConversationId) -> Result<(), ServerError> {
    use services::handover;

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    let told = handover::take_over(&mut tx, now, id, staff.member.id).await?;
    tx.commit().await?;
    if let Some(message) = told {
        staff.services.receptionist.announce(id, message);
    }
    Ok(())
}

/// Has the receptionist answer again.
#[server(prefix = "/fn", endpoint = "hand_back")]
pub async fn hand_back(id: ConversationId) -> Result<(), ServerError> {
    use services::handover;

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    handover::end(&mut tx, now, id, staff.member.id).await?;
    tx.commit().await?;
    staff.services.feed.committed();
    Ok(())
}

/// Vouches for who writes in a conversation, as after they were called back.
#[server(prefix = "/fn", endpoint = "vouch_for")]
pub async fn vouch_for(id: ConversationId, patient: PatientId) -> Result<(), ServerError> {
    use services::identity::codes;

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let now = staff.services.clock.now();
    let mut tx = staff.tx().await?;
    codes::vouch(&mut tx, now, id, patient, staff.member.id).await?;
    tx.commit().await?;
    Ok(())
}

/// What staff do in a conversation.
#[derive(Clone, Copy)]
struct Actions {
    vouch: ServerAction<VouchFor>,
    reply: ServerAction<ReplyAsStaff>,
    take: ServerAction<TakeOver>,
    back: ServerAction<HandBack>,
}

/// `/console/conversations/{id}`.
#[component]
pub fn ConversationPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let thread = Resource::new_blocking(move || id.get(), conversation_view);
    let actions = Actions {
        reply: ServerAction::new(),
        take: ServerAction::new(),
        back: ServerAction::new(),
        vouch: ServerAction::new(),
    };
    Effect::new(move |_| {
        let done = [
            actions.reply.version().get(),
            actions.take.version().get(),
            actions.back.version().get(),
            actions.vouch.version().get(),
        ];
        if done.into_iter().any(|version| version > 0) {
            thread.refetch();
        }
    });
    let refusal = refused(&use_query_map().read_untracked()).get_value();
    let liveness = keep_fresh(move || thread.refetch());
    view! {
        <Loaded
            resource=thread
            waiting="Opening the conversation."
            show={move |thread| view! { <ThreadView thread id actions liveness refusal=refusal.clone()/> }}
        />
    }
}

#[component]
fn ThreadView(
    thread: Signal<Thread>,
    id: Memo<String>,
    actions: Actions,
    liveness: Signal<Liveness>,
    refusal: Option<ServerError>,
) -> impl IntoView {
    let error = Signal::derive(move || {
        let tried = [actions.reply.value(), actions.take.value(), actions.back.value(), actions.vouch.value()]
            .into_iter()
            .find_map(|value| value.with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned())));
        tried.or_else(|| refusal.clone()).map(|error| error.to_string())
    });
    let with_staff = Memo::new(move |_| thread.with(|thread| thread.summary.is_some()));
    let may_act = Memo::new(move |_| thread.with(|thread| thread.may_act && thread.reaches_patient));
    view! {
        <Title text=move || thread.try_with(|thread| thread.who.clone()).unwrap_or_default()/>
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-surface px-4 py-2 md:min-h-14">
            <div class="min-w-0 flex-1">
                <h1 class="text-16 font-semibold break-words">{move || thread.with(|thread| thread.who.clone())}</h1>
                <p class="text-12 text-muted">
                    {move || if with_staff.get() { "Staff answer here" } else { "The automated assistant answers here" }}
                </p>
            </div>
            <LiveStatus liveness=liveness/>
        </div>
        <div class="mx-auto flex max-w-2xl flex-col gap-4 p-4">
            <Notice text=error/>
            {move || thread.with(|thread| thread.summary.clone()).map(|summary| view! { <p class="card px-3 py-2 text-14 break-words">{summary}</p> })}
            <ol aria-label="Messages" class="flex flex-col gap-3">
                <For each=move || thread.with(|thread| thread.lines.clone()) key=|line| line.id.clone() let:line>
                    <Said line/>
                </For>
            </ol>
            <Show when=move || may_act.get()>
                <ActionForm action=actions.reply attr:class="flex flex-col gap-2">
                    <input type="hidden" name="id" value=id/>
                    <label for="text" class="text-13 font-medium">"Write to the patient"</label>
                    <textarea id="text" name="text" rows="3" required maxlength="4000" class="input"></textarea>
                    <button class=format!("{} self-start", button::PRIMARY) disabled=move || actions.reply.pending().get()>
                        "Send"
                    </button>
                </ActionForm>
                {move || {
                    if with_staff.get() {
                        view! {
                            <ActionForm action=actions.back>
                                <input type="hidden" name="id" value=id/>
                                <button class=button::QUIET disabled=move || actions.back.pending().get()>
                                    "Hand back to the assistant"
                                </button>
                            </ActionForm>
                        }
                            .into_any()
                    } else {
                        view! {
                            <ActionForm action=actions.take>
                                <input type="hidden" name="id" value=id/>
                                <button class=button::QUIET disabled=move || actions.take.pending().get()>
                                    "Take over"
                                </button>
                            </ActionForm>
                        }
                            .into_any()
                    }
                }}
            </Show>
            <People thread id vouch=actions.vouch/>
        </div>
    }
}

/// Who may be writing, and vouching for it.
#[component]
fn People(thread: Signal<Thread>, id: Memo<String>, vouch: ServerAction<VouchFor>) -> impl IntoView {
    let may_act = move || thread.with(|thread| thread.may_act);
    view! {
        <Show when=move || thread.with(|thread| !thread.people.is_empty())>
            <section aria-labelledby="people" class="flex flex-col gap-2 border-t border-line pt-4">
                <h2 id="people" class="text-14 font-semibold">"Who this may be"</h2>
                <p class="text-13 text-muted">
                    "Once you know who is writing, say so here. Until then the assistant changes nobody's contact details."
                </p>
                <ul role="list" class="card divide-y divide-line">
                    <For
                        each=move || thread.with(|thread| thread.people.clone())
                        key=|person| (person.id.clone(), person.is_proved)
                        let:person
                    >
                        <li class="flex flex-wrap items-center justify-between gap-3 p-3 text-14">
                            <div class="min-w-0">
                                <p class="font-medium break-words">{person.name.clone()}</p>
                                <p class="figures text-13 break-words text-muted">{person.reach}</p>
                            </div>
                            {match (person.is_proved, may_act()) {
                                (true, _) => view! { <p class="text-13 text-good">"Identity confirmed"</p> }.into_any(),
                                (false, false) => ().into_any(),
                                (false, true) => {
                                    view! {
                                        <ActionForm action=vouch>
                                            <input type="hidden" name="id" value=id/>
                                            <input type="hidden" name="patient" value=person.id/>
                                            <button
                                                class=button::QUIET
                                                aria-label=format!("Confirm that this is {}", person.name)
                                                disabled=move || vouch.pending().get()
                                            >
                                                "Confirm identity"
                                            </button>
                                        </ActionForm>
                                    }
                                        .into_any()
                                }
                            }}
                        </li>
                    </For>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Said(line: Line) -> impl IntoView {
    let (side, bubble, author) = match line.role {
        Role::Patient => ("items-start", "bubble border border-line bg-surface", "Patient"),
        Role::Receptionist => ("items-end", "bubble border border-line bg-canvas", "Automated assistant"),
        Role::Member => ("items-end", "bubble border border-line bg-accent-soft", "Staff"),
    };
    view! {
        <li class=format!("flex flex-col gap-1 {side}") data-role=line.role.as_str()>
            <p class=bubble>{line.text}</p>
            <p class="text-12 text-muted">{author} " · " <span class="figures">{line.when}</span></p>
        </li>
    }
}
