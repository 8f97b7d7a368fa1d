use proptest::prelude::*;

use super::*;

const EMERGENCIES: &str = include_str!("fixtures/emergencies.txt");
const NEAR_MISSES: &str = include_str!("fixtures/near_misses.txt");

/// `en heart | I have chest pain`
fn expected() -> Vec<(&'static str, &'static str, &'static str)> {
    EMERGENCIES
        .lines()
        .map(|line| {
            let (about, text) = line.split_once(" | ").unwrap();
            let (language, kind) = about.split_once(' ').unwrap();
            (language, kind, text)
        })
        .collect()
}

#[test]
fn every_emergency_is_caught_for_what_it_is() {
    let wrong: Vec<_> = expected()
        .into_iter()
        .filter_map(|(language, kind, text)| {
            let found = check(text).map(|found| (found.language.code(), found.kind.as_str()));
            (found != Some((language, kind))).then(|| format!("{text}: {found:?}, not {language} {kind}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

#[test]
fn nothing_else_is_taken_for_one() {
    let taken: Vec<_> = NEAR_MISSES.lines().filter_map(|line| check(line).map(|found| (line, found.kind))).collect();
    assert!(taken.is_empty(), "{} {taken:#?}", taken.len());
}

#[test]
fn the_fixtures_are_large_enough_and_say_nothing_twice() {
    let spanish = expected().iter().filter(|(language, ..)| *language == "es").count();
    let english = expected().len() - spanish;
    assert!(english >= 80 && spanish >= 80 && NEAR_MISSES.lines().count() >= 160);
    let mut lines: Vec<_> = expected().iter().map(|(.., text)| *text).chain(NEAR_MISSES.lines()).collect();
    lines.sort_unstable();
    let twice: Vec<_> = lines.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn every_list_that_a_pattern_names_is_there() {
    let dangers = english::DANGERS.iter().chain(spanish::DANGERS).flat_map(|(_, patterns)| *patterns);
    let all: Vec<_> = dangers.chain(english::HARMLESS).chain(spanish::HARMLESS).copied().collect();
    assert_eq!(crate::pattern::unknown_names(&all, list), [""; 0]);
    let kinds = |dangers: &[(Kind, &[&str])]| dangers.iter().map(|(kind, _)| *kind).collect::<Vec<_>>();
    assert_eq!(kinds(english::DANGERS), kinds(spanish::DANGERS));
}

#[test]
fn the_answer_names_the_right_numbers_and_is_true() {
    let told = |text, country| answer(&check(text).unwrap(), country);
    let english = told("I can't breathe", Some("us"));
    assert!(english.contains("call 911 now") && english.contains("automated assistant"), "{english}");
    assert!(english.contains("I have told the clinic's staff") && !english.contains("988"), "{english}");
    assert!(told("I can't breathe", Some("DE")).contains("call 112 now"));
    assert!(told("I can't breathe", Some("GB")).contains("call 999 now"));
    assert!(told("I can't breathe", Some("XX")).contains("your local emergency number"));
    assert!(told("I can't breathe", None).contains("your local emergency number"));
    let suicide = told("I want to die", Some("CA"));
    assert!(suicide.contains("911") && suicide.contains("988"), "{suicide}");
    let spanish = told("no quiero vivir", Some("US"));
    assert!(spanish.contains("llame ahora al 911") && spanish.contains("988"), "{spanish}");
    assert!(spanish.contains("asistente automático") && spanish.contains("He avisado"), "{spanish}");
    assert!(told("me quiero matar", Some("MX")).contains("911"));
}

proptest! {
    #[test]
    fn case_marks_and_company_change_nothing(
        (language, kind, line) in proptest::sample::select(expected()),
        before in "[ 🙏😭\u{200b}\"'*]{0,3}",
        after in "[ 🙏!.😭\u{200b}*]{0,3}",
    ) {
        let kind_of = |text: &str| check(text).map(|found| found.kind.as_str());
        let dressed = format!("{before}{}{after}", line.to_uppercase());
        prop_assert_eq!(kind_of(&dressed), Some(kind), "{}", dressed);
        let hello = if language == "es" { "Hola. Buenas tardes." } else { "Hi there. I have a question." };
        let surrounded = format!("{hello} {line}{after}\n¿?");
        prop_assert_eq!(kind_of(&surrounded), Some(kind), "{}", surrounded);
    }

    #[test]
    fn no_text_breaks_the_gate(text: String, words in "(i |cant |no |breathe |me |chest |had |years |, ){0,200}") {
        let _ = (check(&text), check(&words));
    }
}
