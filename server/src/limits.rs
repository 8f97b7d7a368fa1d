//! How much anyone may ask for in a minute.

use std::net::IpAddr;
use std::num::NonZeroU32;

use domain::id::ConversationId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use uuid::Uuid;

use crate::config::Rates;
use crate::problem::Problem;

/// Counters of this process. Each process counts for itself.
#[derive(Debug)]
pub struct Limits {
    requests: DefaultKeyedRateLimiter<IpAddr>,
    sessions: DefaultKeyedRateLimiter<IpAddr>,
    keyed: DefaultKeyedRateLimiter<Uuid>,
    messages: DefaultKeyedRateLimiter<ConversationId>,
}

impl Limits {
    pub fn new(rates: &Rates) -> Self {
        let per_minute = |count: u32| Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self {
            requests: DefaultKeyedRateLimiter::keyed(per_minute(rates.requests)),
            sessions: DefaultKeyedRateLimiter::keyed(per_minute(rates.sessions)),
            keyed: DefaultKeyedRateLimiter::keyed(per_minute(rates.keyed)),
            messages: DefaultKeyedRateLimiter::keyed(per_minute(rates.messages)),
        }
    }

    /// A request from this address.
    pub fn request(&self, address: IpAddr) -> Result<(), Problem> {
        check(&self.requests, &address)
    }

    /// A new chat session from this address.
    pub fn session(&self, address: IpAddr) -> Result<(), Problem> {
        check(&self.sessions, &address)
    }

    /// A request with a good API key, or by a clinic's voice provider.
    pub fn key(&self, id: Uuid) -> Result<(), Problem> {
        check(&self.keyed, &id)
    }

    /// A message in this conversation.
    pub fn message(&self, conversation: ConversationId) -> Result<(), Problem> {
        check(&self.messages, &conversation)
    }

    /// Forgets those who have been quiet, so that counters do not pile up.
    pub fn tidy(&self) {
        self.requests.retain_recent();
        self.sessions.retain_recent();
        self.keyed.retain_recent();
        self.messages.retain_recent();
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Problem> {
    limiter.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        Problem::rate_limited(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    })
}
