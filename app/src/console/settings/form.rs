//! Forms of the settings, described by the server and drawn alike. Every field
//! has a path, which is its name in the form and in what is wrong with it.

use std::collections::BTreeMap;

use leptos::form::ActionForm;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::SaveSettings;
use crate::error::ServerError;

/// What was filled in, by path.
pub type Answers = BTreeMap<String, String>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Which change it asks for.
    pub what: String,
    pub groups: Vec<Group>,
    pub submit: String,
    /// Another thing to do with what was filled in, and its button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<(String, String)>,
}

/// Lines that belong together, under a name if they have one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub legend: String,
    pub hint: String,
    pub lines: Vec<Line>,
}

/// Fields side by side, and lines below them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What to press to see them, where they are rarely needed.
    pub fold: Option<String>,
    pub is_open: bool,
    pub inputs: Vec<Input>,
    pub inner: Vec<Line>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Input {
    pub path: String,
    pub label: String,
    pub value: String,
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(i32, i32)>,
    /// The most characters, where not as many as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<u16>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    #[default]
    Text,
    Number,
    Money,
    Time,
    Date,
    /// A date and a time.
    Moment,
    Choice,
    /// `on`, or nothing.
    Check,
    /// Of several lines.
    Long,
    /// Never shown again.
    Secret,
    Hidden,
}

/// What happened when a form was sent: which one, and what was wrong.
#[derive(Clone, Copy)]
pub struct Sent {
    pub save: ServerAction<SaveSettings>,
    /// What the last form asked for; empty for one sent without JavaScript.
    pub what: Memo<String>,
    pub error: Signal<Option<ServerError>>,
    /// That it was done.
    pub said: Signal<Option<String>>,
}

impl Sent {
    fn wrong(self, path: String) -> Memo<Option<String>> {
        Memo::new(move |_| self.error.with(|error| error.as_ref().and_then(|error| error.field(&path))))
    }
}

impl Form {
    /// Whether there is nothing to fill in.
    fn is_a_button(&self) -> bool {
        self.groups.iter().all(Group::is_hidden)
    }
}

impl Group {
    fn is_hidden(&self) -> bool {
        let is_hidden =
            |line: &Line| line.inner.is_empty() && line.inputs.iter().all(|input| input.kind == Kind::Hidden);
        self.lines.iter().all(is_hidden)
    }
}

/// The form with its button.
pub fn draw(form: Form, sent: Sent, may_change: bool) -> AnyView {
    let save = sent.save;
    let is_small = form.is_a_button();
    let layout = if is_small { "contents" } else { "flex flex-col gap-5" };
    let button = if is_small { "btn btn-quiet" } else { "btn btn-primary self-start" };
    view! {
        <ActionForm action=save>
            <fieldset disabled=!may_change class=layout>
                {form.groups.into_iter().map(|group| draw_group(group, sent)).collect_view()}
                <div class="flex flex-wrap gap-2">
                    {(!form.submit.is_empty())
                        .then(|| {
                            view! {
                                // The button says what to do, because there may be two.
                                <button name="what" value=form.what class=button disabled=move || save.pending().get()>
                                    {form.submit}
                                </button>
                            }
                        })}
                    {form
                        .other
                        .map(|(what, label)| {
                            view! {
                                <button name="what" value=what class="btn btn-quiet" disabled=move || save.pending().get()>
                                    {label}
                                </button>
                            }
                        })}
                </div>
            </fieldset>
        </ActionForm>
    }
    .into_any()
}

fn draw_group(group: Group, sent: Sent) -> AnyView {
    let layout = if group.is_hidden() { "hidden" } else { "flex flex-col gap-3" };
    let lines = group.lines.into_iter().map(|line| draw_line(line, sent)).collect_view();
    let hint = (!group.hint.is_empty()).then(|| view! { <p class="text-12 text-muted">{group.hint}</p> });
    if group.legend.is_empty() {
        return view! { <div class=layout>{hint} {lines}</div> }.into_any();
    }
    view! {
        <fieldset class="min-w-0 border-t border-line pt-3">
            <legend class="float-left w-full text-13 font-semibold">{group.legend}</legend>
            <div class="clear-both flex flex-col gap-3 pt-2">{hint} {lines}</div>
        </fieldset>
    }
    .into_any()
}

fn draw_line(line: Line, sent: Sent) -> AnyView {
    let inputs = line.inputs.into_iter().map(|input| draw_input(input, sent)).collect_view();
    let inner = line.inner.into_iter().map(|line| draw_line(line, sent)).collect_view();
    let fields = view! { <div class="settings-line">{inputs}</div> };
    match line.fold {
        Some(fold) => view! {
            <details open=line.is_open>
                <summary class="cursor-pointer text-13 font-medium text-accent">{fold}</summary>
                <div class="flex flex-col gap-3 pt-3">{fields} {inner}</div>
            </details>
        }
        .into_any(),
        None => view! { <div class="flex flex-col gap-2">{fields} {inner}</div> }.into_any(),
    }
}

fn draw_input(input: Input, sent: Sent) -> AnyView {
    let name = format!("form[{}]", input.path);
    if input.kind == Kind::Hidden {
        return view! { <input type="hidden" name=name value=input.value/> }.into_any();
    }
    let id = format!("field-{}", input.path);
    let (error_id, hint_id) = (format!("{id}-error"), format!("{id}-hint"));
    let wrong = sent.wrong(input.path);
    let described = {
        let (error_id, has_hint, hint_id) = (error_id.clone(), !input.hint.is_empty(), hint_id.clone());
        move || match (wrong.with(Option::is_some), has_hint) {
            (true, _) => Some(error_id.clone()),
            (false, true) => Some(hint_id.clone()),
            (false, false) => None,
        }
    };
    let is_wrong = move || wrong.with(Option::is_some).then_some("true");
    let hint = (!input.hint.is_empty()).then(|| view! { <p id=hint_id class="text-12 text-muted">{input.hint}</p> });
    let error = move || wrong.get().map(|wrong| view! { <p id=error_id.clone() class="text-13 text-bad">{wrong}</p> });
    if input.kind == Kind::Check {
        return view! {
            <div class="settings-check">
                <label class="flex items-center gap-2 text-14">
                    <input type="checkbox" name=name value="on" checked=input.value == "on" class="size-4 accent-accent" aria-describedby=described/>
                    {input.label}
                </label>
                {hint}
                {error}
            </div>
        }
        .into_any();
    }
    let (kind, width) = look(input.kind);
    let (id_of_label, required) = (id.clone(), input.required);
    let control = match input.kind {
        Kind::Choice => {
            let options = input.options.into_iter().map(|(value, label)| {
                let selected = value == input.value;
                view! { <option value=value selected=selected>{label}</option> }
            });
            view! {
                <select id=id name=name class="input" aria-invalid=is_wrong aria-describedby=described>
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
        Kind::Long => view! {
            <textarea id=id name=name rows="5" maxlength=input.longest.unwrap_or(4_000) required=required class="input h-auto py-2" aria-invalid=is_wrong aria-describedby=described>
                {as_content(input.value)}
            </textarea>
        }
        .into_any(),
        _ => view! {
            <input
                id=id
                name=name
                type=kind
                value=input.value
                required=required
                min=input.range.map(|(min, _)| min.to_string())
                max=input.range.map(|(_, max)| max.to_string())
                maxlength=(kind == "text").then_some("2000")
                inputmode=(input.kind == Kind::Money).then_some("decimal")
                // A browser fills in what it knows unless it is told that this is new.
                autocomplete=if kind == "password" { "new-password" } else { "off" }
                class="input"
                aria-invalid=is_wrong
                aria-describedby=described
            />
        }
        .into_any(),
    };
    view! {
        <div class=format!("settings-field {width}")>
            <label for=id_of_label class="text-12 font-medium">
                {input.label}
            </label>
            {control} {hint} {error}
        </div>
    }
    .into_any()
}

/// A text inside of a `textarea`: the server writes it into HTML as it is, and
/// it can be anything; the browser takes plain text.
fn as_content(text: String) -> String {
    if cfg!(feature = "ssr") { text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") } else { text }
}

/// The input's type, and how wide it is.
fn look(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Number => ("number", "settings-short"),
        Kind::Money => ("text", "settings-short"),
        Kind::Time => ("time", "settings-short"),
        Kind::Date => ("date", "settings-medium"),
        Kind::Moment => ("datetime-local", "settings-medium"),
        Kind::Choice => ("", "settings-medium"),
        Kind::Secret => ("password", "settings-wide"),
        _ => ("text", "settings-wide"),
    }
}
