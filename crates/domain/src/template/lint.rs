//! What is wrong with a template, said before a patient gets to see it.

use chrono::NaiveDate;

use super::{Field, Kind, ParseError, Piece, Template, Values};
use crate::language::Language;
use crate::sms::segments::{Accents, Segments, fold, is_gsm7, segments};

mod marks;
mod replies;

/// A text is never longer than this many segments, whoever's name is in it.
pub const MOST_SEGMENTS: usize = 3;

/// Where a template is to be used.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub kind: Kind,
    pub medium: Medium,
    pub language: Language,
    /// What becomes of accents when it is sent.
    pub accents: Accents,
    pub types: Types,
}

/// What a template is sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Counted in segments, and answered with keywords.
    Text,
    /// As long as it likes. How to get no more of them stands below each, and
    /// what is answered to it goes to a person.
    Email,
}

/// Whether what visits are for may stand in a text, which anyone who holds the
/// phone may read (HIPAA's minimum necessary, 45 CFR 164.502(b)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Types {
    Open,
    /// Some type of visit that it is sent for is sensitive.
    Sensitive,
}

/// What there is to say about a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Refusals first.
    pub findings: Vec<Finding>,
    /// How long a text gets; none if it cannot be read, and of an e-mail.
    pub length: Option<Length>,
}

/// How long a message gets with the longest names and dates there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// With names in the letters of GSM-7. It is what [`MOST_SEGMENTS`] is
    /// about.
    pub usual: Segments,
    /// With names in other letters, which make the whole text UCS-2.
    pub other_letters: Segments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot be used like this.
    Refusal,
    /// It can, and somebody should think again.
    Warning,
}

/// One thing that is wrong, as a sentence for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    #[error("The message is empty.")]
    Empty,
    #[error(transparent)]
    Unreadable(ParseError),
    #[error("The message does not say who it is from. Write {{clinic}} where the clinic's name belongs.")]
    ClinicMissing,
    #[error("A message of this kind needs {}.", .0.iter().map(Field::to_string).collect::<Vec<_>>().join(" or "))]
    FieldMissing(&'static [Field]),
    #[error("A message of this kind has no {0} to fill in.")]
    FieldNotForKind(Field),
    #[error("{0} would be sent as it stands. Fields are written like {{day}}.")]
    Placeholder(String),
    #[error("The message does not say how to get no more of them. Add \"{}\".", .0.opt_out_line())]
    OptOutMissing(Language),
    #[error(
        "{0} cannot be offered as a reply: carriers and we take it for a wish about all messages. Offer C, R or a number."
    )]
    ForbiddenReply(String),
    #[error("STOP ends all messages, so it can be offered for nothing else.")]
    StopForSomethingElse,
    #[error("A reply of {0} {1}, so it cannot be offered for something else.")]
    ReplyMeansOther(String, &'static str),
    #[error("Locked phones show subjects, so {{code}} does not belong in one. Leave it to the message.")]
    CodeInSubject,
    #[error("What the visit is for is nobody else's business. Leave out {{type}}.")]
    SensitiveType,
    #[error("Carriers block links of {0}, which hide where they lead. Write the whole link.")]
    Shortener(String),
    #[error("With long names it takes {} segments, and {MOST_SEGMENTS} are the most.", .0.count)]
    TooLong(Segments),
    #[error("{0} makes the message UCS-2, so that it takes more than twice the segments.")]
    NotGsm7(String),
    #[error("Words in capitals read as shouting, and carriers take them for spam.")]
    Shouting,
}

impl Finding {
    pub const fn severity(&self) -> Severity {
        match self {
            Self::NotGsm7(_) | Self::Shouting => Severity::Warning,
            _ => Severity::Refusal,
        }
    }
}

impl Language {
    const fn opt_out_line(self) -> &'static str {
        match self {
            Self::English => "Reply STOP to opt out.",
            Self::Spanish => "Responda STOP para darse de baja.",
        }
    }
}

/// Reads `text` as a message and says all that is wrong with it. What is
/// accepted [renders](Template::render) for every visit that has a value for
/// each of its fields, and as a text in at most [`MOST_SEGMENTS`] segments
/// unless a name is in letters that GSM-7 lacks.
pub fn lint(text: &str, context: &Context) -> Report {
    let template: Template = match text.parse() {
        Ok(template) => template,
        Err(error) => return Report { findings: vec![Finding::Unreadable(error)], length: None },
    };
    if text.trim().is_empty() {
        return Report { findings: vec![Finding::Empty], length: None };
    }
    let is_text = context.medium == Medium::Text;
    let length = is_text.then(|| length(&template, context));
    let mut findings = missing(&template, context);
    findings.extend(out_of_place(&template, context));
    if is_text {
        findings.extend(replies::findings(&template, context));
    }
    findings.extend(marks::placeholders(&template).map(Finding::Placeholder));
    findings.extend(marks::shorteners(&template).map(|host| Finding::Shortener(host.into())));
    findings
        .extend(length.map(|length| length.usual).filter(|usual| usual.count > MOST_SEGMENTS).map(Finding::TooLong));
    if is_text {
        findings.extend(not_gsm7(&template, context.accents).map(Finding::NotGsm7));
    }
    findings.extend(marks::is_shouting(&template).then_some(Finding::Shouting));
    Report { findings, length }
}

/// Reads `text` as the subject of an e-mail and says all that is wrong with it.
/// What its body has to say, a subject need not.
pub fn lint_subject(text: &str, context: &Context) -> Vec<Finding> {
    let template: Template = match text.parse() {
        Ok(template) => template,
        Err(error) => return vec![Finding::Unreadable(error)],
    };
    if text.trim().is_empty() {
        return vec![Finding::Empty];
    }
    let mut findings = out_of_place(&template, context);
    let has_code = template.fields().any(|field| field == Field::Code);
    findings.extend((has_code && context.kind == Kind::OneTimeCode).then_some(Finding::CodeInSubject));
    findings.extend(marks::placeholders(&template).map(Finding::Placeholder));
    findings.extend(marks::shorteners(&template).map(|host| Finding::Shortener(host.into())));
    findings.extend(marks::is_shouting(&template).then_some(Finding::Shouting));
    findings
}

fn missing(template: &Template, context: &Context) -> Vec<Finding> {
    let has = |field: &Field| template.fields().any(|other| other == *field);
    let clinic = (!has(&Field::Clinic)).then_some(Finding::ClinicMissing);
    // A text is answered with 1, an e-mail by nothing but its link.
    let is_mailed_offer = context.medium == Medium::Email && context.kind == Kind::WaitlistOffer;
    let link: &[&[Field]] = if is_mailed_offer { &[&[Field::Link]] } else { &[] };
    let needs = context.kind.needs().iter().chain(link).filter(|need| !need.iter().any(has));
    clinic.into_iter().chain(needs.map(|need| Finding::FieldMissing(need))).collect()
}

fn out_of_place(template: &Template, context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    for field in template.fields() {
        let finding = if !context.kind.knows().contains(&field) {
            Finding::FieldNotForKind(field)
        } else if field == Field::Type && context.types == Types::Sensitive {
            Finding::SensitiveType
        } else {
            continue;
        };
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

/// The characters that no folding makes GSM-7, each once.
fn not_gsm7(template: &Template, accents: Accents) -> Option<String> {
    let text: String = template.pieces().iter().filter_map(Piece::as_text).collect();
    let folded = fold(&text, accents);
    let mut characters = String::new();
    for letter in folded.chars().filter(|letter| !is_gsm7(letter.encode_utf8(&mut [0; 4]))) {
        if !characters.contains(letter) {
            characters.push(letter);
        }
    }
    (!characters.is_empty()).then_some(characters)
}

fn length(template: &Template, context: &Context) -> Length {
    let most = |end: char| longest_messages(template, context, end).max_by_key(|length| (length.count, length.units));
    // Both always have messages to choose from.
    let nothing = segments("");
    Length { usual: most('m').unwrap_or(nothing), other_letters: most('李').unwrap_or(nothing) }
}

/// The message with names that are as long as can be and end with `end`, on
/// the day with the longest name and on one whose name has an accent.
fn longest_messages(template: &Template, context: &Context, end: char) -> impl Iterator<Item = Segments> {
    let name = move |field: Field| "m".repeat(field.longest() - 1) + &String::from(end);
    let whole = |field: Field| "m".repeat(field.longest());
    // A Wednesday and a Saturday in September, late.
    let days = [30, 26].into_iter().filter_map(|day| NaiveDate::from_ymd_opt(2026, 9, day)?.and_hms_opt(22, 30, 0));
    days.filter_map(move |at| {
        let values = Values {
            clinic: Some(&name(Field::Clinic)),
            patient: Some(&name(Field::Patient)),
            practitioner: Some(&name(Field::Practitioner)),
            appointment_type: Some(&name(Field::Type)),
            starts_at: Some(at),
            code: Some(&whole(Field::Code)),
            link: Some(&whole(Field::Link)),
            phone: Some(&whole(Field::Phone)),
            address: Some(&name(Field::Address)),
            until: Some(&whole(Field::Until)),
        };
        let message = template.render(context.language, &values).ok()?;
        Some(segments(&fold(&message, context.accents)))
    })
}

#[cfg(test)]
mod tests;
