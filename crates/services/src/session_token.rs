//! Tokens of chat sessions: HS256 JWTs (RFC 7519).

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use domain::id::{ClinicId, ConversationId, PatientId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Makes and reads session tokens. Cheap to clone.
#[derive(Clone)]
pub struct SessionTokens {
    encoding: Arc<EncodingKey>,
    decoding: Arc<DecodingKey>,
    lasts: Duration,
}

/// What a session token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    #[serde(rename = "tid")]
    pub clinic: ClinicId,
    #[serde(rename = "sid")]
    pub conversation: ConversationId,
    #[serde(rename = "pid", default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientId>,
    /// Seconds since 1970, as are issue and expiry in every JWT.
    pub iat: i64,
    pub exp: i64,
}

/// A token and when it runs out.
#[derive(Clone, Debug)]
pub struct Issued {
    pub token: String,
    pub session: Session,
    pub expires_at: DateTime<Utc>,
}

impl SessionTokens {
    pub fn new(secret: &[u8], lasts: Duration) -> Self {
        let (encoding, decoding) = (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret));
        Self { encoding: Arc::new(encoding), decoding: Arc::new(decoding), lasts }
    }

    /// How long a token is good for, and so whatever keeps one.
    pub fn lasts(&self) -> Duration {
        self.lasts
    }

    /// A token for a conversation of this clinic, good from now on.
    ///
    /// # Errors
    ///
    /// When signing fails, which HS256 does not.
    pub fn issue(&self, clinic: ClinicId, conversation: ConversationId, now: DateTime<Utc>) -> Result<Issued> {
        let expires_at = now + self.lasts;
        let session =
            Session { clinic, conversation, patient: None, iat: now.timestamp(), exp: expires_at.timestamp() };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &session, &self.encoding)
            .map_err(|_| Error::Internal("a session token could not be signed"))?;
        Ok(Issued { token, session, expires_at })
    }

    /// What a token says, if it was made here and has not run out.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Session> {
        let mut validation = Validation::new(Algorithm::HS256);
        // Expiry is compared with the clock everything else uses.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let session = jsonwebtoken::decode::<Session>(token, &self.decoding, &validation).ok()?.claims;
        (session.exp > now.timestamp()).then_some(session)
    }
}

impl std::fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionTokens(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_it_runs_out() {
        let tokens = SessionTokens::new(b"0123456789abcdef0123456789abcdef", Duration::hours(4));
        let now: DateTime<Utc> = "2026-11-20T15:00:00Z".parse().unwrap();
        let issued = tokens.issue(ClinicId::new(), ConversationId::new(), now).unwrap();
        assert_eq!(tokens.read(&issued.token, now), Some(issued.session));
        assert_eq!(tokens.read(&issued.token, now + Duration::hours(4)), None);

        let others = SessionTokens::new(b"another secret, also long enough", Duration::hours(4));
        assert_eq!(others.read(&issued.token, now), None);
    }

    #[test]
    fn an_unsigned_token_is_worth_nothing() {
        let tokens = SessionTokens::new(b"0123456789abcdef0123456789abcdef", Duration::hours(4));
        // {"alg":"none"} . {"tid":…,"exp":9999999999} .
        let unsigned = "eyJhbGciOiJub25lIn0.eyJ0aWQiOiIwMDAwMDAwMC0wMDAwLTQwMDAtYTAwMC0wMDAwMDAwMDAwMDEiLCJzaWQiOiIwMDAwMDAwMC0wMDAwLTQwMDAtYTAwMC0wMDAwMDAwMDAwMDEiLCJpYXQiOjAsImV4cCI6OTk5OTk5OTk5OX0.";
        assert_eq!(tokens.read(unsigned, DateTime::<Utc>::UNIX_EPOCH), None);
    }
}
