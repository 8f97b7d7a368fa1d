//! Parts of the settings about messages: whether and when they go out, what
//! they say, and the accounts they leave by.

use chrono::{NaiveDate, NaiveTime};
use domain::language::Language;
use domain::template::{Kind, Values};
use domain::{FieldError, Rejection};
use services::clinics::settings::{self as clinic, ApiKey, ClinicFields, TwilioAccount};
use services::messaging::ledger::Way;
use services::messaging::settings::{self, MessagingSettings};
use services::messaging::templates::{self, InUse, Own};
use services::messaging::writing;
use services::{ClinicTx, clinics};

use super::describing::{button, check, hidden, input, line, needed};
use super::form::{Answers, Form, Group, Input, Kind as Look};
use super::saving::done;
use super::{Row, Saved, Section, Settings};
use crate::caller::Staff;
use crate::error::ServerError;

/// The parts of the settings that are described here.
pub const TABS: [&str; 3] = ["messages", "wording", "accounts"];

/// The forms that are saved here.
const FORMS: [&str; 7] =
    ["messaging", "template", "template_preview", "template_reset", "twilio", "twilio_check", "twilio_remove"];

pub fn is_mine(what: &str) -> bool {
    FORMS.contains(&what)
}

/// Whether a form is about an account and not about the messages.
pub fn is_account(what: &str) -> bool {
    what.starts_with("twilio")
}

/// Describes one of the [`TABS`].
///
/// # Errors
///
/// `not_found` if there is no such message.
pub async fn describe(tx: &mut ClinicTx, tab: &str, item: &str) -> Result<Settings, ServerError> {
    match (tab, item) {
        ("messages", _) => Ok(messages(&settings::read(tx).await?)),
        ("wording", "") => wording(tx).await,
        ("wording", item) => template(tx, item).await,
        _ => accounts(tx).await,
    }
}

fn messages(set: &MessagingSettings) -> Settings {
    let time = |minutes: i32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let number = |path: &str, label: &str, value: i32, most: i32| Input {
        range: Some((0, most)),
        ..needed(Look::Number, path, label, value.to_string())
    };
    let ways =
        vec![line(vec![check("sms", "Text messages", set.sms)]), line(vec![check("email", "E-mail", set.email)])];
    let quiet = vec![line(vec![
        needed(Look::Time, "quiet_from", "From", time(set.quiet_from)),
        needed(Look::Time, "quiet_until", "Until", time(set.quiet_until)),
    ])];
    let hours: Vec<String> = set.reminder_minutes.iter().map(|minutes| hours(*minutes)).collect();
    let ladder = vec![line(vec![Input {
        hint: "For example 48, 3. Leave it empty for none.".into(),
        ..input(Look::Text, "reminder_minutes", "Hours before the visit", hours.join(", "))
    }])];
    let most = vec![line(vec![
        number("most_a_day", "A day", set.most_a_day, 10),
        number("most_a_week", "A week", set.most_a_week, 30),
    ])];
    let waitlist = vec![
        line(vec![check("waitlist_offers", "Offer times that come free by themselves", set.waitlist_offers)]),
        line(vec![Input {
            range: Some((5, 1440)),
            hint: "From 5 to 1,440. Never longer than until the time itself.".into(),
            ..needed(Look::Number, "offer_minutes", "Minutes a time is kept", set.offer_minutes.to_string())
        }]),
    ];
    let texts = vec![line(vec![
        Input {
            range: Some((1, 1000)),
            hint: "Texts of one number that are answered in an hour.".into(),
            ..needed(Look::Number, "inbound_an_hour", "Answers an hour", set.inbound_an_hour.to_string())
        },
        Input {
            hint: "What your provider charges for one, for the previews of messages.".into(),
            ..needed(Look::Money, "segment_price", "Price of a segment", price(set.segment_price))
        },
    ])];
    let group = |legend: &str, hint: &str, lines| Group { legend: legend.into(), hint: hint.into(), lines };
    let form = Form {
        what: "messaging".into(),
        groups: vec![
            group("What patients get", "Confirmations, changes, cancellations and reminders of their visits.", ways),
            group(
                "Reminders",
                "A patient whose texts are off, or who opted out of them, is reminded by e-mail.",
                ladder,
            ),
            group(
                "Quiet hours",
                "Nobody is written to unasked while it is quiet, where the patient is and here. Equal times mean none.",
                quiet,
            ),
            group(
                "Unasked messages to one patient, at most",
                "Reminders, follow-ups and offers count. Answers and confirmations do not.",
                most,
            ),
            group("Waitlist", "While this is off nothing is offered, and patients may still ask to wait.", waitlist),
            group("Texting", "", texts),
        ],
        submit: "Save".into(),
        ..Form::default()
    };
    let section =
        Section { id: "messaging".into(), heading: "Messages".into(), form: Some(form), ..Section::default() };
    Settings { sections: vec![section], ..Settings::default() }
}

fn hours(minutes: i32) -> String {
    if minutes % 60 == 0 { (minutes / 60).to_string() } else { format!("{:.1}", f64::from(minutes) / 60.0) }
}

/// Millionths of a currency's unit as people write them.
fn price(millionths: i32) -> String {
    format!("{:.4}", f64::from(millionths) / 1_000_000.0)
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Confirmation => "Confirmation",
        Kind::Change => "New time",
        Kind::Cancellation => "Cancellation",
        Kind::Reminder => "Reminder",
        Kind::FollowUp => "Follow-up",
        Kind::WaitlistOffer => "Offer of a time that came free",
        Kind::HandoffLink => "Link to go on in the browser",
        Kind::OneTimeCode => "One-time code",
        Kind::ContactChange => "Changed contact details",
        Kind::OptOutConfirmation => "That no more messages will come",
    }
}

fn way_name(way: Way) -> &'static str {
    if way == Way::Sms { "text" } else { "e-mail" }
}

fn language_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Spanish => "Spanish",
    }
}

/// The ways in which a message is sent.
fn ways(kind: Kind) -> &'static [Way] {
    match kind {
        // These two answer a text, or go to a telephone.
        Kind::HandoffLink | Kind::OptOutConfirmation => &[Way::Sms],
        _ => &[Way::Sms, Way::Email],
    }
}

async fn languages(tx: &mut ClinicTx) -> Result<Vec<Language>, ServerError> {
    let spoken = clinics::profile(tx).await?.languages;
    Ok(spoken.iter().filter_map(|tag| Language::of_tag(tag)).collect())
}

async fn wording(tx: &mut ClinicTx) -> Result<Settings, ServerError> {
    let mut sections = Vec::new();
    for language in languages(tx).await? {
        let mut rows = Vec::new();
        for kind in Kind::ALL {
            for way in ways(kind) {
                let used = templates::in_use(tx, kind, *way, language).await?;
                rows.push(Row {
                    title: format!("{} ({})", name(kind), way_name(*way)),
                    details: std::iter::once(used.body)
                        .chain(used.is_own.then(|| "Your own words".to_owned()))
                        .collect(),
                    href: Some(format!("/console/settings/wording?item={}", address(kind, *way, language))),
                    ..Row::default()
                });
            }
        }
        sections.push(Section {
            id: format!("wording-{}", language.code()),
            heading: language_name(language).into(),
            text: "What messages say. Words in braces are filled in for each visit.".into(),
            rows,
            ..Section::default()
        });
    }
    Ok(Settings { sections, ..Settings::default() })
}

fn address(kind: Kind, way: Way, language: Language) -> String {
    format!("{}.{}.{}", kind.as_str(), way.as_str(), language.code())
}

fn which(item: &str) -> Option<(Kind, Way, Language)> {
    let mut parts = item.split('.');
    let kind = Kind::try_from(parts.next()?.to_owned()).ok()?;
    let way = match parts.next()? {
        "sms" => Way::Sms,
        "email" => Way::Email,
        _ => return None,
    };
    let language = Language::of_tag(parts.next()?)?;
    ways(kind).contains(&way).then_some((kind, way, language))
}

async fn template(tx: &mut ClinicTx, item: &str) -> Result<Settings, ServerError> {
    let (kind, way, language) = which(item).ok_or_else(Rejection::not_found)?;
    let used = templates::in_use(tx, kind, way, language).await?;
    let fields: Vec<String> = kind.knows().iter().map(ToString::to_string).collect();
    let mut lines = Vec::new();
    if let Some(subject) = &used.subject {
        lines.push(line(vec![needed(Look::Text, "subject", "Subject", subject.clone())]));
    }
    lines.push(line(vec![Input {
        hint: format!("Filled in: {}", fields.join(" ")),
        ..needed(Look::Long, "body", "Message", used.body.clone())
    }]));
    let form = Form {
        what: "template".into(),
        groups: vec![hidden([("item", item.to_owned())]), Group { lines, ..Group::default() }],
        submit: "Save".into(),
        other: Some(("template_preview".into(), "Preview".into())),
    };
    let now = Section {
        id: "template".into(),
        heading: format!("{} ({}, {})", name(kind), way_name(way), language_name(language)),
        text: preview(tx, way, language, &used).await?,
        form: Some(form),
        ..Section::default()
    };
    let ours = used.is_own.then(|| Section {
        id: "ours".into(),
        heading: "Our words".into(),
        rows: vec![Row {
            title: templates::ours(kind, way, language).body,
            act: Some(button("template_reset", "Use these again", [("item", item.to_owned())])),
            ..Row::default()
        }],
        ..Section::default()
    });
    Ok(Settings {
        back: Some(("/console/settings/wording".into(), "All messages".into())),
        sections: std::iter::once(now).chain(ours).collect(),
        ..Settings::default()
    })
}

/// How a template reads for a visit that there might be, and what it costs.
async fn preview(tx: &mut ClinicTx, way: Way, language: Language, used: &InUse) -> Result<String, ServerError> {
    let profile = clinics::profile(tx).await?;
    let starts_at =
        NaiveDate::from_ymd_opt(2027, 3, 17).map(|day| day.and_time(NaiveTime::MIN + chrono::Duration::hours(14)));
    let values = Values {
        clinic: Some(&profile.name),
        patient: Some("Maria Lopez"),
        practitioner: Some("Dr. Jordan Lee"),
        appointment_type: Some(if language == Language::Spanish { "Consulta" } else { "Consultation" }),
        starts_at,
        code: Some("7KQ2M9XD"),
        link: Some("https://desk.example.com/m/AZ3k8yqRcW2uVw0H"),
        phone: profile.phone.as_deref(),
        address: profile.address.as_deref(),
        until: Some(if language == Language::Spanish { "las 2:30 p. m." } else { "2:30 PM" }),
    };
    let written = match writing::write(used, way, language, &values) {
        Ok(written) => written,
        Err(error) => return Ok(error.to_string()),
    };
    if way == Way::Email {
        return Ok(format!("It reads: {} / {}", written.subject.unwrap_or_default(), written.body));
    }
    let length = domain::sms::segments::segments(&written.body);
    let set = settings::read(tx).await?;
    let cost = i32::try_from(length.count).unwrap_or(i32::MAX).saturating_mul(set.segment_price);
    let segments = if length.count == 1 { "1 segment".to_owned() } else { format!("{} segments", length.count) };
    Ok(format!(
        "It reads: {} ({} characters, {segments}, {} {})",
        written.body,
        length.units,
        profile.currency,
        price(cost)
    ))
}

async fn accounts(tx: &mut ClinicTx) -> Result<Settings, ServerError> {
    let set = clinic::read(tx).await?;
    let known = |account: &clinic::Account| match (account.configured, &account.last_four) {
        (true, Some(end)) => vec![format!("In use. The secret ends in {end}.")],
        (true, None) => vec!["In use.".to_owned()],
        (false, _) => vec!["None. Texts stay in the list of messages, where you can read them.".to_owned()],
    };
    let key = set.twilio.api_key.as_ref().map(|key| match &key.last_four {
        Some(end) => format!("Used by an API key whose secret ends in {end}."),
        None => "Used by an API key.".to_owned(),
    });
    let details = known(&set.twilio).into_iter().chain(key).collect();
    let mut rows = vec![Row { title: "Twilio account".into(), details, ..Row::default() }];
    if set.twilio.configured {
        rows[0].act = Some(button("twilio_check", "Test connection", []));
        rows.push(Row {
            title: "Stop texting".into(),
            details: vec!["Forgets the account. What waits to be sent stays here.".into()],
            act: Some(button("twilio_remove", "Remove account", [])),
            ..Row::default()
        });
    }
    let mut lines = vec![
        line(vec![needed(Look::Text, "twilio.account_sid", "Account SID", String::new())]),
        line(vec![Input {
            hint: "It is sealed, and never shown again.".into(),
            ..needed(Look::Secret, "twilio.auth_token", "Auth token", String::new())
        }]),
        line(vec![
            Input {
                hint: "If texts are to leave by a key and not by the auth token. Left empty, the account's key stays."
                    .into(),
                ..input(Look::Text, "twilio.api_key.sid", "API key SID", String::new())
            },
            input(Look::Secret, "twilio.api_key.secret", "API key secret", String::new()),
        ]),
        line(vec![
            input(Look::Text, "twilio.phone_number", "Number to send from", String::new()),
            input(Look::Text, "twilio.messaging_service_sid", "or messaging service SID", String::new()),
        ]),
    ];
    let forget = set.twilio.api_key.is_some().then(|| {
        line(vec![check("twilio.api_key.forget", "Forget the API key: texts leave by the auth token again", false)])
    });
    lines.extend(forget);
    let legend = if set.twilio.configured { "Use another account" } else { "Use an account" };
    let form = Form {
        what: "twilio".into(),
        groups: vec![Group { legend: legend.into(), lines, ..Group::default() }],
        submit: "Save account".into(),
        ..Form::default()
    };
    let texting = Section {
        id: "twilio".into(),
        heading: "Texting".into(),
        text: "Texts leave by the clinic's own Twilio account.".into(),
        rows,
        form: Some(form),
        ..Section::default()
    };
    Ok(Settings { sections: vec![texting], ..Settings::default() })
}

/// Makes the change that a form asks for.
pub async fn save(staff: &Staff, what: &str, form: &Answers) -> Result<Saved, ServerError> {
    match what {
        "messaging" => save_messaging(staff, form).await,
        "template" | "template_preview" | "template_reset" => save_template(staff, what, form).await,
        _ => save_account(staff, what, form).await,
    }
}

async fn save_messaging(staff: &Staff, form: &Answers) -> Result<Saved, ServerError> {
    let mut errors = Vec::new();
    let text = |path: &str| form.get(path).map(|text| text.trim()).unwrap_or_default();
    let mut read = |path: &str, message: &str, value: Option<i32>| {
        value.unwrap_or_else(|| {
            errors.push(FieldError { field: path.into(), message: message.into() });
            0
        })
    };
    let time = |path: &str| NaiveTime::parse_from_str(text(path), "%H:%M").ok().map(minutes);
    let number = |path: &str| text(path).parse().ok();
    let ladder: Option<Vec<i32>> = text("reminder_minutes")
        .split([',', ';', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<f64>().ok().filter(|hours| (0.0..=1000.0).contains(hours)).map(in_minutes))
        .collect();
    let set = MessagingSettings {
        sms: text("sms") == "on",
        email: text("email") == "on",
        quiet_from: read("quiet_from", "Please give a time of day.", time("quiet_from")),
        quiet_until: read("quiet_until", "Please give a time of day.", time("quiet_until")),
        most_a_day: read("most_a_day", "Please give a number.", number("most_a_day")),
        most_a_week: read("most_a_week", "Please give a number.", number("most_a_week")),
        inbound_an_hour: read("inbound_an_hour", "Please give a number.", number("inbound_an_hour")),
        segment_price: read("segment_price", "Please give a price such as 0.0083.", millionths(text("segment_price"))),
        waitlist_offers: text("waitlist_offers") == "on",
        offer_minutes: read("offer_minutes", "Please give a number of minutes.", number("offer_minutes")),
        reminder_minutes: ladder.clone().unwrap_or_default(),
    };
    if ladder.is_none() {
        let message = "Please give hours such as 48, 3.".to_owned();
        errors.push(FieldError { field: "reminder_minutes".into(), message });
    }
    if !errors.is_empty() {
        return Err(Rejection::invalid_fields(errors).into());
    }
    let mut tx = staff.tx().await?;
    settings::write(&mut tx, &set).await?;
    tx.commit().await?;
    Ok(done("messages", "Saved."))
}

fn minutes(time: NaiveTime) -> i32 {
    i32::try_from((time - NaiveTime::MIN).num_minutes()).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "at most a thousand hours")]
fn in_minutes(hours: f64) -> i32 {
    (hours * 60.0).round() as i32
}

#[expect(clippy::cast_possible_truncation, reason = "at most ten")]
fn millionths(text: &str) -> Option<i32> {
    let price = text.parse::<f64>().ok().filter(|price| (0.0..=10.0).contains(price))?;
    Some((price * 1_000_000.0).round() as i32)
}

async fn save_template(staff: &Staff, what: &str, form: &Answers) -> Result<Saved, ServerError> {
    let text = |path: &str| form.get(path).map(String::as_str).unwrap_or_default();
    let (kind, way, language) = which(text("item")).ok_or_else(Rejection::not_found)?;
    let mut tx = staff.tx().await?;
    if what == "template_reset" {
        templates::reset(&mut tx, kind, way, language).await?;
        tx.commit().await?;
        return Ok(done("wording", "Our words are used again."));
    }
    let own = Own { kind, way, language, subject: (way == Way::Email).then(|| text("subject")), body: text("body") };
    // Browsers write line ends as two characters.
    let body = own.body.replace("\r\n", "\n");
    let own = Own { body: &body, ..own };
    let report = templates::set(&mut tx, staff.services.clock.now(), staff.member.id, &own).await?;
    let used = InUse { subject: own.subject.map(str::to_owned), body: body.clone(), is_own: true };
    let reads = preview(&mut tx, way, language, &used).await?;
    let warnings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let said = [vec![reads], warnings].concat().join(" ");
    if what == "template_preview" {
        return Ok(Saved::Told(said));
    }
    tx.commit().await?;
    Ok(done("wording", &format!("Saved. {said}")))
}

async fn save_account(staff: &Staff, what: &str, form: &Answers) -> Result<Saved, ServerError> {
    if what == "twilio_check" {
        staff.services.post.check_sms(staff.member.clinic_id).await?;
        return Ok(Saved::Told("It works: Twilio knows the account and the number.".to_owned()));
    }
    let text = |path: &str| form.get(path).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let account = (what == "twilio").then(|| TwilioAccount {
        account_sid: text("twilio.account_sid").unwrap_or_default(),
        auth_token: text("twilio.auth_token").unwrap_or_default(),
        api_key: api_key(
            text("twilio.api_key.sid"),
            text("twilio.api_key.secret"),
            text("twilio.api_key.forget").is_some(),
        ),
        phone_number: text("twilio.phone_number"),
        messaging_service_sid: text("twilio.messaging_service_sid"),
        webhook_keys: None,
        previous: None,
    });
    let said = if account.is_some() { "Saved. Test the connection to be sure." } else { "The account is forgotten." };
    let fields = ClinicFields { twilio: Some(account), ..ClinicFields::default() };
    let mut tx = staff.tx().await?;
    clinic::update(&mut tx, staff.services.vault.as_ref(), staff.services.clock.now(), &fields).await?;
    tx.commit().await?;
    Ok(done("accounts", said))
}

/// A key of which half is missing is refused, and not left out. None keeps the
/// one that is known.
fn api_key(sid: Option<String>, secret: Option<String>, is_forgotten: bool) -> Option<Option<ApiKey>> {
    if sid.is_none() && secret.is_none() {
        return is_forgotten.then_some(None);
    }
    Some(Some(ApiKey { sid: sid.unwrap_or_default(), secret: secret.unwrap_or_default() }))
}
