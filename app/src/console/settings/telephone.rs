//! How Vapi, which takes the clinic's calls, proves that it is the clinic's.
//! What is typed here is never shown again.

use domain::Rejection;
use services::clinics::settings::{self, Account, ClinicFields};
use services::clinics::vapi::{VapiAccount, VapiHmac};

use super::form::{Answers, Form, Group, Input, Kind, Line};
use super::{Row, Saved, Section, Settings};
use crate::caller::{Staff, edge, is_plain_form};
use crate::error::ServerError;

pub const TAB: &str = "telephone";

/// Whether a form is one of these.
pub fn is_own(what: &str) -> bool {
    what.starts_with("vapi_")
}

/// The address to paste into Vapi, what is set, and the forms to set it.
pub async fn describe(staff: &Staff) -> Result<Settings, ServerError> {
    let url = format!("{}/vapi/{}/webhook", edge()?.public_url, staff.member.clinic_id);
    let account = settings::read(&mut staff.tx().await?).await?.vapi;
    Ok(Settings { sections: vec![standing(&account, url), secret(), signature()], ..Settings::default() })
}

fn standing(account: &Account, url: String) -> Section {
    let (title, details) = match (account.configured, &account.last_four) {
        (false, _) => ("Not connected", "Calls are not answered until a secret is set.".to_owned()),
        (true, Some(last)) => ("Connected", format!("The secret ends in {last}.")),
        (true, None) => ("Connected", "A secret is set.".to_owned()),
    };
    let forget = Form { what: "vapi_forget".into(), submit: "Disconnect".into(), ..Form::default() };
    Section {
        id: "vapi".into(),
        heading: "Vapi".into(),
        text: "Paste this address into Vapi as the server URL of the phone number, with the secret below.".into(),
        rows: vec![
            Row { title: url, details: vec!["Server URL".into()], ..Row::default() },
            Row {
                title: title.into(),
                details: vec![details],
                act: account.configured.then_some(forget),
                ..Row::default()
            },
        ],
        ..Section::default()
    }
}

fn secret() -> Section {
    let input =
        secret_input("vapi.secret", "Sent by Vapi in X-Vapi-Secret, or as a bearer token. At least 16 characters.");
    section(
        "vapi-secret",
        "Secret",
        "The new one takes the place of what was set before.",
        "vapi_secret",
        vec![line(vec![input])],
    )
}

fn signature() -> Section {
    let usual = VapiHmac::default();
    let text = |field: &str, label: &str, value: &str| Input {
        path: path(field),
        label: label.into(),
        value: value.into(),
        ..Input::default()
    };
    let check = |field: &str, label: &str, ticked: bool| Input {
        kind: Kind::Check,
        ..text(field, label, if ticked { "on" } else { "" })
    };
    let choice = |field: &str, label: &str, chosen: &str, options: &[&str]| Input {
        kind: Kind::Choice,
        options: options.iter().map(|option| ((*option).to_owned(), (*option).to_owned())).collect(),
        ..text(field, label, chosen)
    };
    let lines = vec![
        line(vec![secret_input(&path("secret"), "Shared with Vapi, never sent. At least 16 characters.")]),
        line(vec![
            choice("algorithm", "Algorithm", &usual.algorithm, &["sha256", "sha512", "sha1"]),
            choice("signature_encoding", "Encoding", &usual.signature_encoding, &["hex", "base64"]),
        ]),
        Line {
            fold: Some("As set in Vapi".into()),
            inputs: vec![
                text("signature_header", "Signature header", &usual.signature_header),
                text("signature_prefix", "Before the signature", &usual.signature_prefix),
                text("timestamp_header", "Time header", &usual.timestamp_header),
                text("message_id_header", "Message id header", &usual.message_id_header),
                text("payload_format", "What is signed", &usual.payload_format),
                check("include_timestamp", "A time is included", usual.include_timestamp),
                check("secret_is_base64", "The secret is in base64", usual.secret_is_base64),
            ],
            ..Line::default()
        },
    ];
    let hint =
        "Instead of a secret. A tool with an address of its own then needs ?clinic= and the clinic's id after it.";
    section("vapi-hmac", "Signed requests", hint, "vapi_hmac", lines)
}

fn section(id: &str, heading: &str, text: &str, what: &str, lines: Vec<Line>) -> Section {
    let groups = vec![Group { lines, ..Group::default() }];
    Section {
        id: id.into(),
        heading: heading.into(),
        text: text.into(),
        form: Some(Form { what: what.into(), groups, submit: "Save".into(), ..Form::default() }),
        ..Section::default()
    }
}

fn line(inputs: Vec<Input>) -> Line {
    Line { inputs, ..Line::default() }
}

fn secret_input(path: &str, hint: &str) -> Input {
    Input {
        path: path.into(),
        label: "Secret".into(),
        kind: Kind::Secret,
        hint: hint.into(),
        required: true,
        ..Input::default()
    }
}

fn path(field: &str) -> String {
    format!("vapi.hmac.{field}")
}

/// Sets what a form asks for, instead of what was set before.
pub async fn save(staff: &Staff, what: &str, form: &Answers) -> Result<Saved, ServerError> {
    let fields = ClinicFields { vapi: Some(read(what, form)?), ..ClinicFields::default() };
    let mut tx = staff.tx().await?;
    settings::update(&mut tx, staff.services.vault.as_ref(), staff.services.clock.now(), &fields).await?;
    tx.commit().await?;
    if is_plain_form() {
        leptos_axum::redirect(&format!("/console/settings/{TAB}?saved=yes"));
    }
    Ok(Saved::Done(if what == "vapi_forget" { "Disconnected." } else { "Saved." }.to_owned()))
}

fn read(what: &str, form: &Answers) -> Result<Option<VapiAccount>, Rejection> {
    let given = |path: &str| form.get(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let is_on = |field: &str| form.get(&path(field)).is_some_and(|value| value == "on");
    let usual = VapiHmac::default();
    let or = |field: &str, usual: String| Some(given(&path(field))).filter(|text| !text.is_empty()).unwrap_or(usual);
    match what {
        "vapi_forget" => Ok(None),
        "vapi_secret" => Ok(Some(VapiAccount::Secret(given("vapi.secret")))),
        "vapi_hmac" => Ok(Some(VapiAccount::Hmac(VapiHmac {
            secret: given(&path("secret")),
            secret_is_base64: is_on("secret_is_base64"),
            algorithm: or("algorithm", usual.algorithm),
            signature_header: or("signature_header", usual.signature_header),
            signature_encoding: or("signature_encoding", usual.signature_encoding),
            signature_prefix: given(&path("signature_prefix")),
            include_timestamp: is_on("include_timestamp"),
            timestamp_header: or("timestamp_header", usual.timestamp_header),
            payload_format: or("payload_format", usual.payload_format),
            message_id_header: or("message_id_header", usual.message_id_header),
        }))),
        _ => Err(Rejection::not_found()),
    }
}
