//! What a patient was written about a visit, and what they said about being
//! written to.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::appointment::VisitDetails;
use super::messages::{State, shape, told};

/// A message about the visit, and how it fared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToldLine {
    /// `Confirmation, text`.
    pub what: String,
    pub to: String,
    pub state: State,
    pub why: Option<String>,
    /// Each thing that became of it, with when, oldest first.
    pub steps: Vec<String>,
}

#[cfg(feature = "ssr")]
pub mod telling {
    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;
    use domain::say;
    use services::messaging::ledger::{Consent, OptOut, Said};
    use services::messaging::listing::{Logged, Step};

    use super::ToldLine;
    use crate::console::messages::telling;

    pub fn line(logged: Logged, zone: Tz, now: DateTime<Utc>) -> ToldLine {
        let message = logged.message;
        ToldLine {
            what: telling::what(&message),
            state: telling::state(&message),
            why: telling::why(&message, zone, now),
            steps: logged.steps.iter().map(|each| step(each, message.provider.as_deref(), zone)).collect(),
            to: message.address,
        }
    }

    fn step(step: &Step, provider: Option<&str>, zone: Tz) -> String {
        let word = match step.status.as_str() {
            "queued" if step.reason.is_some() => "Is to be tried again",
            "queued" => "Written down",
            "sending" => "Being sent",
            "unknown" => "No answer came",
            "sent" if provider == Some("local") => "Kept here",
            "sent" => "Sent",
            "delivered" => "Delivered",
            "suppressed" => "Held back",
            "undelivered" => "Did not arrive",
            _ => "Failed",
        };
        let code = step.error_code.map(|code| format!(" ({code})")).unwrap_or_default();
        format!("{word}{code}, {}", say::moment(step.happened_at, zone))
    }

    /// What was said about messages, in sentences, newest first.
    pub fn said(said: &Said, zone: Tz) -> Vec<String> {
        let mut all: Vec<(DateTime<Utc>, String)> =
            said.consents.iter().map(|consent| (consent.given_at, agreed(consent, zone))).collect();
        all.extend(said.opt_outs.iter().map(|opt_out| (opt_out.created_at, stopped(opt_out, zone))));
        all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        all.into_iter().map(|(_, sentence)| sentence).collect()
    }

    fn over(channel: &str) -> &'static str {
        match channel {
            "sms" => "texts",
            "email" => "e-mail",
            _ => "calls",
        }
    }

    fn agreed(consent: &Consent, zone: Tz) -> String {
        let place = match consent.given_on.as_str() {
            "web" => "on the web",
            "sms" => "by text",
            "voice" => "on the phone",
            "api" => "through the API",
            _ => "in person, as staff noted",
        };
        let until = match consent.withdrawn_at {
            Some(at) => format!(" Took it back {}.", say::moment(at, zone)),
            None => String::new(),
        };
        format!(
            "Agreed to {} to {} {place}, {} (wording {}).{until}",
            over(&consent.channel),
            consent.address,
            say::moment(consent.given_at, zone),
            consent.text_version
        )
    }

    fn stopped(opt_out: &OptOut, zone: Tz) -> String {
        let until = match opt_out.ended_at {
            Some(at) => format!(" Wants them again since {}.", say::moment(at, zone)),
            None => String::new(),
        };
        let what = over(&opt_out.channel);
        format!("Wants no {what} to {} since {}.{until}", opt_out.address, say::moment(opt_out.created_at, zone))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_was_said_reads_as_sentences_newest_first() {
            let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
            let consent = Consent {
                channel: "sms".into(),
                address: "+15551234567".into(),
                text_version: "booking/2026-11".into(),
                given_on: "web".into(),
                given_at: at("2026-11-20T15:00:00Z"),
                withdrawn_at: Some(at("2026-11-21T15:00:00Z")),
            };
            let opt_out = OptOut {
                id: domain::Id::<()>::new().uuid(),
                channel: "sms".into(),
                address: "+15551234567".into(),
                via: "keyword".into(),
                words: None,
                created_at: at("2026-11-21T15:00:00Z"),
                ended_at: None,
                ended_via: None,
            };
            let told = said(&Said { consents: vec![consent], opt_outs: vec![opt_out] }, chrono_tz::America::New_York);
            assert_eq!(
                told,
                [
                    "Wants no texts to +15551234567 since Sat 21 Nov, 10:00 AM.",
                    "Agreed to texts to +15551234567 on the web, Fri 20 Nov, 10:00 AM (wording booking/2026-11). \
                     Took it back Sat 21 Nov, 10:00 AM.",
                ]
            );
        }
    }
}

/// The messages about a visit.
#[component]
pub fn Told(visit: Signal<VisitDetails>) -> impl IntoView {
    let none = Memo::new(move |_| visit.with(|visit| visit.messages.is_empty()));
    view! {
        <section aria-labelledby="told-heading" class="card p-4">
            <h2 id="told-heading" class="mb-3 text-16 font-semibold">
                "Messages"
            </h2>
            <p class="text-muted" hidden=move || !none.get()>
                "Nothing was written about this visit."
            </p>
            <ul role="list" aria-labelledby="told-heading" class="flex flex-col gap-3" hidden=move || none.get()>
                {move || visit.with(|visit| visit.messages.clone()).into_iter().map(line).collect_view()}
            </ul>
        </section>
    }
}

fn line(message: ToldLine) -> impl IntoView {
    let (tone, word) = told(message.state);
    view! {
        <li>
            <div class="flex flex-wrap items-baseline justify-between gap-x-3">
                <p class="font-medium">{message.what}</p>
                <p class=tone>
                    <svg viewBox="0 0 12 12" class="size-3 shrink-0" aria-hidden="true" stroke="currentColor" stroke-width="1.5" fill="none">
                        <path d=shape(message.state)></path>
                    </svg>
                    {word}
                </p>
            </div>
            <p class="figures text-13 break-words text-muted">{message.to}</p>
            {message.why.map(|why| view! { <p class="text-13 break-words">{why}</p> })}
            <details>
                <summary class="cursor-pointer text-13 text-accent">"What became of it"</summary>
                <ol role="list" class="pt-1 text-13 text-muted">
                    {message.steps.into_iter().map(|step| view! { <li class="figures">{step}</li> }).collect_view()}
                </ol>
            </details>
        </li>
    }
}

/// What the patient said about being written to.
#[component]
pub fn Said(visit: Signal<VisitDetails>) -> impl IntoView {
    view! {
        <Show when=move || visit.with(|visit| !visit.said.is_empty())>
            <section aria-labelledby="said-heading" class="card p-4">
                <h2 id="said-heading" class="mb-3 text-16 font-semibold">
                    "Being written to"
                </h2>
                <ul role="list" aria-labelledby="said-heading" class="flex flex-col gap-2 text-13">
                    {move || {
                        visit
                            .with(|visit| visit.said.clone())
                            .into_iter()
                            .map(|sentence| view! { <li class="break-words">{sentence}</li> })
                            .collect_view()
                    }}
                </ul>
            </section>
        </Show>
    }
}
