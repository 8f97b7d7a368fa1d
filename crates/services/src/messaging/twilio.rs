//! Twilio's messages, as far as we send and look for them.
//!
//! <https://www.twilio.com/docs/messaging/api/message-resource>

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::clinics::settings::TwilioAccount;

/// How long a request may take before it counts as unanswered. Twilio gives a
/// webhook of ours 15 s, and a STOP waits for a text on its way.
const PATIENCE: Duration = Duration::from_millis(8_500);

/// Speaks to Twilio. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Twilio {
    http: reqwest::Client,
    base: String,
}

/// A text to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    pub to: &'a str,
    pub body: &'a str,
    /// Where Twilio tells what became of it.
    pub status_callback: &'a str,
    /// How long it may wait at the carrier, in seconds.
    pub validity: i64,
}

/// What became of the attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Twilio has it.
    Accepted { sid: String, status: String },
    /// Twilio will not send it: a code of
    /// <https://www.twilio.com/docs/api/errors>, or 0.
    Refused { code: u32 },
    /// It did not get there and may be tried again.
    NotTaken,
    /// Nobody knows: it may be on its way.
    Unknown,
}

/// A text that Twilio has.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    pub sid: String,
    pub status: String,
    pub body: Option<String>,
    pub error_code: Option<u32>,
    /// RFC 2822.
    pub date_created: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    code: Option<u32>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Sent>,
}

/// Why an account does not work, in a sentence for staff.
#[derive(Debug, thiserror::Error)]
pub enum NotConnected {
    #[error("Twilio could not be reached. Please try again in a minute.")]
    Unreachable,
    #[error("Twilio does not accept this account SID and auth token.")]
    Credentials,
    #[error("The account is {0} at Twilio, so it cannot send.")]
    Inactive(String),
    #[error("The number {0} does not belong to this account.")]
    Number(String),
    #[error("The messaging service {0} does not belong to this account.")]
    Service(String),
    #[error("Twilio answered with an error: {0}")]
    Other(String),
}

impl Twilio {
    /// A client of the Twilio at `base`, such as `https://api.twilio.com`.
    ///
    /// # Panics
    ///
    /// If the system has no source of randomness for TLS.
    pub fn new(base: &str) -> Self {
        Self::with_patience(base, PATIENCE)
    }

    /// One that waits no longer than this for an answer.
    pub(super) fn with_patience(base: &str, patience: Duration) -> Self {
        let http = reqwest::Client::builder().timeout(patience).connect_timeout(Duration::from_secs(4)).build();
        Self { http: http.expect("a TLS client"), base: base.trim_end_matches('/').to_owned() }
    }

    /// Sends a text, once.
    pub async fn send(&self, account: &TwilioAccount, text: Outgoing<'_>) -> Attempt {
        let validity = text.validity.clamp(60, 36_000).to_string();
        let mut form = vec![
            ("To", text.to),
            ("Body", text.body),
            ("StatusCallback", text.status_callback),
            ("ValidityPeriod", &validity),
        ];
        match (&account.messaging_service_sid, &account.phone_number) {
            (Some(service), _) => form.push(("MessagingServiceSid", service)),
            (None, Some(number)) => form.push(("From", number)),
            (None, None) => return Attempt::Refused { code: 21606 },
        }
        let sent = self
            .http
            .post(self.messages(account))
            .basic_auth(&account.account_sid, Some(&account.auth_token))
            .form(&form)
            .send()
            .await;
        let response = match sent {
            Ok(response) => response,
            // Without a connection nothing was said.
            Err(error) if error.is_connect() || error.is_builder() => return Attempt::NotTaken,
            Err(_) => return Attempt::Unknown,
        };
        let status = response.status();
        let Ok(body) = response.bytes().await else { return Attempt::Unknown };
        if status.is_success() {
            // It was taken, whatever the rest of the answer says.
            return serde_json::from_slice::<Sent>(&body)
                .map_or(Attempt::Unknown, |sent| Attempt::Accepted { sid: sent.sid, status: sent.status });
        }
        let code = serde_json::from_slice::<Problem>(&body).ok().and_then(|problem| problem.code).unwrap_or_default();
        match status.as_u16() {
            429 => Attempt::NotTaken,
            400..500 => Attempt::Refused { code: if status.as_u16() == 401 { 20003 } else { code } },
            // A server that fails may have taken it before.
            _ => Attempt::Unknown,
        }
    }

    /// The texts that the account sent to a number on the day of `since` or
    /// later; none if Twilio does not say.
    pub async fn sent_to(&self, account: &TwilioAccount, to: &str, since: DateTime<Utc>) -> Option<Vec<Sent>> {
        let day = since.format("%Y-%m-%d").to_string();
        let asked = self
            .http
            .get(self.messages(account))
            .basic_auth(&account.account_sid, Some(&account.auth_token))
            .query(&[("To", to), ("DateSent>", &day), ("PageSize", "200")])
            .send();
        let response = asked.await.ok()?.error_for_status().ok()?;
        Some(response.json::<Page>().await.ok()?.messages)
    }

    /// Whether the account can send, without sending anything.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub async fn check(&self, account: &TwilioAccount) -> Result<(), NotConnected> {
        #[derive(Deserialize)]
        struct Account {
            status: String,
        }
        #[derive(Deserialize)]
        struct Numbers {
            incoming_phone_numbers: Vec<serde_json::Value>,
        }
        let of_account = format!("{}/2010-04-01/Accounts/{}", self.base, account.account_sid);
        let known: Account = self.ask(account, &format!("{of_account}.json"), &[]).await?;
        if known.status != "active" {
            return Err(NotConnected::Inactive(known.status));
        }
        if let Some(number) = &account.phone_number {
            let numbers = format!("{of_account}/IncomingPhoneNumbers.json");
            let own: Numbers = self.ask(account, &numbers, &[("PhoneNumber", number)]).await?;
            let is_it = |known: &serde_json::Value| known["phone_number"].as_str() == Some(number);
            if !own.incoming_phone_numbers.iter().any(is_it) {
                return Err(NotConnected::Number(number.clone()));
            }
        }
        if let Some(service) = &account.messaging_service_sid {
            // <https://www.twilio.com/docs/messaging/api/service-resource>
            let url = format!("{}/v1/Services/{service}", self.base.replacen("//api.", "//messaging.", 1));
            let found: Result<serde_json::Value, _> = self.ask(account, &url, &[]).await;
            found.map_err(|_| NotConnected::Service(service.clone()))?;
        }
        Ok(())
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        account: &TwilioAccount,
        url: &str,
        query: &[(&str, &str)],
    ) -> Result<T, NotConnected> {
        let asked = self.http.get(url).basic_auth(&account.account_sid, Some(&account.auth_token)).query(query).send();
        let response = asked.await.map_err(|_| NotConnected::Unreachable)?;
        match response.status().as_u16() {
            200..300 => response.json().await.map_err(|_| NotConnected::Other("it could not be read.".into())),
            401 | 403 => Err(NotConnected::Credentials),
            404 => Err(NotConnected::Credentials),
            _ => {
                let problem = response.json::<Problem>().await.ok().and_then(|problem| problem.message);
                Err(NotConnected::Other(problem.unwrap_or_else(|| "it does not say which.".into())))
            }
        }
    }

    fn messages(&self, account: &TwilioAccount) -> String {
        format!("{}/2010-04-01/Accounts/{}/Messages.json", self.base, account.account_sid)
    }
}
