//! What mail servers tell about e-mail later on.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use domain::id::ClinicId;
use domain::{Rejection, RejectionCode};
use http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::{Value, json};
use services::Services;
use services::messaging::reports::{self, Report};
use services::messaging::sending;

use crate::auth::KeyHolder;
use crate::problem::{ApiResult, Path};

/// A message that came back, as a mail provider's webhook is easily made to
/// say.
#[derive(Deserialize)]
struct Bounce {
    message_id: String,
    /// RFC 3463, such as `5.1.1`.
    status: String,
    diagnostic: Option<String>,
}

/// `POST /email/bounces`: that e-mail came back, as the report that the mail
/// server sent (RFC 3464), or as JSON.
pub async fn bounces(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path(_): Path<ClinicId>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<Json<Value>> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let reports = told(content_type, &body)?;
    let mut tx = services.db.clinic(caller.clinic).await?;
    let mut came_back = 0;
    for report in &reports {
        if !sending::came_back(&mut tx, services.clock.now(), report).await? {
            return Err(Rejection::not_found().into());
        }
        came_back += 1;
    }
    tx.commit().await?;
    Ok(Json(json!({ "came_back": came_back })))
}

fn told(content_type: &str, body: &[u8]) -> Result<Vec<Report>, Rejection> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/json" => {
            let bounce: Bounce = serde_json::from_slice(body).map_err(|_| unreadable())?;
            is_status(&bounce.status).then_some(()).ok_or_else(|| {
                Rejection::invalid("status", "Please give a status of RFC 3463 that is a failure, such as 5.1.1.")
            })?;
            let Bounce { message_id, status, diagnostic } = bounce;
            Ok(vec![Report { message_id, status, diagnostic }])
        }
        "message/rfc822" | "multipart/report" => {
            // What we look at is ASCII; the rest may be anything.
            reports::read(content_type, &String::from_utf8_lossy(body)).ok_or_else(unreadable)
        }
        _ => {
            let message = "Please send application/json, message/rfc822 or multipart/report.";
            Err(Rejection::new(RejectionCode::UnsupportedMediaType, message))
        }
    }
}

/// Whether it is three numbers, of which the first says that it failed.
fn is_status(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('.').collect();
    let is_number = |text: &&str| (1..=3).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    numbers.len() == 3 && numbers.iter().all(is_number) && matches!(numbers[0], "4" | "5")
}

fn unreadable() -> Rejection {
    Rejection::new(
        RejectionCode::Malformed,
        "That is no report of a message that came back, or does not say which message.",
    )
}
