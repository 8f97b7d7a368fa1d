//! What stands in a template that has no business in a text message.

use crate::sms::keywords::{self, Line};
use crate::template::{Piece, Template};

/// Hosts that only lead elsewhere. Carriers filter them, because spam hides
/// behind them (CTIA, Messaging Principles and Best Practices).
const SHORTENERS: &[&str] = &[
    "adf.ly",
    "amzn.to",
    "bit.do",
    "bit.ly",
    "bitly.com",
    "bl.ink",
    "buff.ly",
    "clck.ru",
    "cutt.ly",
    "dlvr.it",
    "fb.me",
    "goo.gl",
    "ht.ly",
    "is.gd",
    "j.mp",
    "lnkd.in",
    "mcaf.ee",
    "ow.ly",
    "qr.ae",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "short.gy",
    "short.io",
    "shorte.st",
    "shorturl.at",
    "smarturl.it",
    "soo.gd",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
    "trib.al",
    "tr.im",
    "urlz.fr",
    "v.gd",
    "x.co",
    "zpr.io",
];

/// Words in capitals up to which nobody shouts.
const LOUD_WORDS: usize = 2;

/// Gaps that are written as other programs write them, and what programs write
/// into such gaps when they go wrong.
pub(super) fn placeholders(template: &Template) -> impl Iterator<Item = String> {
    texts(template).flat_map(|text| {
        let mut found: Vec<String> = ["[]", "<>", "{}", "%%"].iter().flat_map(|pair| bracketed(text, pair)).collect();
        found.extend(words(text).filter(|word| is_mask(word)).map(String::from));
        found.extend(["Invalid Date"].iter().filter(|mark| text.contains(**mark)).map(ToString::to_string));
        found
    })
}

/// The link shorteners that are named, each as often as it is.
pub(super) fn shorteners(template: &Template) -> impl Iterator<Item = &'static str> {
    texts(template).flat_map(words).filter_map(|word| {
        let host = word.to_lowercase();
        let host = host.split_once("://").map_or(host.as_str(), |(_, host)| host);
        let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
        let host = host.strip_prefix("www.").unwrap_or(host).trim_end_matches('.');
        SHORTENERS.iter().copied().find(|shortener| *shortener == host)
    })
}

/// Whether there are several words in capitals that are neither short nor
/// replies on offer.
pub(super) fn is_shouting(template: &Template) -> bool {
    let is_loud = |word: &&str| {
        let letters = || word.chars().filter(|letter| letter.is_alphabetic());
        letters().count() >= 4 && letters().all(char::is_uppercase) && keywords::read(word, Line::Local).is_none()
    };
    texts(template).flat_map(words).filter(is_loud).count() > LOUD_WORDS
}

fn texts(template: &Template) -> impl Iterator<Item = &str> {
    template.pieces().iter().filter_map(Piece::as_text)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_edge = |letter: char| !letter.is_alphanumeric() && !"%$".contains(letter);
    text.split_whitespace().map(move |word| word.trim_matches(is_edge)).filter(|word| !word.is_empty())
}

/// What stands between two signs and looks like the name of a gap.
fn bracketed(text: &str, pair: &str) -> Vec<String> {
    let mut signs = pair.chars();
    let (Some(open), Some(close)) = (signs.next(), signs.next()) else { return Vec::new() };
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(open) {
        rest = after;
        let Some((name, after)) = after.split_once(close) else { break };
        let is_name = name.chars().all(|letter| letter.is_alphabetic() || "_ ".contains(letter));
        if is_name && name.starts_with(char::is_alphabetic) && name.len() <= 30 {
            found.push(format!("{open}{name}{close}"));
            rest = after;
        }
    }
    found
}

/// `$name`, `%H:%M`, `MM/DD`, `undefined`.
fn is_mask(word: &str) -> bool {
    let starts_name = |rest: &str| rest.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let is_clock =
        word.split('%').skip(1).any(|rest| starts_name(rest) && rest.chars().nth(1).is_none_or(|c| !c.is_alphabetic()));
    let is_date =
        ["YYYY", "yyyy", "MM/DD", "DD/MM", "mm/dd", "dd/mm", "HH:MM", "hh:mm"].iter().any(|mask| word.contains(mask));
    word.strip_prefix('$').is_some_and(starts_name)
        || is_clock
        || is_date
        || ["undefined", "NaN", "null"].contains(&word)
}
