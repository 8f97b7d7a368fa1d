//! Texts that nobody could answer.

use leptos::form::ActionForm;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::components::button;
use crate::error::ServerError;

/// The most that are listed.
#[cfg(feature = "ssr")]
const MOST: i64 = 20;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnansweredText {
    pub id: String,
    pub from: String,
    pub when: String,
    pub body: String,
    pub conversation: Option<String>,
}

#[cfg(feature = "ssr")]
pub async fn read(tx: &mut services::ClinicTx, zone: chrono_tz::Tz) -> Result<Vec<UnansweredText>, ServerError> {
    use services::messaging::inbound::leftover;

    let texts = leftover::unanswered(tx, MOST).await?;
    let told = texts.into_iter().map(|text| UnansweredText {
        id: text.id.to_string(),
        from: text.patient_number,
        when: domain::say::moment(text.received_at, zone),
        body: text.body,
        conversation: text.conversation_id.map(|id| id.to_string()),
    });
    Ok(told.collect())
}

/// Asks the receptionist once more for an answer to a text.
#[server(prefix = "/fn", endpoint = "retry_text")]
pub async fn retry_text(id: String) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::messaging::inbound::leftover;

    let staff = crate::console::staff::staff_for(crate::console::staff::Duty::Visits).await?;
    let id = id.parse().map_err(|_| Rejection::not_found())?;
    let mut tx = staff.tx().await?;
    leftover::retry(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes that somebody has seen to a text.
#[server(prefix = "/fn", endpoint = "dismiss_text")]
pub async fn dismiss_text(id: String) -> Result<(), ServerError> {
    use domain::Rejection;
    use services::messaging::inbound::leftover;

    let staff = crate::console::staff::staff_for(crate::console::staff::Duty::Visits).await?;
    let id = id.parse().map_err(|_| Rejection::not_found())?;
    let mut tx = staff.tx().await?;
    leftover::dismiss(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// What can be done about one.
#[derive(Clone, Copy, Default)]
pub struct Actions {
    retry: ServerAction<RetryText>,
    dismiss: ServerAction<DismissText>,
}

impl Actions {
    /// How often something was done.
    pub fn version(self) -> usize {
        self.retry.version().get() + self.dismiss.version().get()
    }

    pub fn error(self) -> Option<ServerError> {
        [self.retry.value(), self.dismiss.value()]
            .into_iter()
            .find_map(|value| value.with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned())))
    }
}

#[component]
pub fn Unanswered(texts: Signal<Vec<UnansweredText>>, may_act: bool, actions: Actions) -> impl IntoView {
    view! {
        <Show when=move || texts.with(|texts| !texts.is_empty())>
            <section aria-labelledby="unanswered-heading" class="card flex flex-col gap-3 p-4">
                <h2 id="unanswered-heading" class="text-16 font-semibold">
                    "Texts without an answer"
                </h2>
                <ul role="list" class="flex flex-col gap-3">
                    <For each=move || texts.get() key=|text| text.id.clone() let:text>
                        <Text text=text may_act=may_act actions=actions/>
                    </For>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Text(text: UnansweredText, may_act: bool, actions: Actions) -> impl IntoView {
    let id = text.id.clone();
    view! {
        <li class="flex flex-wrap items-center justify-between gap-3 text-14">
            <div class="min-w-0">
                <p class="figures font-medium break-words">
                    {match text.conversation {
                        Some(conversation) => {
                            view! {
                                <a href=format!("/console/conversations/{conversation}") class="text-accent hover:underline">
                                    {text.from}
                                </a>
                            }
                                .into_any()
                        }
                        None => text.from.into_any(),
                    }} <span class="font-normal text-muted">" · " {text.when}</span>
                </p>
                <p class="text-13 break-words">"“" {text.body} "”"</p>
            </div>
            {may_act
                .then(|| {
                    view! {
                        <div class="flex gap-2">
                            <ActionForm action=actions.retry>
                                <input type="hidden" name="id" value=text.id/>
                                <button class=button::QUIET disabled=move || actions.retry.pending().get()>
                                    "Try again"
                                </button>
                            </ActionForm>
                            <ActionForm action=actions.dismiss>
                                <input type="hidden" name="id" value=id/>
                                <button class=button::QUIET disabled=move || actions.dismiss.pending().get()>
                                    "Done"
                                </button>
                            </ActionForm>
                        </div>
                    }
                })}
        </li>
    }
}
