//! Keeping a page as new as the clinic's day.

use std::time::Duration;

use leptos::prelude::*;

use crate::components::live::listen;

/// Whether the page hears of changes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It never has, as without JavaScript.
    Unknown,
    Live,
    Reconnecting,
}

/// Calls `refetch` whenever something happened in the clinic, when the
/// connection comes (back), and every minute, because "in 10 min" ages.
pub fn keep_fresh(refetch: impl Fn() + Copy + 'static) -> Signal<Liveness> {
    let (connected, set_connected) = signal(false);
    listen(|| Some("/console/feed".to_owned()), &["event", "resync"], set_connected, move |_, _| refetch());
    Effect::new(move |_| {
        if connected.get() {
            refetch();
        }
    });
    Effect::new(move |_| {
        if let Ok(every_minute) = set_interval_with_handle(refetch, Duration::from_secs(60)) {
            on_cleanup(move || every_minute.clear());
        }
    });
    Memo::new(move |before| match (connected.get(), before) {
        (true, _) => Liveness::Live,
        (false, None | Some(Liveness::Unknown)) => Liveness::Unknown,
        (false, Some(_)) => Liveness::Reconnecting,
    })
    .into()
}

/// Says quietly whether the page is live.
#[component]
pub fn LiveStatus(liveness: Signal<Liveness>) -> impl IntoView {
    view! {
        <p role="status" class="min-w-24 text-right text-12 text-muted">
            {move || match liveness.get() {
                Liveness::Unknown => "",
                Liveness::Live => "● Live",
                Liveness::Reconnecting => "○ Reconnecting",
            }}
        </p>
    }
}
