//! Whole conversations about a new number or address, in both languages.

use serde_json::json;

use super::chat::{CODE, Chat, TUESDAY};

const AT: &str = "2026-11-24T14:00:00";

#[test]
fn a_number_is_changed_once_a_code_was_read_out() {
    let mut chat = Chat::new(TUESDAY).with_visit(AT);
    let (answer, used) = chat.say("Hi, I have a new phone number");
    assert_eq!((answer.as_str(), used.len()), ("What is the new phone number or email address?", 0));
    let (answer, used) = chat.say("212 555 0188");
    assert_eq!(used, ["change_contact", "send_code"]);
    assert!(answer.starts_with("What is the confirmation code of your visit?"), "{answer}");
    let (answer, used) = chat.say(CODE);
    assert_eq!(used, ["lookup_booking", "send_code"]);
    assert_eq!(
        answer,
        "To be sure that it is you, I have sent a code to what the clinic has until now: •••• 0147. What are its six digits?"
    );
    let (answer, used) = chat.say("it says 111 222");
    assert_eq!(used, ["confirm_code"]);
    assert_eq!(answer, "That is not the code that works. What are its six digits?");
    let (answer, used) = chat.say("sorry, 123 456");
    assert_eq!(used, ["confirm_code", "change_contact"]);
    assert_eq!(answer, "Thank you. From now on the clinic has +12125550188 for you.");
    assert_eq!(chat.calls.last().unwrap().arguments, json!({ "phone": "+12125550188", "email": null, "name": null }));
    // And then it is over.
    let (answer, _) = chat.say("haircut on tuesday");
    assert!(answer.starts_with("Here is what is free"), "{answer}");
}

#[test]
fn in_spanish_with_a_name_and_a_birth_date() {
    let mut chat = Chat::new(TUESDAY).with_visit(AT);
    let (answer, used) = chat.say("Hola, quiero actualizar mi correo: ada@example.org");
    assert_eq!(used, ["change_contact", "send_code"], "{answer}");
    assert!(answer.starts_with("¿Cuál es el código de confirmación de su cita?"), "{answer}");
    let (answer, used) = chat.say("Ada Lovelace, 10 de diciembre de 1985");
    assert_eq!(used, ["lookup_booking", "send_code"], "{answer}");
    let (answer, used) = chat.say("no me llegó");
    assert_eq!(used, ["send_code"], "{answer}");
    assert_eq!(chat.calls.last().unwrap().arguments["channel"], "email");
    let (answer, used) = chat.say("123456");
    assert_eq!(used, ["confirm_code", "change_contact"]);
    assert_eq!(answer, "Gracias. A partir de ahora la clínica tiene ada@example.org para usted.");
}

#[test]
fn where_no_code_can_go_the_team_reads_of_it() {
    let nowhere = "There is no phone number on file that a code can go to.";
    let mut chat = Chat::new(TUESDAY)
        .with_visit(AT)
        .refusing("send_code", "verification_required", "First I need a code.")
        .refusing("send_code", "forbidden", nowhere)
        .refusing("send_code", "forbidden", nowhere);
    chat.say("please change my number to 212 555 0188");
    let (answer, used) = chat.say(CODE);
    assert_eq!(used, ["lookup_booking", "send_code", "send_code", "create_inquiry"]);
    assert_eq!(answer, "There is nowhere I could send you a code to. I have left your message for the team.");
    assert_eq!(chat.calls.last().unwrap().arguments["reach"], "+12125550188");
}

#[test]
fn it_may_be_left_at_any_time() {
    let mut chat = Chat::new(TUESDAY).with_visit(AT);
    chat.say("I have a new email");
    let (answer, used) = chat.say("never mind");
    assert_eq!((answer.as_str(), used.len()), ("All right, everything stays as it is.", 0));

    let mut chat = Chat::new(TUESDAY).with_visit(AT);
    chat.say("I have a new email");
    let (answer, used) = chat.say("I'd like a haircut on tuesday");
    assert_eq!(used, ["check_availability"], "{answer}");

    let mut chat = Chat::new(TUESDAY).with_visit(AT);
    chat.say("my new number is 212 555 0188");
    let (answer, _) = chat.say("what are your opening hours?");
    assert!(answer.contains("9:00 AM"), "{answer}");
}
