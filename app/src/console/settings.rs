//! What the clinic offers and when, and changing it.

#[cfg(feature = "ssr")]
mod brief;
#[cfg(feature = "ssr")]
mod describing;
#[cfg(feature = "ssr")]
mod email;
mod form;
#[cfg(feature = "ssr")]
mod keys;
#[cfg(feature = "ssr")]
mod messaging;
#[cfg(feature = "ssr")]
mod reading;
#[cfg(feature = "ssr")]
mod receptionist;
mod review;
#[cfg(feature = "ssr")]
mod saving;
#[cfg(feature = "ssr")]
mod telephone;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::{A, Form as AddressForm};
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use super::loaded::Loaded;
use crate::components::button;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;
use form::{Answers, Form, Sent};
#[cfg(feature = "ssr")]
pub use receptionist::cost_of;
use review::{Review, Reviewing};

/// The parts of the settings, by address.
const TABS: [(&str, &str); 13] = [
    ("hours", "Hours"),
    ("time-off", "Time off"),
    ("types", "Visit types"),
    ("practitioners", "Practitioners"),
    ("rooms", "Rooms and equipment"),
    ("locations", "Locations"),
    ("receptionist", "Receptionist"),
    ("messages", "Messages"),
    ("wording", "Wording"),
    ("accounts", "Accounts"),
    ("telephone", "Telephone"),
    ("email", "E-mail"),
    ("keys", "Keys"),
];

/// One part of the settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// New for every answer, so that what was typed gives way to what was
    /// saved and to nothing else.
    pub stamp: String,
    pub title: String,
    /// Whose hours these are, of whom: in the address as `of`.
    pub whose: Option<(String, Vec<(String, String)>)>,
    /// The way back to the list, from one thing on it.
    pub back: Option<(String, String)>,
    pub sections: Vec<Section>,
    pub may_change: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub id: String,
    pub heading: String,
    pub text: String,
    pub rows: Vec<Row>,
    /// What stands where there are no rows, if there could be.
    pub empty: Option<String>,
    /// A way to add one.
    pub add: Option<(String, String)>,
    pub form: Option<Form>,
}

/// One thing that is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub title: String,
    pub details: Vec<String>,
    pub href: Option<String>,
    pub act: Option<Form>,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Saved {
    Done(String),
    /// Nothing has changed; this is what was asked.
    Told(String),
    Review(Review),
}

/// A part of the settings: of whom, and which thing on the list.
#[server(prefix = "/fn", endpoint = "settings_view")]
pub async fn settings_view(
    #[server(default)] tab: String,
    #[server(default)] of: String,
    #[server(default)] item: String,
) -> Result<Settings, ServerError> {
    use super::staff::{Duty, may, staff};

    let staff = staff().await?;
    let is_telephone = tab == telephone::TAB;
    let duty = match tab.as_str() {
        telephone::TAB | keys::TAB => Duty::Accounts,
        receptionist::TAB => Duty::Receptionist,
        _ => Duty::Schedule,
    };
    let may_change = may(&staff, duty);
    let mut settings = if is_telephone {
        telephone::describe(&staff).await?
    } else if tab == "email" {
        email::describe(&staff, may_change).await?
    } else if tab == receptionist::TAB {
        receptionist::describe(&staff, &item).await?
    } else if tab == keys::TAB {
        keys::describe(&staff, &item, may_change).await?
    } else if messaging::TABS.contains(&tab.as_str()) {
        messaging::describe(&mut staff.tx().await?, &tab, &item).await?
    } else {
        let now = staff.services.clock.now();
        let mut tx = staff.tx().await?;
        let catalogue = services::booking::catalogue::read(&mut tx, now).await?;
        let currency = services::clinics::profile(&mut tx).await?.currency;
        let asked = describing::Asked { tab: &tab, of: &of, item: &item, currency: &currency, catalogue: &catalogue };
        describing::describe(&asked)?
    };
    settings.stamp = domain::Id::<Settings>::new().to_string();
    settings.may_change = may_change;
    if !settings.may_change {
        describing::only_to_look_at(&mut settings);
    }
    Ok(settings)
}

/// Makes a change at once if it strands no visit; otherwise only once it was
/// decided about each.
#[server(prefix = "/fn", endpoint = "save_settings")]
pub async fn save_settings(
    #[server(default)] what: String,
    #[server(default)] form: Answers,
    #[server(default)] decisions: Answers,
) -> Result<Saved, ServerError> {
    use super::staff::{Duty, staff_for};

    if telephone::is_own(&what) {
        return telephone::save(&staff_for(Duty::Accounts).await?, &what, &form).await;
    }
    if email::CHANGES.contains(&what.as_str()) {
        return email::save(&staff_for(Duty::Accounts).await?, &what, &form).await;
    }
    if receptionist::is_own(&what) {
        return receptionist::save(&staff_for(Duty::Receptionist).await?, &what, &form).await;
    }
    if keys::CHANGES.contains(&what.as_str()) {
        return keys::save(&staff_for(Duty::Accounts).await?, &what, &form).await;
    }
    if messaging::is_mine(&what) {
        let duty = if messaging::is_account(&what) { Duty::Accounts } else { Duty::Schedule };
        return messaging::save(&staff_for(duty).await?, &what, &form).await;
    }
    saving::save(&staff_for(Duty::Schedule).await?, what, form, &decisions).await
}

/// The visits that a change would strand, for a form sent without JavaScript.
#[server(prefix = "/fn", endpoint = "settings_review")]
pub async fn settings_review(
    #[server(default)] what: String,
    #[server(default)] form: String,
) -> Result<Saved, ServerError> {
    let staff = super::staff::staff_for(super::staff::Duty::Schedule).await?;
    let form = serde_json::from_str(&form).unwrap_or_default();
    saving::look(&staff, what, form).await
}

/// What the forms of a page share.
fn sending() -> (Sent, Signal<Option<Saved>>) {
    let save = ServerAction::<SaveSettings>::new();
    let query = use_query_map();
    let refusal = refused(&query.read_untracked());
    let saved = Signal::derive(move || {
        save.value().with(|value| value.as_ref().and_then(|value| value.as_ref().ok().cloned()))
    });
    let sent = Sent {
        save,
        what: Memo::new(move |before: Option<&String>| {
            save.input()
                .with(|input| input.as_ref().map(|input| input.what.clone()))
                .or_else(|| before.cloned())
                .unwrap_or_default()
        }),
        error: Signal::derive(move || match save.value().get() {
            Some(answer) => answer.err(),
            None => refusal.get_value(),
        }),
        said: Signal::derive(move || match saved.get() {
            Some(Saved::Done(said) | Saved::Told(said)) if !save.pending().get() => Some(said),
            // The address says so after a form sent without JavaScript.
            None if query.with(|query| query.get_str("saved").is_some()) => Some("Saved.".to_owned()),
            None if query.with(|query| query.get_str("sent").is_some()) => {
                Some("The mail server took it. Please look into your mailbox.".to_owned())
            }
            _ => None,
        }),
    };
    // Whoever made a mistake is taken to the first.
    Effect::new(move |_| {
        if sent.error.with(Option::is_some) {
            focus_on("[aria-invalid=true]");
        }
    });
    (sent, saved)
}

/// Moves the focus once the page has been drawn.
pub(super) fn focus_on(selector: &'static str) {
    use leptos::wasm_bindgen::JsCast;
    request_animation_frame(move || {
        let found = document().query_selector(selector).ok().flatten();
        if let Some(element) = found.and_then(|element| element.dyn_into::<leptos::web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}

/// `/console/settings/hours?of=…`, `/console/settings/types?item=…` and so on.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let tab = Memo::new(move |_| params.with(|params| params.get("tab").unwrap_or_else(|| TABS[0].0.to_owned())));
    let asked = move |name: &'static str| query.with(|query| query.get(name).unwrap_or_default());
    let place = Memo::new(move |_| (tab.get(), asked("of"), asked("item")));
    let settings = Resource::new_blocking(move || place.get(), |(tab, of, item)| settings_view(tab, of, item));
    let (sent, saved) = sending();
    let review = RwSignal::new(None::<Review>);
    Effect::new(move |_| match saved.get() {
        Some(Saved::Done(_)) => {
            review.set(None);
            settings.refetch();
        }
        Some(Saved::Review(asked)) => {
            review.set(Some(asked));
            focus_on("#review-heading");
        }
        // What was filled in stays as it is.
        Some(Saved::Told(_)) | None => {}
    });
    Effect::new(move |before: Option<String>| {
        let tab = tab.get();
        if before.is_some_and(|before| before != tab) {
            sent.save.clear();
            review.set(None);
        }
        tab
    });
    let back = move || {
        view! {
            <button type="button" class=button::QUIET on:click=move |_| review.set(None)>
                "Back to editing"
            </button>
        }
    };
    view! {
        <Frame>
            {move || review.get().map(|review| view! { <Reviewing review=review sent=sent back=back/> })}
            // What was typed stays while the visits are looked at.
            <div hidden=move || review.with(Option::is_some)>
                <Loaded resource=settings waiting="Opening the settings." show={move |settings| view! { <Sections settings=settings sent=sent tab=tab/> }}/>
            </div>
        </Frame>
    }
}

/// `/console/settings/review`, where a form goes that was sent without
/// JavaScript and strands visits.
#[component]
pub fn ReviewPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &'static str| query.with(|query| query.get(name).unwrap_or_default());
    let place = Memo::new(move |_| (asked("what"), asked("form")));
    let answer = Resource::new_blocking(move || place.get(), |(what, form)| settings_review(what, form));
    let (sent, saved) = sending();
    let back = || view! { <a class=button::QUIET href="/console/settings">"Back to the settings"</a> };
    view! {
        <Frame>
            <Loaded
                resource=answer
                waiting="Looking for visits."
                show={move |answer: Signal<Saved>| {
                    view! {
                        {move || match saved.get().unwrap_or_else(|| answer.get()) {
                            Saved::Review(review) => view! { <Reviewing review=review sent=sent back=back/> }.into_any(),
                            Saved::Done(said) | Saved::Told(said) => {
                                view! {
                                    <div class="flex flex-col items-start gap-3 p-4 text-14">
                                        <p role="status">{said}</p>
                                        {back()}
                                    </div>
                                }
                                    .into_any()
                            }
                        }}
                    }
                }}
            />
        </Frame>
    }
}

/// The header of every part, with the ways to the others.
#[component]
fn Frame(children: Children) -> impl IntoView {
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    view! {
        <Title text="Settings"/>
        // Says when forms are sent without leaving the page.
        <div class="border-b border-line bg-surface px-4 py-2" data-awake=move || awake.get().then_some("yes")>
            <h1 class="text-16 font-semibold">"Settings"</h1>
            <nav aria-label="Settings" class="settings-tabs">
                {TABS
                    .map(|(address, name)| view! { <A href=format!("/console/settings/{address}")>{name}</A> })
                    .collect_view()}
            </nav>
        </div>
        {children()}
    }
}

#[component]
fn Sections(settings: Signal<Settings>, sent: Sent, tab: Memo<String>) -> impl IntoView {
    view! {
        <For each=move || [settings.get()] key=|settings| settings.stamp.clone() let:settings>
            {
                let may_change = settings.may_change;
                let asked: Vec<String> = settings.sections.iter().flat_map(asked_by).collect();
                // A form that was sent away has no section any more to say it.
                let is_elsewhere = Memo::new(move |_| sent.what.with(|what| !asked.contains(what)));
                view! {
                    <div class="flex max-w-4xl flex-col gap-4 p-4">
                        {settings
                            .back
                            .map(|(href, label)| {
                                view! {
                                    <p class="text-13">
                                        <a href=href class="text-accent hover:underline">
                                            "← "
                                            {label}
                                        </a>
                                    </p>
                                }
                            })}
                        {(!settings.title.is_empty()).then(|| view! { <h2 class="text-20 font-semibold">{settings.title}</h2> })}
                        {(!may_change)
                            .then(|| view! { <p class="text-13 text-muted">"You can look at this. A manager or the owner can change it."</p> })}
                        {settings.whose.map(|whose| view! { <Whose whose=whose tab=tab/> })}
                        <Show when=move || is_elsewhere.get()>
                            <Notice text=Signal::derive(move || sent.error.get().map(|error| error.to_string()))/>
                            <p role="status" class="text-14 break-words text-good empty:hidden">
                                {move || sent.said.get()}
                            </p>
                        </Show>
                        {settings
                            .sections
                            .into_iter()
                            .map(|section| view! { <SectionView section=section sent=sent may_change=may_change/> })
                            .collect_view()}
                    </div>
                }
            }
        </For>
    }
}

/// Whose hours to look at.
#[component]
fn Whose(whose: (String, Vec<(String, String)>), tab: Memo<String>) -> impl IntoView {
    let (chosen, options) = whose;
    view! {
        <AddressForm method="GET" action=format!("/console/settings/{}", tab.get_untracked())>
            <div class="flex flex-wrap items-end gap-2">
                <label class="flex min-w-0 flex-col gap-1 text-13 font-medium">
                    "Hours of"
                    <select name="of" class="input w-auto max-w-full font-normal">
                        {options
                            .into_iter()
                            .map(|(value, name)| {
                                let selected = value == chosen;
                                view! { <option value=value selected=selected>{name}</option> }
                            })
                            .collect_view()}
                    </select>
                </label>
                <button type="submit" class=button::QUIET>
                    "Show"
                </button>
            </div>
        </AddressForm>
    }
}

/// What the forms of a section may ask for.
fn asked_by(section: &Section) -> Vec<String> {
    let forms = section.form.iter().chain(section.rows.iter().filter_map(|row| row.act.as_ref()));
    let what = |form: &Form| std::iter::once(form.what.clone()).chain(form.other.clone().map(|(what, _)| what));
    forms.flat_map(what).collect()
}

#[component]
fn SectionView(section: Section, sent: Sent, may_change: bool) -> impl IntoView {
    let heading = format!("section-{}", section.id);
    let own = asked_by(&section);
    let is_own = Memo::new(move |_| sent.what.with(|what| own.contains(what)));
    // What is wrong with a field stands at the field as well.
    let trouble =
        Signal::derive(move || is_own.get().then(|| sent.error.get().map(|error| error.to_string())).flatten());
    let empty = section.empty.filter(|_| section.rows.is_empty());
    let labelled = heading.clone();
    view! {
        <section aria-labelledby=labelled class="card flex min-w-0 flex-col gap-4 p-4">
            <div class="flex flex-wrap items-center justify-between gap-2">
                <h2 id=heading class="text-16 font-semibold">
                    {section.heading}
                </h2>
                {section
                    .add
                    .map(|(href, label)| view! { <a href=href class=button::QUIET>{label}</a> })}
            </div>
            {(!section.text.is_empty()).then(|| view! { <p class="-mt-2 text-13 break-words text-muted">{section.text}</p> })}
            {empty.map(|empty| view! { <p class="text-14 text-muted">{empty}</p> })}
            {(!section.rows.is_empty())
                .then(|| {
                    view! {
                        <ul role="list" class="settings-rows">
                            {section.rows.into_iter().map(|row| draw_row(row, sent, may_change)).collect_view()}
                        </ul>
                    }
                })}
            {section.form.map(|form| form::draw(form, sent, may_change))}
            <Notice text=trouble/>
            <p role="status" class="text-14 break-words text-good empty:hidden">
                {move || is_own.get().then(|| sent.said.get()).flatten()}
            </p>
        </section>
    }
}

fn draw_row(row: Row, sent: Sent, may_change: bool) -> AnyView {
    let title = match row.href {
        Some(href) => view! { <a href=href class="text-accent hover:underline">{row.title}</a> }.into_any(),
        None => view! { {row.title} }.into_any(),
    };
    view! {
        <li>
            <div class="min-w-0 grow">
                <p class="text-14 font-medium break-words">{title}</p>
                {row.details.into_iter().map(|detail| view! { <p class="text-13 break-words text-muted">{detail}</p> }).collect_view()}
            </div>
            {row.act.map(|act| form::draw(act, sent, may_change))}
        </li>
    }
    .into_any()
}
