//! What is around every page of the console.

use leptos::prelude::*;
use leptos_router::components::{A, Outlet};
use serde::{Deserialize, Serialize};

use super::sign_in::SignOut;
use crate::error::ServerError;

/// Where one can go, in order: the address and the name.
const NAV: [(&str, &str); 4] = [
    ("/console/today", "Today"),
    ("/console/waitlist", "Waitlist"),
    ("/console/messages", "Messages"),
    ("/console/settings", "Settings"),
];

/// Whose console it is, and who is at it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Desk {
    pub clinic: String,
    pub member: String,
}

/// The clinic's and the member's names.
#[server(prefix = "/fn", endpoint = "who_am_i")]
pub async fn who_am_i() -> Result<Desk, ServerError> {
    let staff = super::staff::staff().await?;
    let clinic = services::clinics::profile(&mut staff.tx().await?).await?;
    Ok(Desk { clinic: clinic.name, member: staff.member.name })
}

/// A slim rail beside the page; a bar above it on a phone.
#[component]
pub fn ConsoleLayout() -> impl IntoView {
    let desk = Resource::new_blocking(|| (), |()| who_am_i());
    let name = move |read: fn(Desk) -> String| move || desk.get().and_then(Result::ok).map(read);
    let sign_out = ServerAction::<SignOut>::new();
    view! {
        // The router would scroll to the content; the browser also moves the focus.
        <a
            href="#content"
            rel="external"
            class="sr-only focus:not-sr-only focus:fixed focus:left-2 focus:top-2 focus:z-20 focus:rounded-6 focus:bg-raised focus:p-2 focus:text-14 focus:shadow-float"
        >
            "Skip to content"
        </a>
        <div class="min-h-dvh md:grid md:grid-cols-[11rem_minmax(0,1fr)]">
            <header class="sticky top-0 z-10 flex h-14 items-center gap-1 border-b border-line bg-surface px-2 md:h-dvh md:flex-col md:items-stretch md:gap-3 md:border-r md:border-b-0 md:px-3 md:py-4">
                <p class="min-w-0 flex-1 truncate text-14 font-semibold sm:pl-2 md:min-h-5 md:flex-none md:px-2 md:whitespace-normal">
                    <Suspense>{name(|desk| desk.clinic)}</Suspense>
                </p>
                <nav aria-label="Console" class="rail md:flex-1">
                    {NAV.map(|(href, name)| view! { <A href=href>{name}</A> }).collect_view()}
                </nav>
                <p class="hidden min-h-5 truncate px-2 text-13 text-muted md:block">
                    <Suspense>{name(|desk| desk.member)}</Suspense>
                </p>
                <ActionForm action=sign_out>
                    <button type="submit" class="rail-button">
                        "Sign out"
                    </button>
                </ActionForm>
            </header>
            <main id="content" tabindex="-1" class="min-w-0 outline-none">
                <Outlet/>
            </main>
        </div>
    }
}
