//! Showing what a server function brought, and staying calm when it does not.

use domain::RejectionCode;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::components::button;
use crate::components::empty::Empty;
use crate::error::ServerError;

/// Shows what `resource` last brought. It is shown once and then kept up to
/// date through the signal, so fetching again keeps focus and scroll. A failure
/// is said above it; what was there stays.
#[component]
pub fn Loaded<T, F, V>(
    resource: Resource<Result<T, ServerError>>,
    /// What to read while there is nothing yet.
    waiting: &'static str,
    show: F,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + Serialize + DeserializeOwned + 'static,
    F: Fn(Signal<T>) -> V + Send + 'static,
    V: IntoView + 'static,
{
    let navigate = use_navigate();
    Effect::new(move |_| {
        if resource.get().is_some_and(|answer| refused_with(&answer, RejectionCode::Unauthenticated)) {
            navigate("/console/sign-in", NavigateOptions::default());
        }
    });
    view! {
        <Transition fallback=move || view! { <p class="p-4 text-14 text-muted">{waiting}</p> }>
            {move || {
                resource.get().and_then(Result::err).map(|error| view! { <Trouble error=error again=move || resource.refetch()/> })
            }}
            {
                let worth_showing = Memo::new(move |before| match resource.get() {
                    Some(answer) if answer.is_ok() => true,
                    Some(answer) if ends_the_page(&answer) => false,
                    _ => before.copied().unwrap_or(false),
                });
                move || {
                    if !worth_showing.get() {
                        return None;
                    }
                    // Inside a Transition even an untracked read is tracked.
                    let first = untrack(|| resource.get_untracked()).and_then(Result::ok)?;
                    let latest = Memo::new(move |before: Option<&T>| match resource.get() {
                        Some(Ok(latest)) => latest,
                        _ => before.unwrap_or(&first).clone(),
                    });
                    Some(show(latest.into()))
                }
            }
        </Transition>
    }
}

fn ends_the_page<T>(answer: &Result<T, ServerError>) -> bool {
    refused_with(answer, RejectionCode::NotFound) || refused_with(answer, RejectionCode::Unauthenticated)
}

fn refused_with<T>(answer: &Result<T, ServerError>, code: RejectionCode) -> bool {
    answer.as_ref().is_err_and(|error| error.code() == code)
}

#[component]
fn Trouble(error: ServerError, again: impl Fn() + Send + 'static) -> impl IntoView {
    match error.code() {
        // The browser is on its way to the sign-in.
        RejectionCode::Unauthenticated => ().into_any(),
        RejectionCode::NotFound => view! {
            <div class="p-4">
                <Empty heading="There is nothing here." text="It may have been removed, or the address is mistyped." level=1/>
            </div>
        }
        .into_any(),
        _ => view! {
            <div
                role="alert"
                class="m-4 flex flex-wrap items-center justify-between gap-3 rounded-6 border border-bad/40 bg-bad-soft px-3 py-2 text-14 text-bad"
            >
                <p>{error.to_string()}</p>
                // A form, so that without JavaScript it loads the page again.
                <form
                    on:submit=move |event| {
                        event.prevent_default();
                        again();
                    }
                >
                    <button type="submit" class=button::QUIET>
                        "Try again"
                    </button>
                </form>
            </div>
        }
        .into_any(),
    }
}
