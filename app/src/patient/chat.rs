//! The chat: a page of its own, and the frame inside a clinic's site.

mod cards;
mod thread;

use domain::chat::Message;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use crate::components::empty::Empty;
use crate::components::notice::refused;
use crate::error::ServerError;
use crate::patient::chat::thread::Thread;
use crate::patient::clinic::{ClinicHeader, ClinicView};

/// A message as a page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    pub message: Message,
    /// `2:00 PM` in the clinic's zone.
    pub time: String,
}

/// A conversation as a page opens it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chat {
    pub clinic: ClinicView,
    pub token: String,
    pub said: Vec<Said>,
    /// The sites that may frame it.
    pub origins: String,
}

/// A message and the answer to it; none where a person answers later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub question: Option<Said>,
    pub answer: Option<Said>,
}

#[cfg(feature = "ssr")]
impl Said {
    pub fn new(message: Message, zone: chrono_tz::Tz) -> Self {
        Self { time: domain::say::time(message.created_at, zone), message }
    }
}

/// Opens the visitor's conversation with a clinic: the one the address or the
/// browser remembers, or a new one.
#[server(prefix = "/fn", endpoint = "open_chat")]
pub async fn open_chat(slug: String, session: Option<String>) -> Result<Chat, ServerError> {
    use domain::language::Language;
    use services::identity::verifying;
    use services::{clinics, conversations, db::directory};

    let visitor = crate::caller::visitor(&slug, session.as_deref()).await?;
    let now = visitor.services.clock.now();
    let listing = directory::by_slug(&visitor.services.db, &slug).await?;
    let mut tx = visitor.tx().await?;
    let mut clinic = ClinicView::read(&mut tx, now).await?;
    if let Some(name) = verifying::greeted_as(&mut tx, visitor.conversation).await? {
        let name = name.split(' ').next().unwrap_or_default();
        clinic.greeting = match clinics::profile(&mut tx).await?.language() {
            Language::English => format!("Welcome back, {name}. {}", clinic.greeting),
            Language::Spanish => format!("Hola de nuevo, {name}. {}", clinic.greeting),
        };
    }
    let zone = clinics::time_zone(&mut tx).await?;
    let messages = conversations::latest(&mut tx, visitor.conversation, 200).await?;
    Ok(Chat {
        clinic,
        token: visitor.token,
        said: messages.into_iter().map(|message| Said::new(message, zone)).collect(),
        origins: listing.map(|listing| listing.allowed_origins.join(" ")).unwrap_or_default(),
    })
}

/// Takes a patient's message and answers it.
#[server(prefix = "/fn", endpoint = "send_message")]
pub async fn send_message(
    slug: String,
    token: String,
    text: String,
    client_message_id: Option<String>,
) -> Result<Exchange, ServerError> {
    use services::{clinics, conversations};

    let visitor = crate::caller::visitor(&slug, Some(&token)).await?;
    visitor.count_message()?;
    let (receptionist, line) = (visitor.services.receptionist.clone(), visitor.line());
    // Once taken, a message is answered even if the page goes away.
    let answering = tokio::spawn(async move { receptionist.reply(line, &text, client_message_id.as_deref()).await });
    let exchange = answering.await.map_err(|_| domain::Rejection::unavailable())??;
    crate::caller::return_to_chat(&slug, &visitor.token);
    let mut tx = visitor.tx().await?;
    let zone = clinics::time_zone(&mut tx).await?;
    if visitor.usual(&mut tx).await?.is_some() {
        crate::caller::remember_patient(&slug);
    }
    let question = conversations::message(&mut tx, visitor.conversation, exchange.question).await?;
    Ok(Exchange {
        question: question.map(|message| Said::new(message, zone)),
        answer: exchange.answer.map(|answer| Said::new(answer, zone)),
    })
}

/// `/c/{slug}`: the chat on a page of its own.
#[component]
pub fn ChatPage() -> impl IntoView {
    view! { <ChatFrame is_embedded=false/> }
}

/// `/embed/{slug}`: the chat inside a clinic's site.
#[component]
pub fn EmbeddedChatPage() -> impl IntoView {
    view! { <ChatFrame is_embedded=true/> }
}

#[component]
fn ChatFrame(is_embedded: bool) -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let refusal = refused(&query.read_untracked());
    let session = query.read_untracked().get("session");
    let chat = Resource::new_blocking(
        move || params.read().get("slug").unwrap_or_default(),
        move |slug| open_chat(slug, session.clone()),
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match chat.await {
                    Ok(chat) => view! { <OpenChat chat is_embedded refusal=refusal.get_value()/> }.into_any(),
                    Err(error) => view! { <NoChat error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn OpenChat(chat: Chat, is_embedded: bool, refusal: Option<ServerError>) -> impl IntoView {
    let clinic = chat.clinic.clone();
    let aside = if is_embedded {
        view! {
            <button type="button" data-close class="grid size-10 place-items-center rounded-6 text-muted hover:text-ink" aria-label="Close chat">
                <svg aria-hidden="true" width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round">
                    <path d="M5 5l10 10M15 5L5 15"/>
                </svg>
            </button>
        }
            .into_any()
    } else {
        let book = format!("/c/{}/book", clinic.slug);
        view! { <a href=book rel="external" class="btn btn-quiet">"Pick a time"</a> }.into_any()
    };
    let origins = if is_embedded { chat.origins.clone() } else { String::new() };
    view! {
        <Title text=format!("Chat with {}", clinic.name)/>
        <div class="mx-auto flex h-dvh max-w-2xl flex-col bg-canvas sm:border-x sm:border-line" style=clinic.theme.clone()>
            <ClinicHeader clinic=clinic.clone() aside/>
            <main class="flex min-h-0 flex-1 flex-col">
                <h1 class="sr-only">{format!("Chat with {}", clinic.name)}</h1>
                <Thread chat refusal/>
            </main>
            <script src="/chat.js" defer data-origins=origins data-accent=clinic.accent></script>
        </div>
    }
}

#[component]
fn NoChat(error: ServerError) -> impl IntoView {
    view! {
        <Title text="Not found"/>
        <main class="mx-auto max-w-xl p-6">
            <Empty heading=error.to_string() text="Please check the address, or go back to the clinic's site." level=1/>
        </main>
    }
}
