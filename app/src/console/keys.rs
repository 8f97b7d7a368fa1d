//! The keys of the day, and a small window that names them.

use leptos::ev::keydown;
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement, KeyboardEvent};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// What marks a visit for the arrow keys.
pub const VISIT: &str = "day-visit";

const KEYS: [(&str, &str); 7] = [
    ("←", "Previous day"),
    ("→", "Next day"),
    ("t", "Today"),
    ("↑ ↓", "Move between visits"),
    ("Enter", "Open the visit"),
    ("?", "Show these keys"),
    ("Esc", "Close this window"),
];

/// A button that shows the keys, and the keys themselves. `previous` and
/// `next` are addresses.
#[component]
pub fn Keys(previous: Signal<String>, next: Signal<String>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    // Without JavaScript there are no keys, so there is no button either; its
    // place is kept.
    let awake = RwSignal::new(false);
    let show = move || {
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            let _ = dialog.show_modal();
        }
    };
    let navigate = use_navigate();
    Effect::new(move |_| {
        awake.set(true);
        let go = {
            let navigate = navigate.clone();
            move |address: &str| navigate(address, NavigateOptions { scroll: false, ..Default::default() })
        };
        let listener = window_event_listener(keydown, move |event| {
            if is_someone_elses(&event) || dialog.get_untracked().is_some_and(|dialog| dialog.open()) {
                return;
            }
            match event.key().as_str() {
                "ArrowLeft" => go(&previous.get_untracked()),
                "ArrowRight" => go(&next.get_untracked()),
                "t" => go("/console/today"),
                "ArrowUp" if move_focus(Step::Back) => {}
                "ArrowDown" if move_focus(Step::On) => {}
                "?" => show(),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || listener.remove());
    });
    view! {
        <button
            type="button"
            class="hidden rounded-6 border border-line px-2 py-1 text-12 text-muted hover:border-muted md:inline-block"
            class:invisible=move || !awake.get()
            on:click=move |_| show()
        >
            "Keys"
            <kbd class="ml-1 font-sans">"?"</kbd>
        </button>
        <dialog
            node_ref=dialog
            aria-labelledby="keys-heading"
            class="m-auto w-72 rounded-10 border border-line bg-raised p-4 text-ink shadow-float"
        >
            <h2 id="keys-heading" class="text-16 font-semibold">
                "Keys"
            </h2>
            <dl class="my-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-13">
                {KEYS
                    .map(|(key, meaning)| {
                        view! {
                            <dt>
                                <kbd class="rounded-6 border border-line px-1.5 font-sans text-12">{key}</kbd>
                            </dt>
                            <dd>{meaning}</dd>
                        }
                    })
                    .collect_view()}
            </dl>
            <form method="dialog">
                <button type="submit" class="btn btn-quiet w-full">
                    "Close"
                </button>
            </form>
        </dialog>
    }
}

/// Typing in a field and the browser's own shortcuts are not ours.
fn is_someone_elses(event: &KeyboardEvent) -> bool {
    let typing = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
    typing || event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key()
}

#[derive(Clone, Copy)]
enum Step {
    Back,
    On,
}

/// Focuses the visit before or after the one in focus, the first if none is.
/// Whether there was one.
fn move_focus(step: Step) -> bool {
    let visits = document().get_elements_by_class_name(VISIT);
    let focused = document().active_element();
    let at = (0..visits.length()).find(|index| visits.item(*index) == focused && focused.is_some());
    let to = match (at, step) {
        (None, _) => 0,
        (Some(at), Step::Back) => at.saturating_sub(1),
        (Some(at), Step::On) => (at + 1).min(visits.length().saturating_sub(1)),
    };
    let visit = visits.item(to).and_then(|visit| visit.dyn_into::<HtmlElement>().ok());
    visit.is_some_and(|visit| visit.focus().is_ok())
}
