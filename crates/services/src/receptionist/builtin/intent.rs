//! What a message is about, besides a time and a name.

use domain::language::Language;

use super::text::says_any;

mod english;
mod spanish;

/// The part of the clinic's facts a patient asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Hours,
    Address,
    Types,
    Practitioners,
}

impl Topic {
    /// As the `clinic_facts` tool calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Address => "address",
            Self::Types => "types",
            Self::Practitioners => "practitioners",
        }
    }
}

/// Something said that has an answer of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    Greeting,
    HowAreYou,
    Thanks,
    Bye,
    Robot,
    Human,
    Contact,
    Code,
    /// Cancel or move a visit that exists already.
    ChangeExisting,
    Medical,
    Prescription,
    Insurance,
    Payment,
    /// Whether it is booked yet.
    Status,
    Privacy,
    Help,
    Insult,
    /// To be told if a time comes free.
    Waitlist,
    /// Something to be passed on to the team.
    Note,
    /// To be written to at another time.
    WriteLater,
    /// Why a time is not to be had.
    WhyNot,
    /// Another phone number or address than the clinic knows.
    NewContact,
    /// Which date their words mean.
    WhichDate,
    /// To be spoken to in another language.
    Language,
}

/// What is said about each of these in one language, in small letters without
/// accents.
struct Lists {
    practitioners: &'static [&'static str],
    hours: &'static [&'static str],
    no_hours: &'static [&'static str],
    address: &'static [&'static str],
    no_address: &'static [&'static str],
    types: &'static [&'static str],
    /// The first that occurs counts.
    talk: &'static [(Talk, &'static [&'static str])],
    /// What only sounds like it.
    excuses: &'static [(Talk, &'static [&'static str])],
    /// Medical though a visit is wanted, too.
    serious: &'static [&'static str],
    wants_visit: &'static [&'static str],
    starts_over: &'static [&'static str],
    gives_up: &'static [&'static str],
    /// Drops it in a short message, where nothing of `no_cancel` is said.
    cancel: &'static [&'static str],
    no_cancel: &'static [&'static str],
    /// The whole message.
    stop: &'static [&'static str],
    /// What leads a name, and asks for a call.
    call_me: &'static [&'static str],
    call_back: &'static [&'static str],
}

fn lists(language: Language) -> &'static Lists {
    match language {
        Language::English => &english::LISTS,
        Language::Spanish => &spanish::LISTS,
    }
}

/// The facts a message asks for, at most two.
pub fn topics(line: &str, language: Language) -> Vec<Topic> {
    let lists = lists(language);
    let asked = [
        (says_any(line, lists.practitioners), Topic::Practitioners),
        (says_any(line, lists.hours) && !says_any(line, lists.no_hours), Topic::Hours),
        (says_any(line, lists.address) && !says_any(line, lists.no_address), Topic::Address),
        (says_any(line, lists.types), Topic::Types),
    ];
    asked.into_iter().filter(|(asked, _)| *asked).map(|(_, topic)| topic).take(2).collect()
}

/// What else a message says that has an answer of its own.
pub fn talk(line: &str, language: Language) -> Option<Talk> {
    let lists = lists(language);
    let found = lists.talk.iter().find(|(talk, phrases)| says_any(line, phrases) && !excused(*talk, line, lists));
    found.map(|(talk, _)| *talk)
}

/// Whether the patient asks for a visit in so many words.
pub fn wants_visit(line: &str, language: Language) -> bool {
    says_any(line, lists(language).wants_visit)
}

/// Whether the patient wants to begin again.
pub fn starts_over(line: &str, language: Language) -> bool {
    says_any(line, lists(language).starts_over)
}

/// Whether the patient drops what was being booked.
pub fn gives_up(line: &str, language: Language) -> bool {
    let lists = lists(language);
    let short = line.split_whitespace().count() <= 6;
    says_any(line, lists.gives_up)
        || short && says_any(line, lists.cancel) && !says_any(line, lists.no_cancel)
        || lists.stop.contains(&line.trim())
}

// "Thanks, but help me book" and the like are about something else.
fn excused(talk: Talk, line: &str, lists: &Lists) -> bool {
    let excuses = lists.excuses.iter().filter(|(excused, _)| *excused == talk);
    let wants_visit = || says_any(line, lists.wants_visit);
    match talk {
        _ if excuses.into_iter().any(|(_, phrases)| says_any(line, phrases)) => true,
        Talk::Help => wants_visit(),
        Talk::Human => is_named(line, lists),
        Talk::Medical => wants_visit() && !says_any(line, lists.serious),
        _ => false,
    }
}

// "Call me Ada" is a name.
fn is_named(line: &str, lists: &Lists) -> bool {
    says_any(line, lists.call_me)
        && !says_any(line, lists.call_back)
        && line.split_whitespace().count() <= 5
        && !lists.call_me.iter().any(|lead| line.trim_end().ends_with(lead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_understood_in_one_language_is_in_the_other() {
        let [english, spanish] = Language::ALL.map(|language| lists(language).talk);
        for (one, other) in [(english, spanish), (spanish, english)] {
            let missing: Vec<_> = one
                .iter()
                .map(|(talk, _)| talk)
                .filter(|talk| !other.iter().any(|(known, _)| known == *talk))
                .collect();
            assert!(missing.is_empty(), "{missing:?}");
        }
    }
}
