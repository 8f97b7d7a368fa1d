use std::collections::HashSet;

use super::*;
use crate::asked::{self, Answer, Asked};
use crate::truth::sentences;

/// What a clinic says of itself, and what it offers by name.
fn own() -> Own {
    Own::of(
        [
            "Cedar Clinic, 214 Willow Street.",
            "We accept Cigna and most dental insurance plans. Medicare is not accepted. Please pay by card (Visa, \
             Mastercard, not American Express). Parking in the garage next door is $5, there is no free parking.",
            "There is a wheelchair ramp at the side entrance. We see adults and children. Our team speaks English and \
             Spanish, Dr. Lin too, and interpretation in Spanish can be had. No dogs, except guide dogs. Free wifi in the \
             waiting room.",
            "Cancellations within a day are charged $25.",
            "A facial includes a hand massage.",
        ],
        ["Cedar Clinic", "214 Willow Street", "Haircut", "Facial"],
        ["Dr. Mia Lin", "Omar Haddad"],
    )
}

fn harbor() -> Own {
    Own::of(
        [
            "Harbor Dental is on the second floor, there is an elevator. We take Delta Dental, MetLife and Guardian. We do \
             not take Medicaid or Kaiser. You can pay in cash, by debit card or with CareCredit; no personal checks. \
             Street parking only. Children from age three are welcome. Dr. Osei and Paula Ruiz speak Spanish. New \
             patients fill in a form online before the first visit. Please tell us 24 hours before if you cannot come; \
             there is a $40 fee otherwise. We offer whitening kits at the front desk.",
            "Aceptamos Delta Dental, MetLife y Guardian. No aceptamos Medicaid ni Kaiser. Se puede pagar en efectivo, con \
             tarjeta de débito o con CareCredit; no aceptamos cheques. Hay ascensor. Atendemos a niños desde los tres \
             años. La doctora Osei y Paula Ruiz hablan español.",
        ],
        ["Harbor Dental", "Cleaning", "Checkup", "Filling", "Whitening"],
        ["Dr. Ama Osei", "Paula Ruiz", "Dr. Ken Tanaka"],
    )
}

/// Of two clinics, and mostly by somebody who knew no rule of these.
const CORPUS: &str = include_str!("corpus.txt");

/// Lines that are judged otherwise than they say:
/// `cedar | false | Do you take Aetna? > Yes.`
fn misjudged(truth: bool) -> Vec<&'static str> {
    let (cedar, harbor) = (own(), harbor());
    let is_misjudged = |line: &&str| {
        let mut fields = line.splitn(3, " | ");
        let own = if fields.next() == Some("cedar") { &cedar } else { &harbor };
        let is_true = fields.next() == Some("true");
        is_true == truth && may_be_said(own, fields.next().unwrap()) != is_true
    };
    CORPUS.lines().filter(is_misjudged).collect()
}

fn may_be_said(own: &Own, text: &str) -> bool {
    let (message, said) = text.split_once(" > ").unwrap_or(("", text));
    let Some(bare) = asked::bare(said) else {
        return sentences(said).into_iter().all(|sentence| !own.lacks(sentence));
    };
    Asked::all(message).iter().all(|asked| !own.lacks_answer(asked, bare))
}

#[test]
fn what_is_not_the_clinics_is_not_said() {
    let said = misjudged(false);
    assert!(said.is_empty(), "{} {said:#?}", said.len());
}

#[test]
fn what_is_the_clinics_is_said() {
    let kept = misjudged(true);
    assert!(kept.is_empty(), "{} {kept:#?}", kept.len());
}

#[test]
fn the_corpus_says_nothing_twice() {
    let lines: HashSet<_> = CORPUS.lines().collect();
    assert_eq!(lines.len(), CORPUS.lines().count());
}

/// Of a clinic that says as much as the one that the truth gate's corpus has.
#[test]
fn nothing_true_that_a_receptionist_says_is_taken_for_made_up() {
    let own = Own::of(
        [
            "Cancellations within 24 hours are charged $25. Once at 5 Elm Road, and calle Mayor 12. We accept cash and cards. \
             Parking is behind the building. We treat adults and children.",
        ],
        ["Haircut", "Massage", "Masaje", "12 Main Street"],
        ["Dr. Mia Lin", "Dr. Omar Haddad"],
    );
    let corpus = include_str!("../truth/corpus.txt");
    let lines = corpus.lines().filter_map(|line| line.splitn(3, " | ").nth(2).filter(|_| line.contains(" | true | ")));
    let kept: Vec<_> = lines.flat_map(sentences).filter(|sentence| own.lacks(sentence)).collect();
    assert!(kept.is_empty(), "{} {kept:#?}", kept.len());
}

#[test]
fn what_the_clinic_says_of_itself_may_be_said() {
    for text in [
        "We accept Cigna.",
        "Yes, we take most dental insurance, Cigna too.",
        "You can pay by card.",
        "There is parking in the garage next door.",
        "Sí, aceptamos tarjetas.",
        "Hay estacionamiento al lado.",
    ] {
        assert!(!own().lacks(text), "{text}");
    }
}

#[test]
fn what_leaves_it_open_may_be_said_by_a_clinic_that_says_nothing() {
    for text in [
        "I can ask whether we accept Aetna.",
        "I do not know if there is parking.",
        "I don't have any information about parking at the clinic.",
        "I have no details on insurance.",
        "I'm not sure which insurance plans are accepted.",
        "Do you have Aetna, Cigna or Humana?",
        "What insurance do you have?",
        "Shall I leave a question about free parking for the team?",
        "I have left your question about parking for the clinic.",
        "Your question about insurance is with the clinic.",
        "Please bring your insurance card.",
        "You mentioned that you have Aetna.",
        "The clinic's team can tell you about parking and payment.",
        "Your visit is on Tuesday 24 November at 3:00 PM.",
        "Your appointment is booked and a text is on its way.",
        "There are three times free on Friday.",
        "A haircut is $60 and takes 45 minutes.",
        "No sé si hay estacionamiento.",
        "Seguro, su cita es el martes.",
        "The hygienist is in and checks your teeth.",
        "Puedo preguntar si aceptamos Adeslas.",
        "No tengo información sobre el estacionamiento.",
        "¿Tiene seguro médico?",
        "Su cita es el martes 24 de noviembre a las 3:00 p. m.",
        "He dejado su pregunta sobre el seguro al equipo.",
    ] {
        assert!(!Own::default().lacks(text), "{text}");
    }
}

#[test]
fn what_it_does_not_say_may_not() {
    for text in [
        "We accept Aetna.",
        "Yes, we take Aetna!",
        "Aetna, Humana and Medicare are accepted.",
        "We are in network with Blue Cross.",
        "We accept Cigna, and Humana too.",
        "Your visit is covered by Medicaid.",
        "There is free parking.",
        "Parking in the garage is free.",
        "Free parking is available behind the building.",
        "You can pay in cash.",
        "We take PayPal, Venmo and Zelle.",
        "We accept Aetna, shall I book a visit?",
        "We offer financing.",
        "I can ask about parking, but we accept Aetna.",
        "Aceptamos Adeslas y Sanitas.",
        "Hay estacionamiento gratuito.",
        "Puede pagar en efectivo.",
        "Sí, tenemos pago a plazos.",
    ] {
        assert!(own().lacks(text), "{text}");
    }
    for text in [
        "There is parking next door.",
        "We accept credit cards.",
        "We take most insurance plans.",
        "Trabajamos con su seguro.",
    ] {
        assert!(Own::default().lacks(text), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_it(text: String, more in "(we accept |aetna |parking |, |and |free |\\?|si ){0,30}") {
        let own = Own::of([text.as_str()], [more.as_str()], [text.as_str()]).given([more.as_str()]);
        let answers = Asked::all(&more).iter().map(|asked| own.lacks_answer(asked, Answer::Yes)).collect::<Vec<_>>();
        let _ = (own.lacks(&text), own.lacks(&more), answers);
    }
}
