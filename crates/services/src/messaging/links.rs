//! Where the links in messages lead.

use domain::id::{AppointmentId, ClinicId};
use uuid::Uuid;

use super::outbox::OutboxId;
use super::unsubscribing::UnsubscribeSigner;
use crate::visit_token::VisitSigner;
use crate::waitlist::offer_token::OfferSigner;

/// Makes the links that messages carry.
#[derive(Clone, Debug)]
pub struct Links {
    visits: VisitSigner,
    pub unsubscribing: UnsubscribeSigner,
    pub offers: OfferSigner,
    /// Where patients and providers find this server, without a slash at the
    /// end.
    public_url: String,
}

impl Links {
    /// Links that are signed with a secret which every process shares.
    pub fn new(secret: &[u8], public_url: String) -> Self {
        Self {
            visits: VisitSigner::new(secret),
            unsubscribing: UnsubscribeSigner::new(secret),
            offers: OfferSigner::new(secret),
            public_url,
        }
    }

    /// Where a patient sees and changes a visit.
    pub fn visit(&self, clinic: ClinicId, appointment: AppointmentId) -> String {
        format!("{}/m/{}", self.public_url, self.visits.sign(clinic, appointment))
    }

    /// Where whoever got this message says that they want no more of them.
    pub fn unsubscribe(&self, clinic: ClinicId, message: OutboxId) -> String {
        format!("{}/unsubscribe/{}", self.public_url, self.unsubscribing.sign(clinic, message))
    }

    /// Where whoever waits for a time takes one that is offered.
    pub fn offer(&self, clinic: ClinicId, offer: Uuid) -> String {
        format!("{}/w/{}", self.public_url, self.offers.sign(clinic, offer))
    }

    /// Where anybody books at the clinic called `slug`.
    pub fn book(&self, slug: &str) -> String {
        format!("{}/c/{slug}/book", self.public_url)
    }

    /// Where a conversation goes on in a browser.
    pub fn handoff(&self, token: &str) -> String {
        format!("{}/handoff/resume?token={token}", self.public_url)
    }

    /// Where Twilio tells what became of a text. It names the text, because
    /// Twilio may be quicker than our own note of its SID.
    pub fn status_callback(&self, outbox: OutboxId) -> String {
        format!("{}/twilio/status?outbox={outbox}", self.public_url)
    }

    /// The name this server goes by.
    pub fn host(&self) -> String {
        let host = reqwest::Url::parse(&self.public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_else(|| "localhost".into())
    }
}
