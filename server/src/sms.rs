//! `frontdesk sms`: a patient's telephone at the command line.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use domain::contact::PhoneNumber;
use domain::id::ClinicId;
use secrecy::ExposeSecret;
use services::clinics::settings::TwilioAccount;
use services::db::directory;
use services::messaging::listing::{self, Listed, Wanted};
use services::messaging::signature::{Algorithm, Body, sign};
use services::messaging::{inbound, senders};
use services::{ClinicTx, Clock, Db, secrets};
use tokio::time::sleep;

use crate::cli::Sms;
use crate::config::Config;
use crate::database;
use crate::run::{self, StartError};
use crate::webhooks::twiml::Twiml;

/// How long an answer that comes as a text of its own is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many of the clinic's last texts are looked through for the patient's.
const LOOK_BACK: i64 = 500;

/// Why no text was sent: sentences for whoever is at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("No server has been here. Please start one with `frontdesk serve`, or set DATABASE_URL as it has it.")]
    NoServer,
    #[error("There is no clinic called {0}.")]
    NoClinic(String),
    #[error("{0} is not a telephone number.")]
    Number(String),
    #[error("The clinic's Twilio account has no number of its own, so there is none to text to.")]
    NoNumber,
    #[error("The server at {0} did not answer: {1}")]
    Unanswered(String, reqwest::Error),
    #[error("The server refused the text ({0}). Is it running with the same PUBLIC_URL and database?")]
    Refused(reqwest::StatusCode),
    #[error("The server's reply is not TwiML: {0}.")]
    Unreadable(#[from] quick_xml::DeError),
}

impl From<services::Error> for SmsError {
    fn from(error: services::Error) -> Self {
        Self::Start(error.into())
    }
}

/// A text between a patient and a clinic.
struct Phone {
    db: Db,
    clinic: ClinicId,
    account: TwilioAccount,
    /// The clinic's number.
    to: String,
    from: String,
}

/// Sends a text to the running server and prints what comes back.
///
/// # Errors
///
/// A sentence for whoever is at the terminal.
pub async fn send(config: &Config, wanted: &Sms) -> Result<(), SmsError> {
    let phone = pick_up(config, wanted).await?;
    let before: HashSet<_> = phone.texts().await?.into_iter().map(|text| text.id).collect();
    let message_sid = format!("SM{:032x}", u128::from_le_bytes(secrets::random()));
    println!("{} to {}: {}", phone.from, phone.to, wanted.text);
    let reply = phone.post(config, wanted, &message_sid).await?;
    for text in reply.texts() {
        println!("{} replies: {text}", phone.to);
    }
    phone.wait_for_answer(&message_sid).await?;
    let mut since: Vec<Listed> = phone.texts().await?;
    since.retain(|text| !before.contains(&text.id));
    for text in since.iter().rev() {
        let body = text.body.as_deref().unwrap_or("(written when it is sent)");
        println!("{} sends ({}, {}): {body}", phone.to, text.kind, text.status);
    }
    if reply.texts().next().is_none() && since.is_empty() {
        println!("(nothing comes back)");
    }
    phone.db.close().await;
    Ok(())
}

/// Finds the clinic and its account in the server's own database.
async fn pick_up(config: &Config, wanted: &Sms) -> Result<Phone, SmsError> {
    let login = match &config.database_url {
        Some(url) => url.expose_secret().parse().map_err(StartError::Address)?,
        None => database::of_running(&config.frontdesk_data_dir).ok_or(SmsError::NoServer)?,
    };
    let vault = run::vault(config)?.ok_or(StartError::NoKey)?;
    let db = Db::connect(login, 2).await?;
    let clinic = directory::by_slug(&db, &wanted.clinic).await?;
    let clinic = clinic.ok_or_else(|| SmsError::NoClinic(wanted.clinic.clone()))?.clinic_id;
    let mut tx = db.clinic(clinic).await?;
    let country = services::clinics::profile(&mut tx).await?.country;
    let from = PhoneNumber::parse(&wanted.from, &country).map_err(|_| SmsError::Number(wanted.from.clone()))?;
    let account = senders::account_or_local(&mut tx, &vault, Clock::system().now()).await?;
    tx.commit().await?;
    let to = account.phone_number.clone().ok_or(SmsError::NoNumber)?;
    Ok(Phone { db, clinic, account, to, from: from.as_str().to_owned() })
}

impl Phone {
    async fn tx(&self) -> Result<ClinicTx, SmsError> {
        Ok(self.db.clinic(self.clinic).await?)
    }

    async fn post(&self, config: &Config, wanted: &Sms, message_sid: &str) -> Result<Twiml, SmsError> {
        let path = "/twilio/sms/incoming";
        let form: Vec<(String, String)> = [
            ("MessageSid", message_sid),
            ("AccountSid", &self.account.account_sid),
            ("From", &self.from),
            ("To", &self.to),
            ("Body", &wanted.text),
            ("NumMedia", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let signed_url = format!("{}{path}", config.public_url);
        let key = self.account.keys().first();
        let (secret, algorithm) = match key {
            Some(key) => (&key.secret, Algorithm::Sha256),
            None => (&self.account.auth_token, Algorithm::Sha1),
        };
        let base = wanted.url.as_deref().unwrap_or(&config.public_url).trim_end_matches('/');
        let request = reqwest::Client::new()
            .post(format!("{base}{path}"))
            .header("X-Twilio-Signature", sign(secret, algorithm, &signed_url, Body::Form(&form)))
            .form(&form);
        let request = match key {
            Some(key) => {
                request.header("X-Twilio-Webhooks-Signature-Settings", format!("key={},algorithm=HMAC_SHA256", key.id))
            }
            None => request,
        };
        let unanswered = |error| SmsError::Unanswered(base.to_owned(), error);
        let response = request.send().await.map_err(unanswered)?;
        if !response.status().is_success() {
            return Err(SmsError::Refused(response.status()));
        }
        Ok(Twiml::parse(&response.text().await.map_err(unanswered)?)?)
    }

    /// An answer that takes long comes after the reply, which is empty then.
    async fn wait_for_answer(&self, message_sid: &str) -> Result<(), SmsError> {
        let until = Instant::now() + PATIENCE;
        while !inbound::is_answered(&mut self.tx().await?, message_sid).await? && Instant::now() < until {
            sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// The clinic's texts to the patient, newest first.
    async fn texts(&self) -> Result<Vec<Listed>, SmsError> {
        let mut texts = listing::list(&mut self.tx().await?, &Wanted::default(), LOOK_BACK).await?;
        texts.retain(|text| text.channel == "sms" && text.address == self.from);
        Ok(texts)
    }
}
