//! Where an appointment stands, as a word and a shape.

use domain::appointment::AppointmentStatus;
use leptos::prelude::*;

const CIRCLE: &str = "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9z";

/// The status in words and beside it a shape, so that colour says nothing
/// alone.
#[component]
pub fn Status(#[prop(into)] status: Signal<AppointmentStatus>) -> impl IntoView {
    view! {
        <span class=move || tone(status.get())>
            <svg
                viewBox="0 0 12 12"
                class="size-3 shrink-0"
                aria-hidden="true"
                stroke="currentColor"
                stroke-width="1.5"
                fill=move || if status.get() == AppointmentStatus::Arrived { "currentColor" } else { "none" }
            >
                <path d=move || shape(status.get())></path>
            </svg>
            {move || word(status.get())}
        </span>
    }
}

pub fn word(status: AppointmentStatus) -> &'static str {
    match status {
        AppointmentStatus::Pending => "Asked for",
        AppointmentStatus::Booked => "Booked",
        AppointmentStatus::Arrived => "Arrived",
        AppointmentStatus::Fulfilled => "Done",
        AppointmentStatus::Cancelled => "Cancelled",
        AppointmentStatus::Noshow => "Did not come",
    }
}

fn shape(status: AppointmentStatus) -> &'static str {
    match status {
        AppointmentStatus::Pending => "M6 1.5v5l3 1.8M1.5 6a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
        AppointmentStatus::Booked | AppointmentStatus::Arrived => CIRCLE,
        AppointmentStatus::Fulfilled => "M2 6.5l2.5 2.5l5.5-6",
        AppointmentStatus::Cancelled => "M2.5 2.5l7 7M9.5 2.5l-7 7",
        AppointmentStatus::Noshow => "M2 6h8",
    }
}

fn tone(status: AppointmentStatus) -> &'static str {
    match status {
        AppointmentStatus::Pending => "status text-warn",
        AppointmentStatus::Booked => "status text-accent",
        AppointmentStatus::Arrived => "status text-good",
        AppointmentStatus::Fulfilled | AppointmentStatus::Cancelled => "status text-muted",
        AppointmentStatus::Noshow => "status text-warn",
    }
}
