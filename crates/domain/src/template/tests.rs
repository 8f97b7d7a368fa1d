//! Templates read back, say what is missing, and render on every kind of day.

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn parsed(text: &str) -> Template {
    text.parse().unwrap()
}

fn at(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn visit() -> Values<'static> {
    Values {
        clinic: Some("Bloom Wellness Studio"),
        patient: Some("Ada"),
        practitioner: Some("Mia Chen"),
        appointment_type: Some("Massage"),
        starts_at: Some(at("2026-11-24T14:00:00")),
        code: Some("7K3M9QXT"),
        link: Some("https://bloom.example/m/abc"),
        phone: Some("(555) 123-0100"),
        address: Some("12 Elm Street"),
        until: Some("2:30 PM"),
    }
}

fn rendered(text: &str, language: Language, values: &Values<'_>) -> Result<String, MissingValue> {
    parsed(text).render(language, values)
}

#[test]
fn fields_are_filled_in_each_language() {
    let text =
        "{clinic}: {patient}, {type} with {practitioner} on {day}, {time} ({date}). {code} {link} {phone} {address}";
    assert_eq!(
        rendered(text, Language::English, &visit()).unwrap(),
        "Bloom Wellness Studio: Ada, Massage with Mia Chen on Tue 24 Nov, 2:00 PM (Tuesday 24 November 2026). 7K3M9QXT \
         https://bloom.example/m/abc (555) 123-0100 12 Elm Street",
    );
    assert_eq!(
        rendered("{day}, {time}. {date}", Language::Spanish, &visit()).unwrap(),
        "mar 24 nov, 2:00 p. m. martes 24 de noviembre de 2026",
        "a time that ends with a full stop ends the sentence",
    );
}

#[test]
fn a_missing_or_blank_value_is_an_error_and_never_a_word() {
    for field in Field::ALL {
        assert_eq!(rendered(&field.to_string(), Language::English, &Values::default()), Err(MissingValue(field)));
    }
    for blank in ["", "  ", "\n\u{a0}\t"] {
        let values = Values { patient: Some(blank), ..visit() };
        assert_eq!(rendered("Hi {patient}", Language::English, &values), Err(MissingValue(Field::Patient)));
    }
    assert!(rendered("Hi", Language::English, &Values::default()).is_ok(), "what is not needed is not missed");
}

#[test]
fn braces_are_doubled_to_be_braces() {
    assert_eq!(rendered("{{day}} }} {{", Language::English, &Values::default()).unwrap(), "{day} } {");
    assert_eq!(parsed("{ Clinic }").pieces(), [Piece::Field(Field::Clinic)]);
}

#[test]
fn mistakes_are_pointed_at() {
    use ParseError::{StrayBrace, UnclosedBrace, UnknownField};
    let error = |text: &str| text.parse::<Template>().unwrap_err();
    assert_eq!(error("Hé {day"), UnclosedBrace { at: 3 });
    assert_eq!(error("{day\n}"), UnclosedBrace { at: 0 });
    assert_eq!(error("{day}}"), StrayBrace { at: 5 });
    for (typed, meant) in [
        ("pateint", Some(Field::Patient)),
        ("practicioner", Some(Field::Practitioner)),
        ("tme", Some(Field::Time)),
        ("doctor", Some(Field::Practitioner)),
        ("Dirección", Some(Field::Address)),
        ("adress", Some(Field::Address)),
        ("weather", None),
        ("xyz", None),
    ] {
        let name = typed.to_lowercase();
        assert_eq!(error(&format!("{{{typed}}}")), UnknownField { name, at: 0, meant }, "{typed}");
    }
    assert_eq!(
        error("{day").to_string(),
        "The brace at character 1 is not closed. Write {{ for a brace that is meant as one.",
    );
}

#[test]
fn long_names_are_cut_after_a_word_and_links_are_not() {
    let name = "Doña María de los Ángeles Fernández de Córdoba y Álvarez de Toledo";
    let values = Values { practitioner: Some(name), link: Some("x"), ..visit() };
    assert_eq!(
        rendered("{practitioner}", Language::Spanish, &values).unwrap(),
        "Doña María de los Ángeles Fernández de Córdoba y",
    );
    let (link, name) = ("l".repeat(300), "n".repeat(300));
    let values = Values { link: Some(&link), practitioner: Some(&name), ..visit() };
    assert_eq!(rendered("{link}", Language::English, &values).unwrap(), link);
    assert_eq!(rendered("{practitioner}", Language::English, &values).unwrap().len(), Field::Practitioner.longest());
}

#[test]
fn dates_are_never_longer_than_was_reckoned() {
    for day in NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().iter_days().take(7 * 366) {
        for language in Language::ALL {
            for (field, text) in [(Field::Day, language.day(day)), (Field::Date, language.date(day))] {
                assert!(text.chars().count() <= field.longest(), "{text}");
            }
        }
    }
    for language in Language::ALL {
        assert!(language.time(at("2026-01-01T22:30:00").time()).chars().count() <= Field::Time.longest());
    }
}

#[test]
fn a_kind_reads_back_as_it_is_stored() {
    for kind in Kind::ALL {
        assert_eq!(Kind::try_from(kind.as_str().to_owned()).unwrap(), kind);
        let needed = kind.needs().iter().flat_map(|need| need.iter());
        assert!(needed.chain(&[Field::Clinic]).all(|field| kind.knows().contains(field)), "{kind:?}");
    }
    assert!(Kind::try_from("postcard".to_owned()).is_err());
}

#[test]
fn every_subject_names_the_clinic_and_no_secret() {
    for kind in Kind::ALL {
        for language in Language::ALL {
            let subject = parsed(default_subject(kind, language));
            assert!(subject.fields().any(|field| field == Field::Clinic), "{subject}");
            let secret = [Field::Code, Field::Type, Field::Link];
            assert!(!subject.fields().any(|field| secret.contains(&field)), "{subject}");
            assert!(subject.fields().all(|field| kind.knows().contains(&field)), "{subject}");
            assert!(subject.render(language, &visit()).unwrap().chars().count() <= 78, "{subject}");
        }
    }
}

#[test]
fn a_reminder_reads_as_promised() {
    let english = parsed(default_sms(Kind::Reminder, Language::English));
    assert_eq!(
        english.render(Language::English, &visit()).unwrap(),
        "Bloom Wellness Studio: a reminder of your visit on Tue 24 Nov, 2:00 PM. Reply C to confirm, R to change. STOP \
         to opt out.",
    );
    let spanish = parsed(default_sms(Kind::Reminder, Language::Spanish));
    assert_eq!(
        spanish.render(Language::Spanish, &visit()).unwrap(),
        "Bloom Wellness Studio: le recordamos su cita del mar 24 nov, 2:00 p. m. Responda C para confirmar, R para \
         cambiar. STOP para darse de baja.",
    );
}

proptest! {
    #[test]
    fn a_template_reads_back_from_its_text(pieces in proptest::collection::vec(
        prop_oneof![
            "[a-z {}\\[é🙂]{1,8}".prop_map(Piece::Text),
            select(Field::ALL.to_vec()).prop_map(Piece::Field),
        ],
        0..8,
    )) {
        let template = Template { pieces };
        let text = template.to_string();
        prop_assert_eq!(parsed(&text).to_string(), text);
    }

    #[test]
    fn no_text_breaks_the_reader(text: String, braces in "[{}day ]{0,30}") {
        let _ = (text.parse::<Template>(), braces.parse::<Template>());
    }

    #[test]
    fn no_value_breaks_a_line(value: String) {
        let values = Values { patient: Some(&value), link: Some(&value), ..visit() };
        if let Ok(message) = rendered("{patient}|{link}", Language::English, &values) {
            prop_assert!(!message.contains(char::is_control));
        }
    }
}

#[cfg(feature = "server")]
mod over_clock_changes {
    use chrono::{DateTime, Duration, Offset, TimeZone, Utc};
    use chrono_tz::{TZ_VARIANTS, Tz};

    use super::*;
    use crate::sms::segments::{Accents, fold, segments};
    use crate::template::lint::MOST_SEGMENTS;

    /// An instant within three hours of a clock change somewhere.
    fn near_a_change(zone: Tz, from: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
        let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        let changes = |at: &DateTime<Utc>, within: Duration| offset(*at) != offset(*at + within);
        let day = (0..400).map(|day| from + Duration::days(day)).find(|day| changes(day, Duration::days(1)));
        let hours = day.into_iter().flat_map(|day| (0..24).map(move |hour| day + Duration::hours(hour)));
        let change = hours.into_iter().find(|hour| changes(hour, Duration::hours(1)));
        change.unwrap_or(from) + Duration::minutes(minutes)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn every_default_renders_for_every_visit(
            zone in select(TZ_VARIANTS.to_vec()),
            day in 0_i64..3_650,
            minutes in -180_i64..180,
            names in proptest::collection::vec("[A-Za-zñéÑ][A-Za-zñéÑ '-]{0,70}\\.?", 3),
            code in "[0-9A-HJKMNP-TV-Z]{8}",
            token in "[A-Za-z0-9_-]{20,100}",
        ) {
            let from = DateTime::from_timestamp(1_704_067_200 + day * 86_400, 0).unwrap();
            let starts_at = near_a_change(zone, from, minutes);
            let link = format!("https://clinic.example/m/{token}");
            // What a clinic may not have is not there: phone, address.
            let values = Values {
                clinic: Some(&names[0]),
                patient: Some(&names[1]),
                practitioner: Some(&names[2]),
                appointment_type: Some("Consultation"),
                starts_at: Some(starts_at.with_timezone(&zone).naive_local()),
                code: Some(&code),
                link: Some(&link),
                phone: None,
                address: None,
                until: Some("el mié 30 sep, 10:30 p. m."),
            };
            for (kind, language) in Kind::ALL.into_iter().flat_map(|kind| Language::ALL.map(|language| (kind, language))) {
                let message = parsed(default_sms(kind, language)).render(language, &values).unwrap();
                let length = segments(&fold(&message, Accents::DropForGsm7));
                prop_assert!(length.count <= MOST_SEGMENTS, "{} segments: {message}", length.count);
                let is_whole = !message.contains(['{', '}']) && !message.contains("..");
                prop_assert!(is_whole, "{}", message);
                let email = parsed(default_email(kind, language)).render(language, &values).unwrap();
                let is_whole = !email.contains(['{', '}']) && !email.contains("..") && !email.contains("  ");
                prop_assert!(is_whole, "{}", email);
                let subject = parsed(default_subject(kind, language)).render(language, &values).unwrap();
                let is_whole = !subject.contains(['{', '}', '\n']);
                prop_assert!(is_whole, "{}", subject);
            }
        }
    }
}
