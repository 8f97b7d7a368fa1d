//! Everything an edge needs to serve a request.

use chrono::Duration;

use crate::booking::SlotSigner;
use crate::clinics::smtp::SmtpAccount;
use crate::db::directory;
use crate::db::stamps::Stamps;
use crate::feed::{Feed, FeedTasks};
use crate::messaging::inbound::Inbound;
use crate::messaging::links::Links;
use crate::messaging::post::Post;
use crate::messaging::twilio::Twilio;
use crate::receptionist::{Model, Receptionist};
use crate::session_token::SessionTokens;
use crate::visit_token::VisitSigner;
use crate::{Clock, Db, Result, Vault, secrets};

/// The things with state, made once at start-up. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Services {
    pub db: Db,
    pub clock: Clock,
    pub feed: Feed,
    pub slots: SlotSigner,
    pub visits: VisitSigner,
    pub sessions: SessionTokens,
    pub stamps: Stamps,
    pub receptionist: Receptionist,
    /// Where clinics' credentials are kept; none without a master key.
    pub vault: Option<Vault>,
    pub post: Post,
    pub inbound: Inbound,
}

/// What the services are made from.
#[derive(Debug)]
pub struct Settings {
    /// Signs session tokens; without one, a secret kept in the database does,
    /// which every process on it shares.
    pub session_secret: Option<Vec<u8>>,
    pub session_lasts: Duration,
    pub vault: Option<Vault>,
    /// Where the outside world finds this server, without a slash at the end.
    pub public_url: String,
    /// Where Twilio's API is.
    pub twilio_base_url: String,
    pub model: Model,
    /// By which the mail of clinics without an account of their own leaves.
    pub smtp: Option<SmtpAccount>,
}

impl Services {
    /// Starts the services over a database.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn start(db: Db, clock: Clock, settings: Settings) -> Result<(Self, FeedTasks)> {
        let signing = directory::shared_secret(&db, "signing", &secrets::random::<32>()).await?;
        let session_secret = match settings.session_secret {
            Some(secret) => secret,
            None => directory::shared_secret(&db, "session", &secrets::random::<32>()).await?,
        };
        let (feed, tasks) = Feed::start(db.clone(), clock.clone());
        let (slots, visits) = (SlotSigner::new(&signing), VisitSigner::new(&signing));
        let receptionist = Receptionist {
            db: db.clone(),
            clock: clock.clone(),
            slots: slots.clone(),
            visits: visits.clone(),
            feed: feed.clone(),
            model: settings.model,
        };
        let sessions = SessionTokens::new(&session_secret, settings.session_lasts);
        let stamps = Stamps::start(db.clone());
        let vault = settings.vault;
        let twilio = Twilio::new(&settings.twilio_base_url);
        let links = Links::new(&signing, settings.public_url);
        let post = Post::new(db.clone(), clock.clone(), vault.clone(), links, twilio, settings.smtp);
        let inbound = Inbound::new(post.clone(), receptionist.clone());
        Ok((Self { db, clock, feed, slots, visits, sessions, stamps, receptionist, vault, post, inbound }, tasks))
    }
}
