//! Replies of a single word that mean something by agreement.
//!
//! Wider than any one list, because [whoever wants out](super::revocation) may
//! say so in any reasonable way (47 CFR 64.1200(a)(10)): Twilio's default
//! words, those the FCC names, those AWS has for Canada, and the Spanish ones.

use super::words::words;

/// What a whole reply means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// Send nothing more.
    Stop,
    /// Send again, after a stop.
    Start,
    /// YES where it is a word that starts again. From who has not stopped it is
    /// an answer to whatever was asked last.
    Yes,
    /// Who is this?
    Help,
    /// "C": the visit stands.
    Confirm,
    /// "R": another time, please.
    Reschedule,
    /// One of the choices listed last, 1 to 9.
    Number(u8),
}

/// What kind of number a reply came in on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A long or short code.
    Local,
    /// Opted out of and in again by the carriers, by their own words.
    TollFree,
}

impl Line {
    /// The line that a number (E.164) is: the North American plan keeps some
    /// codes for calls that are free.
    pub fn of(number: &str) -> Self {
        let toll_free = ["800", "833", "844", "855", "866", "877", "888"];
        let area = number.strip_prefix("+1").and_then(|national| national.get(..3));
        if area.is_some_and(|area| toll_free.contains(&area)) { Self::TollFree } else { Self::Local }
    }
}

/// Twilio's default words, see [`answered_by_twilio`].
const TWILIO_STOPS: &[&str] = &["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"];

/// The FCC's "opt out", AWS's REMOVE, ARRET and TD, Twilio Proxy's ARRETE, and
/// what Spanish speakers send. Bare words only: "alto" is also tall, "baja" low.
const OTHER_STOPS: &[&str] = &[
    "stop all", "opt out", "remove", "arret", "arrete", "td", "alto", "baja", "parar", "pare", "paren", "detener",
    "salir", "cancelar", "cancela", "cancele",
];

/// The stops that may as well be about a visit.
const CANCELS: &[&str] = &["cancel", "cancelar", "cancela", "cancele"];

/// Reads a reply that is nothing but a keyword; `None` is for the conversation.
///
/// Case, accents, punctuation, emoji, quotes, full-width letters and letters
/// typed apart make no difference. Any other word does: "please cancel" is not
/// a keyword, because bare CANCEL, END and QUIT opt out and sentences with them
/// are about visits. Sentences that opt out are for
/// [`revocation`](super::revocation::revokes).
pub fn read(body: &str, line: Line) -> Option<Keyword> {
    let reply = reply(body);
    match reply.as_str() {
        stop if TWILIO_STOPS.contains(&stop) || OTHER_STOPS.contains(&stop) => Some(Keyword::Stop),
        "start" | "unstop" => Some(Keyword::Start),
        "yes" if line == Line::Local => Some(Keyword::Yes),
        "help" | "info" | "ayuda" => Some(Keyword::Help),
        "c" | "confirm" | "confirmed" | "confirmo" | "confirmar" | "confirmado" | "confirmada" => {
            Some(Keyword::Confirm)
        }
        "r" | "reschedule" | "change" | "cambiar" | "reprogramar" | "reagendar" => Some(Keyword::Reschedule),
        number => match number.as_bytes() {
            [digit @ b'1'..=b'9'] => Some(Keyword::Number(digit - b'0')),
            _ => None,
        },
    }
}

/// Whether a reply is the one word CANCEL, in English or Spanish. It is a
/// [`Keyword::Stop`] and is taken as one, but its sender may have meant their
/// visit, so somebody should ask.
pub fn is_bare_cancel(body: &str) -> bool {
    CANCELS.contains(&reply(body).as_str())
}

/// Whether Twilio has answered a reply by itself, where the clinic has not set
/// up Advanced Opt-Out. If so a stop needs no confirmation from us.
///
/// It acts on exact single words, case aside
/// (<https://help.twilio.com/articles/223134027>). On toll-free numbers the
/// carriers know STOP, START and UNSTOP only.
pub fn answered_by_twilio(body: &str, line: Line) -> bool {
    let word = body.trim().to_ascii_lowercase();
    match line {
        Line::Local => {
            TWILIO_STOPS.contains(&word.as_str()) || ["start", "yes", "unstop", "help", "info"].contains(&word.as_str())
        }
        Line::TollFree => ["stop", "start", "unstop"].contains(&word.as_str()),
    }
}

/// The words between single spaces; letters typed apart are one word.
fn reply(body: &str) -> String {
    let words = words(body);
    let is_spelled_out = words.len() > 1 && words.iter().all(|word| word.chars().count() == 1);
    words.join(if is_spelled_out { "" } else { " " })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const STOPS: &[&str] = &[
        "STOP",
        "STOPALL",
        "STOP ALL",
        "UNSUBSCRIBE",
        "CANCEL",
        "END",
        "QUIT",
        "REVOKE",
        "OPTOUT",
        "OPT OUT",
        "OPT-OUT",
        "REMOVE",
        "ARRET",
        "ARRÊT",
        "TD",
        "ALTO",
        "BAJA",
        "PARAR",
        "CANCELAR",
    ];

    fn local(body: &str) -> Option<Keyword> {
        read(body, Line::Local)
    }

    #[test]
    fn every_agreed_word_stops_on_every_line() {
        for word in STOPS {
            assert_eq!(local(word), Some(Keyword::Stop), "{word}");
            assert_eq!(read(word, Line::TollFree), Some(Keyword::Stop), "{word}");
        }
    }

    #[test]
    fn other_words_mean_what_was_agreed() {
        for (body, keyword) in [
            ("START", Keyword::Start),
            ("unstop", Keyword::Start),
            ("Yes", Keyword::Yes),
            ("help", Keyword::Help),
            ("INFO", Keyword::Help),
            ("Ayuda", Keyword::Help),
            ("c", Keyword::Confirm),
            ("“C”.", Keyword::Confirm),
            ("Confirmo", Keyword::Confirm),
            ("r", Keyword::Reschedule),
            ("1", Keyword::Number(1)),
            ("#9", Keyword::Number(9)),
            ("(3).", Keyword::Number(3)),
            ("2️⃣", Keyword::Number(2)),
            ("５", Keyword::Number(5)),
        ] {
            assert_eq!(local(body), Some(keyword), "{body}");
        }
    }

    #[test]
    fn yes_starts_nothing_on_a_toll_free_number() {
        assert_eq!(read("YES", Line::TollFree), None);
        assert_eq!(read("START", Line::TollFree), Some(Keyword::Start));
        assert!(answered_by_twilio("YES", Line::Local));
        assert!(!answered_by_twilio("YES", Line::TollFree));
    }

    #[test]
    fn a_line_is_known_by_its_number() {
        for (number, line) in [
            ("+18005551212", Line::TollFree),
            ("+18335551212", Line::TollFree),
            ("+12125551212", Line::Local),
            ("+448005551212", Line::Local),
            ("8005551212", Line::Local),
            ("+1", Line::Local),
            ("+1☎☎", Line::Local),
        ] {
            assert_eq!(Line::of(number), line, "{number}");
        }
    }

    #[test]
    fn a_stop_survives_how_phones_and_people_write_it() {
        for body in [
            "Stop",
            " stop ",
            "stop.",
            "STOP!!!",
            "\"STOP\"",
            "“Stop”",
            "'stop'",
            "«STOP»",
            "(stop)",
            "STOP 🛑",
            "🙏stop🙏",
            "ＳＴＯＰ",
            "Ⓢⓣⓞⓟ",
            "𝐒𝐓𝐎𝐏",
            "stóp",
            "S T O P",
            "s.t.o.p.",
            "S-T-O-P",
            "st\u{200b}op",
            "stop\n\n",
            "¡STOP!",
            "*STOP*",
            "opt_out",
            "Opt‑Out",
            "stop-all",
        ] {
            assert_eq!(local(body), Some(Keyword::Stop), "{body}");
        }
    }

    #[test]
    fn a_bare_word_with_company_is_no_keyword() {
        for body in [
            "please cancel",
            "cancel it",
            "cancel tomorrow",
            "the end",
            "end of day",
            "quit smoking",
            "remove stitches",
            "presion alta",
            "alto colesterol",
            "yes please",
            "no",
            "12",
            "0",
            "1 or 2",
            "c u",
            "r u open",
            "help me",
            "",
            "🙂",
            "stop by",
            "t d a h",
        ] {
            assert_eq!(local(body), None, "{body}");
        }
    }

    #[test]
    fn a_bare_cancel_is_a_stop_that_somebody_should_ask_about() {
        for body in ["cancel", "CANCEL.", "Cancelar", "“cancel”"] {
            assert!(is_bare_cancel(body), "{body}");
            assert_eq!(local(body), Some(Keyword::Stop), "{body}");
        }
        assert!(!is_bare_cancel("stop"));
        assert!(!is_bare_cancel("cancel my visit"));
    }

    #[test]
    fn twilio_answers_exact_words_only() {
        assert!(answered_by_twilio(" Stop ", Line::Local));
        assert!(answered_by_twilio("cancel", Line::Local));
        for body in ["stop.", "stop please", "opt out", "alto", "remove"] {
            assert!(!answered_by_twilio(body, Line::Local), "{body}");
        }
        assert!(!answered_by_twilio("cancel", Line::TollFree));
    }

    proptest! {
        #[test]
        fn dressing_changes_no_keyword(
            word in select(STOPS.to_vec()),
            lower: bool,
            wide: bool,
            before in "[ \n\"'“”«».!?🙏🛑\u{200b}]{0,4}",
            after in "[ \n\"'“”«».!?🙏🛑\u{200b}]{0,4}",
        ) {
            let word = if lower { word.to_lowercase() } else { word.to_owned() };
            let widened = |c: char| if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c };
            let word: String = if wide { word.chars().map(widened).collect() } else { word };
            prop_assert_eq!(local(&format!("{before}{word}{after}")), Some(Keyword::Stop));
        }

        #[test]
        fn no_reply_breaks_the_reader(body: String) {
            let _ = (local(&body), is_bare_cancel(&body), answered_by_twilio(&body, Line::TollFree));
        }
    }
}
