//! Signing and randomness.

use std::sync::Arc;

use aws_lc_rs::{digest, hkdf, hmac, rand};

/// Random bytes from the system, which aws-lc seeds and never fails to give on
/// the platforms this runs on.
///
/// # Panics
///
/// When the system has no randomness, where going on would be worse.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}

/// The SHA-256 of these parts, one after another.
pub fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().to_vec()
}

/// A key that signs for one purpose. Cheap to clone.
#[derive(Clone)]
pub struct SigningKey(Arc<hmac::Key>);

impl SigningKey {
    /// Derives the key for `purpose` from a shared secret, so that a signature
    /// made for one thing is worth nothing for another (HKDF, RFC 5869).
    ///
    /// # Panics
    ///
    /// Never: 32 bytes is a length HKDF gives.
    pub fn derive(secret: &[u8], purpose: &str) -> Self {
        let mut key = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"frontdesk")
            .extract(secret)
            .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key))
            .expect("32 bytes is a length HKDF gives");
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        parts.iter().for_each(|part| context.update(part));
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// Whether two tags are the same, in time that does not depend on where they
/// differ.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}
