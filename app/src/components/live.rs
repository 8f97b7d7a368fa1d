//! Hearing from the server while a page is open.

use leptos::prelude::*;

/// Opens a stream of server-sent events at `url` when the page is alive in a
/// browser, and closes it with the page. The browser connects again by itself.
///
/// `heard` gets each event's name and data; `connected` follows whether the
/// stream is open.
pub fn listen(
    url: impl Fn() -> Option<String> + 'static,
    events: &'static [&'static str],
    connected: WriteSignal<bool>,
    heard: impl Fn(&'static str, String) + Clone + 'static,
) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(url) = url() {
            browser::open(&url, events, connected, heard.clone());
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (url, events, connected, heard);
}

/// Lets `connected` fall as soon as the browser says that it is offline. It
/// rises when something gets through.
pub fn follow_network(connected: RwSignal<bool>) {
    #[cfg(feature = "hydrate")]
    {
        let offline = window_event_listener_untyped("offline", move |_| connected.set(false));
        on_cleanup(move || offline.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = connected;
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{Event, EventSource, MessageEvent};

    pub fn open(
        url: &str,
        events: &'static [&'static str],
        connected: WriteSignal<bool>,
        heard: impl Fn(&'static str, String) + Clone + 'static,
    ) {
        let Ok(source) = EventSource::new(url) else { return };
        for name in events {
            let heard = heard.clone();
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                heard(name, event.data().as_string().unwrap_or_default());
            });
            let _ = source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
            listener.forget();
        }
        on(&source, "open", move || connected.set(true));
        on(&source, "error", move || connected.set(false));
        let source = send_wrapper::SendWrapper::new(source);
        on_cleanup(move || source.close());
    }

    fn on(source: &EventSource, name: &str, run: impl Fn() + 'static) {
        let listener = Closure::<dyn Fn(Event)>::new(move |_| run());
        let _ = source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        listener.forget();
    }
}
