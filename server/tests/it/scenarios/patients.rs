//! Patients who write, and what they are answered.

use chrono::Duration;
use domain::id::ConversationId;
use futures::future::join_all;
use http::{Method, Request};
use serde_json::{Value, json};
use server::config::Config;
use server::webhooks::twiml::Twiml;
use services::booking::Channel;
use services::messaging::signature::{self, Algorithm};
use services::receptionist::Line;

use super::clinic::Desk;
use super::written::{Said, Turn};
use crate::support::{ask_with, form, signed, with};

/// Somebody in a conversation of their own.
#[derive(Clone, Debug)]
pub struct Patient {
    session: String,
    token: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub text: String,
    pub cards: Vec<Value>,
}

const INCOMING: &str = "/twilio/sms/incoming";

impl Desk<'_> {
    /// Has a turn happen, and everything before it.
    pub async fn take(&mut self, turn: &Turn) -> Vec<Reply> {
        self.server.wait(Duration::minutes(turn.after));
        for place in &turn.taken {
            self.take_away(place).await;
        }
        for statement in &turn.sql {
            self.run(statement, None).await;
        }
        let alone =
            turn.patient.as_ref().map(|text| Said { by: turn.by.clone(), patient: text.clone(), id: turn.id.clone() });
        let said: Vec<Said> = alone.into_iter().chain(turn.at_once.iter().map(Said::clone)).collect();
        for one in &said {
            if !self.patients.contains_key(&one.by) {
                let session = self.server.session_with(self.clinic).await;
                let patient = Patient { session: session.id.clone(), token: session.token.clone() };
                self.patients.insert(one.by.clone(), patient);
            }
        }
        if turn.breaks_off {
            self.begin_only(&said[0]).await;
            return Vec::new();
        }
        let this = &*self;
        let replies = join_all(said.iter().map(|one| this.say(one))).await;
        for (one, reply) in said.iter().zip(&replies) {
            let who = if one.by.is_empty() { "patient" } else { &one.by };
            let cards: Vec<&str> = reply.cards.iter().filter_map(|card| card["kind"].as_str()).collect();
            self.said.push(format!("{who}: {}", self.filled(&one.patient)));
            self.said.push(format!("  → {} {cards:?}", reply.text));
        }
        replies
    }

    async fn say(&self, said: &Said) -> Reply {
        match &self.scenario.texts_from {
            Some(number) => self.text(number, said).await,
            None => self.chat(said).await,
        }
    }

    async fn chat(&self, said: &Said) -> Reply {
        let mut message = json!({ "message": self.filled(&said.patient) });
        if let Some(id) = &said.id {
            message["client_message_id"] = json!(id);
        }
        let path = format!("/api/v1/clinics/{}/chat", self.clinic);
        let request = signed(ask_with(Method::POST, &path, message), &self.patients[&said.by].token);
        let mut answer = self.server.send(request).await;
        if answer.status != 200 {
            return Reply { text: format!("{} {}", answer.status, answer.text), cards: Vec::new() };
        }
        let reply = answer.json["reply"].take();
        Reply {
            text: reply["text"].as_str().unwrap_or_default().to_owned(),
            cards: reply["cards"].as_array().cloned().unwrap_or_default(),
        }
    }

    /// A text, as Twilio hands it over.
    async fn text(&self, from: &str, said: &Said) -> Reply {
        let account = "b".repeat(32);
        let id = said.id.clone().unwrap_or_else(|| format!("{}{}", self.number, self.said.len()));
        let sid = format!("SM{:0>32}", id.replace('+', ""));
        let sid_of_account = format!("AC{account}");
        let body = self.filled(&said.patient);
        let fields = [
            ("MessageSid", sid.as_str()),
            ("SmsSid", &sid),
            ("AccountSid", &sid_of_account),
            ("From", from),
            ("To", &self.number),
            ("Body", &body),
            ("NumMedia", "0"),
        ];
        let owned: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let url = format!("{}{INCOMING}", Config::default().public_url);
        let signature = signature::sign(&account, Algorithm::Sha1, &url, signature::Body::Form(&owned));
        let request: Request<_> = with(form(INCOMING, &fields), "x-twilio-signature", &signature);
        let answer = self.server.send(request).await;
        let text = match Twiml::parse(&answer.text) {
            Ok(twiml) => twiml.texts().collect::<Vec<_>>().join("\n"),
            Err(_) => format!("{} {}", answer.status, answer.text),
        };
        Reply { text, cards: Vec::new() }
    }

    /// The message is stored; the server is gone before it answers.
    async fn begin_only(&mut self, said: &Said) {
        let conversation: ConversationId = self.patients[&said.by].session.parse().unwrap();
        let line = Line { clinic: self.clinic, conversation, channel: Channel::Web };
        let text = self.filled(&said.patient);
        self.server.services.receptionist.receive(line, &text, said.id.as_deref()).await.unwrap();
        self.said.push(format!("patient: {text}"));
        self.said.push("  → (broken off)".to_owned());
    }
}
