//! An e-mail as it leaves: in plain words, in HTML, and with the visit for the
//! patient's calendar.

use chrono::{DateTime, Utc};
use domain::colour::{self, Accent};
use domain::contact;
use domain::language::Language;
use domain::template::Kind;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};

use super::outbox::OutboxId;
use super::writing::Written;
use crate::booking::calendar_file::Method;
use crate::clinics::Profile;
use crate::clinics::smtp::SmtpAccount;

mod html;

/// What an e-mail is made of.
#[derive(Debug)]
pub struct Letter<'a> {
    pub id: OutboxId,
    pub kind: Option<Kind>,
    pub language: Language,
    pub to: &'a str,
    pub words: &'a Written,
    pub clinic: &'a Profile,
    /// Where the patient goes on.
    pub link: Option<&'a str>,
    /// Where they say that they want no more of these.
    pub unsubscribe: Option<&'a str>,
    pub calendar: Option<Invitations>,
}

/// What an e-mail does in the patient's calendar.
#[derive(Clone, Debug)]
pub struct Invitations {
    pub method: Method,
    /// The visit that the e-mail is about.
    pub visit: String,
    /// Visits that were booked with it: a calendar takes one from each file.
    pub others: Vec<String>,
}

/// Why an e-mail cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Unmailable {
    #[error("The address cannot be written to.")]
    Address(#[from] lettre::address::AddressError),
    #[error("The e-mail could not be put together.")]
    Parts(#[from] lettre::error::Error),
    #[error("The e-mail could not be put together.")]
    Type(#[from] lettre::message::header::ContentTypeErr),
}

impl Letter<'_> {
    /// The e-mail, from this account.
    ///
    /// # Errors
    ///
    /// When an address is none.
    pub fn message(&self, now: DateTime<Utc>, account: &SmtpAccount) -> Result<Message, Unmailable> {
        let name = account.from_name.clone().unwrap_or_else(|| one_line(&self.clinic.name));
        let from = Mailbox::new(Some(name), account.from_address.parse()?);
        let mut builder = Message::builder()
            .message_id(Some(format!("<{}@{}>", self.id, from.email.domain())))
            .date(now.into())
            .from(from)
            .to(Mailbox::new(None, self.to.parse()?))
            .subject(one_line(self.words.subject.as_deref().unwrap_or(&self.clinic.name)))
            // Nobody is to be told by a machine that somebody is on holiday.
            .raw_header(header("Auto-Submitted", "auto-generated"));
        let answers = account.reply_to.as_ref().or(self.clinic.email.as_ref());
        if let Some(answers) = answers.and_then(|address| address.parse().ok()) {
            builder = builder.reply_to(Mailbox::new(None, answers));
        }
        if let Some(link) = self.unsubscribe {
            builder = builder.raw_header(header("List-Unsubscribe", &format!("<{link}>")));
            // One-click is for links that nobody reads along (RFC 8058, 3.1).
            if link.starts_with("https://") {
                builder = builder.raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
            }
        }
        let readable = MultiPart::alternative()
            .singlepart(SinglePart::plain(self.text()))
            .singlepart(SinglePart::html(html::page(self)));
        let Some(calendar) = &self.calendar else { return Ok(builder.multipart(readable)?) };
        let kind = format!("text/calendar; charset=utf-8; method={}", calendar.method.as_str());
        let part = SinglePart::builder().header(ContentType::parse(&kind)?).body(calendar.visit.clone());
        // Some programs look for the part, some for the file.
        let mut all = MultiPart::mixed().multipart(readable.singlepart(part));
        for (file, number) in std::iter::once(&calendar.visit).chain(&calendar.others).zip(1..) {
            let name = if number == 1 { "visit.ics".to_owned() } else { format!("visit-{number}.ics") };
            all = all.singlepart(Attachment::new(name).body(file.clone(), ContentType::parse("application/ics")?));
        }
        Ok(builder.multipart(all)?)
    }

    /// The words, with the link if they lack it, and the clinic below.
    fn text(&self) -> String {
        let mut text = self.body();
        if let Some(link) = self.missing_link() {
            text.push_str(&format!("\n\n{}:\n\n{link}", self.label()));
        }
        // Two hyphens and a space begin what stands below the words (RFC 3676,
        // 4.3).
        text.push_str("\n\n-- \n");
        text.push_str(&self.below().join("\n"));
        if let Some((sentence, link)) = self.way_out() {
            text.push_str(&format!("\n\n{sentence}\n{link}"));
        }
        text
    }

    /// The words, whatever ends their lines.
    fn body(&self) -> String {
        self.words.body.trim().replace("\r\n", "\n")
    }

    /// The link, where the clinic's own words leave it out.
    fn missing_link(&self) -> Option<&str> {
        self.link.filter(|link| !self.words.body.contains(link))
    }

    /// The clinic's name, address and telephone.
    fn below(&self) -> Vec<String> {
        let phone = self.clinic.phone.as_deref().map(|phone| contact::written(phone, &self.clinic.country));
        let lines = [Some(self.clinic.name.clone()), self.clinic.address.clone(), phone];
        lines.into_iter().flatten().map(|line| one_line(&line)).collect()
    }

    fn way_out(&self) -> Option<(&'static str, &str)> {
        let sentence = match self.language {
            Language::English => "To get no more e-mail from us:",
            Language::Spanish => "Para no recibir más correos nuestros:",
        };
        Some((sentence, self.unsubscribe?))
    }

    /// What the link is for.
    fn label(&self) -> &'static str {
        match (self.kind, self.language) {
            (Some(Kind::Confirmation | Kind::Change | Kind::Reminder), Language::English) => "See or change your visit",
            (Some(Kind::Confirmation | Kind::Change | Kind::Reminder), Language::Spanish) => "Ver o cambiar su cita",
            (Some(Kind::Cancellation), Language::English) => "Book another visit",
            (Some(Kind::Cancellation), Language::Spanish) => "Pedir otra cita",
            (Some(Kind::WaitlistOffer), Language::English) => "Take this time",
            (Some(Kind::WaitlistOffer), Language::Spanish) => "Tomar esta hora",
            (_, Language::English) => "Go on",
            (_, Language::Spanish) => "Continuar",
        }
    }

    fn accent(&self) -> Accent {
        colour::accent(&self.clinic.accent).unwrap_or_else(|| Accent {
            light: "#1f2937".into(),
            on_light: "#ffffff".into(),
            dark: "#e5e7eb".into(),
            on_dark: "#111827".into(),
        })
    }
}

fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn header(name: &'static str, text: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), text.into())
}
