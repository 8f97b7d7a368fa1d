//! What a clinic can set about itself, and with whom it has accounts.

use chrono::{DateTime, Duration, Utc};
use domain::contact::{EmailAddress, PhoneNumber};
use domain::id::ClinicId;
use domain::{FieldError, Rejection, RejectionCode, colour};
use serde::{Deserialize, Deserializer, Serialize};

use super::smtp::SmtpAccount;
use super::vapi::VapiAccount;
use crate::booking::stranding;
use crate::error::OnConstraint;
use crate::messaging::senders;
use crate::receptionist::{rules, settings as receptionist};
use crate::vault::{self, Configured};
use crate::{ClinicTx, Error, Result, Vault};

/// How long an auth token counts after it was replaced.
const TOKEN_OUTLIVES: Duration = Duration::hours(24);

/// What may be set; what is left out stays as it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClinicFields {
    pub name: Option<String>,
    pub slug: Option<String>,
    /// IANA.
    pub time_zone: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    pub languages: Option<Vec<String>>,
    pub greeting: Option<String>,
    #[serde(deserialize_with = "given")]
    pub address: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub phone: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub email: Option<Option<String>>,
    /// `#rrggbb`.
    pub accent: Option<String>,
    pub allowed_origins: Option<Vec<String>>,
    pub hold_minutes: Option<i32>,
    /// Null forgets it.
    #[serde(deserialize_with = "given")]
    pub twilio: Option<Option<TwilioAccount>>,
    #[serde(deserialize_with = "given")]
    pub vapi: Option<Option<VapiAccount>>,
    #[serde(deserialize_with = "given")]
    pub smtp: Option<Option<SmtpAccount>>,
    pub receptionist: Option<receptionist::Fields>,
}

/// A clinic's own Twilio account. Written, used, never read back.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwilioAccount {
    pub account_sid: String,
    pub auth_token: String,
    /// What we ask Twilio by in place of the auth token, which Twilio signs with
    /// in any case. The one known for the account stays where none is given;
    /// null forgets it.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Option<ApiKey>>,
    /// E.164 once it is stored.
    pub phone_number: Option<String>,
    pub messaging_service_sid: Option<String>,
    /// What signs its webhooks in place of the auth token, where it was set up
    /// so at Twilio.
    /// Those known for the account stay where none are given; an empty list
    /// forgets them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_keys: Option<Vec<WebhookKey>>,
    /// The auth token before this one. Kept here by itself, never given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousToken>,
}

/// One of the account's API keys.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    pub sid: String,
    pub secret: String,
}

/// A secret that Twilio and the clinic share, by its id there.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookKey {
    pub id: String,
    pub secret: String,
}

/// An auth token that was replaced, and until when Twilio may still sign with
/// it: whoever changes it there and here does one after the other.
#[derive(Clone, Serialize, Deserialize)]
pub struct PreviousToken {
    pub auth_token: String,
    pub until: DateTime<Utc>,
}

impl TwilioAccount {
    pub fn api_key(&self) -> Option<&ApiKey> {
        self.api_key.as_ref().and_then(Option::as_ref)
    }

    pub fn keys(&self) -> &[WebhookKey] {
        self.webhook_keys.as_deref().unwrap_or_default()
    }
}

impl std::fmt::Debug for TwilioAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TwilioAccount").finish_non_exhaustive()
    }
}

/// Tells a field that is null from one that is left out.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A clinic's settings as they are read back: of a secret, that there is one.
#[derive(Clone, Debug, Serialize)]
pub struct ClinicSettings {
    pub id: ClinicId,
    pub slug: String,
    pub name: String,
    pub time_zone: String,
    pub country: String,
    pub currency: String,
    pub languages: Vec<String>,
    pub greeting: String,
    pub address: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub accent: String,
    pub allowed_origins: Vec<String>,
    pub hold_minutes: i32,
    pub twilio: Account,
    pub vapi: Account,
    pub smtp: Account,
    pub receptionist: receptionist::Settings,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Account {
    pub configured: bool,
    /// The last characters of the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_four: Option<String>,
    /// Of Twilio's account, the API key that it is used by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Known>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<DateTime<Utc>>,
}

/// Another secret of an account.
#[derive(Clone, Debug, Serialize)]
pub struct Known {
    pub configured: bool,
    /// Its last characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_four: Option<String>,
}

/// The clinic's settings.
pub async fn read(tx: &mut ClinicTx) -> Result<ClinicSettings> {
    let accounts = vault::configured(tx).await?;
    let row = sqlx::query!(
        "select clinic_id, slug, name, time_zone, country, currency, languages, greeting, address, phone, email, accent,
                allowed_origins, hold_minutes, created_at
         from clinics"
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(ClinicSettings {
        id: row.clinic_id.into(),
        slug: row.slug,
        name: row.name,
        time_zone: row.time_zone,
        country: row.country,
        currency: row.currency,
        languages: row.languages,
        greeting: row.greeting,
        address: row.address,
        phone: row.phone,
        email: row.email,
        accent: row.accent,
        allowed_origins: row.allowed_origins,
        hold_minutes: row.hold_minutes,
        twilio: account(&accounts, "twilio"),
        vapi: account(&accounts, "vapi"),
        smtp: account(&accounts, "smtp"),
        receptionist: receptionist::read(tx).await?,
        created_at: row.created_at,
    })
}

fn account(known: &[Configured], provider: &str) -> Account {
    let known = known.iter().find(|known| known.provider == provider);
    known.map_or_else(Account::default, |known| Account {
        configured: true,
        last_four: Some(known.hint.clone()).filter(|hint| !hint.is_empty()),
        api_key: known
            .second_hint
            .as_ref()
            .map(|hint| Known { configured: true, last_four: Some(hint.clone()).filter(|hint| !hint.is_empty()) }),
        updated_at: Some(known.updated_at),
    })
}

/// Makes a clinic.
///
/// # Errors
///
/// Rejected with `invalid`, naming the fields.
pub async fn create(
    tx: &mut ClinicTx,
    vault: Option<&Vault>,
    now: DateTime<Utc>,
    fields: &ClinicFields,
) -> Result<ClinicSettings> {
    let missing = |field: &str, value: &Option<String>| {
        value.is_none().then(|| FieldError { field: field.into(), message: "This is needed.".into() })
    };
    let missing: Vec<_> =
        [missing("name", &fields.name), missing("slug", &fields.slug), missing("time_zone", &fields.time_zone)]
            .into_iter()
            .flatten()
            .collect();
    if !missing.is_empty() {
        return Err(Rejection::invalid_fields(missing).into());
    }
    check(fields)?;
    let name = fields.name.as_deref().unwrap_or_default();
    sqlx::query!(
        "insert into clinics (slug, name, time_zone, greeting, created_at) values ($1, $2, $3, $4, $5)",
        fields.slug,
        name.trim(),
        fields.time_zone,
        format!("Hello, this is the automated assistant of {}. How can I help?", name.trim()),
        now
    )
    .execute(tx.conn())
    .await
    .on_constraint("clinics_slug_unique", slug_taken)
    .map_err(|error| match error {
        // The answer was forgotten, and the clinic is there.
        Error::Database(sqlx::Error::Database(broken)) if broken.constraint() == Some("clinics_pkey") => {
            let message = "This Idempotency-Key was used for a clinic before.";
            Rejection::new(RejectionCode::IdempotencyConflict, message).into()
        }
        other => other,
    })?;
    write(tx, vault, now, fields).await?;
    read(tx).await
}

/// Sets what is given.
///
/// # Errors
///
/// Rejected with `invalid`, naming the fields; with `unavailable` if there is
/// no key to seal credentials with. A new time zone is refused while visits
/// would no longer fit the hours, which are local.
pub async fn update(
    tx: &mut ClinicTx,
    vault: Option<&Vault>,
    now: DateTime<Utc>,
    fields: &ClinicFields,
) -> Result<ClinicSettings> {
    check(fields)?;
    match &fields.time_zone {
        Some(_) => {
            let before = stranding::before(tx, now).await?;
            write(tx, vault, now, fields).await?;
            stranding::refuse_newly(tx, now, &before).await?;
        }
        None => write(tx, vault, now, fields).await?,
    }
    read(tx).await
}

fn check(fields: &ClinicFields) -> Result<(), Rejection> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, is_wrong: bool, message: &str| {
        if is_wrong {
            errors.push(FieldError { field: field.into(), message: message.into() });
        }
    };
    let letters = |text: &str, count: std::ops::RangeInclusive<usize>| count.contains(&text.trim().chars().count());
    let is = |text: &Option<String>, right: &dyn Fn(&str) -> bool| text.as_deref().is_none_or(right);
    refuse("name", !is(&fields.name, &|text| letters(text, 1..=120)), "Please give a name of 1 to 120 characters.");
    refuse("slug", !is(&fields.slug, &is_slug), "Please use 1 to 63 small letters, digits and hyphens.");
    refuse(
        "time_zone",
        !is(&fields.time_zone, &|text| text.parse::<chrono_tz::Tz>().is_ok()),
        "Please give a zone such as America/New_York.",
    );
    let country = |text: &str| text.parse::<phonenumber::country::Id>().is_ok();
    refuse("country", !is(&fields.country, &country), "Please give a country such as US.");
    let currency = |text: &str| text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase());
    refuse("currency", !is(&fields.currency, &currency), "Please give a currency such as USD.");
    let languages = fields.languages.as_deref();
    let known = |language: &String| ["en", "es"].contains(&language.as_str());
    let right = languages.is_none_or(|list| !list.is_empty() && list.iter().all(known));
    refuse("languages", !right, "Please choose from en and es, at least one.");
    refuse("greeting", !is(&fields.greeting, &|text| letters(text, 1..=500)), "Please give 1 to 500 characters.");
    refuse(
        "accent",
        !is(&fields.accent, &|text| colour::accent(text).is_some()),
        "Please give a colour such as #0f6e66.",
    );
    let origins = fields.allowed_origins.as_deref().unwrap_or_default();
    refuse(
        "allowed_origins",
        origins.len() > 50 || !origins.iter().all(|origin| is_origin(origin)),
        "Please give origins such as https://example.com.",
    );
    refuse(
        "hold_minutes",
        fields.hold_minutes.is_some_and(|minutes| !(1..=60).contains(&minutes)),
        "A time is held for 1 to 60 minutes.",
    );
    let email = fields.email.iter().flatten().all(|text| EmailAddress::parse(text).is_ok());
    refuse("email", !email, "Please check the e-mail address.");
    let address = fields.address.iter().flatten().all(|text| letters(text, 1..=300));
    refuse("address", !address, "Please give 1 to 300 characters.");
    if let Some(Some(twilio)) = &fields.twilio {
        let hex = |text: &str| text.len() == 32 && text.bytes().all(|letter| letter.is_ascii_hexdigit());
        let sid = |text: &str, kind: &str| text.strip_prefix(kind).is_some_and(hex);
        refuse(
            "twilio.account_sid",
            !sid(&twilio.account_sid, "AC"),
            "An account SID is AC and 32 hexadecimal digits.",
        );
        refuse("twilio.auth_token", twilio.auth_token.trim().len() < 16, "Please give the account's auth token.");
        let key = twilio.api_key();
        refuse(
            "twilio.api_key.sid",
            key.is_some_and(|key| !sid(&key.sid, "SK")),
            "An API key's SID is SK and 32 hexadecimal digits.",
        );
        refuse(
            "twilio.api_key.secret",
            key.is_some_and(|key| key.secret.trim().len() < 16),
            "Please give the API key's secret.",
        );
        let service = twilio.messaging_service_sid.as_deref();
        refuse(
            "twilio.messaging_service_sid",
            service.is_some_and(|text| !sid(text, "MG")),
            "A service SID is MG and 32 hexadecimal digits.",
        );
        let sender = twilio.phone_number.is_some() || service.is_some();
        refuse("twilio.phone_number", !sender, "Please give a number or a messaging service to send from.");
        let name = |id: &str| (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        let key = |key: &WebhookKey| name(&key.id) && !key.id.contains([',', '=']) && key.secret.trim().len() >= 16;
        refuse(
            "twilio.webhook_keys",
            twilio.keys().len() > 5 || !twilio.keys().iter().all(key),
            "Please give at most five keys, each with its id and a secret of at least 16 characters.",
        );
        refuse("twilio.previous", twilio.previous.is_some(), "This is kept by itself when the auth token is replaced.");
    }
    if let Some(Some(vapi)) = &fields.vapi {
        errors.extend(vapi.errors());
    }
    errors.extend(fields.smtp.iter().flatten().flat_map(|smtp| smtp.faults("smtp.")));
    errors.extend(fields.receptionist.iter().flat_map(|fields| fields.errors("receptionist.")));
    if errors.is_empty() { Ok(()) } else { Err(Rejection::invalid_fields(errors)) }
}

fn is_slug(text: &str) -> bool {
    let plain = text.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-');
    plain && (1..=63).contains(&text.len()) && !text.starts_with('-')
}

/// `scheme://host[:port]`, as browsers send it.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || b".-:[]".contains(&letter);
    rest.is_some_and(|host| !host.is_empty() && host.bytes().all(plain))
}

async fn write(tx: &mut ClinicTx, vault: Option<&Vault>, now: DateTime<Utc>, fields: &ClinicFields) -> Result<()> {
    let phone = phone(tx, fields).await?;
    sqlx::query!(
        "update clinics
         set name = coalesce($1, name),
             slug = coalesce($2, slug),
             time_zone = coalesce($3, time_zone),
             country = coalesce($4, country),
             currency = coalesce($5, currency),
             languages = coalesce($6, languages),
             greeting = coalesce($7, greeting),
             address = case when $8 then $9 else address end,
             phone = case when $10 then $11 else phone end,
             email = case when $12 then $13 else email end,
             accent = coalesce($14, accent),
             allowed_origins = coalesce($15, allowed_origins),
             hold_minutes = coalesce($16, hold_minutes)",
        fields.name.as_deref().map(str::trim),
        fields.slug,
        fields.time_zone,
        fields.country,
        fields.currency,
        fields.languages.as_deref(),
        fields.greeting.as_deref().map(str::trim),
        fields.address.is_some(),
        fields.address.clone().flatten(),
        fields.phone.is_some(),
        phone,
        fields.email.is_some(),
        fields.email.clone().flatten().map(|email| email.trim().to_lowercase()),
        fields.accent.as_deref().map(str::to_lowercase),
        fields.allowed_origins.as_deref(),
        fields.hold_minutes
    )
    .execute(tx.conn())
    .await
    .on_constraint("clinics_slug_unique", slug_taken)?;
    if let Some(twilio) = &fields.twilio {
        set_twilio(tx, vault, now, twilio.as_ref()).await?;
    }
    if let Some(vapi) = &fields.vapi {
        let hint = vapi.as_ref().map(VapiAccount::secret).unwrap_or_default();
        set_account(tx, vault, now, "vapi", vapi.as_ref(), hint).await?;
        keep_voice_key(tx, vapi.as_ref()).await?;
    }
    if let Some(smtp) = &fields.smtp {
        let hint = smtp.as_ref().and_then(|account| account.password.clone()).unwrap_or_default();
        set_account(tx, vault, now, "smtp", smtp.as_ref(), &hint).await?;
    }
    if let Some(receptionist) = &fields.receptionist {
        receptionist::update(tx, receptionist).await?;
        if receptionist.publish {
            rules::publish(tx, now, None).await?;
        }
    }
    Ok(())
}

/// The number as E.164, read as the country that holds from now on writes it.
async fn phone(tx: &mut ClinicTx, fields: &ClinicFields) -> Result<Option<String>> {
    let Some(Some(text)) = &fields.phone else { return Ok(None) };
    let country = match &fields.country {
        Some(country) => country.clone(),
        None => country(tx).await?,
    };
    let phone = PhoneNumber::parse(text, &country).map_err(|error| Rejection::invalid("phone", error.to_string()))?;
    Ok(Some(phone.as_str().to_owned()))
}

async fn country(tx: &mut ClinicTx) -> Result<String> {
    Ok(sqlx::query_scalar!("select country from clinics").fetch_one(tx.conn()).await?)
}

/// Sets the account that the clinic's texts go through, and where theirs come
/// in. The clinic's row, which has been written to, keeps others from setting
/// another meanwhile.
async fn set_twilio(
    tx: &mut ClinicTx,
    vault: Option<&Vault>,
    now: DateTime<Utc>,
    account: Option<&TwilioAccount>,
) -> Result<()> {
    let Some(account) = account else {
        vault::forget(tx, "twilio").await?;
        return senders::clear(tx).await;
    };
    let vault = vault.ok_or_else(no_key)?;
    let before = vault.get::<TwilioAccount>(tx, "twilio").await?;
    let mut account = account.clone();
    if let Some(before) = before.filter(|before| before.account_sid == account.account_sid) {
        account.api_key = account.api_key.or_else(|| before.api_key.clone());
        account.webhook_keys = account.webhook_keys.or_else(|| before.webhook_keys.clone());
        account.previous = previous_token(before, &account, now);
    }
    if let Some(number) = &account.phone_number {
        let number = PhoneNumber::parse(number, &country(tx).await?)
            .map_err(|error| Rejection::invalid("twilio.phone_number", error.to_string()))?;
        account.phone_number = Some(number.as_str().to_owned());
    }
    vault.put(tx, now, "twilio", &account, &account.auth_token).await?;
    if let Some(key) = account.api_key() {
        vault::hint_at_second(tx, "twilio", &key.secret).await?;
    }
    senders::set(tx, &account).await
}

fn previous_token(before: TwilioAccount, account: &TwilioAccount, now: DateTime<Utc>) -> Option<PreviousToken> {
    if before.auth_token == account.auth_token {
        return before.previous;
    }
    Some(PreviousToken { auth_token: before.auth_token, until: now + TOKEN_OUTLIVES })
}

async fn set_account<T: Serialize + Sync>(
    tx: &mut ClinicTx,
    vault: Option<&Vault>,
    now: DateTime<Utc>,
    provider: &str,
    account: Option<&T>,
    secret: &str,
) -> Result<()> {
    let Some(account) = account else { return vault::forget(tx, provider).await.map(drop) };
    vault.ok_or_else(no_key)?.put(tx, now, provider, account, secret).await
}

/// Has the directory know whose secret it is.
async fn keep_voice_key(tx: &mut ClinicTx, account: Option<&VapiAccount>) -> Result<()> {
    let Some(digest) = account.and_then(VapiAccount::digest) else {
        sqlx::query!("delete from voice_keys").execute(tx.conn()).await?;
        return Ok(());
    };
    sqlx::query!(
        "insert into voice_keys (digest) values ($1) on conflict (clinic_id) do update set digest = excluded.digest",
        digest
    )
    .execute(tx.conn())
    .await
    .on_constraint("voice_keys_digest_unique", || Rejection::invalid("vapi.secret", "Please choose another secret."))?;
    Ok(())
}

fn no_key() -> Rejection {
    Rejection::new(RejectionCode::Unavailable, "Credentials cannot be kept until ENCRYPTION_KEY is set on the server.")
}

fn slug_taken() -> Rejection {
    Rejection::invalid("slug", "Another clinic has this short name.")
}
