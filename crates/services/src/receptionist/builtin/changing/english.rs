//! How visits that exist are spoken of in English.

use super::Lists;

pub const LISTS: Lists = Lists {
    cancel: &[
        "cancel my",
        "cancel the appointment",
        "cancel the booking",
        "cancel the visit",
        "cancel an appointment",
        "cancel an existing",
        "cancel appointment",
        "cancel a booking",
        "call off my",
    ],
    cancel_at_all: &["cancel"],
    cancel_it: &["cancel it", "cancel that", "cancel this"],
    move_: &[
        "reschedule",
        "rebook my",
        "move my",
        "move the appointment",
        "change my appointment",
        "change my booking",
        "change my visit",
        "change my time",
        "change the appointment",
        "change an appointment",
        "postpone my",
        "push back my",
    ],
    move_it: &["move it", "change it", "postpone it", "make it"],
    see: &[
        "when is my appointment",
        "what time is my appointment",
        "find my appointment",
        "find my booking",
        "look up my",
        "check my appointment",
        "check my booking",
        "details of my appointment",
    ],
    code: &["code", "reference", "confirmation"],
    no_codes: &["changing", "canceled", "thursday", "schedule", "tomorrow", "december", "november"],
    born: &[
        "born", "dob", "on", "date", "of", "birth", "birthday", "and", "is", "my", "the", "name", "in", "at", "was",
    ],
};
