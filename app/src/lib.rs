//! The pages, and the server functions behind them.
//!
//! Compiled twice: for the server (`ssr`) and for the browser (`hydrate`).
//! What a page needs it gets from a server function; what a server function
//! may do depends on who calls it, which [`caller`] says.

#![recursion_limit = "512"]

#[cfg(feature = "ssr")]
pub mod caller;
pub mod components;
pub mod console;
pub mod error;
pub mod patient;

use leptos::prelude::*;
use leptos_meta::{MetaTags, Stylesheet, Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::components::empty::Empty;
use crate::console::appointment::AppointmentPage;
use crate::console::conversation::ConversationPage;
use crate::console::layout::ConsoleLayout;
use crate::console::messages::{MessagesPage, OptOutsPage};
use crate::console::settings::{ReviewPage, SettingsPage};
use crate::console::sign_in::SignInPage;
use crate::console::today::TodayPage;
use crate::console::trying::TrialPage;
use crate::patient::book::BookPage;
use crate::patient::chat::{ChatPage, EmbeddedChatPage};
use crate::patient::unsubscribe::UnsubscribePage;
use crate::patient::visit::VisitPage;

/// The document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    #[cfg(feature = "ssr")]
    caller::only_own_scripts();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Every page, by who looks at it. Pages are rendered whole before they are
/// sent, so that they are complete without WASM and do not jump when it comes.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Stylesheet id="frontdesk" href="/pkg/frontdesk.css"/>
        <Title formatter=document_title/>
        <Router>
            <Routes fallback=NotFound>
                // Patients
                <Route path=path!("/c/:slug") view=ChatPage ssr=SsrMode::Async/>
                <Route path=path!("/embed/:slug") view=EmbeddedChatPage ssr=SsrMode::Async/>
                <Route path=path!("/c/:slug/book") view=BookPage ssr=SsrMode::Async/>
                <Route path=path!("/m/:token") view=VisitPage ssr=SsrMode::Async/>
                <Route path=path!("/unsubscribe/:token") view=UnsubscribePage ssr=SsrMode::Async/>
                // Staff
                <Route path=path!("/") view=|| view! { <Redirect path="/console/today"/> }/>
                <Route path=path!("/console/sign-in") view=SignInPage ssr=SsrMode::Async/>
                <ParentRoute path=path!("/console") view=ConsoleLayout ssr=SsrMode::Async>
                    <Route path=path!("") view=|| view! { <Redirect path="/console/today"/> }/>
                    <Route path=path!("today") view=TodayPage/>
                    <Route path=path!("appointments/:id") view=AppointmentPage/>
                    <Route path=path!("messages") view=MessagesPage/>
                    <Route path=path!("messages/opt-outs") view=OptOutsPage/>
                    <Route path=path!("conversations/:id") view=ConversationPage/>
                    <Route path=path!("settings") view=|| view! { <Redirect path="/console/settings/hours"/> }/>
                    <Route path=path!("settings/review") view=ReviewPage/>
                    <Route path=path!("settings/receptionist/try") view=TrialPage/>
                    <Route path=path!("settings/:tab") view=SettingsPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// A page's title as the document takes it: the server writes it into HTML as
/// it is, and a patient's name can be anything; the browser takes plain text.
fn document_title(title: String) -> String {
    let title = if title.is_empty() { "Frontdesk".to_owned() } else { title };
    if cfg!(feature = "ssr") { title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") } else { title }
}

#[component]
fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    caller::respond_with(http::StatusCode::NOT_FOUND);
    view! {
        <Title text="Not found"/>
        <main class="mx-auto max-w-xl p-6">
            <Empty heading="There is nothing here." text="The address may be mistyped, or the page has moved." level=1/>
        </main>
    }
}
