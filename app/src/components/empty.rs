//! What stands where there is nothing yet.

use leptos::prelude::*;

/// A heading and a sentence that says what would be here.
#[component]
pub fn Empty(
    #[prop(into)] heading: String,
    #[prop(into)] text: String,
    /// The heading's level: 1 where it is the page's.
    #[prop(default = 2)]
    level: u8,
) -> impl IntoView {
    let heading = if level == 1 {
        view! { <h1 class="text-16 font-semibold">{heading}</h1> }.into_any()
    } else {
        view! { <h2 class="text-16 font-semibold">{heading}</h2> }.into_any()
    };
    view! {
        <div class="rounded-10 border border-line bg-surface px-6 py-10 text-center">
            {heading} <p class="mt-1 text-14 text-muted">{text}</p>
        </div>
    }
}
