//! Trying the receptionist out under the draft of what it is told, before
//! patients meet it.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::loaded::Loaded;
use crate::components::button;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;

/// A trial as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialShown {
    /// New for every answer.
    pub stamp: String,
    /// Who answers, and by what.
    pub who: String,
    pub lines: Vec<TrialLine>,
    /// Times that were offered, to choose by a press.
    pub choices: Vec<String>,
    /// What would have happened now, where there is no more to try.
    pub ended: Option<String>,
    /// What it took of a language model.
    pub took: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialLine {
    pub by_patient: bool,
    pub text: String,
    /// What it did to find its answer.
    pub tools: String,
}

/// Where the trial is kept: in the session of whoever tries.
#[cfg(feature = "ssr")]
const KEPT: &str = "receptionist_trial";

#[cfg(feature = "ssr")]
const PAGE: &str = "/console/settings/receptionist/try";

#[cfg(feature = "ssr")]
async fn session() -> Result<axum_login::tower_sessions::Session, ServerError> {
    let session = leptos_axum::extract::<axum_login::tower_sessions::Session>().await;
    session.map_err(|_| domain::Rejection::unavailable().into())
}

/// The trial under way; a new one if there is none, or it was begun before what
/// is kept of it changed.
#[cfg(feature = "ssr")]
async fn kept(
    session: &axum_login::tower_sessions::Session,
) -> Result<services::receptionist::trial::Trial, ServerError> {
    let kept = session.get::<serde_json::Value>(KEPT).await.map_err(|_| domain::Rejection::unavailable())?;
    Ok(kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default())
}

/// The trial as far as it went.
#[server(prefix = "/fn", endpoint = "trial_view")]
pub async fn trial_view() -> Result<TrialShown, ServerError> {
    use services::receptionist::brief::Brief;
    use services::receptionist::settings;
    use services::receptionist::trial::Ended;

    let staff = super::staff::staff_for(super::staff::Duty::Receptionist).await?;
    let trial = kept(&session().await?).await?;
    let set = settings::read(&mut staff.tx().await?).await?;
    let lines = trial.said().into_iter().map(|said| TrialLine {
        by_patient: said.by_patient,
        text: said.text.to_owned(),
        tools: said.tools.join(", "),
    });
    let told = match (set.draft == Brief::default(), set.version > 0 && set.draft == set.published) {
        (_, true) => format!("the draft, which is version {} as it is published", set.version),
        (true, false) => "nothing of yours: the draft is empty".to_owned(),
        (false, false) => "the draft, which is not published".to_owned(),
    };
    let answering = match (staff.services.receptionist.model.language_model(), trial.fell_over.as_deref()) {
        (None, _) => {
            "The built-in receptionist answers. It does not read the draft, which is for a language model.".to_owned()
        }
        (Some(_), Some("spent")) if trial.tokens >= set.tokens_per_conversation => {
            "This trial has used up the tokens of a conversation, so the built-in receptionist answers.".to_owned()
        }
        (Some(_), Some("spent")) => {
            "The clinic's tokens for today are used up, so the built-in receptionist answers here and to patients."
                .to_owned()
        }
        (Some(_), Some(_)) => {
            "The language model could not answer just now, so the built-in receptionist does.".to_owned()
        }
        (Some(usual), None) => format!("{} answers, by {told}.", set.model.as_deref().unwrap_or(usual)),
    };
    Ok(TrialShown {
        stamp: domain::Id::<TrialShown>::new().to_string(),
        who: answering,
        lines: lines.collect(),
        choices: trial.cards.iter().flat_map(choices).collect(),
        ended: trial.ended.map(|ended| match ended {
            Ended::HandedOver => "From here on a member of staff would answer. Start again to go on trying.".to_owned(),
            Ended::Emergency => {
                "Staff would have been alarmed, and the conversation theirs. Start again to go on trying.".to_owned()
            }
        }),
        took: (trial.tokens > 0).then(|| {
            let cost = super::settings::cost_of(trial.cost_micros);
            format!("This trial took {} tokens, {cost}. It counts in the clinic's day and cost.", trial.tokens)
        }),
    })
}

#[cfg(feature = "ssr")]
fn choices(card: &domain::chat::Card) -> Vec<String> {
    match card {
        domain::chat::Card::Slots { slots, .. } => slots.iter().take(6).map(|slot| slot.label.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Writes to the receptionist on trial.
#[server(prefix = "/fn", endpoint = "try_receptionist")]
pub async fn try_receptionist(#[server(default)] message: String) -> Result<(), ServerError> {
    let staff = super::staff::staff_for(super::staff::Duty::Receptionist).await?;
    let session = session().await?;
    let mut trial = kept(&session).await?;
    staff.services.receptionist.try_out(staff.member.clinic_id, &mut trial, &message).await?;
    keep(&session, Some(&trial)).await
}

/// Begins another trial.
#[server(prefix = "/fn", endpoint = "restart_trial")]
pub async fn restart_trial() -> Result<(), ServerError> {
    super::staff::staff_for(super::staff::Duty::Receptionist).await?;
    keep(&session().await?, None).await
}

#[cfg(feature = "ssr")]
async fn keep(
    session: &axum_login::tower_sessions::Session,
    trial: Option<&services::receptionist::trial::Trial>,
) -> Result<(), ServerError> {
    let kept = match trial {
        // As JSON in a value: what sessions are kept in knows no tagged enums.
        Some(trial) => session.insert(KEPT, serde_json::to_value(trial).unwrap_or_default()).await,
        None => session.remove_value(KEPT).await.map(drop),
    };
    kept.map_err(|_| domain::Rejection::unavailable())?;
    if crate::caller::is_plain_form() {
        leptos_axum::redirect(PAGE);
    }
    Ok(())
}

/// `/console/settings/receptionist/try`.
#[component]
pub fn TrialPage() -> impl IntoView {
    let (say, restart) = (ServerAction::<TryReceptionist>::new(), ServerAction::<RestartTrial>::new());
    let trial = Resource::new_blocking(move || say.version().get() + restart.version().get(), |_| trial_view());
    let refusal = refused(&use_query_map().read_untracked()).get_value();
    let error = Signal::derive(move || {
        let tried = [say.value().get(), restart.value().get()].into_iter().flatten().find_map(Result::err);
        tried.or_else(|| refusal.clone()).map(|error| error.to_string())
    });
    view! {
        <Title text="Try the receptionist"/>
        <div class="border-b border-line bg-surface px-4 py-2">
            <p class="text-13">
                <a href="/console/settings/receptionist" class="text-accent hover:underline">"← Receptionist"</a>
            </p>
            <h1 class="text-16 font-semibold">"Try the receptionist"</h1>
        </div>
        <div class="mx-auto flex max-w-2xl flex-col gap-4 p-4">
            <p class="card px-3 py-2 text-14">
                <strong>"This is a trial. "</strong>
                "Times are real, but nothing is held, booked, changed or sent, and nobody else sees it."
            </p>
            <Notice text=error/>
            <Loaded
                resource=trial
                waiting="Opening the trial."
                show={move |trial| view! { <Conversation trial=trial say=say restart=restart/> }}
            />
        </div>
    }
}

#[component]
fn Conversation(
    trial: Signal<TrialShown>,
    say: ServerAction<TryReceptionist>,
    restart: ServerAction<RestartTrial>,
) -> impl IntoView {
    let is_over = Memo::new(move |_| trial.with(|trial| trial.ended.is_some()));
    view! {
        <p class="text-13 text-muted">{move || trial.with(|trial| trial.who.clone())}</p>
        <ol aria-label="Messages" aria-live="polite" class="flex flex-col gap-3">
            {move || trial.with(|trial| trial.lines.clone()).into_iter().map(draw).collect_view()}
            <Show when=move || say.pending().get()>
                <li class="text-13 text-muted">"Answering."</li>
            </Show>
        </ol>
        {move || trial.with(|trial| trial.ended.clone()).map(|ended| view! { <p role="status" class="card px-3 py-2 text-14">{ended}</p> })}
        <Show when=move || !is_over.get()>
            <For each=move || [trial.get()] key=|trial| trial.stamp.clone() let:trial>
                {(!trial.choices.is_empty())
                    .then(|| {
                        view! {
                            <ActionForm action=say attr:class="flex flex-wrap gap-2" attr:aria-label="Times on offer">
                                {trial
                                    .choices
                                    .into_iter()
                                    .map(|choice| {
                                        let label = choice.clone();
                                        view! {
                                            <button name="message" value=choice class=button::QUIET disabled=move || say.pending().get()>
                                                {label}
                                            </button>
                                        }
                                    })
                                    .collect_view()}
                            </ActionForm>
                        }
                    })}
                <ActionForm action=say attr:class="flex flex-col gap-2">
                    <label for="message" class="text-13 font-medium">"Write as a patient would"</label>
                    <textarea id="message" name="message" rows="2" required maxlength="4000" class="input h-auto py-2"></textarea>
                    <button class=format!("{} self-start", button::PRIMARY) disabled=move || say.pending().get()>
                        "Send"
                    </button>
                </ActionForm>
            </For>
        </Show>
        {move || trial.with(|trial| trial.took.clone()).map(|took| view! { <p class="text-12 text-muted">{took}</p> })}
        <Show when=move || trial.with(|trial| !trial.lines.is_empty())>
            <ActionForm action=restart>
                <button class=button::QUIET disabled=move || restart.pending().get()>
                    "Start again"
                </button>
            </ActionForm>
        </Show>
    }
}

fn draw(line: TrialLine) -> impl IntoView {
    let (side, bubble, author) = if line.by_patient {
        ("items-end", "bubble border border-line bg-surface", "You, as a patient")
    } else {
        ("items-start", "bubble border border-line bg-canvas", "Automated assistant")
    };
    view! {
        <li class=format!("flex flex-col gap-1 {side}")>
            <p class=bubble>{line.text}</p>
            <p class="text-12 text-muted">
                {author}
                {(!line.tools.is_empty()).then(|| format!(" · {}", line.tools))}
            </p>
        </li>
    }
}
