//! What stands at the end of a link that opens one thing of one clinic's.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::id::ClinicId;
use uuid::Uuid;

use crate::secrets::{SigningKey, same};

const TAG: usize = 16;

/// A clinic and an id, and a tag without which they are worth nothing.
pub(crate) fn sign(key: &SigningKey, clinic: ClinicId, id: Uuid) -> String {
    let mut bytes = Vec::with_capacity(32 + TAG);
    bytes.extend(clinic.uuid().as_bytes());
    bytes.extend(id.as_bytes());
    let tag = key.sign(&[&bytes]);
    bytes.extend(&tag[..TAG]);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// What was signed; none if it was not signed with this key.
pub(crate) fn verify(key: &SigningKey, token: &str) -> Option<(ClinicId, Uuid)> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == 32 + TAG)?;
    let (body, tag) = bytes.split_at(32);
    if !same(&key.sign(&[body])[..TAG], tag) {
        return None;
    }
    let (clinic, id) = body.split_at(16);
    Some((Uuid::from_slice(clinic).ok()?.into(), Uuid::from_slice(id).ok()?))
}
