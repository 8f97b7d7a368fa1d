//! The messages and the box to write in.

use domain::chat::{Message, Role};
use domain::{Rejection, RejectionCode};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::cards::{CardView, Reply, Starters};
use super::{Chat, Said, send_message};
use crate::components::live;
use crate::components::notice::Notice;
use crate::error::ServerError;

/// A message on its way.
#[derive(Clone, Debug, PartialEq)]
struct Pending {
    client_message_id: String,
    text: String,
}

/// What is shown and what is going on.
#[derive(Clone, Copy)]
struct State {
    said: RwSignal<Vec<Said>>,
    pending: RwSignal<Vec<Pending>>,
    /// The words of an answer that is being written.
    writing: RwSignal<String>,
    typing: RwSignal<bool>,
    status: RwSignal<Option<String>>,
    connected: RwSignal<bool>,
    refusal: RwSignal<Option<String>>,
}

#[component]
pub fn Thread(chat: Chat, refusal: Option<ServerError>) -> impl IntoView {
    let state = State {
        said: RwSignal::new(chat.said),
        pending: RwSignal::default(),
        writing: RwSignal::default(),
        typing: RwSignal::new(false),
        status: RwSignal::default(),
        connected: RwSignal::new(true),
        refusal: RwSignal::new(refusal.map(|error| error.to_string())),
    };
    let (slug, token) = (chat.clinic.slug.clone(), chat.token.clone());
    hear(state, &slug, &token);
    let say = {
        let (slug, token) = (slug.clone(), token.clone());
        Callback::new(move |text: String| state.say(&slug, &token, text))
    };
    let reply = Reply { slug, token, say };
    let (shown_reply, first_reply) = (reply.clone(), reply.clone());
    view! {
        <div class="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto overscroll-contain px-4 py-4" tabindex="0" aria-label="Messages" role="region">
            <div>
                <div role="log" aria-live="polite" aria-label="Conversation">
                <ol class="flex flex-col gap-3">
                    <li class="flex flex-col items-start gap-1">
                        <p class="bubble bg-surface border border-line">{chat.clinic.greeting}</p>
                        <Show when=move || state.said.read().is_empty() && state.pending.read().is_empty()>
                            <Starters reply=first_reply.clone()/>
                        </Show>
                    </li>
                    <For each=move || state.said.get() key=|said| said.message.id let:said>
                        <Bubble said state reply=shown_reply.clone()/>
                    </For>
                    <For each=move || state.pending.get() key=|pending| pending.client_message_id.clone() let:pending>
                        <li class="flex flex-col items-end gap-1">
                            <p class="bubble bg-accent text-on-accent opacity-80">{pending.text}</p>
                            <p class="text-12 text-muted">"Sending"</p>
                        </li>
                    </For>
                </ol>
                </div>
                <div class="mt-3 min-h-6" aria-hidden="true">
                    <Show when=move || !state.writing.read().is_empty()>
                        <p class="bubble border border-line bg-surface">{state.writing}</p>
                    </Show>
                    <Show when=move || state.typing.get() && state.writing.read().is_empty()>
                        <p class="dots"><span></span><span></span><span></span></p>
                    </Show>
                </div>
            </div>
        </div>
        <p role="status" class="min-h-5 px-4 text-12 text-muted">{move || state.doing()}</p>
        <div class="px-4">
            <Notice text=Signal::derive(move || state.refusal.get())/>
        </div>
        <Composer reply/>
    }
}

#[component]
fn Bubble(said: Said, state: State, reply: Reply) -> impl IntoView {
    let Message { id, role, text, cards, .. } = said.message;
    let is_newest = state.said.with_untracked(|said| said.last().is_some_and(|last| last.message.id == id));
    let (side, bubble, author) = match role {
        Role::Patient => ("items-end", "bubble bg-accent text-on-accent", "You"),
        Role::Receptionist => ("items-start", "bubble border border-line bg-surface", "Automated assistant"),
        Role::Member => ("items-start", "bubble border border-line bg-accent-soft", "Clinic staff"),
    };
    view! {
        <li class=format!("flex flex-col gap-1 {side}") data-role=role.as_str()>
            <p class=bubble>{linked(role, text)}</p>
            {cards
                .into_iter()
                .map(|card| view! { <div class="w-full max-w-md"><CardView card reply=reply.clone() is_newest/></div> })
                .collect_view()}
            <p class="text-12 text-muted">{author} " · " <span class="figures">{said.time}</span></p>
        </li>
    }
}

/// What was said, its links to be followed. A patient's own words stay as they
/// are.
fn linked(role: Role, text: String) -> AnyView {
    if role == Role::Patient || !text.contains("://") {
        return text.into_any();
    }
    let mut parts = Vec::new();
    for part in text.split_inclusive(char::is_whitespace) {
        let address = part.trim_end();
        if address.starts_with("https://") || address.starts_with("http://") {
            let after = part[address.len()..].to_owned();
            let (href, words) = (address.to_owned(), address.to_owned());
            let link = view! { <a class="underline" href=href rel="external">{words}</a> {after} };
            parts.push(link.into_any());
        } else {
            parts.push(part.to_owned().into_any());
        }
    }
    parts.collect_view().into_any()
}

#[component]
fn Composer(reply: Reply) -> impl IntoView {
    // The box is the browser's own: what was typed before WASM arrived stays.
    let words = NodeRef::<leptos::html::Textarea>::new();
    let say = reply.say;
    let send = move || {
        let Some(words) = words.get_untracked() else { return };
        let text = words.value().trim().to_owned();
        if !text.is_empty() {
            words.set_value("");
            say.run(text);
        }
    };
    view! {
        <form
            method="post"
            action="/fn/send_message"
            class="flex items-end gap-2 border-t border-line bg-surface p-3 pb-[max(12px,env(safe-area-inset-bottom))]"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <input type="hidden" name="slug" value=reply.slug/>
            <input type="hidden" name="token" value=reply.token/>
            <label for="message" class="sr-only">"Message"</label>
            <textarea
                id="message"
                name="text"
                rows="1"
                required
                maxlength="4000"
                autocomplete="off"
                enterkeyhint="send"
                placeholder="Write a message"
                class="input max-h-40 flex-1 resize-none [field-sizing:content]"
                node_ref=words
            ></textarea>
            <button type="submit" class="btn btn-primary">"Send"</button>
        </form>
    }
}

impl State {
    /// One quiet line about what is going on.
    fn doing(&self) -> String {
        if !self.connected.get() {
            return "Reconnecting".into();
        }
        match (self.typing.get(), self.status.get()) {
            (true, Some(status)) => status,
            (true, None) => "The assistant is typing".into(),
            (false, _) => String::new(),
        }
    }

    /// Shows the patient's words at once and keeps sending them until the
    /// server has taken them. The id makes a second try the same message.
    fn say(self, slug: &str, token: &str, text: String) {
        self.refusal.set(None);
        self.typing.set(true);
        let client_message_id = fresh_id();
        self.pending.update(|pending| {
            pending.push(Pending { client_message_id: client_message_id.clone(), text: text.clone() });
        });
        let (slug, token) = (slug.to_owned(), token.to_owned());
        spawn_local(async move {
            loop {
                match send_message(slug.clone(), token.clone(), text.clone(), Some(client_message_id.clone())).await {
                    Ok(exchange) => {
                        exchange.question.into_iter().for_each(|question| self.show(question));
                        match exchange.answer {
                            Some(answer) => self.show(answer),
                            // A person answers, in their own time.
                            None => self.typing.set(false),
                        }
                        return;
                    }
                    Err(error) if error.code() == RejectionCode::Unavailable => {
                        self.connected.set(false);
                        later(2_000).await;
                    }
                    Err(error) => return self.give_up(&client_message_id, &error.0),
                }
            }
        });
    }

    fn give_up(self, client_message_id: &str, rejection: &Rejection) {
        self.typing.set(false);
        self.pending.update(|pending| pending.retain(|pending| pending.client_message_id != client_message_id));
        self.refusal.set(Some(rejection.message.to_string()));
    }

    /// Adds a stored message in its place, once.
    fn show(self, said: Said) {
        self.connected.set(true);
        if let Some(id) = &said.message.client_message_id {
            self.pending.update(|pending| pending.retain(|pending| pending.client_message_id != *id));
        }
        if said.message.role != Role::Patient {
            self.writing.set(String::new());
            self.typing.set(false);
            self.status.set(None);
        }
        self.said.update(|all| {
            let place = all.partition_point(|other| other.message.id < said.message.id);
            if all.get(place).is_none_or(|other| other.message.id != said.message.id) {
                all.insert(place, said);
            }
        });
    }

    fn hear(self, event: &str, data: &str) {
        #[derive(Deserialize)]
        struct Typing {
            active: bool,
        }
        #[derive(Deserialize)]
        struct Text {
            text: String,
        }
        match event {
            "typing" => {
                if let Ok(typing) = serde_json::from_str::<Typing>(data) {
                    self.typing.set(typing.active);
                }
            }
            "status" => self.status.set(serde_json::from_str::<Text>(data).ok().map(|status| status.text)),
            "delta" => {
                if let Ok(delta) = serde_json::from_str::<Text>(data) {
                    self.writing.update(|writing| writing.push_str(&delta.text));
                }
            }
            "message" => {
                if let Ok(said) = serde_json::from_str::<Said>(data) {
                    self.show(said);
                }
            }
            _ => {}
        }
    }
}

/// Follows the conversation while the page is open.
fn hear(state: State, slug: &str, token: &str) {
    let (slug, token) = (slug.to_owned(), token.to_owned());
    live::follow_network(state.connected);
    live::listen(
        move || {
            let after = state.said.with_untracked(|said| said.last().map(|last| last.message.id.to_string()));
            Some(format!("/c/{slug}/feed?token={token}&after={}", after.unwrap_or_default()))
        },
        &["typing", "status", "delta", "message"],
        state.connected.write_only(),
        move |event, data| state.hear(event, &data),
    );
}

/// An id no other message has.
fn fresh_id() -> String {
    #[cfg(feature = "hydrate")]
    {
        // Not there on plain http outside localhost.
        let random = || (js_sys::Math::random() * 1e16) as u64;
        format!("{:x}-{:x}-{:x}", js_sys::Date::now() as u64, random(), random())
    }
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

async fn later(milliseconds: u32) {
    #[cfg(feature = "hydrate")]
    gloo_timers::future::TimeoutFuture::new(milliseconds).await;
    #[cfg(not(feature = "hydrate"))]
    let _ = milliseconds;
}
