//! Settings, from the environment or a TOML file of the same names.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use services::clinics::smtp::{SmtpAccount, SmtpUrlError};
use services::receptionist::{self, Account, Model};

/// Everything that can be set. Names are those of the environment, lower case.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Where PostgreSQL is; without it, the server runs its own.
    pub database_url: Option<SecretString>,
    /// The owner's login, for applying migrations at start-up.
    pub migrate_database_url: Option<SecretString>,
    pub database_connections: u32,
    pub frontdesk_data_dir: PathBuf,
    /// Where the outside world finds this server, without a trailing slash.
    pub public_url: String,
    pub listen: SocketAddr,
    pub session_token_secret: Option<SecretString>,
    pub session_token_hours: i64,
    pub admin_api_key: Option<SecretString>,
    /// Wraps the keys that seal clinics' credentials.
    pub encryption_key: Option<SecretString>,
    /// The one before it, until `frontdesk keys rotate` has run.
    pub encryption_key_previous: Option<SecretString>,
    /// Where Twilio's API is: another address in tests, or a proxy's.
    pub twilio_base_url: String,
    /// Of an API like OpenAI's; without one, the built-in receptionist answers.
    pub openai_api_key: Option<SecretString>,
    pub openai_base_url: String,
    /// For clinics that chose none.
    pub openai_model: String,
    /// How many seconds it has for a turn before the built-in receptionist goes
    /// on; 25 at most, because whoever asked waits no longer.
    pub openai_patience_seconds: u64,
    /// Whether texts that come in are taken.
    pub sms_inbound_enabled: bool,
    /// The mail server of clinics without one of their own.
    pub smtp_url: Option<SecretString>,
    /// Whom its mail is from.
    pub smtp_from: Option<String>,
    pub log_format: LogFormat,
    /// Whether the last address in `X-Forwarded-For` is the caller's: only
    /// behind a proxy that writes it.
    pub trust_forwarded_for: bool,
    pub rate_sessions_per_minute: u32,
    pub rate_sign_ins_per_minute: u32,
    pub rate_messages_per_minute: u32,
    pub rate_requests_per_minute: u32,
    pub rate_key_requests_per_minute: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// Requests a minute.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    pub sessions: u32,
    pub messages: u32,
    pub requests: u32,
    pub keyed: u32,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("A setting cannot be read: {0}.")]
    Unreadable(#[from] config::ConfigError),
    #[error(
        "{name} is too short or a placeholder. Please set at least 32 random characters, for example from `openssl rand -hex 32`."
    )]
    WeakSecret { name: &'static str },
    #[error(
        "{name} must be set where DATABASE_URL is. Please set at least 32 random characters, for example from `openssl rand -hex 32`."
    )]
    MissingSecret { name: &'static str },
    #[error("OPENAI_BASE_URL must be an http or https address, such as https://api.openai.com/v1.")]
    OpenAiBaseUrl,
    #[error("PUBLIC_URL must be an http or https address without a path, such as https://desk.example.com.")]
    PublicUrl,
    #[error("{0}")]
    Smtp(#[from] SmtpUrlError),
    #[error("SMTP_URL and SMTP_FROM belong together. Please set both or neither.")]
    SmtpHalf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: None,
            migrate_database_url: None,
            database_connections: 32,
            frontdesk_data_dir: PathBuf::from("./data"),
            public_url: "http://127.0.0.1:3000".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            session_token_secret: None,
            session_token_hours: 4,
            admin_api_key: None,
            encryption_key: None,
            encryption_key_previous: None,
            twilio_base_url: "https://api.twilio.com".into(),
            openai_api_key: None,
            openai_base_url: "https://api.openai.com/v1".into(),
            openai_model: "gpt-4o".into(),
            openai_patience_seconds: receptionist::PATIENCE.as_secs(),
            sms_inbound_enabled: true,
            smtp_url: None,
            smtp_from: None,
            log_format: LogFormat::Text,
            trust_forwarded_for: false,
            rate_sessions_per_minute: 120,
            rate_sign_ins_per_minute: 10,
            rate_messages_per_minute: 60,
            rate_requests_per_minute: 600,
            rate_key_requests_per_minute: 3_000,
        }
    }
}

impl Config {
    /// Reads `file`, if there is one, and lets the environment override it.
    ///
    /// # Errors
    ///
    /// When something cannot be read, or a secret is missing, short or a
    /// placeholder.
    pub fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut sources = config::Config::builder();
        if let Some(file) = file {
            sources = sources.add_source(config::File::from(file));
        }
        let set = config::Environment::default().try_parsing(true).ignore_empty(true);
        let mut settings: Self = sources.add_source(set).build()?.try_deserialize()?;
        settings.public_url = settings.public_url.trim_end_matches('/').to_owned();
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), ConfigError> {
        strong("SESSION_TOKEN_SECRET", self.session_token_secret.as_ref())?;
        strong("ADMIN_API_KEY", self.admin_api_key.as_ref())?;
        strong("ENCRYPTION_KEY", self.encryption_key.as_ref())?;
        strong("ENCRYPTION_KEY_PREVIOUS", self.encryption_key_previous.as_ref())?;
        if self.database_url.is_some() && self.session_token_secret.is_none() {
            return Err(ConfigError::MissingSecret { name: "SESSION_TOKEN_SECRET" });
        }
        let model: http::Uri = self.openai_base_url.parse().map_err(|_| ConfigError::OpenAiBaseUrl)?;
        if !matches!(model.scheme_str(), Some("http" | "https")) {
            return Err(ConfigError::OpenAiBaseUrl);
        }
        let address: http::Uri = self.public_url.parse().map_err(|_| ConfigError::PublicUrl)?;
        self.smtp()?;
        let web = matches!(address.scheme_str(), Some("http" | "https"));
        if web && address.path().trim_matches('/').is_empty() { Ok(()) } else { Err(ConfigError::PublicUrl) }
    }

    pub fn rates(&self) -> Rates {
        Rates {
            sessions: self.rate_sessions_per_minute,
            messages: self.rate_messages_per_minute,
            requests: self.rate_requests_per_minute,
            keyed: self.rate_key_requests_per_minute,
        }
    }

    /// Who answers patients.
    pub fn model(&self) -> Model {
        self.openai_api_key.as_ref().map_or_else(Model::built_in, |key| {
            Model::open_ai(&Account {
                base_url: self.openai_base_url.trim_end_matches('/').to_owned(),
                key: key.clone(),
                model: self.openai_model.clone(),
                patience: Duration::from_secs(self.openai_patience_seconds.max(1)).min(receptionist::PATIENCE),
            })
        })
    }

    /// The platform's account with a mail server, if it has one.
    ///
    /// # Errors
    ///
    /// When it does not read as one.
    pub fn smtp(&self) -> Result<Option<SmtpAccount>, ConfigError> {
        match (&self.smtp_url, &self.smtp_from) {
            (Some(url), Some(from)) => Ok(Some(SmtpAccount::from_url(url.expose_secret(), from)?)),
            (None, None) => Ok(None),
            _ => Err(ConfigError::SmtpHalf),
        }
    }

    /// Whether browsers reach this server over TLS.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn strong(name: &'static str, secret: Option<&SecretString>) -> Result<(), ConfigError> {
    let Some(secret) = secret else { return Ok(()) };
    let secret = secret.expose_secret();
    let lower = secret.to_lowercase();
    let placeholder = ["changeme", "change-me", "change_me", "placeholder", "your-", "secret-key", "example"]
        .iter()
        .any(|word| lower.contains(word));
    let letters: std::collections::HashSet<char> = secret.chars().collect();
    if secret.len() < 32 || placeholder || letters.len() < 8 { Err(ConfigError::WeakSecret { name }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_secrets_are_refused() {
        for weak in ["short", "changeme-changeme-changeme-changeme", &"a".repeat(64)] {
            let config = Config { session_token_secret: Some(weak.into()), ..Config::default() };
            assert!(matches!(config.check(), Err(ConfigError::WeakSecret { .. })), "{weak}");
        }
        let strong = "3f9c1b7a5d2e4860915af3c7b8d6e204".to_owned();
        let config = Config { session_token_secret: Some(strong.into()), ..Config::default() };
        assert!(config.check().is_ok());
    }

    #[test]
    fn a_database_of_ones_own_needs_a_secret_of_ones_own() {
        let config = Config { database_url: Some("postgres://desk@db/desk".into()), ..Config::default() };
        assert!(matches!(config.check(), Err(ConfigError::MissingSecret { .. })));
    }

    #[test]
    fn a_mail_server_comes_with_an_address_that_its_mail_is_from() {
        let with = |url: Option<&str>, from: Option<&str>| Config {
            smtp_url: url.map(Into::into),
            smtp_from: from.map(Into::into),
            ..Config::default()
        };
        let server = "smtps://desk:secret@mail.example.com";
        assert!(with(Some(server), Some("Clinics <desk@example.com>")).check().is_ok());
        assert!(matches!(with(Some(server), None).check(), Err(ConfigError::SmtpHalf)));
        assert!(matches!(with(Some("mail.example.com"), Some("desk@example.com")).check(), Err(ConfigError::Smtp(_))));
        let unsafe_server = with(Some("smtp://mail.example.com?security=none"), Some("desk@example.com"));
        assert!(matches!(unsafe_server.check(), Err(ConfigError::Smtp(_))));
    }

    #[test]
    fn a_public_address_has_no_path() {
        let config = Config { public_url: "https://desk.example.com/app".into(), ..Config::default() };
        assert!(matches!(config.check(), Err(ConfigError::PublicUrl)));
    }
}
