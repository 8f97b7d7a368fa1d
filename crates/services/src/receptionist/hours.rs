//! A clinic's opening hours, in a model's words and in ours.

use chrono::{Datelike, Days, Duration, NaiveDate, NaiveTime};
use domain::language::Language;
use domain::truth::{self, Opening, Stance, Time};

use super::model::{ClinicFacts, Stretch};

/// How far ahead a weekday that is named may be.
const AHEAD: u64 = 14;

/// How far ahead a date that is named may be.
const FAR_AHEAD: u64 = 366;

/// Whether the clinic is open and closed as `sentence` says.
pub fn are_so(facts: &ClinicFacts, sentence: &str, today: NaiveDate) -> bool {
    truth::openings(sentence, today).iter().all(|opening| is_so(facts, opening, today))
}

fn is_so(facts: &ClinicFacts, opening: &Opening, today: NaiveDate) -> bool {
    let Some(time) = opening.time else { return is_so_all_day(facts, opening, today) };
    let open: Vec<Vec<Stretch>> = match &opening.days {
        truth::Days::Any => days(today, AHEAD).map(|date| facts.open_on(date)).collect(),
        truth::Days::On(day) => {
            days(today, AHEAD).filter(|date| day.is(*date, today)).map(|date| facts.open_on(date)).collect()
        }
        truth::Days::Each(weekdays) => weekdays.iter().map(|weekday| facts.open_each(*weekday)).collect(),
    };
    let fits = |open: &Vec<Stretch>| open.iter().any(|stretch| is_told(*stretch, time, opening.stance));
    match (&opening.days, opening.stance) {
        (_, Stance::Closed) => !open.iter().all(fits) || open.is_empty(),
        (truth::Days::Each(_), _) => open.iter().all(fits),
        _ => open.iter().any(fits),
    }
}

/// Whether `time` is in the stretch, or one of its ends.
fn is_told(stretch: Stretch, time: Time, stance: Stance) -> bool {
    let minutes = (stretch.closes - stretch.opens).num_minutes();
    let mut inside = (1..minutes).map(|minute| stretch.opens + Duration::minutes(minute));
    let is_end = || time.is(stretch.opens) || time.is(stretch.closes);
    match stance {
        Stance::Bound => is_end(),
        Stance::Open => is_end() || inside.any(|at| time.is(at)),
        Stance::Closed => inside.any(|at| time.is(at)) && !is_end(),
    }
}

fn is_so_all_day(facts: &ClinicFacts, opening: &Opening, today: NaiveDate) -> bool {
    let is_open = |date: NaiveDate| !facts.open_on(date).is_empty();
    let wants_open = opening.stance != Stance::Closed;
    match &opening.days {
        truth::Days::Any => true,
        truth::Days::Each(weekdays) => {
            weekdays.iter().all(|weekday| facts.open_each(*weekday).is_empty() != wants_open)
        }
        truth::Days::On(day) => days(today, FAR_AHEAD).filter(|date| day.is(*date, today)).any(|date| {
            // Of a weekday the rule may be meant.
            is_open(date) == wants_open || !wants_open && facts.open_each(date.weekday()).is_empty()
        }),
    }
}

fn days(today: NaiveDate, ahead: u64) -> impl Iterator<Item = NaiveDate> {
    (0..=ahead).filter_map(move |ahead| today.checked_add_days(Days::new(ahead)))
}

/// `We are open on Mondays 9:00 AM to 5:00 PM, …`, and what is different soon.
pub fn in_words(facts: &ClinicFacts, language: Language, today: NaiveDate) -> String {
    let (open_on, to) = match language {
        Language::English => ("We are open on", "to"),
        Language::Spanish => ("Abrimos:", "a"),
    };
    let time = |at: NaiveTime| language.time(at);
    let hours = |stretch: &Stretch| format!("{} {to} {}", time(stretch.opens), time(stretch.closes));
    let name = |date: NaiveDate| {
        let name = language.date(date).split(' ').next()?.trim_end_matches(',').to_owned();
        Some(match language {
            Language::English => format!("{name}s"),
            Language::Spanish => format!("los {name}{}", if name.ends_with('s') { "" } else { "s" }),
        })
    };
    let mut all = Vec::new();
    for open in &facts.hours {
        let date = days(today, AHEAD).find(|date| date.weekday() == open.weekday);
        let stretch = Stretch { opens: open.opens, closes: open.closes };
        all.extend(date.and_then(name).map(|day| format!("{day} {}", hours(&stretch))));
    }
    if all.is_empty() {
        return match language {
            Language::English => "Please ask at the front desk when we are open.",
            Language::Spanish => "Por favor, pregunte en recepción por el horario.",
        }
        .to_owned();
    }
    let until = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
    let special = facts.special_days.iter().filter(|special| special.date <= until).map(|special| {
        let date = language.date(special.date);
        let open: Vec<String> = special.open.iter().map(hours).collect();
        match (open.is_empty(), language) {
            (true, Language::English) => format!(" On {date} we are closed."),
            (true, Language::Spanish) => format!(" El {date} estamos cerrados."),
            (false, Language::English) => ended(&format!(" On {date} we are open {}", open.join(", "))),
            (false, Language::Spanish) => ended(&format!(" El {date} abrimos {}", open.join(", "))),
        }
    });
    let special: String = special.collect();
    format!("{}{special}", ended(&format!("{open_on} {}", all.join(", "))))
}

/// With one full stop: "5:00 p. m." brings its own.
fn ended(sentence: &str) -> String {
    format!("{}.", sentence.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::super::builtin::world::bloom;
    use super::super::model::{OpenHours, SpecialDay};
    use super::*;

    /// Closed on Thursday the 26th, and open late on Monday the 30th.
    fn facts() -> ClinicFacts {
        let time = |at: &str| at.parse::<NaiveTime>().unwrap();
        let hours = |weekday, opens, closes| OpenHours { weekday, opens: time(opens), closes: time(closes) };
        let special = |date: &str, open| SpecialDay { date: date.parse().unwrap(), open };
        let late = Stretch { opens: time("12:00:00"), closes: time("21:00:00") };
        let hours = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu]
            .map(|weekday| hours(weekday, "09:00:00", "17:00:00"))
            .into_iter()
            .chain([hours(Weekday::Fri, "09:00:00", "12:30:00"), hours(Weekday::Sat, "10:00:00", "14:00:00")]);
        let special_days = vec![special("2026-11-26", vec![]), special("2026-11-30", vec![late])];
        ClinicFacts { hours: hours.collect(), special_days, ..bloom() }
    }

    const SO: &str = "\
We are open on Monday from 9:00 AM to 5:00 PM.
We open at 9 and close at 5.
On Fridays we are open until 12:30 PM.
We are not open at 8 PM.
8:00 PM is outside our opening hours.
Las 8:00 p. m. está fuera de nuestro horario.
We are open on Mondays from 9:00 AM.
We are open on Saturdays from 10:00 AM.
Los sábados abrimos desde las 10:00 a. m.
Our opening hours are 9:00 AM to 5:00 PM.
I have Monday at 3:00 PM free.
Abrimos el lunes a las 9.
We are open Monday to Saturday.
We're open Monday through Friday, and closed on Sundays.
We are closed on Sunday.
Sorry, we are not open on Sundays.
No, we don't open on Sundays.
We are open every day except Sunday.
We're open on weekdays and on Saturdays.
Yes, we're open on Saturday.
We are open at 3 PM on Tuesday.
We are closed on Thursday 26 November.
We are closed this Thursday.
We are open on Thursdays.
On Monday 30 November we are open until 9 PM.
Today we are open until 12:30 PM.
We are open today.
We are closed on 29 November.
Do you want to know if we are open on Sunday?
I can ask whether we open on Sunday.
I don't know if we are open on Christmas Day, 25 December.
The clinic is open Monday to Friday from 9 to 5.
Our hours are Monday to Thursday 9:00 AM to 5:00 PM, Friday 9:00 AM to 12:30 PM and Saturday 10:00 AM to 2:00 PM.
Please cancel at least 24 hours before Sunday.
Abrimos de lunes a sábado.
Cerramos los domingos.
Los domingos no abrimos.
Estamos cerrados el domingo.
Abrimos todos los días, excepto el domingo.
El jueves 26 de noviembre estamos cerrados.
Sí, abrimos los sábados.
Hoy abrimos hasta las 12:30.
Estamos abiertos entre semana.
El domingo no atendemos, pero el sábado sí.
¿Quiere saber si abrimos el domingo?
No sé si abrimos el 25 de diciembre.
There is nothing free on Sunday.
Which day suits you, Saturday or Sunday?";

    const NOT_SO: &str = "\
We are open on Saturdays from 9:00 AM.
Los sábados abrimos a las 9:00 a. m.
Our opening hours are 9:00 AM to 11:00 PM.
Outside the holidays we are open until 10 PM.
We are open until 10 PM.
We are open on Friday until 5:00 PM.
On Monday we open at 7:30 AM.
We are open on Sundays.
Yes, we're open on Sunday!
We open on Sundays too.
We are open every day.
We're open daily.
We're open seven days a week.
We're open 24/7.
We are open 24 hours a day.
We are open around the clock.
We're open on weekends.
We are open Monday to Sunday.
We are open Monday through Saturday, and Sundays too.
We are closed on Saturdays.
We are not open on Saturday.
Sorry, we don't open on Fridays.
We are closed on Mondays.
The clinic is closed on weekends.
We are only closed on Saturday.
We close at 3 PM on Tuesday.
We open at 10 on Mondays.
We are closed at 3 PM on Tuesday.
We are open on Thursday 26 November.
We are open this Thursday.
On Monday 30 November we are open until 5 PM.
We are open on 29 November.
We are open every day except Saturday.
We close on Saturdays.
Abrimos los domingos.
Sí, los domingos abrimos.
Abrimos todos los días.
Estamos abiertos los fines de semana.
Abrimos de lunes a domingo.
Cerramos los sábados.
Los sábados no abrimos.
Estamos cerrados el lunes.
El jueves 26 de noviembre abrimos.
Atendemos las 24 horas.
Hoy estamos cerrados.
Abrimos todos los días, excepto el sábado.";

    #[test]
    fn what_is_so_may_be_said_and_nothing_else() {
        let (facts, today) = (facts(), "2026-11-20".parse().unwrap());
        let kept: Vec<_> = SO.lines().filter(|text| !are_so(&facts, text, today)).collect();
        let said: Vec<_> = NOT_SO.lines().filter(|text| are_so(&facts, text, today)).collect();
        let shown = |all: &[&str]| {
            all.iter().map(|text| format!("{text} {:?}", truth::openings(text, today))).collect::<Vec<_>>()
        };
        assert!(kept.is_empty() && said.is_empty(), "kept {:#?}\nsaid {:#?}", shown(&kept), shown(&said));
    }

    #[test]
    fn what_we_say_is_so() {
        let (facts, today) = (facts(), "2026-11-20".parse().unwrap());
        for language in Language::ALL {
            let words = in_words(&facts, language, today);
            assert!(truth::sentences(&words).into_iter().all(|one| are_so(&facts, one, today)), "{words}");
            assert!(
                words.contains(match language {
                    Language::English => "On Thursday 26 November 2026 we are closed.",
                    Language::Spanish => "El jueves 26 de noviembre de 2026 estamos cerrados.",
                }),
                "{words}"
            );
        }
    }
}
