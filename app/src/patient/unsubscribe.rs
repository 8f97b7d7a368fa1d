//! Getting no more e-mail, behind the link in a message.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use crate::components::empty::Empty;
use crate::components::notice::{Notice, refused};
use crate::error::ServerError;
use crate::patient::clinic::{ClinicHeader, ClinicView, Reach};

/// How it stands with the address that a message went to, in the message's
/// language. The address itself is not shown: mail gets forwarded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    pub clinic: ClinicView,
    /// ISO 639-1.
    pub language: String,
    pub heading: String,
    pub text: String,
    pub button: String,
    pub is_stopped: bool,
}

/// The message that a link came with.
#[cfg(feature = "ssr")]
async fn opened(
    token: &str,
) -> Result<(services::Services, services::ClinicTx, services::messaging::outbox::OutboxId), ServerError> {
    let services = crate::caller::edge()?.services;
    let (clinic, message) = services.post.links.unsubscribing.verify(token).ok_or_else(unknown)?;
    let tx = services.db.clinic(clinic).await?;
    Ok((services, tx, message))
}

#[cfg(feature = "ssr")]
fn unknown() -> ServerError {
    domain::Rejection::new(domain::RejectionCode::NotFound, "This link does not belong to a message.").into()
}

/// How it stands with the address that a message went to.
#[server(prefix = "/fn", endpoint = "open_subscription")]
pub async fn open_subscription(token: String) -> Result<Subscription, ServerError> {
    use domain::language::Language::{English, Spanish};
    use services::messaging::unsubscribing;

    let (services, mut tx, message) = opened(&token).await?;
    let standing = unsubscribing::standing(&mut tx, message).await?.ok_or_else(unknown)?;
    let clinic = ClinicView::read(&mut tx, services.clock.now()).await?;
    let name = &clinic.name;
    let (heading, text, button) = match (standing.language, standing.is_stopped) {
        (English, false) => (
            format!("Get no more e-mail from {name}?"),
            "Your visits stay booked, but nothing about them will reach you by e-mail: no confirmations, no changes, no \
             reminders.",
            "Yes, no more e-mail",
        ),
        (English, true) => (
            format!("You get no more e-mail from {name}."),
            "Your visits stay booked. If that was a mistake, you can take it back.",
            "Send me e-mail again",
        ),
        (Spanish, false) => (
            format!("¿No quiere recibir más correos de {name}?"),
            "Sus citas siguen en pie, pero ya no le llegará nada sobre ellas por correo: ni confirmaciones, ni cambios, \
             ni recordatorios.",
            "Sí, no más correos",
        ),
        (Spanish, true) => (
            format!("Ya no recibirá correos de {name}."),
            "Sus citas siguen en pie. Si fue un error, puede deshacerlo.",
            "Volver a recibir correos",
        ),
    };
    Ok(Subscription {
        heading,
        text: text.into(),
        button: button.into(),
        language: standing.language.code().into(),
        is_stopped: standing.is_stopped,
        clinic,
    })
}

/// Ends e-mail to the address that a message went to.
#[server(prefix = "/fn", endpoint = "stop_mail")]
pub async fn stop_mail(token: String) -> Result<(), ServerError> {
    let (services, mut tx, message) = opened(&token).await?;
    if !services::messaging::unsubscribing::stop(&mut tx, services.clock.now(), message).await? {
        return Err(unknown());
    }
    tx.commit().await?;
    leptos_axum::redirect(&format!("/unsubscribe/{token}"));
    Ok(())
}

/// Takes that back.
#[server(prefix = "/fn", endpoint = "start_mail")]
pub async fn start_mail(token: String) -> Result<(), ServerError> {
    let (services, mut tx, message) = opened(&token).await?;
    if !services::messaging::unsubscribing::start(&mut tx, services.clock.now(), message).await? {
        return Err(unknown());
    }
    tx.commit().await?;
    leptos_axum::redirect(&format!("/unsubscribe/{token}"));
    Ok(())
}

/// `/unsubscribe/{token}`. Opening it changes nothing: mail programs and the
/// filters before them open links by themselves.
#[component]
pub fn UnsubscribePage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let refusal = refused(&query.read_untracked());
    let (stop, start) = (ServerAction::<StopMail>::new(), ServerAction::<StartMail>::new());
    let token = move || params.read().get("token").unwrap_or_default();
    let subscription = Resource::new_blocking(
        move || (token(), stop.version().get(), start.version().get()),
        |(token, _, _)| open_subscription(token),
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match subscription.await {
                    Ok(subscription) => {
                        view! { <Choice subscription token=token() stop start refusal=refusal.get_value()/> }.into_any()
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
    subscription: Subscription,
    token: String,
    stop: ServerAction<StopMail>,
    start: ServerAction<StartMail>,
    refusal: Option<ServerError>,
) -> impl IntoView {
    let error = Signal::derive(move || {
        let of_stop = stop.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        let of_start = start.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        of_stop.or(of_start).or_else(|| refusal.clone()).map(|error| error.to_string())
    });
    let button = subscription.button;
    let form = if subscription.is_stopped {
        view! {
            <ActionForm action=start>
                <input type="hidden" name="token" value=token/>
                <button class="btn btn-quiet w-full" disabled=move || start.pending().get()>{button}</button>
            </ActionForm>
        }
        .into_any()
    } else {
        view! {
            <ActionForm action=stop>
                <input type="hidden" name="token" value=token/>
                <button class="btn btn-primary w-full" disabled=move || stop.pending().get()>{button}</button>
            </ActionForm>
        }
        .into_any()
    };
    let clinic = subscription.clinic;
    let (theme, header) = (clinic.theme.clone(), clinic.clone());
    view! {
        <Title text=subscription.heading.clone()/>
        <div class="min-h-dvh bg-canvas" style=theme lang=subscription.language>
            <ClinicHeader clinic=header/>
            <main class="mx-auto flex max-w-md flex-col gap-6 px-4 py-8">
                <h1 class="text-28 font-semibold" aria-live="polite">{subscription.heading}</h1>
                <p class="text-14 text-muted">{subscription.text}</p>
                <Notice text=error/>
                {form}
                <Reach clinic/>
            </main>
        </div>
    }
}
