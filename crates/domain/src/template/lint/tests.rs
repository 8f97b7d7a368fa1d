//! Bad templates with what is wrong with each, and good ones with nothing.

use proptest::prelude::*;
use proptest::sample::select;

use super::Finding::*;
use super::*;
use crate::template::{default_email, default_sms};

fn context(kind: Kind) -> Context {
    Context {
        kind,
        medium: Medium::Text,
        language: Language::English,
        accents: Accents::DropForGsm7,
        types: Types::Open,
    }
}

fn findings(kind: Kind, text: &str) -> Vec<Finding> {
    lint(text, &context(kind)).findings
}

fn forbidden(word: &str) -> Finding {
    ForbiddenReply(word.into())
}

fn confirms(word: &str) -> Finding {
    ReplyMeansOther(word.into(), "confirms the visit")
}

fn moves(word: &str) -> Finding {
    ReplyMeansOther(word.into(), "asks for another time")
}

fn unknown(name: &str, at: usize, meant: Option<Field>) -> Finding {
    Unreadable(ParseError::UnknownField { name: name.into(), at, meant })
}

const ON: &[Field] = &[Field::Day, Field::Date];
const OPT_OUT: Finding = OptOutMissing(Language::English);

/// Each bad template with exactly what is wrong with it.
fn bad() -> Vec<(Kind, &'static str, Vec<Finding>)> {
    use Kind::*;
    let placeholder = |text: &str| Placeholder(text.into());
    let shortener = |host: &str| Shortener(host.into());
    vec![
        // Replies that end all messages.
        (Confirmation, "{clinic}: {day}, {time}. Reply CANCEL to cancel.", vec![forbidden("CANCEL")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply cancel to cancel.", vec![forbidden("CANCEL")]),
        (Confirmation, "{clinic}: {day}, {time}. Text CANCEL if you cannot come.", vec![forbidden("CANCEL")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply with the word \"cancel\" to cancel.", vec![forbidden("CANCEL")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply END to end your visit.", vec![forbidden("END")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply QUIT to give up the time.", vec![forbidden("QUIT")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply REMOVE to free the time.", vec![forbidden("REMOVE")]),
        (Confirmation, "{clinic}: {day}, {time}. Send REVOKE to cancel.", vec![forbidden("REVOKE")]),
        (Confirmation, "{clinic}: {day}, {time}. Responda CANCELAR para cancelar.", vec![forbidden("CANCELAR")]),
        (Confirmation, "{clinic}: {day}, {time}. Responda BAJA para no venir.", vec![forbidden("BAJA")]),
        (Confirmation, "{clinic}: {day}, {time}. Envíe la palabra ALTO si no viene.", vec![forbidden("ALTO")]),
        (Confirmation, "{clinic}: {day}, {time}. Conteste con CANCELE para cancelar.", vec![forbidden("CANCELE")]),
        (Confirmation, "{clinic}: {day}, {time}. CANCEL to cancel.", vec![forbidden("CANCEL")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply C to confirm, CANCEL to cancel.", vec![forbidden("CANCEL")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply C to confirm or CANCEL to cancel.", vec![forbidden("CANCEL")]),
        (Reminder, "{clinic}: {day}, {time}. Reply UNSUBSCRIBE to opt out.", vec![forbidden("UNSUBSCRIBE"), OPT_OUT]),
        (Reminder, "{clinic}: {day}, {time}. Reply STOPALL to opt out.", vec![forbidden("STOPALL"), OPT_OUT]),
        (Reminder, "{clinic}: {day}, {time}. Reply STOP ALL to opt out.", vec![forbidden("STOP ALL"), OPT_OUT]),
        (Reminder, "{clinic}: {day}, {time}. Reply OPT-OUT to opt out.", vec![forbidden("OPT-OUT"), OPT_OUT]),
        (Reminder, "{clinic}: {day}, {time}. Text END to end texts.", vec![forbidden("END"), OPT_OUT]),
        // Replies that start them again, or are taken for it.
        (Confirmation, "{clinic}: {day}, {time}. Reply YES to confirm.", vec![forbidden("YES")]),
        (Confirmation, "{clinic}: {day}, {time}. Please reply \"yes\" to confirm.", vec![forbidden("YES")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply YES/NO.", vec![forbidden("YES")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply NO or YES.", vec![forbidden("YES")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply no or yes.", vec![forbidden("YES")]),
        (Confirmation, "{clinic}: {day}, {time}. Please reply c/cancel.", vec![forbidden("CANCEL")]),
        (WaitlistOffer, "{clinic}: {day}, {time}. Reply YES to take it. STOP to opt out.", vec![forbidden("YES")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply START to get reminders.", vec![forbidden("START")]),
        (Change, "{clinic}: {day}, {time}. Text UNSTOP to hear from us.", vec![forbidden("UNSTOP")]),
        (OptOutConfirmation, "{clinic}: no more texts. Reply YES to get them again.", vec![forbidden("YES")]),
        // STOP for anything else.
        (Confirmation, "{clinic}: {day}, {time}. Reply STOP to cancel.", vec![StopForSomethingElse]),
        (Confirmation, "{clinic}: {day}, {time}. Reply STOP to cancel your visit.", vec![StopForSomethingElse]),
        (Confirmation, "{clinic}: {day}, {time}. Reply STOP to end your visit.", vec![StopForSomethingElse]),
        (Reminder, "{clinic}: {day}, {time}. Text STOP if you are late.", vec![StopForSomethingElse, OPT_OUT]),
        (
            Reminder,
            "{clinic}: {day}, {time}. Responda STOP para cancelar su cita.",
            vec![StopForSomethingElse, OPT_OUT],
        ),
        (Reminder, "{clinic}: {day}, {time}. Reply STOP.", vec![StopForSomethingElse, OPT_OUT]),
        // C and R have meanings of their own.
        (Confirmation, "{clinic}: {day}, {time}. Reply C to cancel.", vec![confirms("C")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply R to confirm.", vec![moves("R")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply R to confirm, C to cancel.", vec![moves("R"), confirms("C")]),
        (Confirmation, "{clinic}: {day}, {time}. Responda C para cancelar.", vec![confirms("C")]),
        (Confirmation, "{clinic}: {day}, {time}. Reply CONFIRM to cancel.", vec![confirms("CONFIRM")]),
        // Who, when, how to get no more.
        (Confirmation, "You are booked for {day}, {time}.", vec![ClinicMissing]),
        (Confirmation, "Bloom Wellness: booked for {day}, {time}.", vec![ClinicMissing]),
        (Confirmation, "{clinic}: you are booked.", vec![FieldMissing(ON), FieldMissing(&[Field::Time])]),
        (Confirmation, "{clinic}: you are booked at {time}.", vec![FieldMissing(ON)]),
        (Cancellation, "{clinic}: your visit on {date} is cancelled.", vec![FieldMissing(&[Field::Time])]),
        (Change, "{clinic}: your visit has moved.", vec![FieldMissing(ON), FieldMissing(&[Field::Time])]),
        (HandoffLink, "{clinic}: go on in your browser.", vec![FieldMissing(&[Field::Link])]),
        (OneTimeCode, "{clinic}: here is your code.", vec![FieldMissing(&[Field::Code])]),
        (Reminder, "{clinic}: see you {day}, {time}.", vec![OPT_OUT]),
        (Reminder, "{clinic}: see you {day}, {time}. Reply C to confirm, R to change.", vec![OPT_OUT]),
        (Reminder, "{clinic}: see you {day}, {time}. Call us to opt out.", vec![OPT_OUT]),
        (FollowUp, "{clinic}: can we help with anything else?", vec![OPT_OUT]),
        (WaitlistOffer, "{clinic}: {day}, {time} is free. Reply 1 to take it.", vec![OPT_OUT]),
        (FollowUp, "How was your visit?", vec![ClinicMissing, OPT_OUT]),
        // Fields that such a message has nothing for.
        (OneTimeCode, "{clinic}: {patient}, your code is {code}.", vec![FieldNotForKind(Field::Patient)]),
        (
            OneTimeCode,
            "{clinic}: {code} for {day}, {time}.",
            vec![FieldNotForKind(Field::Day), FieldNotForKind(Field::Time)],
        ),
        (OptOutConfirmation, "{clinic}: no more texts, {patient}.", vec![FieldNotForKind(Field::Patient)]),
        (OptOutConfirmation, "{clinic}: no more texts. Book at {link}", vec![FieldNotForKind(Field::Link)]),
        (
            HandoffLink,
            "{clinic}: {link} about {type} on {date}",
            vec![FieldNotForKind(Field::Type), FieldNotForKind(Field::Date)],
        ),
        (FollowUp, "{clinic}: your code was {code}. STOP to opt out.", vec![FieldNotForKind(Field::Code)]),
        (WaitlistOffer, "{clinic}: {day}, {time}, code {code}. STOP to opt out.", vec![FieldNotForKind(Field::Code)]),
        // Gaps that stay gaps.
        (Confirmation, "{clinic}: Hi [Name], booked for {day}, {time}.", vec![placeholder("[Name]")]),
        (Confirmation, "{clinic}: {day}, {time}. Bring $20 [cash only].", vec![placeholder("[cash only]")]),
        (Confirmation, "{clinic}: Hi <first name>, {day}, {time}.", vec![placeholder("<first name>")]),
        (Confirmation, "{clinic}: booked for {{day}}, {day}, {time}.", vec![placeholder("{day}")]),
        (Confirmation, "{clinic}: Hi %NAME%, {day}, {time}.", vec![placeholder("%NAME%")]),
        (Confirmation, "{clinic}: Hi $name, {day}, {time}.", vec![placeholder("$name")]),
        (Confirmation, "{clinic}: {day}, {time}, on %d.%m.", vec![placeholder("%d.%m")]),
        (Confirmation, "{clinic}: {day}, {time}, on MM/DD/YYYY.", vec![placeholder("MM/DD/YYYY")]),
        (Confirmation, "{clinic}: {day}, {time}, on Invalid Date.", vec![placeholder("Invalid Date")]),
        (Confirmation, "{clinic}: {day}, {time} with undefined.", vec![placeholder("undefined")]),
        // What cannot be read.
        (Confirmation, "", vec![Empty]),
        (Confirmation, " \n ", vec![Empty]),
        (Confirmation, "{clinic}: {day}, {titme}.", vec![unknown("titme", 17, Some(Field::Time))]),
        (Confirmation, "{clinic}: Hi {name}, {day}, {time}.", vec![unknown("name", 13, Some(Field::Patient))]),
        (Confirmation, "{clinc}: {day}, {time}.", vec![unknown("clinc", 0, Some(Field::Clinic))]),
        (Confirmation, "{clinic}: {day}, {time}, {balance}.", vec![unknown("balance", 25, None)]),
        (Confirmation, "{clinic}: {day, {time}.", vec![Unreadable(ParseError::UnclosedBrace { at: 10 })]),
        (Confirmation, "{clinic}: {day}, time}.", vec![Unreadable(ParseError::StrayBrace { at: 21 })]),
        (Confirmation, "{clinic}: {day}, {time}. {", vec![Unreadable(ParseError::UnclosedBrace { at: 25 })]),
        (Confirmation, "{clinic}: {}, {time}.", vec![unknown("", 10, None)]),
        // Links that hide where they lead.
        (Confirmation, "{clinic}: {day}, {time}. See bit.ly/3xYz", vec![shortener("bit.ly")]),
        (Confirmation, "{clinic}: {day}, {time}. See https://www.TinyURL.com/abc.", vec![shortener("tinyurl.com")]),
        (Confirmation, "{clinic}: {day}, {time} (http://t.co/x)", vec![shortener("t.co")]),
        (Confirmation, "{clinic}: {day}, {time}. See goo.gl?x=1", vec![shortener("goo.gl")]),
        // How it looks.
        (Confirmation, "{clinic}: YOUR VISIT IS BOOKED FOR {day}, {time}.", vec![Shouting]),
        (Confirmation, "{clinic}: IMPORTANT NOTICE ABOUT YOUR VISIT {day}, {time}.", vec![Shouting]),
        (Confirmation, "{clinic}: see you {day}, {time} 🙂", vec![NotGsm7("🙂".into())]),
        (Confirmation, "{clinic}: до встречи {day}, {time}", vec![NotGsm7("довстречи".into())]),
    ]
}

#[test]
fn every_bad_template_is_refused_for_exactly_what_is_wrong_with_it() {
    assert!(bad().len() >= 60, "{}", bad().len());
    for (kind, text, wrong) in bad() {
        let report = lint(text, &context(kind));
        assert_eq!(report.findings, wrong, "{text}");
    }
}

#[test]
fn good_templates_are_left_alone() {
    use Kind::*;
    for (kind, text) in [
        (Reminder, "{clinic}: see you {day}, {time}. Reply C to confirm, R to change. STOP to opt out."),
        (Reminder, "{clinic}: see you {day}, {time}. Reply C to confirm or R to reschedule. Text STOP to unsubscribe."),
        (Reminder, "{clinic}: see you {day}, {time}. Txt STOP 2 end"),
        (Reminder, "{clinic}: see you {day}, {time}. Reply STOP to stop texts, HELP for help."),
        (Reminder, "{clinic}: see you {day}, {time}. Reply STOP to OPT OUT."),
        (Reminder, "{clinic}: see you {day}, {time}. Reply STOP to UNSUBSCRIBE"),
        (Reminder, "{clinic}: see you {day}, {time}. REPLY STOP TO OPT OUT"),
        (Reminder, "{clinic}: see you {day}, {time}. STOP TO OPT OUT"),
        (Confirmation, "{clinic}: {day}, {time}. Reply here or cancel at {link}"),
        (Reminder, "{clinic}: see you {day}, {time}. Reply STOP to cancel texts."),
        (Reminder, "{clinic}: su cita: {day}, {time}. Responda STOP para no recibir más mensajes."),
        (Reminder, "{clinic}: su cita: {day}, {time}. STOP para dejar de recibir mensajes."),
        (Reminder, "{clinic}: see you on {date} at {time}. If you cannot come, call {phone}. STOP to opt out."),
        (Confirmation, "{clinic}: {day}, {time}. To cancel, call {phone} by the end of the day before."),
        (Confirmation, "{clinic}: {day}, {time}. Please start 10 minutes early and stop at the front desk."),
        (Confirmation, "{clinic}: {day}, {time} for Vitamin C. Reply with a question at any time."),
        (Confirmation, "{clinic}: {day}, {time}. Reply R to change or cancel."),
        (Confirmation, "{clinic}: {day}, {time}. Bring your MRI and ECG, and $20 in cash. 50% off parking."),
        (Confirmation, "{clinic}: {day}, {time}. We are <3 minutes from the station. {{ }}"),
        (Confirmation, "{clinic}: {day}, {time}. See clinict.co/visit or t.company.example"),
        (OptOutConfirmation, "{clinic}: you are opted out. Reply START to opt in again."),
        (OneTimeCode, "{code} is your {clinic} code."),
    ] {
        assert_eq!(findings(kind, text), [], "{text}");
    }
}

#[test]
fn a_sensitive_type_is_named_to_nobody() {
    let text = "{clinic}: {type} on {day}, {time}.";
    let sensitive = Context { types: Types::Sensitive, ..context(Kind::Confirmation) };
    assert_eq!(lint(text, &sensitive).findings, [SensitiveType]);
    assert_eq!(lint(text, &context(Kind::Confirmation)).findings, []);
}

#[test]
fn a_message_is_too_long_if_it_is_with_the_longest_names() {
    let text = format!("{{clinic}}: {{day}}, {{time}}, {{practitioner}}. {}", "Please come early. ".repeat(20));
    let report = lint(&text, &context(Kind::Confirmation));
    let length = report.length.unwrap();
    assert_eq!(length.usual.count, 4);
    assert_eq!(report.findings, [TooLong(length.usual)]);
    assert_eq!(report.findings[0].to_string(), "With long names it takes 4 segments, and 3 are the most.",);
    assert!(length.other_letters.count > length.usual.count, "in other letters it takes even more");
}

#[test]
fn accents_cost_only_where_they_are_kept() {
    let text = "{clinic}: su cita está confirmada: {day}, {time}.";
    let kept = Context { accents: Accents::Keep, language: Language::Spanish, ..context(Kind::Confirmation) };
    assert_eq!(lint(text, &kept).findings, [NotGsm7("á".into())]);
    assert_eq!(findings(Kind::Confirmation, text), []);
    assert_eq!(findings(Kind::Confirmation, "{clinic}: “see you” {day} – {time}…"), [], "quotes are folded anyway");
}

#[test]
fn every_default_is_accepted_without_a_word() {
    for kind in Kind::ALL {
        for language in Language::ALL {
            let context = Context { language, types: Types::Sensitive, ..context(kind) };
            assert_eq!(lint(default_sms(kind, language), &context).findings, [], "{kind:?} {language:?}");
            let email = Context { medium: Medium::Email, ..context };
            assert_eq!(lint(default_email(kind, language), &email).findings, [], "{kind:?} {language:?}");
        }
    }
}

#[test]
fn a_subject_is_read_as_what_everybody_sees_first() {
    use Kind::*;
    let context = |kind, types| Context { medium: Medium::Email, types, ..context(kind) };
    for (kind, text, wrong) in [
        (Confirmation, "Booked: {day}", vec![]),
        (Confirmation, "  ", vec![Finding::Empty]),
        (Confirmation, "{type} on {day}", vec![Finding::SensitiveType]),
        (OptOutConfirmation, "{day}", vec![Finding::FieldNotForKind(Field::Day)]),
        (Confirmation, "See bit.ly/x", vec![Finding::Shortener("bit.ly".into())]),
    ] {
        assert_eq!(lint_subject(text, &context(kind, Types::Sensitive)), wrong, "{text}");
    }
    assert_eq!(lint_subject("{type} on {day}", &context(Confirmation, Types::Open)), []);
    assert!(matches!(lint_subject("See you {when}", &context(Reminder, Types::Open))[..], [Finding::Unreadable(_)]));
    for kind in Kind::ALL {
        for language in Language::ALL {
            let context = Context { language, ..context(kind, Types::Sensitive) };
            assert_eq!(lint_subject(crate::template::default_subject(kind, language), &context), [], "{kind:?}");
        }
    }
}

#[test]
fn an_e_mail_may_be_long_and_needs_no_word_to_end_them() {
    let text = format!("{{clinic}}: {{day}}, {{time}}. «Até já» {}", "Please come early. ".repeat(40));
    let email = Context { medium: Medium::Email, ..context(Kind::Reminder) };
    assert_eq!(lint(&text, &email), Report { findings: vec![], length: None });
    assert!(lint(&text, &context(Kind::Reminder)).findings.contains(&OPT_OUT));
}

#[test]
fn an_e_mail_too_says_whose_it_is_and_when_the_visit_is() {
    let email = Context { medium: Medium::Email, types: Types::Sensitive, ..context(Kind::Reminder) };
    let said = lint("Your {type} is soon: bit.ly/x", &email).findings;
    let host = Shortener("bit.ly".into());
    assert_eq!(said, [ClinicMissing, FieldMissing(ON), FieldMissing(&[Field::Time]), SensitiveType, host]);
}

/// Nobody takes a time by answering an e-mail, so it has to lead somewhere.
#[test]
fn an_offer_by_e_mail_needs_its_link() {
    let (text, linked) = ("{clinic}: {day}, {time} is free.", "{clinic}: {day}, {time} is free: {link}");
    let email = Context { medium: Medium::Email, ..context(Kind::WaitlistOffer) };
    assert_eq!(lint(text, &email).findings, [FieldMissing(&[Field::Link])]);
    assert_eq!(lint(linked, &email).findings, []);
    assert!(!findings(Kind::WaitlistOffer, text).contains(&FieldMissing(&[Field::Link])));
}

#[test]
fn a_code_that_proves_who_somebody_is_stands_in_no_subject() {
    let email = |kind| Context { medium: Medium::Email, ..context(kind) };
    assert_eq!(lint_subject("Your code is {code}", &email(Kind::OneTimeCode)), [Finding::CodeInSubject]);
    assert_eq!(lint_subject("Booked: {code}", &email(Kind::Confirmation)), []);
    assert_eq!(Finding::CodeInSubject.severity(), Severity::Refusal);
}

#[test]
fn findings_read_as_sentences() {
    for (_, _, wrong) in bad() {
        for finding in wrong {
            let sentence = finding.to_string();
            assert!(sentence.ends_with('.') || sentence.ends_with(".\"") || sentence.ends_with('?'), "{sentence}");
        }
    }
    assert_eq!(FieldMissing(ON).to_string(), "A message of this kind needs {day} or {date}.");
    assert_eq!(unknown("titme", 17, Some(Field::Time)).to_string(), "There is no field {titme}. Did you mean {time}?",);
}

proptest! {
    #[test]
    fn no_text_breaks_the_lint(
        text in "(\\{|\\}|\\{clinic\\}|\\{day\\}|Reply |STOP |C |or |/|%|\\[a\\]|\\PC){0,20}",
        kind in select(Kind::ALL.to_vec()),
    ) {
        let _ = findings(kind, &text);
    }

    /// What the lint promises of what it accepts.
    #[test]
    fn names_in_gsm7_never_make_an_accepted_message_longer_than_was_said(
        filler in "[a-zA-Z ,.]{0,300}",
        names in proptest::collection::vec("[a-zA-ZñÑé ]{0,80}", 5),
        day in 0_i64..3_000,
        minute in 0_i64..1_440,
    ) {
        let text = format!("{{clinic}}: {{practitioner}} {{type}} {{patient}} {{address}} {{date}} {{day}} {{time}} {filler}");
        let report = lint(&text, &context(Kind::Confirmation));
        let starts_at = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN)
            + chrono::Duration::days(day) + chrono::Duration::minutes(minute);
        let values = Values {
            clinic: Some(&names[0]),
            practitioner: Some(&names[1]),
            appointment_type: Some(&names[2]),
            patient: Some(&names[3]),
            address: Some(&names[4]),
            starts_at: Some(starts_at),
            ..Values::default()
        };
        let template: Template = text.parse().unwrap();
        for language in Language::ALL {
            if let Ok(message) = template.render(language, &values) {
                let length = segments(&fold(&message, Accents::DropForGsm7));
                prop_assert!(length.units <= report.length.unwrap().usual.units + 2, "{message}");
            }
        }
    }
}
