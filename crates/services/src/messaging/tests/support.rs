//! A clinic with a telephone.

use chrono::{DateTime, Utc};
use domain::id::{AppointmentId, AppointmentTypeId, PractitionerId};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::Vault;
use crate::booking::SlotClaim;
use crate::booking::changing::{self, Changer};
use crate::clinics::settings::TwilioAccount;
use crate::clinics::smtp::SmtpAccount;
use crate::events::Actor;
use crate::feed::FeedTasks;
use crate::messaging::inbound::Inbound;
use crate::messaging::links::Links;
use crate::messaging::listing::{self, Listed, Wanted};
use crate::messaging::post::Post;
use crate::messaging::twilio::Twilio;
use crate::testing::World;

pub const TWO_PM: &str = "2026-11-24T19:00:00Z";
pub const THREE_PM: &str = "2026-11-24T20:00:00Z";
pub const ADA: &str = "+15551234567";

pub struct Desk {
    pub world: World,
    pub post: Post,
    pub haircut: AppointmentTypeId,
    pub lin: PractitionerId,
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A clinic without an account anywhere.
pub async fn desk(pool: PgPool) -> Desk {
    desk_at(pool, "http://127.0.0.1:9").await
}

/// A clinic whose account is with this server.
pub async fn desk_with(pool: PgPool, twilio: &MockServer) -> Desk {
    let desk = desk_at(pool, &twilio.uri()).await;
    desk.give_account('a', "+15550100000").await;
    desk
}

async fn desk_at(pool: PgPool, twilio: &str) -> Desk {
    let world = World::new(pool).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let lin = world.practitioner().await;
    let links = Links::new(b"a secret of at least thirty-two bytes", "https://desk.example.com".into());
    let post = Post::new(world.db.clone(), world.clock.clone(), Some(vault()), links, Twilio::new(twilio), None);
    Desk { world, post, haircut, lin }
}

pub fn vault() -> Vault {
    Vault::new(b"a master key of forty characters, for tests", &[])
}

pub fn account(letter: char, number: &str) -> TwilioAccount {
    TwilioAccount {
        account_sid: format!("AC{}", letter.to_string().repeat(32)),
        auth_token: letter.to_string().repeat(32),
        api_key: None,
        phone_number: Some(number.into()),
        messaging_service_sid: None,
        webhook_keys: None,
        previous: None,
    }
}

impl Desk {
    /// An account whose SID and token are made of one letter.
    pub async fn give_account(&self, letter: char, number: &str) {
        self.use_account(&account(letter, number)).await;
    }

    pub async fn use_account(&self, account: &TwilioAccount) {
        let mut tx = self.world.tx().await;
        vault().put(&mut tx, self.world.now(), "twilio", account, "").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// From now on the platform has an account with a mail server.
    pub fn mail_by_platform(&mut self, account: SmtpAccount) {
        let (world, links) = (&self.world, self.post.links.clone());
        let twilio = Twilio::new("http://127.0.0.1:9");
        self.post = Post::new(world.db.clone(), world.clock.clone(), Some(vault()), links, twilio, Some(account));
    }

    pub fn claim(&self, starts_at: &str) -> SlotClaim {
        SlotClaim { practitioner_id: self.lin, appointment_type_id: self.haircut, starts_at: at(starts_at) }
    }

    pub async fn book(&self, starts_at: &str) -> AppointmentId {
        self.world.book(self.claim(starts_at)).await.unwrap().id
    }

    /// Who takes the texts that come in, and what has to live as long.
    pub async fn inbound(&self) -> (Inbound, FeedTasks) {
        let (receptionist, _, tasks) = self.world.receptionist().await;
        (Inbound::new(self.post.clone(), receptionist), tasks)
    }

    pub async fn cancel(&self, id: AppointmentId) {
        let now = self.world.now();
        self.world
            .db
            .transaction(self.world.clinic, |tx| {
                Box::pin(async move { changing::cancel(tx, now, id, None, staff()).await.map(drop) })
            })
            .await
            .unwrap();
    }

    pub async fn reschedule(&self, id: AppointmentId, to: &str) {
        let (now, claim) = (self.world.now(), self.claim(to));
        self.world
            .db
            .transaction(self.world.clinic, |tx| {
                Box::pin(async move { changing::reschedule(tx, now, id, &claim, staff()).await.map(drop) })
            })
            .await
            .unwrap();
    }

    /// Everything in the outbox, oldest first.
    pub async fn outbox(&self) -> Vec<Listed> {
        let mut all = listing::list(&mut self.world.tx().await, &Wanted::default(), 1000).await.unwrap();
        all.reverse();
        all
    }

    pub async fn texts(&self) -> Vec<Listed> {
        let mut all = self.outbox().await;
        all.retain(|message| message.channel == "sms");
        all
    }

    /// The only text there is.
    pub async fn text(&self) -> Listed {
        let mut all = self.texts().await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    pub async fn send(&self, id: Uuid) {
        self.post.send(self.world.clinic, id).await.unwrap();
    }

    /// Sends whatever waits, as a worker would.
    pub async fn send_all(&self) {
        for message in self.outbox().await {
            self.send(message.id).await;
        }
    }

    /// Each text's kind, status and reason.
    pub async fn fates(&self) -> Vec<(String, String, Option<String>)> {
        self.texts().await.into_iter().map(|text| (text.kind, text.status, text.reason)).collect()
    }

    pub async fn steps(&self, id: Uuid) -> Vec<String> {
        let steps = listing::steps(&mut self.world.tx().await, id).await.unwrap();
        steps.into_iter().map(|step| step.status).collect()
    }

    pub async fn tasks(&self) -> Vec<(String, String)> {
        let mut tx = self.world.tx().await;
        let open = crate::tasks::list(&mut tx, None, 100).await.unwrap();
        open.into_iter().map(|task| (task.kind, task.detail)).collect()
    }
}

pub fn staff() -> Changer {
    Changer { actor: Actor::Member, actor_id: None, channel: "console", conversation_id: None }
}

pub fn fate(kind: &str, status: &str, reason: Option<&str>) -> (String, String, Option<String>) {
    (kind.into(), status.into(), reason.map(str::to_owned))
}

/// Takes every text and gives each a SID of its own.
pub async fn taking() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path_regex("/Messages.json$"))
        .respond_with(|_: &Request| {
            let sid = format!("SM{}", domain::Id::<World>::new().uuid().simple());
            ResponseTemplate::new(201).set_body_json(json!({ "sid": sid, "status": "queued", "body": null }))
        })
        .mount(&server)
        .await;
    server
}

/// Answers every text with this.
pub async fn answering(status: u16, body: serde_json::Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path_regex("/Messages.json$"))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(&server)
        .await;
    server
}

/// The texts a server was asked to send, as their form fields.
pub async fn asked(server: &MockServer) -> Vec<Vec<(String, String)>> {
    let requests = server.received_requests().await.unwrap();
    let posts = requests.into_iter().filter(|request| request.method.as_str() == "POST");
    posts.map(|request| fields(&request.body)).collect()
}

pub fn fields(form: &[u8]) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://form/?{}", String::from_utf8_lossy(form))).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

pub fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}
