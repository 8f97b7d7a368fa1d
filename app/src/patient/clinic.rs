//! The clinic's name, face and hours: what stands on top of every patient
//! page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What a patient is shown of a clinic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClinicView {
    pub slug: String,
    pub name: String,
    pub greeting: String,
    /// `#rrggbb`, as the clinic set it.
    pub accent: String,
    /// CSS custom properties that set the accent for light and dark.
    pub theme: String,
    /// `Open until 6:00 PM`.
    pub open_now: String,
    pub address: Option<String>,
    pub phone: Option<String>,
    /// The phone number as people there write it.
    pub phone_label: Option<String>,
    pub email: Option<String>,
    /// `New York time`.
    pub zone: String,
}

#[cfg(feature = "ssr")]
impl ClinicView {
    /// Reads the clinic of `tx`.
    pub async fn read(tx: &mut services::ClinicTx, now: chrono::DateTime<chrono::Utc>) -> services::Result<Self> {
        let profile = services::clinics::profile(tx).await?;
        Ok(Self {
            theme: theme(&profile.accent),
            accent: profile.accent,
            open_now: services::clinics::open_now(tx, now).await?,
            zone: zone_name(profile.time_zone.name()),
            slug: profile.slug,
            name: profile.name,
            greeting: profile.greeting,
            address: profile.address,
            phone_label: profile.phone.as_deref().map(|phone| domain::contact::written(phone, &profile.country)),
            phone: profile.phone,
            email: profile.email,
        })
    }
}

#[cfg(feature = "ssr")]
fn theme(accent: &str) -> String {
    domain::colour::accent(accent)
        .map(|accent| {
            format!(
                "--accent: light-dark({}, {}); --on-accent: light-dark({}, {}); \
                 --accent-soft: color-mix(in oklab, var(--accent) 14%, var(--surface))",
                accent.light, accent.dark, accent.on_light, accent.on_dark
            )
        })
        .unwrap_or_default()
}

/// `America/New_York` as people say it: `New York time`.
pub fn zone_name(iana: &str) -> String {
    format!("{} time", iana.rsplit('/').next().unwrap_or(iana).replace('_', " "))
}

/// The first letters of a name, as its face.
fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect::<String>().to_uppercase()
}

/// The header of a patient page.
#[component]
pub fn ClinicHeader(
    clinic: ClinicView,
    /// What stands at the far end.
    #[prop(optional, into)]
    aside: Option<AnyView>,
) -> impl IntoView {
    view! {
        <header class="flex items-center gap-3 border-b border-line bg-surface px-4 py-3">
            <span aria-hidden="true" class="grid size-10 shrink-0 place-items-center rounded-full bg-accent text-14 font-semibold text-on-accent">
                {initials(&clinic.name)}
            </span>
            <div class="min-w-0 flex-1">
                <p class="line-clamp-2 text-16 font-semibold leading-5">{clinic.name}</p>
                <p class="line-clamp-2 text-13 text-muted">{clinic.open_now}</p>
            </div>
            {aside}
        </header>
    }
}

/// How else to reach the clinic.
#[component]
pub fn Reach(clinic: ClinicView) -> impl IntoView {
    view! {
        <ul class="flex flex-wrap gap-x-4 gap-y-1 text-13 text-muted">
            {clinic.address.map(|address| view! { <li>{address}</li> })}
            {clinic
                .phone
                .map(|phone| {
                    let link = format!("tel:{phone}");
                    let label = clinic.phone_label.unwrap_or(phone);
                    view! { <li><a class="underline" href=link>{label}</a></li> }
                })}
            {clinic
                .email
                .map(|email| {
                    let link = format!("mailto:{email}");
                    view! { <li><a class="underline" href=link>{email}</a></li> }
                })}
        </ul>
    }
}
