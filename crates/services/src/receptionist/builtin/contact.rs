//! How a patient can be reached: their email address and phone number.

use super::super::model::ClinicFacts;

mod names;

pub use self::names::{bare_name, introduced};

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

// "ada at example dot com", "ada arroba ejemplo punto com", "ada @ example.com"
fn spelled_out(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let spelled = |at, dot| lower.contains(dot) && lower.contains(at);
    if !spelled(" at ", " dot ") && !spelled(" arroba ", " punto ") && !lower.contains(" @ ") {
        return None;
    }
    let is = |word: &str, some: &[&str]| some.iter().any(|one| word.eq_ignore_ascii_case(one));
    let parts: Vec<&str> = text.split_whitespace().collect();
    let at = parts.iter().position(|part| is(part, &["@", "at", "arroba"]))?;
    let (local, mut domain) = (parts.get(at.checked_sub(1)?)?, (*parts.get(at + 1)?).to_owned());
    let mut end = at + 2;
    while parts.get(end).is_some_and(|part| is(part, &["dot", "punto"])) {
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

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::super::text;
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
        for asked in [true, false] {
            assert_eq!(bare_name(&all.rest, asked, Language::English).as_deref(), Some("Ada Lovelace"));
        }
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
        assert_eq!(contact("es ada arroba ejemplo punto com").email.as_deref(), Some("ada@ejemplo.com"));
        assert!(contact("ada@example").bad_email);
        assert!(!contact("tuesday @ 2pm").bad_email);
        assert!(!contact("tuesday@2pm").bad_email);
    }
}
