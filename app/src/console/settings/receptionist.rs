//! How the receptionist is, what it is told, and what it costs.

use std::collections::BTreeMap;

use domain::{FieldError, Rejection};
use services::clinics;
use services::clinics::settings::{self as clinic, ClinicFields};
use services::receptionist::brief as briefs;
use services::receptionist::settings::{self, Fields, Price, Settings as Set};
use services::receptionist::spending::{self, Spending, Spent};

use super::describing::{input, line, needed};
use super::form::{Answers, Form, Group, Input, Kind, Line};
use super::saving::done;
use super::{Row, Saved, Section, Settings, brief};
use crate::caller::Staff;
use crate::error::ServerError;

pub const TAB: &str = "receptionist";

const SET: &str = "receptionist";
pub const DRAFT: &str = "receptionist_draft";
pub const PUBLISH: &str = "receptionist_publish";
pub const RESTORE: &str = "receptionist_restore";

/// Whether a form is one of these.
pub fn is_own(what: &str) -> bool {
    [SET, DRAFT, PUBLISH, RESTORE].contains(&what)
}

/// Everything about the receptionist, or one version of what it is told.
///
/// # Errors
///
/// `not_found` if there is no such version.
pub async fn describe(staff: &Staff, item: &str) -> Result<Settings, ServerError> {
    let mut tx = staff.tx().await?;
    let set = settings::read(&mut tx).await?;
    if !item.is_empty() {
        let number = item.parse().map_err(|_| Rejection::not_found())?;
        let version = briefs::version(&mut tx, number).await?;
        return brief::one_version(&mut tx, &set, &version).await;
    }
    let greeting = clinics::profile(&mut tx).await?.greeting;
    let spending = spending::read(&mut tx, staff.services.clock.now()).await?;
    let model = staff.services.receptionist.model.language_model();
    let mut sections = vec![who_answers(&set, model), ways(&set, greeting)];
    sections.extend(brief::describe(&mut tx, &set).await?);
    sections.push(cost(&set, &spending));
    Ok(Settings { sections, ..Settings::default() })
}

fn who_answers(set: &Set, model: Option<&str>) -> Section {
    let text = match model {
        None => {
            "No language model is set up on this server (OPENAI_API_KEY), so the built-in receptionist answers every \
             patient. What is set below for a language model waits until there is one."
                .to_owned()
        }
        Some(usual) => format!(
            "The language model {} answers. The built-in receptionist goes on wherever it fails or its tokens are used up.",
            set.model.as_deref().unwrap_or(usual)
        ),
    };
    Section { id: "answering".into(), heading: "Who answers".into(), text, ..Section::default() }
}

/// What a field of the receptionist is called in its form.
pub fn path(field: &str) -> String {
    format!("receptionist.{field}")
}

fn ways(set: &Set, greeting: String) -> Section {
    let number = |field: &str, label: &str, value: String, range: (i32, i32)| Input {
        range: Some(range),
        ..needed(Kind::Number, &path(field), label, value)
    };
    let optional = |field: &str, label: &str, hint: &str, value: Option<String>| Input {
        hint: hint.into(),
        ..input(Kind::Text, path(field), label, value.unwrap_or_default())
    };
    let limits = vec![line(vec![
        number("far_days", "Days ahead it books", set.far_days.to_string(), (1, 730)),
        number("most_followups", "Follow-ups in a conversation", set.most_followups.to_string(), (0, 2)),
    ])];
    let model = vec![
        line(vec![
            optional("model", "Model", "Leave it empty for the server's own.", set.model.clone()),
            optional(
                "temperature",
                "Temperature",
                "From 0 to 2. Leave it empty for the model's own.",
                set.temperature.map(|degree| degree.to_string()),
            ),
        ]),
        line(vec![
            needed(
                Kind::Number,
                &path("tokens_per_conversation"),
                "Tokens in a conversation",
                set.tokens_per_conversation.to_string(),
            ),
            needed(Kind::Number, &path("tokens_per_day"), "Tokens a day", set.tokens_per_day.to_string()),
        ]),
    ];
    let group = |legend: &str, hint: &str, lines: Vec<Line>| Group { legend: legend.into(), hint: hint.into(), lines };
    let words = Input {
        hint: "What patients read first, before they write.".into(),
        longest: Some(500),
        ..needed(Kind::Long, "greeting", "Greeting", greeting)
    };
    let groups = vec![
        group("Greeting", "", vec![line(vec![words])]),
        group("Limits", "These hold whoever answers. Later dates are for staff.", limits),
        group(
            "Language model",
            "Once the tokens of a conversation or a day are used up, the built-in receptionist answers.",
            model,
        ),
        group(
            "Prices of models",
            "In US dollars for a million tokens. Without a model's price its cost counts as nothing.",
            prices(set),
        ),
    ];
    Section {
        id: SET.into(),
        heading: "How it answers".into(),
        form: Some(Form { what: SET.into(), groups, submit: "Save".into(), ..Form::default() }),
        ..Section::default()
    }
}

/// A line for each price, and one more.
fn prices(set: &Set) -> Vec<Line> {
    let known =
        set.prices.iter().map(|(model, price)| (model.clone(), dollars(price.prompt), dollars(price.completion)));
    let another = (String::new(), String::new(), String::new());
    let price_of = |(n, (model, prompt, completion)): (usize, (String, String, String))| {
        let field = |name: &str| path(&format!("prices.{n}.{name}"));
        line(vec![
            input(Kind::Text, field("model"), if model.is_empty() { "Another model" } else { "Model" }, model),
            input(Kind::Money, field("prompt"), "What it reads", prompt),
            input(Kind::Money, field("completion"), "What it writes", completion),
        ])
    };
    known.chain([another]).enumerate().map(price_of).collect()
}

fn cost(set: &Set, spending: &Spending) -> Section {
    let row = |title: &str, details: Vec<String>| Row { title: title.into(), details, ..Row::default() };
    let mut rows = vec![
        row("Today", vec![spent(&spending.today)]),
        row("Last 7 days", vec![spent(&spending.seven_days)]),
        row("Last 30 days", vec![spent(&spending.thirty_days)]),
    ];
    if spending.trials.turns > 0 {
        rows.push(row("Trials of drafts", vec![spent(&spending.trials)]));
    }
    for one in &spending.by_model {
        let unpriced = (!set.prices.contains_key(&one.model))
            .then(|| "No price is set for it, so its cost is not counted.".to_owned());
        rows.push(row(&one.model, std::iter::once(spent(&one.spent)).chain(unpriced).collect()));
    }
    let over: i64 = spending.taken_over.iter().map(|one| one.turns).sum();
    if over > 0 {
        let all = spending.thirty_days.turns;
        let details = spending.taken_over.iter().map(|one| format!("{} {}", times(one.turns), why(&one.why)));
        rows.push(row(&format!("The built-in receptionist took over in {over} of {all} answers"), details.collect()));
    }
    Section {
        id: "cost".into(),
        heading: "Cost".into(),
        text: "What language models cost, today and trials of drafts included. What each of them and the trials cost, and why the built-in receptionist took over, is of the last 30 days.".into(),
        rows,
        ..Section::default()
    }
}

fn spent(spent: &Spent) -> String {
    let tokens = spent.prompt_tokens + spent.completion_tokens;
    let answers = if spent.turns == 1 { "1 answer".to_owned() } else { format!("{} answers", grouped(spent.turns)) };
    format!("{} for {answers}, {} tokens", cost_of(spent.cost_micros), grouped(tokens))
}

/// Micro-dollars as people read them.
pub fn cost_of(micros: i64) -> String {
    match micros {
        0 => "$0".to_owned(),
        1..10_000 => "Less than $0.01".to_owned(),
        _ => {
            let cents = (micros + 5_000) / 10_000;
            format!("${}.{:02}", grouped(cents / 100), cents % 100)
        }
    }
}

fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn times(count: i64) -> String {
    if count == 1 { "Once".to_owned() } else { format!("{} times", grouped(count)) }
}

fn why(reason: &str) -> &'static str {
    match reason {
        "unreachable" => "the model could not be reached.",
        "resting" => "it had not been reachable a moment before, and was not asked.",
        "refused" => "the model refused the request.",
        "empty" => "the model said nothing.",
        "confused" => "the model used what there is in ways that make no sense.",
        "late" => "the model took too long.",
        "spent" => "the tokens of the conversation or the day were used up.",
        _ => "for another reason.",
    }
}

/// Makes the change that a form asks for.
pub async fn save(staff: &Staff, what: &str, form: &Answers) -> Result<Saved, ServerError> {
    let mut tx = staff.tx().await?;
    let now = staff.services.clock.now();
    let said = match what {
        SET => {
            let (fields, rows) = read(form)?;
            let greeting = form.get("greeting").map(|text| text.replace("\r\n", "\n"));
            let fields = ClinicFields { greeting, receptionist: Some(fields), ..ClinicFields::default() };
            clinic::update(&mut tx, staff.services.vault.as_ref(), now, &fields)
                .await
                .map_err(|error| at_rows(error, &rows))?;
            "Saved.".to_owned()
        }
        RESTORE => {
            let number = form.get("version").and_then(|text| text.parse().ok()).ok_or_else(Rejection::not_found)?;
            briefs::restore(&mut tx, number).await?;
            format!("Version {number} is the draft again. Publish it to have it count.")
        }
        _ => {
            let fields = brief::read(form)?;
            let errors = fields.errors("receptionist.");
            if !errors.is_empty() {
                return Err(Rejection::invalid_fields(errors).into());
            }
            settings::update(&mut tx, &fields).await?;
            match what {
                PUBLISH => {
                    let version = briefs::publish(&mut tx, now, Some(staff.member.id)).await?;
                    format!("Version {version} is published. It counts from the next message on.")
                }
                _ => "The draft is saved. It counts once it is published.".to_owned(),
            }
        }
    };
    tx.commit().await?;
    Ok(done(TAB, &said))
}

/// Which line of the form a model's price stands in.
type Rows = BTreeMap<String, usize>;

fn read(form: &Answers) -> Result<(Fields, Rows), Rejection> {
    let text = |field: &str| form.get(&path(field)).map(|text| text.trim()).unwrap_or_default();
    let mut errors = Vec::new();
    let mut wrong =
        |field: &str, message: &str| errors.push(FieldError { field: path(field), message: message.into() });
    let mut number = |field: &str| {
        let number = text(field).parse::<i64>().ok();
        if number.is_none() {
            wrong(field, "Please give a whole number.");
        }
        number
    };
    let narrow = |number: Option<i64>| number.map(|number| i32::try_from(number).unwrap_or(i32::MAX));
    let short = |number: Option<i64>| number.map(|number| i16::try_from(number).unwrap_or(i16::MAX));
    let mut fields = Fields {
        model: Some(Some(text("model").to_owned()).filter(|name| !name.is_empty())),
        tokens_per_conversation: number("tokens_per_conversation"),
        tokens_per_day: number("tokens_per_day"),
        far_days: narrow(number("far_days")),
        most_followups: short(number("most_followups")),
        ..Fields::default()
    };
    fields.temperature = Some(match text("temperature") {
        "" => None,
        degree => degree.replace(',', ".").parse().map(Some).unwrap_or_else(|_| {
            wrong("temperature", "Please give a number from 0 to 2, or nothing.");
            None
        }),
    });
    let (mut prices, mut rows) = (BTreeMap::new(), Rows::new());
    for n in lines_of_prices(form) {
        let (model, prompt, completion) = (
            text(&format!("prices.{n}.model")),
            text(&format!("prices.{n}.prompt")),
            text(&format!("prices.{n}.completion")),
        );
        if model.is_empty() {
            // Whoever takes the name away takes the price away.
            continue;
        }
        let mut price = |field: &str, text: &str| {
            let price = micros(text);
            if price.is_none() {
                wrong(&format!("prices.{n}.{field}"), "Please give an amount such as 2.50.");
            }
            price.unwrap_or_default()
        };
        let price = Price { prompt: price("prompt", prompt), completion: price("completion", completion) };
        rows.insert(model.to_owned(), n);
        if prices.insert(model.to_owned(), price).is_some() {
            wrong(&format!("prices.{n}.model"), "This model stands here twice.");
        }
    }
    fields.prices = Some(prices);
    if errors.is_empty() { Ok((fields, rows)) } else { Err(Rejection::invalid_fields(errors)) }
}

fn lines_of_prices(form: &Answers) -> std::collections::BTreeSet<usize> {
    let before = path("prices.");
    form.keys().filter_map(|path| path.strip_prefix(&before)?.split('.').next()?.parse().ok()).collect()
}

/// What is wrong with a model's price, at its line of the form.
fn at_rows(error: services::Error, rows: &Rows) -> ServerError {
    let services::Error::Rejected(mut rejection) = error else { return error.into() };
    for error in &mut rejection.errors {
        let row = error.field.strip_prefix("receptionist.prices.").and_then(|model| rows.get(model));
        if let Some(row) = row {
            error.field = path(&format!("prices.{row}.model"));
        }
    }
    rejection.into()
}

/// Micro-dollars for a thousand tokens, as dollars for a million.
fn dollars(micros: i64) -> String {
    let (whole, rest) = (micros / 1_000, micros % 1_000);
    let rest = format!("{rest:03}");
    let rest = rest.trim_end_matches('0');
    format!("{whole}.{rest:0<2}")
}

/// Dollars for a million tokens as micro-dollars for a thousand; empty is
/// nothing.
fn micros(text: &str) -> Option<i64> {
    let text = if text.is_empty() { "0" } else { text };
    let (whole, rest) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let plain = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let known = plain(whole) && plain(rest) && whole.len() <= 9 && rest.len() <= 3 && !whole.is_empty();
    if !known {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 1_000 + format!("{rest:0<3}").parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_they_are_shown() {
        for (text, price) in [("2.50", 2_500), ("10", 10_000), ("0,15", 150), ("", 0), ("0.075", 75)] {
            assert_eq!(micros(text), Some(price), "{text}");
            assert_eq!(micros(&dollars(price)), Some(price), "{text}");
        }
        assert_eq!([2_500, 75, 10_000].map(dollars), ["2.50", "0.075", "10.00"]);
        for text in ["-1", "1.2345", "a", ".5", "1e3", "99999999999"] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn costs_read_like_money() {
        assert_eq!(cost_of(0), "$0");
        assert_eq!(cost_of(9_999), "Less than $0.01");
        assert_eq!(cost_of(1_234_567_891), "$1,234.57");
        assert_eq!([7, 1_000, 1_234_567].map(grouped), ["7", "1,000", "1,234,567"]);
    }

    #[test]
    fn an_empty_or_nameless_price_is_none_and_mistakes_keep_their_line() {
        let whole = [
            ("tokens_per_conversation", "1"),
            ("tokens_per_day", "1"),
            ("far_days", "30"),
            ("most_followups", "2"),
            ("prices.0.model", ""),
            ("prices.0.prompt", "5"),
            ("prices.2.model", "gpt-4o"),
            ("prices.2.prompt", "2.50"),
            ("prices.2.completion", "10"),
        ];
        let mut form: Answers = whole.map(|(field, value)| (path(field), value.to_owned())).into();
        let (fields, rows) = read(&form).unwrap();
        assert_eq!(fields.prices.unwrap()["gpt-4o"], Price { prompt: 2_500, completion: 10_000 });
        assert_eq!((fields.model, fields.temperature, rows["gpt-4o"]), (Some(None), Some(None), 2));

        form.insert(path("prices.2.completion"), "ten".into());
        form.insert(path("temperature"), "warm".into());
        let wrong: Vec<String> = read(&form).unwrap_err().errors.into_iter().map(|error| error.field).collect();
        assert_eq!(wrong, ["receptionist.temperature", "receptionist.prices.2.completion"]);
    }
}
