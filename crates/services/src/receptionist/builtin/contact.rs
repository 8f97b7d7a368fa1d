//! Who the patient says they are: name, email and phone number.

use super::super::model::ClinicFacts;
use super::text::{self, Word};

/// What a message says about how to reach the patient, and the rest of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contact {
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Something with an at sign that is no address.
    pub bad_email: bool,
    /// Too few digits for a number of the clinic's country.
    pub bad_phone: bool,
    /// The message without addresses and numbers, so that they are not read as
    /// dates.
    pub rest: String,
}

/// Takes the email address and phone number out of a cleaned message.
pub fn take(facts: &ClinicFacts, text: &str) -> Contact {
    let (email, bad_email, rest) = take_email(text);
    let (phone, rest) = take_phone(&rest);
    let short = phone.as_deref().is_some_and(|phone| is_local(facts, phone));
    let phone = phone.filter(|_| !short).map(|phone| international(facts, &phone));
    Contact { email, phone, bad_email, bad_phone: short, rest }
}

/// A name the patient introduces, as in "my name is Ada Lovelace".
pub fn introduced(words: &[Word], asked: bool) -> Option<String> {
    const SURE: &[&[&str]] = &[
        &["my", "name", "is"],
        &["my", "names"],
        &["name", "is"],
        &["the", "name", "is"],
        &["names"],
        &["call", "me"],
        &["book", "it", "under"],
        &["put", "it", "under"],
        &["under", "the", "name"],
        &["under"],
        &["full", "name"],
        &["name"],
    ];
    const LIKELY: &[&[&str]] = &[&["i", "am"], &["im"], &["this", "is"], &["its"], &["it", "is"]];
    let sure = SURE.iter().find_map(|lead| after(words, lead));
    let found = sure
        .and_then(|rest| name_at(rest, false))
        .or_else(|| LIKELY.iter().filter_map(|lead| after(words, lead)).find_map(|rest| name_at(rest, !asked)));
    found.map(|name| titled(&name))
}

/// A name given without an introduction, when one was asked for or when it
/// comes with an address or number.
pub fn bare_name(rest: &str, asked: bool) -> Option<String> {
    rest.split([',', ';', '\n', '|', '.', '!', '(', ')'])
        .flat_map(|part| part.split(" and "))
        .filter_map(|part| whole_name(&text::words(part), !asked))
        .next()
        .map(|name| titled(&name))
}

fn take_email(text: &str) -> (Option<String>, bool, String) {
    let spelled = spelled_out(text);
    let text = spelled.as_deref().unwrap_or(text);
    let (mut email, mut bad, mut rest) = (None, false, String::with_capacity(text.len()));
    for token in text.split_inclusive(char::is_whitespace) {
        let core = token.trim_matches(|c: char| c.is_whitespace() || "<>()[]\"',;:.!?".contains(c));
        // "mailto:ada@example.com" and "email:ada@example.com"
        let core = core.rsplit_once(':').map_or(core, |(_, address)| address);
        match core.split_once('@') {
            Some((local, domain)) if is_address(local, domain) => {
                email = Some(core.to_owned());
                rest.push_str(" , ");
            }
            Some((local, domain))
                if !local.is_empty() && domain.chars().any(char::is_alphabetic) && !starts_like_time(domain) =>
            {
                bad = true;
                rest.push_str(" , ");
            }
            _ => rest.push_str(token),
        }
    }
    (email.clone(), bad && email.is_none(), rest)
}

fn is_address(local: &str, domain: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let Some((host, top)) = domain.rsplit_once('.') else { return false };
    !local.is_empty()
        && local.chars().all(fine)
        && !host.is_empty()
        && !domain.contains("..")
        && domain.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-')
        && top.chars().count() >= 2
        && top.chars().all(char::is_alphabetic)
}

// "mia@2pm" is a time.
fn starts_like_time(domain: &str) -> bool {
    domain.starts_with(|c: char| c.is_ascii_digit())
}

// "ada at example dot com", "ada @ example.com"
fn spelled_out(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let spelled = lower.contains(" dot ") && lower.contains(" at ");
    if !spelled && !lower.contains(" @ ") {
        return None;
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    let at = parts.iter().position(|p| *p == "@" || p.eq_ignore_ascii_case("at"))?;
    let (local, mut domain) = (parts.get(at.checked_sub(1)?)?, (*parts.get(at + 1)?).to_owned());
    let mut end = at + 2;
    while parts.get(end).is_some_and(|p| p.eq_ignore_ascii_case("dot")) {
        domain = format!("{domain}.{}", parts.get(end + 1)?);
        end += 2;
    }
    let address = domain.trim_end_matches(['.', ',', '!', '?']);
    let (_, top) = address.rsplit_once('.')?;
    if !top.chars().all(char::is_alphabetic) || !is_address(local, address) {
        return None;
    }
    let before = parts[..at - 1].join(" ");
    Some(format!("{before} {local}@{address} {}", parts.get(end..).unwrap_or_default().join(" ")))
}

fn take_phone(text: &str) -> (Option<String>, String) {
    let chars: Vec<char> = text.chars().collect();
    let (mut phone, mut rest, mut i) = (None, String::with_capacity(text.len()), 0);
    while i < chars.len() {
        let fresh = i == 0 || !chars[i - 1].is_alphanumeric();
        let run = if fresh { numeric_run(&chars[i..]) } else { 0 };
        let end = phone_end(&chars[i..i + run], chars.get(i + run).copied());
        if let Some(end) = end {
            let number: String = chars[i..i + end].iter().collect();
            phone.get_or_insert(number.trim().to_owned());
            rest.push_str(" , ");
            i += end;
        } else {
            // "24 212 555 0147" may still be a phone number after the 24.
            let skipped =
                chars[i..i + run].iter().position(|c| *c == ' ').filter(|n| *n <= 3).map_or(run, |n| n + 1).max(1);
            rest.extend(&chars[i..i + skipped]);
            i += skipped;
        }
    }
    (phone, rest)
}

// How many characters at the start of `chars` could be in a phone number.
fn numeric_run(chars: &[char]) -> usize {
    if !matches!(chars.first(), Some(c) if c.is_ascii_digit() || *c == '+' || *c == '(') {
        return 0;
    }
    let fits = |(i, c): &(usize, &char)| c.is_ascii_digit() || (*i == 0 && **c == '+') || " ()-.".contains(**c);
    chars.iter().take(40).enumerate().take_while(fits).count()
}

// How many characters of a numeric run are a phone number.
fn phone_end(run: &[char], next: Option<char>) -> Option<usize> {
    let end = run.iter().rposition(char::is_ascii_digit)? + 1;
    let number: String = run[..end].iter().collect();
    let count = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let joined_on = end == run.len() && next.is_some_and(|c| c.is_alphanumeric() || c == ':' || c == '/');
    // "2 212 555 0147" is a time and a number.
    let led = number.split_once(' ').is_some_and(|(first, rest)| {
        first != "1" && first.len() <= 2 && count(first) > 0 && count(rest) == 10 && !first.starts_with('+')
    });
    (matches!(count(&number), 7..=15) && !joined_on && !led && !has_iso_date(&number) && !is_dotted_date(&number))
        .then_some(end)
}

fn has_iso_date(number: &str) -> bool {
    let digits = |part: &str| part.len() <= 4 && part.chars().all(|c| c.is_ascii_digit());
    number.split(' ').any(|word| {
        let parts: Vec<&str> = word.split('-').collect();
        parts.iter().all(|part| digits(part))
            && matches!(parts[..], [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2)
    })
}

fn is_dotted_date(number: &str) -> bool {
    ["%d.%m.%Y", "%m-%d-%Y", "%d-%m-%Y"].iter().any(|form| chrono::NaiveDate::parse_from_str(number, form).is_ok())
}

// "555-0147" without its area code.
fn is_local(facts: &ClinicFacts, number: &str) -> bool {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let american = facts.phone.as_deref().map_or_else(|| american(facts), |own| own.starts_with("+1"));
    american && !number.starts_with('+') && digits < 10
}

// The clinic's own country is the likely one when none is stated.
fn international(facts: &ClinicFacts, number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if number.starts_with('+') {
        return format!("+{digits}");
    }
    if let Some(rest) = digits.strip_prefix("00").filter(|rest| rest.len() > 8) {
        return format!("+{rest}");
    }
    let country =
        facts.phone.as_deref().and_then(|own| phonenumber::parse(None, own).ok()).and_then(|own| own.country().id());
    let country = country.or_else(|| american(facts).then_some(phonenumber::country::Id::US));
    match phonenumber::parse(country, &digits) {
        Ok(parsed) if country.is_some() => parsed.format().mode(phonenumber::Mode::E164).to_string(),
        _ => digits,
    }
}

fn american(facts: &ClinicFacts) -> bool {
    const ZONES: &[&str] = &[
        "New_York",
        "Chicago",
        "Denver",
        "Los_Angeles",
        "Phoenix",
        "Detroit",
        "Boise",
        "Anchorage",
        "Toronto",
        "Vancouver",
    ];
    facts.time_zone.name().rsplit('/').next().is_some_and(|city| ZONES.contains(&city))
}

fn after<'a>(words: &'a [Word], lead: &[&str]) -> Option<&'a [Word]> {
    let at = words.windows(lead.len()).position(|some| some.iter().zip(lead).all(|(word, want)| word.text == *want))?;
    words.get(at + lead.len()..).filter(|rest| !rest.is_empty())
}

// The name at the start of `words`, up to the first word that cannot be in one.
fn name_at(words: &[Word], only_capitalised: bool) -> Option<Vec<Word>> {
    let skip = words.iter().take_while(|w| matches!(w.text.as_str(), "is" | "actually" | "just" | "really")).count();
    let words = &words[skip..];
    let length = words
        .iter()
        .enumerate()
        .take_while(|(i, word)| (*i == 0 || !word.after_break) && could_be_name(word, only_capitalised))
        .count();
    (1..=5).contains(&length).then(|| words[..length].to_vec())
}

// All of `words`, when every one of them could be part of a name.
fn whole_name(words: &[Word], only_capitalised: bool) -> Option<Vec<Word>> {
    const LABELS: &[&str] = &[
        "name", "email", "e", "mail", "phone", "number", "tel", "mobile", "cell", "is", "my", "its", "sure", "ok",
        "okay", "yes", "hi", "hello", "no", "sorry", "and", "here", "address", "im", "thanks", "please", "it", "the",
        "yeah", "at", "or",
    ];
    let core: Vec<Word> = words.iter().filter(|word| !LABELS.contains(&word.text.as_str())).cloned().collect();
    let labels = words.len() - core.len();
    let enough = if only_capitalised { 2..=4 } else { 1..=5 };
    let fits =
        enough.contains(&core.len()) && labels <= 4 && core.iter().all(|word| could_be_name(word, only_capitalised));
    (fits && core.iter().any(|word| word.text.chars().count() > 1)).then_some(core)
}

fn could_be_name(word: &Word, only_capitalised: bool) -> bool {
    let letters = word.text.chars().all(|c| !c.is_ascii_punctuation() && !c.is_numeric());
    let upper = word.raw.chars().next().is_some_and(|c| c.is_uppercase() || !(c.is_lowercase()));
    letters
        && word.text.chars().count() <= 30
        && (upper || !only_capitalised)
        && !NOT_NAMES.contains(&word.text.as_str())
}

fn titled(words: &[Word]) -> String {
    let plain = words.iter().all(|word| word.raw == word.text);
    let shouted = words.iter().all(|word| word.raw.chars().all(|c| !c.is_lowercase()))
        && words.iter().any(|w| w.raw.chars().count() > 3);
    let mut name = String::new();
    for word in words {
        if !name.is_empty() {
            name.push(if word.hyphenated { '-' } else { ' ' });
        }
        name.push_str(&if plain || shouted { capitalised(&word.raw.to_lowercase()) } else { word.raw.clone() });
    }
    name
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

// Words that end or rule out a name. Months are not here: April and May are
// people too.
const NOT_NAMES: &[&str] = &[
    "a",
    "about",
    "above",
    "actually",
    "afternoon",
    "after",
    "again",
    "all",
    "already",
    "also",
    "am",
    "an",
    "and",
    "another",
    "any",
    "anybody",
    "anyone",
    "anything",
    "anytime",
    "appointment",
    "are",
    "as",
    "asap",
    "ask",
    "at",
    "available",
    "back",
    "because",
    "been",
    "before",
    "better",
    "between",
    "book",
    "booking",
    "both",
    "but",
    "by",
    "call",
    "can",
    "cancel",
    "cell",
    "change",
    "code",
    "come",
    "coming",
    "confirm",
    "confused",
    "correct",
    "could",
    "date",
    "day",
    "did",
    "different",
    "do",
    "does",
    "doing",
    "done",
    "dont",
    "dr",
    "doctor",
    "dunno",
    "earlier",
    "early",
    "earliest",
    "either",
    "email",
    "else",
    "evening",
    "everything",
    "fine",
    "first",
    "flexible",
    "for",
    "free",
    "friday",
    "from",
    "full",
    "get",
    "getting",
    "give",
    "go",
    "going",
    "good",
    "got",
    "great",
    "had",
    "happy",
    "has",
    "have",
    "having",
    "hello",
    "help",
    "her",
    "here",
    "hey",
    "hi",
    "his",
    "hm",
    "hmm",
    "hold",
    "how",
    "huh",
    "human",
    "i",
    "id",
    "idk",
    "if",
    "ill",
    "im",
    "in",
    "instead",
    "interested",
    "is",
    "isnt",
    "it",
    "its",
    "ive",
    "just",
    "keep",
    "kidding",
    "know",
    "last",
    "late",
    "later",
    "latest",
    "let",
    "lets",
    "like",
    "lol",
    "looking",
    "mail",
    "make",
    "maybe",
    "me",
    "mean",
    "mine",
    "mobile",
    "monday",
    "morning",
    "my",
    "name",
    "need",
    "never",
    "nevermind",
    "new",
    "next",
    "nice",
    "no",
    "none",
    "nope",
    "not",
    "nothing",
    "now",
    "number",
    "of",
    "off",
    "ok",
    "okay",
    "on",
    "one",
    "only",
    "open",
    "or",
    "other",
    "our",
    "out",
    "over",
    "perfect",
    "phone",
    "please",
    "pls",
    "plz",
    "prefer",
    "price",
    "question",
    "ready",
    "really",
    "reschedule",
    "right",
    "robot",
    "running",
    "same",
    "saturday",
    "say",
    "second",
    "see",
    "sick",
    "skip",
    "slot",
    "so",
    "some",
    "someone",
    "something",
    "soon",
    "sorry",
    "start",
    "still",
    "stop",
    "sunday",
    "sure",
    "tell",
    "text",
    "than",
    "thank",
    "thanks",
    "that",
    "thats",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "think",
    "third",
    "this",
    "those",
    "thursday",
    "thx",
    "time",
    "times",
    "to",
    "today",
    "tomorrow",
    "tonight",
    "too",
    "try",
    "trying",
    "tuesday",
    "under",
    "unsure",
    "up",
    "us",
    "use",
    "used",
    "very",
    "visit",
    "wait",
    "waiting",
    "want",
    "wanted",
    "was",
    "we",
    "wednesday",
    "week",
    "weekend",
    "well",
    "were",
    "what",
    "whatever",
    "when",
    "whenever",
    "where",
    "which",
    "who",
    "whoever",
    "whom",
    "why",
    "wish",
    "with",
    "wont",
    "work",
    "working",
    "works",
    "would",
    "wrong",
    "yeah",
    "yep",
    "yes",
    "you",
    "your",
    "yourself",
    "yup",
    "busy",
    "away",
    "worried",
    "afraid",
    "wondering",
    "hoping",
    "calling",
    "glad",
    "tired",
    "urgent",
    "emergency",
    "massage",
    "haircut",
    "spelled",
    "spelt",
    "via",
    "using",
    "hours",
    "wouldnt",
    "cant",
    "cannot",
    "didnt",
    "doesnt",
    "shouldnt",
    "should",
    "must",
    "might",
    "asking",
    "provided",
    "given",
    "gave",
    "bot",
    "address",
    "reach",
    "contact",
    "lunch",
    "noon",
    "midday",
    "couple",
    "two",
    "three",
    "gonna",
    "wanna",
    "start",
    "restart",
    "scratch",
    "forget",
    "rather",
    "okey",
    "cool",
    "awesome",
    "bye",
    "goodbye",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "tmrw",
    "mins",
    "minutes",
    "minute",
    "hour",
    "ready",
    "private",
    "personal",
    "share",
    "prefers",
    "whats",
    "wheres",
    "whos",
    "hows",
    "u",
    "r",
    "ur",
];

#[cfg(test)]
mod tests {
    use super::super::world::bloom;
    use super::*;

    fn contact(text: &str) -> Contact {
        take(&bloom(), &text::clean(text))
    }

    #[test]
    fn addresses_and_numbers_are_taken_out_of_the_message() {
        let all = contact("Ada Lovelace, ada@example.com, +1 555 123 4567");
        assert_eq!(all.email.as_deref(), Some("ada@example.com"));
        assert_eq!(all.phone.as_deref(), Some("+15551234567"));
        assert_eq!(bare_name(&all.rest, true).as_deref(), Some("Ada Lovelace"));
        assert_eq!(bare_name(&all.rest, false).as_deref(), Some("Ada Lovelace"));
    }

    #[test]
    fn a_national_number_gets_the_clinics_country() {
        for text in ["(212) 555-0147", "212-555-0147", "212.555.0147", "it's 2125550147 thanks", "12125550147"] {
            assert_eq!(contact(text).phone.as_deref(), Some("+12125550147"), "{text}");
        }
    }

    #[test]
    fn a_time_before_a_number_is_not_part_of_it() {
        assert_eq!(contact("tuesday at 2 212-555-0147").phone.as_deref(), Some("+12125550147"));
        assert!(contact("555-0147").bad_phone && contact("555-0147").phone.is_none());
    }

    #[test]
    fn dates_and_times_are_not_phone_numbers() {
        for text in
            ["2026-11-24 at 14:00", "11/24/2026 2:30", "2-4", "24.11.2026", "2026-11-24", "between 2 and 4 on 11/24"]
        {
            assert_eq!(contact(text).phone, None, "{text}");
        }
    }

    #[test]
    fn spelled_out_and_broken_addresses() {
        assert_eq!(contact("ada at example dot com").email.as_deref(), Some("ada@example.com"));
        assert_eq!(contact("it's ada @ example.com").email.as_deref(), Some("ada@example.com"));
        assert_eq!(contact("Email:ada.may+x@example.co.uk.").email.as_deref(), Some("ada.may+x@example.co.uk"));
        assert!(contact("ada@example").bad_email);
        assert!(!contact("tuesday @ 2pm").bad_email);
        assert!(!contact("tuesday@2pm").bad_email);
    }

    #[test]
    fn names_are_heard_in_many_forms() {
        for (text, name) in [
            ("my name is ada lovelace", "Ada Lovelace"),
            ("My name is actually Ada King", "Ada King"),
            ("I'm Ada, and my email is", "Ada"),
            ("this is Zoë O'Brien-Smith", "Zoë O'Brien-Smith"),
            ("name: Ada Lovelace", "Ada Lovelace"),
            ("book it under Grace Hopper please", "Grace Hopper"),
        ] {
            let name_found = introduced(&text::words(&text::clean(text)), false);
            assert_eq!(name_found.as_deref(), Some(name), "{text}");
        }
    }

    #[test]
    fn ordinary_sentences_are_not_names() {
        for text in [
            "I'm looking for a haircut",
            "I am free on Tuesday",
            "this is great",
            "it's fine",
            "for tomorrow",
            "im not sure",
        ] {
            assert_eq!(introduced(&text::words(text), true), None, "{text}");
        }
        for text in ["what do you mean?", "skip", "i don't have one", "yes please", "no thanks", "can we do 3 instead"]
        {
            assert_eq!(bare_name(text, true), None, "{text}");
        }
        assert_eq!(bare_name("April May", true).as_deref(), Some("April May"));
        assert_eq!(bare_name("ADA LOVELACE", true).as_deref(), Some("Ada Lovelace"));
    }
}
