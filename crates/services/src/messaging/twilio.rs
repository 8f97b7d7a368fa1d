//! Twilio's messages, as far as we send and look for them.
//!
//! <https://www.twilio.com/docs/messaging/api/message-resource>

use std::time::Duration;

use serde::Deserialize;

use crate::clinics::settings::TwilioAccount;

/// How long a request may take before it counts as unanswered. Twilio gives a
/// webhook of ours 15 s, and a STOP waits for a text on its way.
const PATIENCE: Duration = Duration::from_millis(8_500);

/// How many pages of texts to one number are looked through.
const MOST_PAGES: usize = 5;

/// Speaks to Twilio. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Twilio {
    http: reqwest::Client,
    base: String,
    patience: Duration,
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
    /// From the root of the host on.
    next_page_uri: Option<String>,
}

/// Why an account does not work, in a sentence for staff.
#[derive(Debug, thiserror::Error)]
pub enum NotConnected {
    #[error("Twilio could not be reached. Please try again in a minute.")]
    Unreachable,
    #[error("Twilio does not accept this account SID and auth token.")]
    Credentials,
    #[error("Twilio does not accept this API key for the account.")]
    ApiKey,
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
        Self { http: http.expect("a TLS client"), base: base.trim_end_matches('/').to_owned(), patience }
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
        let sent = sign(self.http.post(self.messages(account)), account).form(&form).send().await;
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

    /// The first text to a number that `is_it`; `Some(None)` if there is none,
    /// and none if Twilio does not say, or has more than we look through. Texts
    /// that wait at Twilio have no date of sending, so none is asked for.
    pub async fn find(&self, account: &TwilioAccount, to: &str, is_it: impl Fn(&Sent) -> bool) -> Option<Option<Sent>> {
        // A stop waits for all pages together no longer than for one answer.
        tokio::time::timeout(self.patience, self.look_through(account, to, is_it)).await.ok()?
    }

    async fn look_through(
        &self,
        account: &TwilioAccount,
        to: &str,
        is_it: impl Fn(&Sent) -> bool,
    ) -> Option<Option<Sent>> {
        let mut asked = self.http.get(self.messages(account)).query(&[("To", to), ("PageSize", "200")]);
        for _ in 0..MOST_PAGES {
            let answer = sign(asked, account).send().await.ok()?.error_for_status().ok()?;
            let page: Page = answer.json().await.ok()?;
            if let Some(found) = page.messages.into_iter().find(&is_it) {
                return Some(Some(found));
            }
            // It is ours to ask only at the host we were told of.
            let Some(next) = page.next_page_uri.filter(|uri| uri.starts_with('/')) else { return Some(None) };
            asked = self.http.get(format!("{}{next}", self.base));
        }
        None
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
        // Most API keys may not see the account itself, and its token is needed
        // in any case, to know Twilio's own requests by.
        let by_token = TwilioAccount { api_key: None, ..account.clone() };
        let known: Account = self.ask(&by_token, &format!("{of_account}.json"), &[]).await?;
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
            found.map_err(|wrong| match wrong {
                NotConnected::ApiKey => wrong,
                _ => NotConnected::Service(service.clone()),
            })?;
        }
        Ok(())
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        account: &TwilioAccount,
        url: &str,
        query: &[(&str, &str)],
    ) -> Result<T, NotConnected> {
        let asked = sign(self.http.get(url), account).query(query).send();
        let response = asked.await.map_err(|_| NotConnected::Unreachable)?;
        match response.status().as_u16() {
            200..300 => response.json().await.map_err(|_| NotConnected::Other("it could not be read.".into())),
            401 | 403 if account.api_key().is_some() => Err(NotConnected::ApiKey),
            401 | 403 | 404 => Err(NotConnected::Credentials),
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

/// Says who asks: by an API key where the clinic gave one.
fn sign(request: reqwest::RequestBuilder, account: &TwilioAccount) -> reqwest::RequestBuilder {
    match account.api_key() {
        Some(key) => request.basic_auth(&key.sid, Some(&key.secret)),
        None => request.basic_auth(&account.account_sid, Some(&account.auth_token)),
    }
}
