//! Where staff sign in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::button;
use crate::components::field::Field;
use crate::components::notice::Notice;
use crate::error::ServerError;

const NO_MATCH: &str = "That email and password do not match.";

/// Signs a member in and goes on to Today.
#[server(prefix = "/fn", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String) -> Result<(), ServerError> {
    match door::open(email, password).await {
        Ok(()) => {
            leptos_axum::redirect(door::TODAY);
            Ok(())
        }
        Err(error) => Err(door::refuse(error)),
    }
}

/// Ends the session.
#[server(prefix = "/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ServerError> {
    let mut session = crate::caller::sign_in_session().await?;
    session.logout().await.map_err(door::failed)?;
    leptos_axum::redirect(super::staff::SIGN_IN);
    Ok(())
}

/// Sends on to Today whoever has signed in already.
#[server(prefix = "/fn", endpoint = "skip_sign_in")]
pub async fn skip_sign_in() -> Result<(), ServerError> {
    if crate::caller::sign_in_session().await?.user.is_some() {
        leptos_axum::redirect(door::TODAY);
    }
    Ok(())
}

#[cfg(feature = "ssr")]
mod door {
    use axum_login::Error;
    use domain::{Rejection, RejectionCode};

    use super::NO_MATCH;
    use crate::caller::{self, Credentials, StaffBackend, is_plain_form};
    use crate::console::staff::SIGN_IN;
    use crate::error::ServerError;

    pub const TODAY: &str = "/console/today";

    pub async fn open(email: String, password: String) -> Result<(), ServerError> {
        caller::count_sign_in(&email)?;
        let mut session = caller::sign_in_session().await?;
        let user = session.authenticate(Credentials { email, password }).await.map_err(failed)?;
        let Some(user) = user else {
            return Err(Rejection::new(RejectionCode::Unauthenticated, NO_MATCH).into());
        };
        session.login(&user).await.map_err(failed)
    }

    /// A form sent without JavaScript is answered with the page it came from,
    /// which says what was wrong.
    pub fn refuse(error: ServerError) -> ServerError {
        if is_plain_form() {
            leptos_axum::redirect(&format!("{SIGN_IN}?refused={}", error.code().as_str()));
        }
        error
    }

    pub fn failed(error: Error<StaffBackend>) -> ServerError {
        match error {
            Error::Backend(error) => error.into(),
            Error::Session(error) => {
                tracing::error!(%error, "console session failed");
                Rejection::unavailable().into()
            }
        }
    }
}

/// Email and password; works without JavaScript.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let query = use_query_map();
    let already = Resource::new_blocking(|| (), |()| skip_sign_in());
    let refusal = Memo::new(move |_| match action.value().get() {
        Some(answer) => answer.err().map(|error| error.to_string()),
        None => query.with(|query| query.get_str("refused").map(sentence)),
    });
    view! {
        <Title text="Sign in"/>
        <main class="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 p-4">
            // Read only so that the page waits for it, and becomes the redirect.
            <Suspense>{move || already.get().map(|_| ())}</Suspense>
            <div>
                <p class="text-13 font-medium text-muted">"Frontdesk"</p>
                <h1 class="text-20 font-semibold">"Sign in"</h1>
            </div>
            <ActionForm action=action>
                <div class="flex flex-col gap-4">
                    <Notice text=refusal/>
                    <Field label="Email" name="email" kind="email" autocomplete="username" required=true max_length=254/>
                    <Field
                        label="Password"
                        name="password"
                        kind="password"
                        autocomplete="current-password"
                        required=true
                        max_length=1_000
                    />
                    <button type="submit" class=button::PRIMARY>
                        "Sign in"
                    </button>
                </div>
            </ActionForm>
        </main>
    }
}

/// What a refusal's code in the address means. The sentence itself does not
/// travel in it, or a link could say anything in our name.
fn sentence(code: &str) -> String {
    match code {
        "unauthenticated" => NO_MATCH,
        "rate_limited" => "Too many tries. Please wait a minute and try again.",
        _ => "Something on our side is not answering. Please try again in a moment.",
    }
    .to_owned()
}
