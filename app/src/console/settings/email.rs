//! By which server e-mail leaves, and trying it.

use domain::{Rejection, RejectionCode};
use services::clinics::settings::{self, ClinicFields};
use services::clinics::smtp::{SmtpAccount, SmtpSecurity};
use services::messaging::post::EmailGateway;

use super::describing::{button, choice, input, line, needed};
use super::form::{Answers, Form, Group, Kind};
use super::{Row, Saved, Section, Settings};
use crate::caller::{Staff, is_plain_form};
use crate::error::ServerError;

/// What these forms ask for.
pub const CHANGES: [&str; 3] = [SET, FORGET, TRY];
const SET: &str = "smtp";
const FORGET: &str = "forget_smtp";
const TRY: &str = "try_email";

/// By which server mail leaves, and, for whoever may change it, the form.
pub async fn describe(staff: &Staff, may_change: bool) -> Result<Settings, ServerError> {
    let mut tx = staff.tx().await?;
    let own = own(staff, &mut tx).await?;
    let gateway = staff.services.post.email(&mut tx).await?;
    let has_server = !matches!(gateway, EmailGateway::Local);
    let text = match (&own, gateway) {
        (Some(account), _) => format!("E-mail to patients leaves by {}, from {}.", account.host, account.from_address),
        (None, EmailGateway::Smtp(account)) => format!(
            "E-mail to patients leaves by the platform's server, from {}. With a server of your own it comes from you.",
            account.from_address
        ),
        (None, EmailGateway::Local) => {
            "No mail server is set. E-mail to patients is written, and stays here unsent.".to_owned()
        }
    };
    let row = |title: String, act: Form| Row { title, act: Some(act), ..Row::default() };
    let mut rows = Vec::new();
    if has_server {
        let title = format!("A test message goes to {}.", staff.member.email);
        rows.push(row(title, button(TRY, "Send a test message to myself", [])));
    }
    if let Some(account) = &own {
        let title = match account.password {
            Some(_) => "The server's password is kept sealed.",
            None => "No password is kept for the server.",
        };
        rows.push(row(title.into(), button(FORGET, "Forget this server", [])));
    }
    let server = Section {
        id: "email".into(),
        heading: "Mail server".into(),
        text,
        rows: if may_change { rows } else { Vec::new() },
        form: may_change.then(|| form(own.as_ref())),
        ..Section::default()
    };
    Ok(Settings { sections: vec![server], ..Settings::default() })
}

fn form(own: Option<&SmtpAccount>) -> Form {
    let known = |read: fn(&SmtpAccount) -> Option<String>| own.and_then(read).unwrap_or_default();
    let security = match own.map(|account| account.security).unwrap_or_default() {
        SmtpSecurity::StartTls => "starttls",
        SmtpSecurity::Tls => "tls",
        SmtpSecurity::None => "none",
    };
    let port = own.map_or(587, |account| account.port);
    let kinds = [
        ("starttls", "STARTTLS (mostly port 587)"),
        ("tls", "TLS from the start (mostly port 465)"),
        ("none", "None: a server on the same machine"),
    ];
    let mut password = input(Kind::Secret, "smtp.password", "Password", String::new());
    if own.is_some_and(|account| account.password.is_some()) {
        password.hint = "Leave it empty to keep the one there is.".into();
    }
    let lines = vec![
        line(vec![
            needed(Kind::Text, "smtp.host", "Server", known(|account| Some(account.host.clone()))),
            needed(Kind::Number, "smtp.port", "Port", port.to_string()),
        ]),
        line(vec![choice("smtp.security", "Kept private by", security, &kinds)]),
        line(vec![
            input(Kind::Text, "smtp.username", "User name", known(|account| account.username.clone())),
            password,
        ]),
        line(vec![
            needed(
                Kind::Text,
                "smtp.from_address",
                "Mail is from",
                known(|account| Some(account.from_address.clone())),
            ),
            input(Kind::Text, "smtp.from_name", "Under the name", known(|account| account.from_name.clone())),
        ]),
        line(vec![input(Kind::Text, "smtp.reply_to", "Answers go to", known(|account| account.reply_to.clone()))]),
    ];
    Form {
        what: SET.into(),
        groups: vec![Group { lines, ..Group::default() }],
        submit: "Save mail server".into(),
        ..Form::default()
    }
}

/// Does what one of the forms asks for.
pub async fn save(staff: &Staff, what: &str, form: &Answers) -> Result<Saved, ServerError> {
    let (said, query) = match what {
        TRY => {
            let tried = staff.services.post.try_email(staff.member.clinic_id, &staff.member.email).await?;
            tried.map_err(|why| Rejection::new(RejectionCode::Unavailable, why.to_string()))?;
            ("The mail server took it. Please look into your mailbox.", "sent=yes")
        }
        _ => {
            set(staff, (what == SET).then_some(form)).await?;
            ("Saved.", "saved=yes")
        }
    };
    if is_plain_form() {
        leptos_axum::redirect(&format!("/console/settings/email?{query}"));
    }
    Ok(Saved::Done(said.into()))
}

/// Sets the server that the form describes, or forgets the one there is.
async fn set(staff: &Staff, form: Option<&Answers>) -> Result<(), ServerError> {
    let (services, mut tx) = (&staff.services, staff.tx().await?);
    let account = match form {
        Some(form) => Some(read(form, own(staff, &mut tx).await?)),
        None => None,
    };
    let fields = ClinicFields { smtp: Some(account), ..ClinicFields::default() };
    settings::update(&mut tx, services.vault.as_ref(), services.clock.now(), &fields).await?;
    tx.commit().await?;
    Ok(())
}

/// The account that a form describes. A password that was left empty stays,
/// but only for the server and the name that it was given for.
fn read(form: &Answers, known: Option<SmtpAccount>) -> SmtpAccount {
    let given = |path: &str| form.get(path).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (host, username) = (given("smtp.host").unwrap_or_default(), given("smtp.username"));
    let kept = known.filter(|known| known.host == host && known.username == username);
    SmtpAccount {
        port: given("smtp.port").and_then(|port| port.parse().ok()).unwrap_or_default(),
        security: match form.get("smtp.security").map(String::as_str) {
            Some("tls") => SmtpSecurity::Tls,
            Some("none") => SmtpSecurity::None,
            _ => SmtpSecurity::StartTls,
        },
        password: form
            .get("smtp.password")
            .filter(|typed| !typed.is_empty())
            .cloned()
            .or_else(|| kept.and_then(|kept| kept.password)),
        from_address: given("smtp.from_address").unwrap_or_default(),
        from_name: given("smtp.from_name"),
        reply_to: given("smtp.reply_to"),
        host,
        username,
    }
}

async fn own(staff: &Staff, tx: &mut services::ClinicTx) -> Result<Option<SmtpAccount>, ServerError> {
    let Some(vault) = &staff.services.vault else { return Ok(None) };
    Ok(vault.get(tx, "smtp").await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(host: &str, username: &str, password: &str) -> Answers {
        let fields =
            [("smtp.host", host), ("smtp.username", username), ("smtp.password", password), ("smtp.port", "587")];
        fields.map(|(path, value)| (path.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn a_password_is_kept_for_the_server_it_was_given_for_and_no_other() {
        let known = read(&answers("mail.example.com", "desk", "secret"), None);
        let password = |host, username, typed| read(&answers(host, username, typed), Some(known.clone())).password;
        assert_eq!(password("mail.example.com", "desk", "").as_deref(), Some("secret"));
        assert_eq!(password("mail.example.com", "desk", "new").as_deref(), Some("new"));
        assert_eq!(password("mail.example.org", "desk", ""), None);
        assert_eq!(password("mail.example.com", "other", ""), None);
    }
}
