//! Numbers, addresses and links that a sentence gives as if they were known.
//!
//! A model makes up what it does not know, and a telephone number made up is
//! somebody's. What a sentence quotes has to stand in what is known.

use std::collections::HashSet;

/// Something a sentence quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoted {
    Phone,
    Email,
    Link,
    Price,
    Address,
}

/// What may be quoted.
#[derive(Clone, Debug, Default)]
pub struct Known {
    text: String,
    digits: Vec<String>,
    prices: HashSet<String>,
}

impl Known {
    /// Everything that stands in these texts.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let text = texts.into_iter().collect::<Vec<_>>().join("\n").to_lowercase();
        let digits = phones(&text).collect();
        let prices = prices(&text).collect();
        Self { text, digits, prices }
    }

    /// A price, in a currency's main unit.
    pub fn add_price(&mut self, price: &str) {
        self.prices.extend(amount(price));
    }

    /// The first thing that `sentence` quotes and nothing here says.
    pub fn lacks(&self, sentence: &str) -> Option<Quoted> {
        let sentence = sentence.to_lowercase();
        let has_phone = |phone: &String| self.digits.iter().any(|known| is_same_number(known, phone));
        let checks = [
            (Quoted::Email, emails(&sentence).all(|email| self.text.contains(email))),
            (Quoted::Link, links(&sentence).all(|link| self.text.contains(link))),
            (Quoted::Phone, phones(&sentence).all(|phone| has_phone(&phone))),
            (Quoted::Price, prices(&sentence).all(|price| self.prices.contains(&price))),
            (Quoted::Address, addresses(&sentence).all(|address| self.text.contains(&address))),
        ];
        checks.into_iter().find_map(|(quoted, is_known)| (!is_known).then_some(quoted))
    }
}

/// With or without the country's code.
fn is_same_number(known: &str, quoted: &str) -> bool {
    let (long, short) = if known.len() >= quoted.len() { (known, quoted) } else { (quoted, known) };
    long.ends_with(short)
}

/// Digits that may be dialled: seven or more, whatever stands between them.
fn phones(text: &str) -> impl Iterator<Item = String> + '_ {
    let is_between = |letter: char| matches!(letter, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '‑' | '–');
    // Days, years, times of day and fractions are numbers that nobody dials.
    let is_other = |word| is_of_a_calendar(word) || is_a_fraction(word);
    let words = text.split_whitespace().map(|word| if is_other(word) { "," } else { word });
    let text = words.collect::<Vec<_>>().join(" ");
    let runs = text.split(move |letter: char| !letter.is_ascii_digit() && !is_between(letter) && letter != '+');
    let digits = runs.map(|run| run.chars().filter(char::is_ascii_digit).collect::<String>());
    digits.filter(|digits| (7..=15).contains(&digits.len())).collect::<Vec<_>>().into_iter()
}

/// `24/11/2026`, `2026-11-24`, `2026` and `15:00`.
fn is_of_a_calendar(word: &str) -> bool {
    let word = word.trim_matches(|letter: char| !letter.is_ascii_digit());
    let parts: Vec<&str> = word.split(['/', '-', '.']).collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_number = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let is_day = matches!(lengths[..], [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 2 | 4]);
    let is_year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    word.contains(':') || is_number && (is_day || is_year)
}

/// `0.25` and `4.1`; of a telephone number, such a piece is longer.
fn is_a_fraction(word: &str) -> bool {
    let word = word.trim_matches(|letter: char| !letter.is_ascii_digit());
    word.split_once('.').is_some_and(|(whole, rest)| {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number(whole) && is_number(rest) && whole.len() <= 2 && rest.len() <= 2
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()))
}

fn emails(text: &str) -> impl Iterator<Item = &str> {
    words(text).filter(|word| word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')))
}

fn links(text: &str) -> impl Iterator<Item = &str> {
    words(text).filter(|word| !word.contains('@')).filter_map(|word| {
        let bare = word.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
        let host = bare.split(['/', '?', '#', ':']).next()?;
        let (name, end) = host.rsplit_once('.')?;
        let is_named = word.contains("://") || word.starts_with("www.") || ENDS.contains(&end);
        (is_named && name.len() > 1).then_some(bare.trim_end_matches('/'))
    })
}

const ENDS: &[&str] = &[
    "com", "org", "net", "io", "co", "us", "mx", "es", "info", "biz", "ly", "clinic", "health", "care", "dental",
    "med", "app", "example", "gov", "edu", "me", "link", "site", "online", "shop", "ai", "uk", "ca", "eu",
];

/// Amounts of money, without what groups their digits.
fn prices(text: &str) -> impl Iterator<Item = String> + '_ {
    const MARKS: [char; 3] = ['$', '€', '£'];
    let marked = text.match_indices(MARKS).filter_map(|(at, mark)| amount(text[at + mark.len()..].trim_start()));
    let all: Vec<&str> = text.split_whitespace().collect();
    let named: Vec<String> = all
        .windows(2)
        .filter(|two| UNITS.contains(&two[1].trim_matches(|letter: char| !letter.is_alphanumeric())))
        .filter_map(|two| amount(two[0].trim_start_matches(MARKS)))
        .collect();
    marked.chain(named)
}

const UNITS: &[&str] = &[
    "dollars", "dollar", "usd", "euros", "euro", "eur", "pounds", "gbp", "pesos", "mxn", "bucks", "dolares", "dólares",
    "quid",
];

/// `1200` of `1,200.00 a month`.
fn amount(text: &str) -> Option<String> {
    let digits: String =
        text.chars().take_while(|letter| letter.is_ascii_digit() || matches!(letter, ',' | '.')).collect();
    let digits = digits.trim_end_matches(['.', ',']).replace(',', "");
    let whole = digits.strip_suffix(".00").unwrap_or(&digits);
    (!whole.is_empty()).then(|| whole.to_owned())
}

/// A house's number and the word after it, where a street is named.
fn addresses(text: &str) -> impl Iterator<Item = String> + '_ {
    let all: Vec<&str> = words(text).collect();
    let is_number = |word: &str| !word.is_empty() && word.len() <= 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let mut found = Vec::new();
    for (at, word) in all.iter().enumerate() {
        let before = &all[at.saturating_sub(4)..at];
        if STREETS.contains(word)
            && let Some(number) = before.iter().rposition(|word| is_number(word))
            && let Some(next) = all[at.saturating_sub(4) + number..].get(1)
        {
            found.push(format!("{} {next}", before[number]));
        }
        if CALLES.contains(word) {
            let after = &all[at + 1..all.len().min(at + 6)];
            let number = after.iter().find(|word| is_number(word));
            found.extend(number.and_then(|number| after.first().map(|first| (number, first))).map(
                |(number, first)| {
                    // "Calle Sauce 214" in the same order as it is known by.
                    if after.get(1) == Some(number) { format!("{first} {number}") } else { (*number).to_owned() }
                },
            ));
        }
    }
    found.into_iter()
}

const STREETS: &[&str] = &[
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "boulevard",
    "blvd",
    "lane",
    "ln",
    "court",
    "parkway",
    "highway",
    "broadway",
];

const CALLES: &[&str] = &["calle", "avenida", "av", "paseo", "carrera", "calzada"];

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let mut known = Known::of([
            "Cedar Clinic, 214 Willow Street, Brooklyn. Call (555) 010-0199, write to hello@cedar.example or see www.cedar.example/book",
            "Cancellations within 24 hours are charged $25.",
        ]);
        known.add_price("60");
        known.add_price("1200.00");
        known
    }

    #[test]
    fn what_is_known_may_be_quoted() {
        for text in [
            "Please call us on +1 555 010 0199.",
            "Call 555-010-0199, or write to Hello@cedar.example.",
            "We are at 214 Willow Street.",
            "A haircut takes 45 min and is $60.",
            "It is $1,200 in all.",
            "El corte cuesta 60 dólares.",
            "A late cancellation costs $25.",
            "See https://www.cedar.example/book.",
            "You are booked for 24/11/2026 at 3:00 PM.",
            "You are booked for 24/11/2026 15:00, or 2026-11-24 3 PM.",
            "That is Tuesday November 24 2026 15:00.",
            "Your code is 7K3M-9QXZ.",
            "I have 9:00, 9:45, 10:30, 11:15 and 12:00 free.",
            "Tuesday 24 November 2026, 3:00 PM.",
            "It takes 45 min, e.g. on Monday.",
            "The models are gpt-4.1-mini, 0.25.",
            "The parts are 0.25 0.50 1.75 and 12.5 of it.",
        ] {
            assert_eq!(known().lacks(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_made_up_may_not() {
        for (text, quoted) in [
            ("Please call us on +1 555 999 1234.", Quoted::Phone),
            ("Our number is 555.999.1234", Quoted::Phone),
            ("Our number is 55.59.99.12.34", Quoted::Phone),
            ("Our number is 555 999.1234", Quoted::Phone),
            ("Write to billing@cedar.example.", Quoted::Email),
            ("Pay at http://evil.example/pay now.", Quoted::Link),
            ("Sign in on cedar-clinic.com", Quoted::Link),
            ("A haircut is $45.", Quoted::Price),
            ("That costs 45 dollars.", Quoted::Price),
            ("Son 45 pesos.", Quoted::Price),
            ("It is $600 in all.", Quoted::Price),
            ("We are at 99 Willow Street.", Quoted::Address),
            ("Come to 12 Main St., please.", Quoted::Address),
            ("Estamos en la calle Olmo 12.", Quoted::Address),
        ] {
            assert_eq!(known().lacks(text), Some(quoted), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_it(text: String, more in "(\\$|€|12 |main |st |calle |@|a\\.com |555-010-0199 |http://){0,30}") {
            let known = Known::of([text.as_str()]);
            let _ = (known.lacks(&text), known.lacks(&more));
        }
    }
}
