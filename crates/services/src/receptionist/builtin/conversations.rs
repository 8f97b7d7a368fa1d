//! Whole conversations in English.

use super::chat::{CODE, Chat, TUESDAY};

#[test]
fn a_patient_books_the_time_they_asked_for() {
    let mut chat = Chat::new(TUESDAY);
    let (answer, used) = chat.say("I'd like to book a haircut for next Tuesday at 2pm");
    assert_eq!(answer, "Tuesday 24 November at 2:00 PM is free with Mia Lin. Shall I hold it for you?");
    assert_eq!(used, ["check_availability"]);

    let (answer, used) = chat.say("yes please");
    assert_eq!(
        answer,
        "I am holding Tuesday 24 November at 2:00 PM for a haircut with Mia Lin (45 min) for 5 minutes. What name, email and phone number should I book it under?"
    );
    assert_eq!(used, ["hold_slot"]);

    let (answer, used) = chat.say("Ada Lovelace, ada@example.com, +1 555 123 4567");
    assert_eq!(
        answer,
        "You are booked for a haircut with Mia Lin (45 min) on Tuesday 24 November at 2:00 PM, New York time. It is under Ada Lovelace, ada@example.com and +15551234567. Your confirmation code is K7QX2M9A."
    );
    assert_eq!(used, ["confirm_booking"]);

    assert!(chat.say("what was my code again?").0.contains(CODE));
    assert_eq!(chat.say("thanks").0, "You are welcome.");
}

#[test]
fn a_button_selects_exactly_its_slot() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut on tuesday");
    let (answer, used) = chat.say("Tue 24 Nov, 3:00 PM with Noah Reyes");
    assert_eq!(used, ["hold_slot"]);
    assert!(
        answer.starts_with("I am holding Tuesday 24 November at 3:00 PM for a haircut with Noah Reyes"),
        "{answer}"
    );
}

#[test]
fn a_patient_picks_in_their_own_words() {
    for (words, holds) in [
        ("the first one", "10:00 AM"),
        ("the second", "1:00 PM"),
        ("2pm", "2:00 PM"),
        ("2", "2:00 PM"),
        ("at 3 please", "3:00 PM"),
        ("the last one", "3:00 PM"),
        ("with noah", "3:00 PM"),
        ("option 2", "1:00 PM"),
        ("10 works for me", "10:00 AM"),
        ("I'll take 1:00", "1:00 PM"),
        ("the later one", "2:00 PM"),
        ("any of them", "10:00 AM"),
        ("3pm with Noah Reyes", "3:00 PM"),
        ("tuesday at 1", "1:00 PM"),
        ("the 2 o'clock", "2:00 PM"),
        ("let's do two", "2:00 PM"),
        ("noah", "3:00 PM"),
        ("make it the later one", "2:00 PM"),
        ("number 4", "3:00 PM"),
        ("4", "3:00 PM"),
    ] {
        let mut chat = Chat::new(TUESDAY);
        chat.say("haircut on tuesday");
        let (answer, used) = chat.say(words);
        assert_eq!(used, ["hold_slot"], "{words}: {answer}");
        assert!(answer.contains(&format!("24 November at {holds}")), "{words}: {answer}");
    }
}

#[test]
fn pieces_come_in_any_order_over_several_messages() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("hello");
    assert!(chat.say("I want a haircut").0.ends_with("Which day would you like to come in for a haircut?"));
    assert!(chat.say("tuesday").0.starts_with("Here is what is free on Tuesday 24 November: "));
    chat.say("1pm");
    assert_eq!(chat.say("it's ada@example.com").0, "What name and phone number should I book it under?");
    assert_eq!(chat.say("Ada Lovelace").0, "Thank you, Ada. What phone number should I add? You can say skip.");
    let (answer, used) = chat.say("skip");
    assert_eq!(used, ["confirm_booking"]);
    assert!(answer.contains("under Ada Lovelace and ada@example.com."), "{answer}");
}

#[test]
fn no_way_to_reach_the_patient_is_not_enough() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut tuesday 2pm");
    chat.say("ok");
    chat.say("April May");
    let (answer, used) = chat.say("no");
    assert!(used.is_empty() && answer.starts_with("I need an email address or a phone number"), "{answer}");
    assert_eq!(chat.say("212 555 0147").0, "Thank you, April. What email should I add? You can say skip.");
    assert!(chat.say("no email").0.contains("under April May and +12125550147."));
}

#[test]
fn a_correction_after_a_hold_finds_a_new_time() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut tuesday at 2");
    chat.say("yes");
    assert_eq!(
        chat.say("actually Wednesday").0,
        "Wednesday 25 November at 2:00 PM is free with Mia Lin. Shall I hold it for you?"
    );
    assert_eq!(
        chat.say("no, Thursday").0,
        "Thursday 26 November at 2:00 PM is free with Noah Reyes. Shall I hold it for you?"
    );
    assert!(
        chat.say("that works")
            .0
            .starts_with("I am holding Thursday 26 November at 2:00 PM for a haircut with Noah Reyes")
    );
    assert!(chat.say("Ada Lovelace, ada@example.com").0.contains("What phone number"));
    let (answer, _) = chat.say("my name is actually Ada King, 212-555-0147");
    assert!(answer.contains("under Ada King, ada@example.com and +12125550147."), "{answer}");
}

#[test]
fn a_time_is_corrected_within_the_day() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut tuesday at 2");
    chat.say("yes");
    let (answer, used) = chat.say("can we do 3 instead");
    assert_eq!(used, ["hold_slot"]);
    assert!(answer.contains("at 3:00 PM for a haircut with Noah Reyes"), "{answer}");
    assert!(chat.say("make it the earlier one").0.contains("at 2:00 PM for a haircut with Mia Lin"));
    assert!(chat.say("actually 1").0.contains("at 1:00 PM for a haircut with Mia Lin"));
    assert!(chat.say("with Dr. Reyes instead").0.contains("Noah Reyes"));
}

#[test]
fn a_type_is_corrected() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut on tuesday");
    let (answer, used) = chat.say("not haircut, massage");
    assert_eq!(used, ["check_availability"]);
    assert!(answer.contains("3:00 PM with Noah Reyes"), "{answer}");
}

#[test]
fn starting_over_and_giving_up_hold_nothing() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut tuesday at 2");
    chat.say("yes");
    assert!(chat.say("nevermind").0.contains("nothing is reserved"));
    chat.say("haircut tuesday");
    assert!(chat.say("start over").0.starts_with("Let us start again. What would you like to book"));
    chat.say("haircut wednesday");
    let (answer, used) = chat.say("different day");
    assert!(used.is_empty() && answer.contains("Which day"), "{answer}");
}

#[test]
fn a_slot_that_was_just_taken_leads_to_another() {
    let mut chat = Chat::new(TUESDAY).refusing("hold_slot", "slot_taken", "That time was just taken.");
    chat.say("haircut tuesday at 2");
    let (answer, used) = chat.say("yes");
    assert_eq!(used, ["hold_slot", "check_availability"]);
    assert!(
        answer.starts_with(
            "I am sorry, that time was just taken. Tuesday 24 November at 2:00 PM is not free. The closest I have is "
        ),
        "{answer}"
    );
    assert!(chat.say("3pm").0.contains("I am holding Tuesday 24 November at 3:00 PM"));
}

#[test]
fn a_stale_slot_token_is_renewed_without_a_word() {
    let mut chat = Chat::new(TUESDAY).refusing("hold_slot", "invalid", "That offer is too old.");
    chat.say("haircut tuesday at 2");
    let (answer, used) = chat.say("yes");
    // The fake gives the same token again, so the same call must not be repeated.
    assert_eq!(used, ["hold_slot", "check_availability"], "{answer}");
}

#[test]
fn a_hold_that_ran_out_is_taken_again() {
    let mut chat = Chat::new(TUESDAY).refusing("confirm_booking", "hold_expired", "The hold has run out.");
    chat.say("haircut tuesday at 2");
    chat.say("yes");
    let (answer, used) = chat.say("Ada Lovelace, ada@example.com, 212 555 0147");
    assert_eq!(used, ["confirm_booking", "check_availability"]);
    assert_eq!(
        answer,
        "I am sorry, the hold ran out before I could book it. Tuesday 24 November at 2:00 PM is free with Mia Lin. Shall I hold it for you?"
    );
    let (answer, used) = chat.say("yes");
    assert_eq!(used, ["hold_slot", "confirm_booking"]);
    assert!(answer.contains(CODE), "{answer}");
}

#[test]
fn a_refused_address_is_asked_for_again() {
    let mut chat = Chat::new(TUESDAY).refusing("confirm_booking", "invalid", "That email address cannot receive mail.");
    chat.say("haircut tuesday at 2");
    chat.say("yes");
    let (answer, _) = chat.say("Ada Lovelace, ada@exmaple.con, 212 555 0147");
    assert_eq!(answer, "That email address cannot receive mail. What email should I add? You can say skip.");
    assert!(chat.say("ada@example.com").0.contains("ada@example.com"));
}

#[test]
fn a_full_day_and_a_closed_day_are_said_to_be() {
    let mut chat = Chat::new(&["2026-11-26T09:00:00", "2026-11-30T09:00:00"]);
    let (answer, used) = chat.say("haircut on tuesday");
    assert_eq!(used, ["check_availability", "check_availability"]);
    assert!(answer.starts_with("Tuesday 24 November is full. The next free times are Thursday 26 November at 9:00 AM or Monday 30 November at 9:00 AM, with Mia Lin."), "{answer}");
    let (answer, used) = chat.say("what about sunday");
    assert_eq!(used, ["check_availability"]);
    assert!(answer.starts_with("We are closed on Sunday 22 November. The next free times are"), "{answer}");
    let (answer, _) = chat.say("friday morning");
    assert!(answer.starts_with("Nothing is free on Friday 27 November before 12:00 PM."), "{answer}");
}

#[test]
fn nothing_at_all_is_said_to_be_nothing() {
    let mut chat = Chat::new(&[]);
    let (answer, used) = chat.say("haircut as soon as possible");
    assert!(used.len() <= 4 && answer.contains("I find no free time for a haircut"), "{answer}");
}

#[test]
fn a_question_in_between_does_not_lose_the_thread() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut tuesday at 2");
    let (answer, used) = chat.say("where are you?");
    assert_eq!(used, ["clinic_facts"]);
    assert_eq!(
        answer,
        "We are at 12 Garden Street, Brooklyn, NY 11201. Shall I hold Tuesday 24 November at 2:00 PM with Mia Lin for you?"
    );
    chat.say("yes");
    let (answer, _) = chat.say("are you open Saturday?");
    assert!(
        answer.starts_with("On Saturday 21 November we are open 10:00 AM to 2:00 PM. What name, email"),
        "{answer}"
    );
    let (answer, _) = chat.say("how much is it?");
    assert!(answer.contains("$60") && answer.ends_with("book it under?"), "{answer}");
    assert!(chat.say("Ada Lovelace ada@example.com 2125550147").0.contains(CODE));
}

#[test]
fn a_wish_and_a_question_in_one_message_are_both_answered() {
    let mut chat = Chat::new(TUESDAY);
    let (answer, used) = chat.say("how much is a haircut, and can I book one on tuesday at 2?");
    assert_eq!(used, ["clinic_facts", "check_availability"]);
    assert_eq!(
        answer,
        "A haircut takes 45 min and is $60. Tuesday 24 November at 2:00 PM is free with Mia Lin. Shall I hold it for you?"
    );

    let mut chat = Chat::new(TUESDAY);
    assert!(
        chat.say("haircut please. are you open on tuesday?")
            .0
            .ends_with("Which day would you like to come in for a haircut?")
    );
    assert!(chat.say("ok tuesday then").0.starts_with("Here is what is free on Tuesday 24 November"));
}

#[test]
fn details_given_early_are_read_back_before_booking() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("Hi, I'm Ada Lovelace, ada@example.com, 212 555 0147. Haircut on Tuesday at 2?");
    let (answer, _) = chat.say("yes");
    assert!(answer.ends_with("Shall I book it under Ada Lovelace, ada@example.com and +12125550147?"), "{answer}");
    assert!(chat.say("yes").0.contains(CODE));
}

#[test]
fn a_booked_visit_is_changed_only_where_that_is_said() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut tuesday at 2");
    chat.say("yes");
    chat.say("Ada Lovelace, ada@example.com, 212 555 0147");
    for remark in ["actually thursday", "my name is actually Ada King"] {
        let (answer, used) = chat.say(remark);
        assert!(used.is_empty() && answer.contains("the clinic changes for you"), "{remark}: {answer}");
    }
    for change in ["can we make it 3 instead", "I need to reschedule"] {
        assert_eq!(chat.say(change).1, ["lookup_booking"], "{change}");
    }
    let (_, used) = chat.say("can I also book a massage on thursday?");
    assert_eq!(used, ["check_availability"]);
}

#[test]
fn other_times_are_found_on_request() {
    let mut chat = Chat::new(TUESDAY);
    chat.say("haircut tuesday before 2");
    let (answer, _) = chat.say("anything later?");
    assert!(answer.contains("2:00 PM"), "{answer}");
    let (answer, _) = chat.say("anything earlier?");
    assert!(answer.contains("10:00 AM") || answer.contains("1:00 PM"), "{answer}");
}

#[test]
fn a_time_that_is_over_is_said_to_be() {
    let (answer, _) = Chat::new(TUESDAY).say("haircut today at 9am");
    assert!(answer.starts_with("9:00 AM today has already passed."), "{answer}");
}
