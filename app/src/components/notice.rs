//! Something that went wrong, said where it happened.

use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::params::ParamsMap;

use crate::error::ServerError;

/// What a form posted without JavaScript was refused with: the server sends
/// the browser back to the form with the refusal in the address.
pub fn refused(query: &ParamsMap) -> StoredValue<Option<ServerError>> {
    StoredValue::new(query.get("__err").map(|encoded| ServerFnUrlError::<ServerError>::decode_err(&encoded)))
}

/// An error in the page, read out when it appears.
#[component]
pub fn Notice(#[prop(into)] text: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div role="alert" class="empty:hidden">
            {move || {
                text.get()
                    .map(|text| {
                        view! {
                            <p class="rounded-6 border border-bad/40 bg-bad-soft px-3 py-2 text-14 text-bad">{text}</p>
                        }
                    })
            }}
        </div>
    }
}
