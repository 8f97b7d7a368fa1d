use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::language::Language;

const CORPUS: &str = include_str!("corpus.txt");

fn today() -> NaiveDate {
    "2026-11-20".parse().unwrap()
}

fn fact(act: Act, at: &str) -> Fact {
    Fact {
        starts_at: Some(at.parse().unwrap()),
        code: (!matches!(act, Act::Offered | Act::Held)).then(|| "7K3M9QXZ".parse().unwrap()),
        practitioner: Some("Dr. Mia Lin".into()),
        appointment_type: Some("Haircut".into()),
        ..Fact::of(act)
    }
}

/// What the rows say, by the name the corpus has for it. Today is Friday,
/// 20 November 2026.
fn facts(name: &str) -> Vec<Fact> {
    const TUESDAY: &str = "2026-11-24T15:00:00";
    let offered =
        ["2026-11-24T15:00:00", "2026-11-24T16:30:00", "2026-11-27T10:00:00"].map(|at| fact(Act::Offered, at));
    let booked = fact(Act::Booked, TUESDAY);
    match name {
        "none" => vec![],
        "offered" => offered.to_vec(),
        "held" => [&offered[..], &[fact(Act::Held, TUESDAY)]].concat(),
        "requested" => vec![fact(Act::Requested, TUESDAY)],
        "booked" => vec![booked],
        "texted" => vec![booked, Fact::of(Act::Sent(Channel::Sms))],
        "mailed" => vec![booked, Fact::of(Act::Sent(Channel::Email))],
        "moved" => {
            vec![Fact { moved_from: Some(TUESDAY.parse().unwrap()), ..fact(Act::Moved, "2026-11-27T10:00:00") }]
        }
        "cancelled" => vec![fact(Act::Cancelled, TUESDAY)],
        "staff" => vec![Fact::of(Act::StaffTold)],
        "late" => vec![fact(Act::Booked, "2026-12-12T09:30:00")],
        other => panic!("no facts are called {other}"),
    }
}

/// `booked | true | See you Tuesday!`
fn corpus(text: &'static str) -> Vec<(&'static str, bool, &'static str)> {
    text.lines()
        .map(|line| {
            let mut fields = line.splitn(3, " | ");
            let (name, truth, sentence) = (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap());
            (name, truth.parse().unwrap(), sentence)
        })
        .collect()
}

/// Judged as a whole and sentence by sentence, as it is in a reply.
fn may_be_said(name: &str, text: &str) -> bool {
    let facts = facts(name);
    sentences(text).into_iter().all(|sentence| check(sentence, today(), &facts).may_be_said())
}

#[test]
fn no_lie_is_said() {
    let said: Vec<_> =
        corpus(CORPUS).into_iter().filter(|(name, truth, text)| !truth && may_be_said(name, text)).collect();
    assert!(said.is_empty(), "{} {said:#?}", said.len());
}

#[test]
fn the_truth_is_said() {
    let blocked: Vec<_> = corpus(CORPUS)
        .into_iter()
        .filter(|(name, truth, text)| *truth && !may_be_said(name, text))
        .map(|(name, _, text)| format!("{name}: {text} {:?}", check(text, today(), &facts(name))))
        .collect();
    assert!(blocked.is_empty(), "{} {blocked:#?}", blocked.len());
}

#[test]
fn the_corpus_is_large_enough_and_says_nothing_twice() {
    let lines = corpus(CORPUS);
    let is_spanish = |text: &str| text.contains(['á', 'é', 'í', 'ó', 'ú', 'ñ', '¿', '¡']);
    assert!(lines.len() >= 320 && lines.iter().filter(|(.., text)| is_spanish(text)).count() >= 100);
    let mut lines: Vec<_> = CORPUS.lines().collect();
    lines.sort_unstable();
    let twice: Vec<_> = lines.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

/// Whoever asked for a time has it read back to them, which books nothing.
#[test]
fn a_time_that_may_be_named_bears_out_nothing_else() {
    let named = |text: &str| {
        let at = ["2026-11-24T15:00:00", "2026-11-27T10:00:00", "2026-11-24T09:00:00", "2026-11-21T15:30:00"];
        let facts = at.map(|at| Fact { starts_at: Some(at.parse().unwrap()), ..Fact::of(Act::Named) });
        sentences(text).into_iter().all(|sentence| check(sentence, today(), &facts).may_be_said())
    };
    for text in [
        "That is Tuesday 24 November at 3:00 PM.",
        "Do you mean Tuesday 24 November at 3:00 PM?",
        "So you would like an appointment on Tuesday 24 November at 3:00 PM?",
        "Let me look at Tuesday at 3.",
        "¿Se refiere al martes 24 de noviembre a las 3:00 p. m.?",
    ] {
        assert!(named(text), "{text} {:?}", claims(text, today()));
    }
    let said: Vec<_> =
        corpus(CORPUS).into_iter().filter(|(name, truth, text)| *name == "none" && !truth && named(text)).collect();
    assert!(said.is_empty(), "{} {said:#?}", said.len());
}

#[test]
fn what_is_too_long_to_be_read_is_not_said() {
    let padding = "we would love to see you ".repeat(200);
    let (start, end) = (format!("You are booked, {padding}"), format!("{padding} and you are booked."));
    assert!(!may_be_said("none", &start) && !may_be_said("none", &end) && !may_be_said("booked", &padding));
}

#[test]
fn what_replaces_a_lie_is_true() {
    for name in
        ["none", "offered", "held", "requested", "booked", "texted", "mailed", "moved", "cancelled", "staff", "late"]
    {
        for language in Language::ALL {
            let said = replacement(&facts(name), language);
            assert!(may_be_said(name, &said), "{name}: {said}");
        }
    }
    let said = replacement(&facts("booked"), Language::English);
    assert_eq!(
        said,
        "This visit is booked: Haircut with Dr. Mia Lin, Tuesday 24 November 2026, 3:00 PM. The code is 7K3M9QXZ."
    );
    assert!(!may_be_said("none", &said) && !may_be_said("late", &said));
}

#[test]
fn every_list_that_a_pattern_names_is_there() {
    let english: Vec<_> = english::DONE.iter().chain(english::PROMISED).flat_map(|(_, patterns)| *patterns).collect();
    let spanish: Vec<_> = spanish::DONE.iter().chain(spanish::PROMISED).flat_map(|(_, patterns)| *patterns).collect();
    let rest = [english::OFFERS, english::UNAVAILABLE, english::HOURS, english::HARMLESS, english::VISITING].concat();
    let rest = [&rest[..], english::SUBJECTS, english::WISHING].concat();
    let english: Vec<_> = english.into_iter().chain(&rest).chain(english::OPEN_STATEMENTS).copied().collect();
    let rest = [spanish::OFFERS, spanish::UNAVAILABLE, spanish::HOURS, spanish::HARMLESS, spanish::VISITING].concat();
    let rest = [&rest[..], spanish::SUBJECTS, spanish::WISHING].concat();
    let spanish: Vec<_> = spanish.into_iter().chain(&rest).chain(spanish::OPEN_STATEMENTS).copied().collect();
    assert_eq!(crate::pattern::unknown_names(&english, english::list), [""; 0]);
    assert_eq!(crate::pattern::unknown_names(&spanish, spanish::list), [""; 0]);
}

#[test]
fn a_claim_says_what_when_and_which() {
    let claims = claims("**Booked**: Tue 24 Nov at 3 PM with Dr. Mia Lin, code 7k3m-9qxz.", today());
    let claim = claims.iter().find(|claim| claim.act == Act::Booked && claim.day.is_some()).unwrap();
    assert!(claim.day.as_ref().unwrap().is("2026-11-24".parse().unwrap(), today()));
    assert!(
        claim.time.unwrap().is("15:00:00".parse().unwrap()) && !claim.time.unwrap().is("03:00:00".parse().unwrap())
    );
    assert_eq!(
        (claim.code.as_deref(), &claim.practitioner[..]),
        (Some("7K3M9QXZ"), &["mia".to_owned(), "lin".to_owned()][..])
    );
}

proptest! {
    #[test]
    fn dressing_a_lie_up_does_not_get_it_out(
        (name, _, text) in proptest::sample::select(corpus(CORPUS).into_iter().filter(|line| !line.1).collect::<Vec<_>>()),
        gaps in proptest::collection::vec("[ \u{200b}\t]{0,2} [*_ \u{200b}`]{0,2}", 1..8),
        before in "[ *_#>🎉\u{200b}-]{0,3}",
        after in "[ *_🎉\u{200b}]{0,3}",
    ) {
        let mut gaps = gaps.iter().cycle();
        let words: Vec<_> = text.split(' ').collect();
        let dressed = words.iter().skip(1).fold(words[0].to_owned(), |text, word| text + gaps.next().unwrap() + word);
        let dressed = format!("{before}{dressed}{after}");
        prop_assert!(!may_be_said(name, &dressed), "{name}: {dressed}");
    }

    #[test]
    fn a_lie_is_heard_among_other_sentences(
        (name, _, text) in proptest::sample::select(corpus(CORPUS).into_iter().filter(|line| !line.1).collect::<Vec<_>>()),
    ) {
        let reply = format!("Thank you, Ada. {text} Is there anything else?");
        prop_assert!(!may_be_said(name, &reply), "{name}: {reply}");
        let reply = format!("Gracias, Ada.\n\n- {text}\n- ¿Algo más?");
        prop_assert!(!may_be_said(name, &reply), "{name}: {reply}");
    }

    #[test]
    fn no_text_breaks_the_gate(
        text: String,
        words in "(i |not |booked |at 3|, |on the 31st |31/12/9999 |mañana |a las 3 y |99:99 |it |Dr. |a |p. m. ){0,80}",
    ) {
        for text in [&text, &words] {
            let whole: String = sentences(text).concat();
            prop_assert!(whole.chars().filter(|c| !c.is_whitespace()).eq(text.chars().filter(|c| !c.is_whitespace())));
            let _ = (check(text, today(), &facts("booked")), check(text, NaiveDate::MAX, &facts("booked")), claims(text, NaiveDate::MIN));
        }
    }
}

#[test]
fn that_a_number_was_changed_is_said_where_it_was() {
    let changed = [fact(Act::Booked, "2026-11-24T15:00:00"), Fact::of(Act::ContactChanged)];
    for sentence in [
        "I've updated your phone number.",
        "Your email address has been changed.",
        "Your new number is saved, thank you.",
        "All done, your contact details are updated.",
        "Ya actualicé su teléfono.",
        "Su correo quedó actualizado.",
    ] {
        assert!(check(sentence, today(), &changed).may_be_said(), "{sentence}");
        for facts in [&changed[..1], &[]] {
            assert!(!check(sentence, today(), facts).may_be_said(), "{sentence} {facts:?}");
        }
    }
    for sentence in [
        "May I update your phone number?",
        "I can change your number once you have read me the code.",
        "Your phone number was not changed.",
        "Is your phone number the same as before?",
        "¿Quiere que actualice su teléfono?",
    ] {
        assert!(check(sentence, today(), &[]).may_be_said(), "{sentence}");
    }
    // A visit is another matter.
    assert!(!check("Your appointment has been moved to Friday at 10.", today(), &changed).may_be_said());
    for language in Language::ALL {
        let instead = replacement(&changed[1..], language);
        assert!(check(&instead, today(), &changed).may_be_said(), "{instead}");
    }
}
