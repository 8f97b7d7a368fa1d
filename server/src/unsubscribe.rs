//! Getting no more e-mail with one click in a mail program (RFC 8058).

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use services::messaging::unsubscribing;
use services::{Services, clinics};

/// `POST /unsubscribe/{token}`. The program that asks has no session and sends
/// no more than the link, so the link alone decides. Asking again changes
/// nothing.
pub async fn one_click(State(services): State<Services>, Path(token): Path<String>) -> Response {
    let (status, sentence) = match stopped(&services, &token).await {
        Ok(Some(clinic)) => (StatusCode::OK, format!("You get no more e-mail from {clinic}.")),
        Ok(None) => (StatusCode::NOT_FOUND, "This link does not belong to a message.".into()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.into_rejection().message.into_owned()),
    };
    (status, [(header::CACHE_CONTROL, "no-store")], sentence).into_response()
}

async fn stopped(services: &Services, token: &str) -> services::Result<Option<String>> {
    let Some((clinic, message)) = services.post.links.unsubscribing.verify(token) else { return Ok(None) };
    let mut tx = services.db.clinic(clinic).await?;
    if !unsubscribing::stop(&mut tx, services.clock.now(), message).await? {
        return Ok(None);
    }
    let name = clinics::profile(&mut tx).await?.name;
    tx.commit().await?;
    Ok(Some(name))
}
