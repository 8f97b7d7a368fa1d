//! A time that came free, behind the link given to who waits for one.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use crate::components::empty::Empty;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;
use crate::patient::clinic::{ClinicHeader, ClinicView, Reach};

/// An offer as whoever it was made to sees it, in their language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub clinic: ClinicView,
    /// ISO 639-1.
    pub language: String,
    pub heading: String,
    pub text: String,
    /// What is offered, while it is.
    pub what: Option<What>,
    /// Where to go on when it is over: what it says and where it leads.
    pub go_on: Option<(String, String)>,
}

/// What is offered, and the words on the two buttons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct What {
    /// `Tuesday 24 November 2026, 2:00 PM`.
    pub moment: String,
    pub kind: String,
    pub with: String,
    pub take: String,
    pub decline: String,
}

/// The offer that a link opens.
#[cfg(feature = "ssr")]
fn opened(
    services: &services::Services,
    token: &str,
) -> Result<(domain::id::ClinicId, services::messaging::outbox::OutboxId), ServerError> {
    let unknown = || domain::Rejection::new(domain::RejectionCode::NotFound, "This link does not belong to an offer.");
    Ok(services.post.links.offers.verify(token).ok_or_else(unknown)?)
}

/// The offer that a link opens. Opening it changes nothing: mail programs open
/// links by themselves.
#[server(prefix = "/fn", endpoint = "open_offer")]
pub async fn open_offer(token: String) -> Result<Offer, ServerError> {
    use domain::Rejection;
    use domain::language::Language::{English, Spanish};
    use services::waitlist::{answering, listing};

    let services = crate::caller::edge()?.services;
    let (clinic, id) = opened(&services, &token)?;
    let now = services.clock.now();
    let mut tx = services.db.clinic(clinic).await?;
    let made = listing::made(&mut tx, id).await?.ok_or_else(Rejection::not_found)?;
    let zone = services::clinics::time_zone(&mut tx).await?;
    let view = ClinicView::read(&mut tx, now).await?;
    let language = made.language;
    let said = |at: chrono::DateTime<chrono::Utc>| {
        let local = at.with_timezone(&zone).naive_local();
        format!("{}, {}", language.date(local.date()), language.time(local.time()))
    };
    let book = format!("/c/{}/book", view.slug);
    let is_open = made.state == "open" && made.expires_at > now;
    let mut offer = Offer {
        clinic: view,
        language: language.code().into(),
        heading: String::new(),
        text: String::new(),
        what: None,
        go_on: None,
    };
    if is_open {
        let until = services::waitlist::offering::until(language, zone, now, made.expires_at);
        let (heading, text, take, decline) = match language {
            English => (
                "A time has come free",
                format!("It is kept for you until {until}. After that it is offered to the next on the waitlist."),
                "Take this time",
                "No, thank you",
            ),
            Spanish => (
                "Hay un lugar libre",
                format!("Se lo guardamos hasta {until}. Después se ofrece a la siguiente persona en la lista."),
                "Tomar esta hora",
                "No, gracias",
            ),
        };
        (offer.heading, offer.text) = (heading.into(), text);
        offer.what = Some(What {
            moment: said(made.starts_at),
            kind: made.appointment_type,
            with: made.practitioner,
            take: take.into(),
            decline: decline.into(),
        });
        return Ok(offer);
    }
    if let Some(appointment) = made.appointment {
        let (heading, text, link) = match language {
            English => ("This time is yours", format!("You took it: {}.", said(made.starts_at)), "See your visit"),
            Spanish => ("Esta hora es suya", format!("Usted la tomó: {}.", said(made.starts_at)), "Ver su cita"),
        };
        (offer.heading, offer.text) = (heading.into(), text);
        offer.go_on = Some((link.into(), format!("/m/{}", services.visits.sign(clinic, appointment))));
        return Ok(offer);
    }
    let next = answering::next_free(&mut tx, now, made.entry).await?.map(said);
    let was_declined = made.state == "declined";
    let (heading, text, link) = match (language, next) {
        (English, Some(next)) => ("That time is gone", format!("The next one free is {next}."), "Choose a time"),
        (English, None) => ("That time is gone", "Nothing else you wait for is free now.".into(), "See other times"),
        (Spanish, Some(next)) => ("Esa hora ya no está libre", format!("La próxima es {next}."), "Elegir una hora"),
        (Spanish, None) => {
            ("Esa hora ya no está libre", "Ahora no hay otra de las que espera.".into(), "Ver otras horas")
        }
    };
    let heading = match (was_declined, language) {
        (true, English) => "You let that time go",
        (true, Spanish) => "Usted dejó pasar esa hora",
        (false, _) => heading,
    };
    let stays = match language {
        English => "You stay on the waitlist unless you tell us otherwise.",
        Spanish => "Sigue en la lista de espera, salvo que nos diga lo contrario.",
    };
    (offer.heading, offer.text) = (heading.into(), format!("{text} {stays}"));
    offer.go_on = Some((link.into(), book));
    Ok(offer)
}

/// Takes the offer.
#[server(prefix = "/fn", endpoint = "take_offer")]
pub async fn take_offer(token: String) -> Result<(), ServerError> {
    use services::booking::Channel;
    use services::waitlist::answering;

    let services = crate::caller::edge()?.services;
    let (clinic, id) = opened(&services, &token)?;
    let now = services.clock.now();
    services
        .db
        .transaction(clinic, move |tx| Box::pin(async move { answering::take(tx, now, id, Channel::Web).await }))
        .await?;
    services.feed.committed();
    // The page says what came of it.
    leptos_axum::redirect(&format!("/w/{token}"));
    Ok(())
}

/// Lets the offer go.
#[server(prefix = "/fn", endpoint = "decline_offer")]
pub async fn decline_offer(token: String) -> Result<(), ServerError> {
    use services::booking::Channel;
    use services::waitlist::answering;

    let services = crate::caller::edge()?.services;
    let (clinic, id) = opened(&services, &token)?;
    let now = services.clock.now();
    services
        .db
        .transaction(clinic, move |tx| Box::pin(async move { answering::decline(tx, now, id, Channel::Web).await }))
        .await?;
    services.feed.committed();
    leptos_axum::redirect(&format!("/w/{token}"));
    Ok(())
}

/// `/w/{token}`.
#[component]
pub fn OfferPage() -> impl IntoView {
    let params = use_params_map();
    let refusal = refused(&use_query_map().read_untracked());
    let (take, decline) = (ServerAction::<TakeOffer>::new(), ServerAction::<DeclineOffer>::new());
    let token = move || params.read().get("token").unwrap_or_default();
    let offer = Resource::new_blocking(
        move || (token(), take.version().get(), decline.version().get()),
        |(token, _, _)| open_offer(token),
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match offer.await {
                    Ok(offer) => {
                        view! { <Choice offer token=token() take decline refusal=refusal.get_value()/> }.into_any()
                    }
                    Err(error) => {
                        view! {
                            <Title text="Not found"/>
                            <main class="mx-auto max-w-xl p-6">
                                <Empty heading=error.to_string() text="Please check that the whole link was copied." level=1/>
                            </main>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
}

#[component]
fn Choice(
    offer: Offer,
    token: String,
    take: ServerAction<TakeOffer>,
    decline: ServerAction<DeclineOffer>,
    refusal: Option<ServerError>,
) -> impl IntoView {
    let error = Signal::derive(move || {
        let of_take = take.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        let of_decline = decline.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        of_take.or(of_decline).or_else(|| refusal.clone()).map(|error| error.to_string())
    });
    let is_busy = move || take.pending().get() || decline.pending().get();
    let clinic = offer.clinic;
    let (theme, header) = (clinic.theme.clone(), clinic.clone());
    let other_token = token.clone();
    view! {
        <Title text=offer.heading.clone()/>
        <div class="min-h-dvh bg-canvas" style=theme lang=offer.language>
            <ClinicHeader clinic=header/>
            <main class="mx-auto flex max-w-md flex-col gap-6 px-4 py-8">
                <h1 class="text-28 font-semibold" aria-live="polite">{offer.heading}</h1>
                {offer
                    .what
                    .map(|what| {
                        view! {
                            <div class="card flex flex-col gap-1 p-4">
                                <p class="figures text-16 font-semibold text-balance">{what.moment}</p>
                                <p class="text-14">{what.kind} " · " {what.with}</p>
                            </div>
                            <div class="flex flex-col gap-2">
                                <ActionForm action=take>
                                    <input type="hidden" name="token" value=token/>
                                    <button class="btn btn-primary w-full" disabled=is_busy>{what.take}</button>
                                </ActionForm>
                                <ActionForm action=decline>
                                    <input type="hidden" name="token" value=other_token/>
                                    <button class="btn btn-quiet w-full" disabled=is_busy>{what.decline}</button>
                                </ActionForm>
                            </div>
                        }
                    })}
                <p class="text-14 text-muted">{offer.text}</p>
                <Notice text=error/>
                {offer
                    .go_on
                    .map(|(words, href)| view! { <a class="btn btn-primary" href=href rel="external">{words}</a> })}
                <Reach clinic/>
            </main>
        </div>
    }
}
