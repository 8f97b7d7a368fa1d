//! Going on in a browser with a conversation that began elsewhere.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Rejection;
use domain::contact::PhoneNumber;
use domain::id::{ClinicId, ConversationId};
use domain::template::{Kind, Values};
use serde::Serialize;
use uuid::Uuid;

use crate::db::directory;
use crate::messaging::ledger::{self, Way};
use crate::messaging::outbox::{self, Text};
use crate::messaging::post::Post;
use crate::messaging::{templates, writing};
use crate::secrets::{random, sha256};
use crate::{ClinicTx, Db, Error, Result, clinics, conversations};

/// How long a link works.
const LASTS: TimeDelta = TimeDelta::minutes(30);

/// A link that is on its way.
#[derive(Clone, Debug, Serialize)]
pub struct Handoff {
    pub expires_at: DateTime<Utc>,
}

/// Texts a link to go on with `conversation` in a browser.
///
/// # Errors
///
/// Rejected with `not_found` if the clinic has no such conversation, `invalid`
/// if the number is none, and `forbidden` if it has opted out of texts.
pub async fn offer(tx: &mut ClinicTx, post: &Post, conversation: ConversationId, phone: &str) -> Result<Handoff> {
    let now = post.clock.now();
    let clinic = clinics::profile(tx).await?;
    let country = clinics::settings::read(tx).await?.country;
    let phone = PhoneNumber::parse(phone, &country).map_err(|error| Rejection::invalid("phone", error.to_string()))?;
    if ledger::is_stopped(tx, Way::Sms, phone.as_str()).await? {
        let message = "This number has opted out of texts.";
        return Err(Rejection::new(domain::RejectionCode::Forbidden, message).into());
    }
    let known = sqlx::query_scalar!("select 1 from conversations where conversation_id = $1", conversation.uuid())
        .fetch_optional(tx.conn())
        .await?;
    if known.is_none() {
        return Err(Rejection::not_found().into());
    }
    let (id, token, expires_at) = (domain::Id::<Handoff>::new().uuid(), random::<24>(), now + LASTS);
    sqlx::query!(
        "insert into handoffs (handoff_id, conversation_id, digest, expires_at, created_at) values ($1, $2, $3, $4, $5)",
        id,
        conversation.uuid(),
        digest(&token),
        expires_at,
        now
    )
    .execute(tx.conn())
    .await?;
    let language = conversations::language(tx, conversation).await?;
    let link = post.links.handoff(&BASE64_URL_SAFE_NO_PAD.encode(token));
    let template = templates::in_use(tx, Kind::HandoffLink, Way::Sms, language).await?;
    let values =
        Values { clinic: Some(&clinic.name), link: Some(&link), phone: clinic.phone.as_deref(), ..Values::default() };
    let written = writing::write(&template, Way::Sms, language, &values)
        .map_err(|error| Rejection::invalid("template", error.to_string()))?;
    let text = Text {
        key: format!("handoff:{id}"),
        kind: Kind::HandoffLink.as_str(),
        to: phone.as_str(),
        language,
        body: written.body,
        patient: None,
        conversation: Some(conversation),
        expires_at: Some(expires_at),
    };
    outbox::queue_text(tx, now, &text).await?;
    Ok(Handoff { expires_at })
}

/// Which conversation a link goes on with; it works no second time.
///
/// # Errors
///
/// Rejected with `not_found` if the link never was, was used or has run out.
pub async fn resume(db: &Db, now: DateTime<Utc>, token: &str) -> Result<(ClinicId, ConversationId)> {
    let gone = || Error::Rejected(Rejection::not_found());
    let token = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| gone())?;
    let digest = digest(&token);
    let clinic = directory::clinic_of_handoff(db, &digest).await?.ok_or_else(gone)?;
    let mut tx = db.clinic(clinic).await?;
    let conversation: Option<Uuid> = sqlx::query_scalar!(
        "update handoffs set used_at = $2
         where digest = $1 and used_at is null and expires_at > $2
         returning conversation_id",
        digest,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    let conversation = conversation.ok_or_else(gone)?;
    // What staff write reaches them there from now on.
    sqlx::query!("update conversations set channel = 'web' where conversation_id = $1", conversation)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok((clinic, conversation.into()))
}

fn digest(token: &[u8]) -> Vec<u8> {
    sha256(&[b"handoff", token])
}
