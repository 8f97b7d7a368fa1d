//! What a text costs to send, and how a long one is sent.
//!
//! A phone takes a text in segments of 140 octets: 160 characters of the
//! GSM-7 alphabet, or 70 UTF-16 code units if any character is outside it.
//! Where there are several, each gives six octets to a header that joins them
//! again, which leaves 153 or 67 (3GPP TS 23.038 §6.2.1, TS 23.040 §9.2.3.24).

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// How a text travels, which decides how much of it fits into a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// GSM 03.38: units are septets, of which an extension character takes two.
    Gsm7,
    /// UTF-16: units are code units, of which an emoji takes two.
    Ucs2,
}

/// How long a text is, as its sender pays for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    pub encoding: Encoding,
    /// Septets or UTF-16 code units, as the encoding has it.
    pub units: usize,
    /// Segments that are paid for; none for a text without characters.
    pub count: usize,
    /// Units that may be added before another segment is paid for.
    pub left: usize,
}

/// What [`fold`] may do to accents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accents {
    Keep,
    /// Letters that GSM-7 lacks lose theirs (á becomes a, but é stays), if and
    /// only if the whole text is GSM-7 then.
    DropForGsm7,
}

/// A long text in parts that are each sent as a message of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split<'a> {
    pub parts: Vec<&'a str>,
    /// What there was no room for; empty if nothing was lost.
    pub cut_off: &'a str,
}

impl Encoding {
    /// What fits into a segment: alone, and as one of several.
    const fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    fn units(self, letter: char) -> usize {
        match self {
            Self::Gsm7 => septets(letter).unwrap_or(0),
            Self::Ucs2 => letter.len_utf16(),
        }
    }
}

/// How many segments `text` takes.
pub fn segments(text: &str) -> Segments {
    let encoding = if is_gsm7(text) { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let (alone, joined) = encoding.room();
    let units = text.chars().map(|letter| encoding.units(letter)).sum();
    if units <= alone {
        return Segments { encoding, units, count: units.min(1), left: alone - units };
    }
    // A character of two units is never torn between two segments, so that one
    // of them may end a unit early.
    let (mut count, mut used) = (1, 0);
    for size in text.chars().map(|letter| encoding.units(letter)) {
        if used + size > joined {
            (count, used) = (count + 1, 0);
        }
        used += size;
    }
    Segments { encoding, units, count, left: joined - used }
}

/// Whether every character of `text` is in the GSM-7 alphabet or its extension.
pub fn is_gsm7(text: &str) -> bool {
    text.chars().all(|letter| septets(letter).is_some())
}

/// `text` with what word processors and phones put in, such as curly quotes,
/// long dashes and invisible spaces, replaced by what GSM-7 has for it. The
/// meaning stays.
///
/// Joiners, marks of direction and full-width letters, which other scripts and
/// emoji need, are only replaced where the whole text is GSM-7 then.
pub fn fold(text: &str, accents: Accents) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfc() {
        match stand_in(letter) {
            Some(other) => folded.push_str(other),
            None => folded.push(letter),
        }
    }
    let folded: String = folded.nfc().collect();
    if is_gsm7(&folded) {
        return folded;
    }
    let narrow: String = folded.chars().filter(|letter| !is_mark(*letter)).map(narrow).nfc().collect();
    if is_gsm7(&narrow) {
        return narrow;
    }
    if accents == Accents::DropForGsm7 {
        let bare: String = narrow.chars().map(without_accent).filter(|letter| !is_combining_mark(*letter)).collect();
        if is_gsm7(&bare) {
            return bare;
        }
    }
    folded
}

/// Cuts `text` into at most `most` parts of at most `longest` UTF-16 code
/// units: between paragraphs if it can be, else lines, sentences, words, and
/// only at worst inside a word. A grapheme, such as a family emoji, is only
/// torn if it is longer than a part. Space between parts is dropped.
///
/// Twilio takes a body of up to 1,600 characters
/// (<https://www.twilio.com/docs/messaging/api/message-resource>).
pub fn split(text: &str, longest: usize, most: usize) -> Split<'_> {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() && parts.len() < most {
        let (part, next) = rest.split_at(cut(rest, longest));
        parts.push(part.trim_end());
        rest = next.trim_start();
    }
    Split { parts, cut_off: rest }
}

fn septets(letter: char) -> Option<usize> {
    match letter {
        // Of ASCII, GSM-7 lacks the back-tick and most control characters.
        '\n' | '\r' | ' '..='Z' | '_' | 'a'..='z' => Some(1),
        '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Æ' | 'æ' | 'ß' | 'É' => {
            Some(1)
        }
        'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' => Some(1),
        '¤' | '¡' | '¿' | '§' | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => Some(1),
        '\u{c}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        _ => None,
    }
}

/// What GSM-7 has for a character that was put in for its looks.
fn stand_in(letter: char) -> Option<&'static str> {
    Some(match letter {
        '‘' | '’' | '‚' | '‛' | '′' | '‵' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | '`' | '´' | '‹' | '›' => "'",
        '“' | '”' | '„' | '‟' | '″' | '‶' | '«' | '»' | '〝' | '〞' | '❝' | '❞' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '﹘' | '﹣' | '─' | '•' | '‣' | '◦' => "-",
        '…' => "...",
        '‥' => "..",
        '⁄' | '∕' => "/",
        '∶' => ":",
        '‼' => "!!",
        '×' => "x",
        '™' => "(TM)",
        '®' => "(R)",
        '©' => "(C)",
        '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{85}' | '\u{2028}' | '\u{2029}' => "\n",
        '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => "",
        control if control.is_control() && septets(control).is_none() => "",
        _ => return None,
    })
}

/// Joiners, marks of direction, and what asks for an emoji's text style.
const fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fe0e}' | '\u{fe0f}')
}

fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        _ => letter,
    }
}

fn without_accent(letter: char) -> char {
    match letter {
        'ª' => 'a',
        'º' => 'o',
        'ı' => 'i',
        _ if septets(letter).is_some() => letter,
        _ => std::iter::once(letter).nfd().next().unwrap_or(letter),
    }
}

/// Where the first part of `text` ends, in bytes, above 0.
fn cut(text: &str, longest: usize) -> usize {
    let reach = reach(text, longest);
    if reach == text.len() {
        return reach;
    }
    let last = |borders: &mut dyn Iterator<Item = usize>| borders.take_while(|at| *at <= reach).last();
    let between = |border: &str| last(&mut text.match_indices(border).map(|(at, _)| at));
    // A sentence ends before the space that UAX 29 counts to it. Without one
    // it is no end: there are question marks inside links.
    let sentence = || {
        let ends = text.split_sentence_bounds().scan(0, |at, sentence| {
            *at += sentence.len();
            Some((*at, sentence))
        });
        let spaced = ends.filter(|(_, sentence)| sentence.ends_with(char::is_whitespace));
        last(&mut spaced.map(|(end, sentence)| end - (sentence.len() - sentence.trim_end().len())))
    };
    let word = || last(&mut text.match_indices(char::is_whitespace).map(|(at, _)| at));
    // A border early in the part would leave most of it empty.
    let is_worth_it = |at: &usize| *at >= reach / 2;
    between("\n\n")
        .filter(is_worth_it)
        .or_else(|| between("\n").filter(is_worth_it))
        .or_else(|| sentence().filter(is_worth_it))
        .or_else(word)
        .unwrap_or(reach)
}

/// How many bytes of `text` are whole graphemes of at most `longest` UTF-16
/// code units together; of a longer first grapheme, its characters.
fn reach(text: &str, longest: usize) -> usize {
    let fits = |pieces: &mut dyn Iterator<Item = &str>| {
        let mut units = 0;
        pieces
            .map(|piece| (piece.len(), piece.encode_utf16().count()))
            .take_while(|(_, size)| {
                units += size;
                units <= longest
            })
            .map(|(bytes, _)| bytes)
            .sum::<usize>()
    };
    match fits(&mut text.graphemes(true)) {
        0 => fits(&mut text.split("").filter(|letter| !letter.is_empty())).max(first_letter(text)),
        reach => reach,
    }
}

// A part that is too short for one character takes it nevertheless, so that
// every cut gets on.
fn first_letter(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gsm7(units: usize, count: usize, left: usize) -> Segments {
        Segments { encoding: Encoding::Gsm7, units, count, left }
    }

    fn ucs2(units: usize, count: usize, left: usize) -> Segments {
        Segments { encoding: Encoding::Ucs2, units, count, left }
    }

    #[test]
    fn a_segment_holds_160_or_70_and_each_of_several_153_or_67() {
        for (text, expected) in [
            (String::new(), gsm7(0, 0, 160)),
            ("a".repeat(160), gsm7(160, 1, 0)),
            ("a".repeat(161), gsm7(161, 2, 145)),
            ("a".repeat(306), gsm7(306, 2, 0)),
            ("a".repeat(307), gsm7(307, 3, 152)),
            ("á".repeat(70), ucs2(70, 1, 0)),
            ("á".repeat(71), ucs2(71, 2, 63)),
            ("á".repeat(134), ucs2(134, 2, 0)),
            ("á".repeat(135), ucs2(135, 3, 66)),
        ] {
            assert_eq!(segments(&text), expected, "{text}");
        }
    }

    #[test]
    fn extension_characters_and_emoji_count_two_and_are_not_torn() {
        assert_eq!(segments("€"), gsm7(2, 1, 158));
        assert_eq!(segments(&"€".repeat(80)), gsm7(160, 1, 0));
        assert_eq!(segments(&"€".repeat(81)), gsm7(162, 2, 143), "76 fit into the first, which ends a unit early");
        assert_eq!(segments(&"🙂".repeat(35)), ucs2(70, 1, 0));
        assert_eq!(segments(&"🙂".repeat(36)), ucs2(72, 2, 61), "33 fit into the first, which ends a unit early");
        assert_eq!(segments("👩‍👩‍👧‍👦").units, 11);
    }

    #[test]
    fn the_alphabet_is_that_of_gsm_03_38() {
        let basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
        assert_eq!(basic.chars().count(), 127, "128 less the escape");
        assert!(basic.chars().all(|letter| septets(letter) == Some(1)));
        assert!("\u{c}^{}\\[~]|€".chars().all(|letter| septets(letter) == Some(2)));
        assert_eq!((0..=u32::from(char::MAX)).filter_map(char::from_u32).filter_map(septets).count(), 127 + 10);
    }

    #[test]
    fn typography_folds_and_letters_that_gsm7_has_stay() {
        for (typed, folded) in [
            ("“You’re booked” – see you…", "\"You're booked\" - see you..."),
            ("2:00\u{a0}p.\u{202f}m.\u{200b}", "2:00 p. m."),
            ("Señora Núñez, ¿mañana?", "Señora Núñez, ¿mañana?"),
            ("Jose\u{301} y Ame\u{301}lie", "José y Amélie"),
            ("ＳＴＯＰ！", "STOP!"),
            ("\u{200f}Hi\u{200e}", "Hi"),
            ("a\tb\0c", "a bc"),
            ("👩\u{200d}⚕\u{fe0f} “hi”", "👩\u{200d}⚕\u{fe0f} \"hi\""),
            ("نمی\u{200c}خواهم", "نمی\u{200c}خواهم"),
            ("1\u{fe0f}\u{20e3}", "1\u{fe0f}\u{20e3}"),
        ] {
            assert_eq!(fold(typed, Accents::Keep), folded, "{typed}");
        }
    }

    #[test]
    fn accents_go_only_when_asked_and_when_it_is_enough() {
        let text = "Su cita: sáb 28 nov. ¿Está bien, Íñigo? 2.ª opción é ü";
        assert_eq!(fold(text, Accents::Keep), text);
        assert_eq!(fold(text, Accents::DropForGsm7), "Su cita: sab 28 nov. ¿Esta bien, Iñigo? 2.a opcion é ü");
        let mixed = "¡Está bien! 🙂";
        assert_eq!(fold(mixed, Accents::DropForGsm7), mixed, "an emoji makes it UCS-2 anyway");
        assert_eq!(fold("Nguyễn Đức", Accents::DropForGsm7), "Nguyễn Đức", "Đ is not a D with an accent");
    }

    #[test]
    fn a_long_text_is_cut_where_a_reader_would() {
        let text = "One one one one.\n\nTwo two. Two two two two.\nThree three three three";
        assert_eq!(
            split(text, 30, 10).parts,
            ["One one one one.", "Two two. Two two two two.", "Three three three three"]
        );
        assert_eq!(split("Two two. Two two two", 12, 10).parts, ["Two two.", "Two two two"]);
        assert_eq!(split("See https://a.example/b?c=d now", 28, 10).parts, ["See https://a.example/b?c=d", "now"]);
        assert_eq!(split("aaaaaaaaaa", 4, 10).parts, ["aaaa", "aaaa", "aa"]);
        assert_eq!(split("👩‍👩‍👧👩‍👩‍👧", 10, 10).parts, ["👩‍👩‍👧", "👩‍👩‍👧"]);
        assert_eq!(split("  ", 10, 10), Split { parts: vec![], cut_off: "" });
    }

    #[test]
    fn what_is_cut_off_is_said() {
        let text = "word ".repeat(1_000);
        let split = split(&text, 1_500, 2);
        assert_eq!(split.parts.len(), 2);
        assert_eq!(split.cut_off, "word ".repeat(400).trim());
    }

    fn without_space(text: &str) -> String {
        text.chars().filter(|letter| !letter.is_whitespace()).collect()
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[a-zA-Zñé€🙂 .\n?]{0,400}",
            "([a-z]{1,9}[ .\n]){0,200}",
            "(👩‍👩‍👧‍👦|e\u{301}{1,40}|🇪🇸| |a){0,60}",
        ]
    }

    proptest! {
        #[test]
        fn every_unit_is_in_some_segment(text in texts()) {
            let counted = segments(&text);
            let (alone, joined) = counted.encoding.room();
            let room = if counted.count <= 1 { alone } else { counted.count * joined };
            let torn = room - counted.units - counted.left;
            prop_assert!(torn < counted.count.max(1), "at most one unit is lost to each segment but the last");
            prop_assert_eq!(counted.count == 0, text.is_empty());
        }

        #[test]
        fn one_more_letter_fits_if_and_only_if_there_is_room(text in texts()) {
            let before = segments(&text);
            let after = segments(&format!("{text}a"));
            if before.left > 0 {
                prop_assert_eq!(after.count, before.count.max(1));
            } else {
                prop_assert!(after.count > before.count);
            }
        }

        #[test]
        fn folding_twice_is_folding_once(text in texts()) {
            for accents in [Accents::Keep, Accents::DropForGsm7] {
                let folded = fold(&text, accents);
                prop_assert_eq!(&fold(&folded, accents), &folded);
            }
            if is_gsm7(&text) {
                prop_assert_eq!(fold(&text, Accents::DropForGsm7), text);
            }
        }

        #[test]
        fn no_part_is_too_long_and_nothing_is_lost(text in texts(), longest in 2_usize..200, most in 0_usize..12) {
            let split = split(&text, longest, most);
            prop_assert!(split.parts.len() <= most);
            for part in &split.parts {
                prop_assert!((1..=longest).contains(&part.encode_utf16().count()), "{part:?}");
            }
            let all = split.parts.concat() + split.cut_off;
            prop_assert_eq!(without_space(&all), without_space(&text));
        }

        #[test]
        fn a_grapheme_that_fits_is_whole(text in texts(), longest in 2_usize..200) {
            let text = text.trim();
            let starts: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
            for part in split(text, longest, usize::MAX).parts {
                let end = part.as_ptr() as usize + part.len() - text.as_ptr() as usize;
                let torn = starts.windows(2).find(|grapheme| grapheme[0] < end && end < grapheme[1]);
                if let Some(grapheme) = torn {
                    // Only trailing space that is half of a grapheme (\r\n) or one too long for any part.
                    let whole = &text[grapheme[0]..grapheme[1]];
                    prop_assert!(whole.encode_utf16().count() > longest || whole.trim_end().len() < whole.len());
                }
            }
        }
    }
}
