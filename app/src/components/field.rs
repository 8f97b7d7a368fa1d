//! A labelled text field with room for what is wrong with it.

use leptos::prelude::*;

/// A label, an input and, below it, the error. The error is tied to the input
/// for those who hear the page.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    /// The form field's name; also its id, unless there are several such.
    name: &'static str,
    #[prop(optional, into)] id: Option<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(default = false)] required: bool,
    #[prop(default = 200)] max_length: u16,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: Option<String>,
    /// A sentence under the label, where one helps.
    #[prop(optional, into)]
    hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.to_owned());
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    view! {
        <div class="flex flex-col gap-1">
            <label for=id.clone() class="text-13 font-medium">
                {label}
                {(!required).then(|| view! { <span class="font-normal text-muted">" (optional)"</span> })}
            </label>
            {hint.map(|hint| view! { <p class="text-12 text-muted">{hint}</p> })}
            <input
                id=id
                name=name
                type=kind
                autocomplete=autocomplete
                required=required
                maxlength=max_length.to_string()
                value=value
                class="input"
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=move || error.get().is_some().then(|| described.clone())
            />
            <p id=error_id class="text-13 text-bad" hidden=move || error.get().is_none()>
                {move || error.get()}
            </p>
        </div>
    }
}
