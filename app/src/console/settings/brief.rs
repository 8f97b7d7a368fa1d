//! What a language model is told of the clinic's own: the draft, what patients
//! meet, and every version there was.

use domain::{FieldError, Rejection, say};
use services::receptionist::brief::{self, Brief, Version};
use services::receptionist::settings::{Fields, Settings as Set};
use services::{ClinicTx, clinics};

use super::describing::{button, input, line, needed};
use super::form::{Answers, Form, Group, Input, Kind};
use super::receptionist::{DRAFT, PUBLISH, RESTORE, TAB, path};
use super::{Row, Section, Settings};
use crate::error::ServerError;

/// The draft, what patients meet now, and the versions.
pub async fn describe(tx: &mut ClinicTx, set: &Set) -> Result<Vec<Section>, ServerError> {
    let zone = clinics::time_zone(tx).await?;
    let versions = brief::versions(tx).await?;
    Ok(vec![draft(set), live(set, versions.first(), zone), listed(set, &versions, zone)])
}

fn draft(set: &Set) -> Section {
    let draft = &set.draft;
    let long = |field: &str, label: &str, hint: &str, value: &str, longest: u16| {
        let hint = hint.to_owned();
        line(vec![Input { hint, longest: Some(longest), ..input(Kind::Long, path(field), label, value.to_owned()) }])
    };
    let number = |field: &str, label: &str, value: String, range: (i32, i32)| Input {
        range: Some(range),
        ..needed(Kind::Number, &path(field), label, value)
    };
    let words = vec![
        long("tone", "Tone", "For example: warm and brief, first names.", &draft.tone, 500),
        long("greeting_rules", "How to greet patients", "", &draft.greeting_rules, 2_000),
        long(
            "draft",
            "Rules",
            "Plain sentences, such as: offer mornings first. They never outweigh what keeps patients safe. What it may say \
             of insurance, payment or parking has to stand here, in each language it answers in.",
            &draft.rules,
            8_000,
        ),
    ];
    let chat = Input {
        hint: "Leave it empty for as long as it takes.".into(),
        ..input(
            Kind::Text,
            path("web_characters"),
            "Characters in the chat",
            draft.web_characters.map(|most| most.to_string()).unwrap_or_default(),
        )
    };
    let lengths = vec![line(vec![
        chat,
        number("sms_characters", "Characters in a text", draft.sms_characters.to_string(), (70, 1_600)),
        number("voice_sentences", "Sentences on the phone", draft.voice_sentences.to_string(), (1, 6)),
    ])];
    Section {
        id: "told".into(),
        heading: "Draft of what it is told".into(),
        text: format!("For a language model. {}", standing(set)),
        add: Some((format!("/console/settings/{TAB}/try"), "Try the draft".into())),
        form: Some(Form {
            what: DRAFT.into(),
            groups: vec![
                Group { lines: words, ..Group::default() },
                Group {
                    legend: "Length of answers, at most".into(),
                    hint: "A text that is too long is asked for again.".into(),
                    lines: lengths,
                },
            ],
            submit: "Save draft".into(),
            other: Some((PUBLISH.into(), "Publish".into())),
        }),
        ..Section::default()
    }
}

/// How the draft stands to what patients meet.
fn standing(set: &Set) -> String {
    let different = differences(&set.draft, &set.published);
    match (set.version, different.as_slice()) {
        (0, _) => "Nothing is published. What is drafted here counts once it is.".to_owned(),
        (version, []) => format!("Version {version} is published. The draft says the same."),
        (version, [one]) => format!("Version {version} is published. The draft has another {one}, which is not."),
        (version, [some @ .., last]) => {
            format!(
                "Version {version} is published. The draft has another {} and {last}, which are not.",
                some.join(", ")
            )
        }
    }
}

fn differences(draft: &Brief, published: &Brief) -> Vec<&'static str> {
    let lengths = |brief: &Brief| (brief.web_characters, brief.sms_characters, brief.voice_sentences);
    let parts = [
        ("tone", draft.tone != published.tone),
        ("way to greet", draft.greeting_rules != published.greeting_rules),
        ("set of rules", draft.rules != published.rules),
        ("length of answers", lengths(draft) != lengths(published)),
    ];
    parts.into_iter().filter_map(|(part, differs)| differs.then_some(part)).collect()
}

fn live(set: &Set, newest: Option<&Version>, zone: chrono_tz::Tz) -> Section {
    Section {
        id: "live".into(),
        heading: "What patients meet now".into(),
        text: match newest {
            Some(version) => format!("Version {}, published {}.", version.version, published(version, zone)),
            None => {
                "Nothing has been published, so a language model is told only how long an answer may be.".to_owned()
            }
        },
        rows: parts(&set.published),
        ..Section::default()
    }
}

/// A brief, part by part.
fn parts(brief: &Brief) -> Vec<Row> {
    let text = |title: &str, text: &str, none: &str| {
        let lines: Vec<String> = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        let details = if lines.is_empty() { vec![none.to_owned()] } else { lines };
        Row { title: title.into(), details, ..Row::default() }
    };
    vec![
        text("Tone", &brief.tone, "None in particular."),
        text("How to greet patients", &brief.greeting_rules, "As it likes."),
        text("Rules", &brief.rules, "No rules."),
        text("Length of answers, at most", &lengths(brief), ""),
    ]
}

fn lengths(brief: &Brief) -> String {
    let chat = match brief.web_characters {
        Some(most) => format!("{most} characters in the chat"),
        None => "As long as it takes in the chat".to_owned(),
    };
    let sentences = match brief.voice_sentences {
        1 => "1 sentence".to_owned(),
        most => format!("{most} sentences"),
    };
    format!("{chat}, {} characters in a text, {sentences} on the phone.", brief.sms_characters)
}

fn listed(set: &Set, versions: &[Version], zone: chrono_tz::Tz) -> Section {
    let rows = versions.iter().map(|version| {
        let brief = &version.brief;
        let said = [("Tone", &brief.tone), ("Greeting", &brief.greeting_rules), ("Rules", &brief.rules)];
        let said = said.into_iter().filter(|(_, text)| !text.is_empty());
        let said = said.map(|(part, text)| format!("{part}: {}", opening(text)));
        let state = if version.version == set.version { "Live" } else { "Earlier" };
        Row {
            title: format!("Version {}", version.version),
            details: [format!("{state}. Published {}.", published(version, zone))]
                .into_iter()
                .chain(said)
                .chain([lengths(brief)])
                .collect(),
            href: Some(format!("/console/settings/{TAB}?item={}", version.version)),
            act: restore(set, version),
        }
    });
    Section {
        id: "versions".into(),
        heading: "Published versions".into(),
        rows: rows.collect(),
        empty: Some("Nothing has been published yet.".into()),
        ..Section::default()
    }
}

fn restore(set: &Set, version: &Version) -> Option<Form> {
    let number = version.version.to_string();
    (version.brief != set.draft).then(|| button(RESTORE, "Restore as draft", [("version", number)]))
}

fn published(version: &Version, zone: chrono_tz::Tz) -> String {
    let who = version.published_by.as_deref().unwrap_or("a program");
    let day = say::long_day(version.published_at.with_timezone(&zone).date_naive());
    format!("{day}, {}, by {who}", say::time(version.published_at, zone))
}

/// The beginning of a text.
fn opening(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(120).collect();
    if cut.len() < text.len() { format!("{cut} …") } else { cut }
}

/// One version on a page of its own.
pub async fn one_version(tx: &mut ClinicTx, set: &Set, version: &Version) -> Result<Settings, ServerError> {
    let zone = clinics::time_zone(tx).await?;
    let standing = Row {
        title: if version.version == set.version { "Published now" } else { "Published before" }.into(),
        details: vec![published(version, zone)],
        act: restore(set, version),
        ..Row::default()
    };
    let section = Section {
        id: "version".into(),
        heading: format!("Version {}", version.version),
        rows: std::iter::once(standing).chain(parts(&version.brief)).collect(),
        ..Section::default()
    };
    let back = Some((format!("/console/settings/{TAB}"), "Receptionist".to_owned()));
    Ok(Settings { back, sections: vec![section], ..Settings::default() })
}

/// The draft as it was filled in; what the form lacks stays as it is.
pub fn read(form: &Answers) -> Result<Fields, Rejection> {
    let text = |field: &str| form.get(&path(field)).cloned();
    let mut errors = Vec::new();
    let mut number = |field: &str| {
        let number = text(field)?.trim().parse::<i64>().ok();
        if number.is_none() {
            errors.push(FieldError { field: path(field), message: "Please give a whole number.".into() });
        }
        number
    };
    let narrow = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let sms_characters = number("sms_characters").map(narrow);
    let voice_sentences = number("voice_sentences").map(|number| i16::try_from(number).unwrap_or(i16::MAX));
    let web_characters = match text("web_characters") {
        Some(empty) if empty.trim().is_empty() => Some(None),
        Some(_) => number("web_characters").map(|number| Some(narrow(number))),
        None => None,
    };
    if !errors.is_empty() {
        return Err(Rejection::invalid_fields(errors));
    }
    Ok(Fields {
        tone: text("tone"),
        greeting_rules: text("greeting_rules"),
        draft: text("draft"),
        web_characters,
        sms_characters,
        voice_sentences,
        ..Fields::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(version: i32, draft: Brief) -> Set {
        Set {
            model: None,
            temperature: None,
            tokens_per_conversation: 1,
            tokens_per_day: 1,
            far_days: 30,
            most_followups: 2,
            prices: Default::default(),
            draft,
            version,
            published: Brief::default(),
        }
    }

    #[test]
    fn what_is_not_published_is_named() {
        let one = Brief { tone: "Warm".into(), ..Brief::default() };
        let all =
            Brief { greeting_rules: "By name".into(), rules: "A rule".into(), sms_characters: 160, ..one.clone() };
        for (version, draft, says) in [
            (0, all.clone(), "Nothing is published. What is drafted here counts once it is."),
            (3, Brief::default(), "Version 3 is published. The draft says the same."),
            (3, one, "Version 3 is published. The draft has another tone, which is not."),
            (
                3,
                all,
                "Version 3 is published. The draft has another tone, way to greet, set of rules and length of answers, \
                 which are not.",
            ),
        ] {
            assert_eq!(standing(&set(version, draft)), says);
        }
    }

    #[test]
    fn what_a_form_lacks_stays_and_what_is_emptied_is_empty() {
        let form = |fields: &[(&str, &str)]| -> Answers {
            fields.iter().map(|(field, value)| (path(field), (*value).to_owned())).collect()
        };
        let read_as = |fields: &[(&str, &str)]| read(&form(fields)).unwrap();
        let lacking = read_as(&[("draft", "A rule")]);
        assert_eq!((lacking.draft.as_deref(), lacking.tone, lacking.web_characters), (Some("A rule"), None, None));
        assert_eq!((lacking.sms_characters, lacking.voice_sentences), (None, None));
        let emptied = read_as(&[("tone", ""), ("web_characters", " "), ("sms_characters", "160")]);
        assert_eq!(
            (emptied.tone.as_deref(), emptied.web_characters, emptied.sms_characters),
            (Some(""), Some(None), Some(160))
        );
        let wrong = read(&form(&[("web_characters", "few"), ("sms_characters", ""), ("voice_sentences", "2.5")]));
        let wrong: Vec<String> = wrong.unwrap_err().errors.into_iter().map(|error| error.field).collect();
        assert_eq!(wrong, ["sms_characters", "voice_sentences", "web_characters"].map(path));
    }
}
