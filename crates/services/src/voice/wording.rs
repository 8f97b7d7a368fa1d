//! What callers are told, in the clinic's language.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use domain::appointment::{Appointment, AppointmentStatus, Hold};
use domain::language::Language::{self, English, Spanish};
use domain::spoken::spelled;
use domain::{Rejection, RejectionCode};

use crate::clinics::Profile;

/// How one clinic says things today.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub language: Language,
    pub zone: Tz,
    pub today: NaiveDate,
}

/// What a caller has left out, or said so that nobody understands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    Date,
    Time,
    Name,
    Phone,
    Email,
    BirthDate,
    Question,
}

impl Words {
    pub fn of(profile: &Profile, now: DateTime<Utc>) -> Self {
        let zone = profile.time_zone;
        Self { language: profile.language(), zone, today: now.with_timezone(&zone).date_naive() }
    }

    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        self.language.spoken_moment(self.local(at), self.today.year())
    }

    /// `Haircut with Mia Lin, Tuesday, December first, at 3 PM`.
    fn visit(&self, visit: &Appointment) -> String {
        let (kind, who, moment) =
            (&visit.appointment_type.name, &visit.practitioner.name, self.moment(visit.starts_at));
        match self.language {
            English => format!("{kind} with {who}, {moment}"),
            Spanish => format!("{kind} con {who}, el {moment}"),
        }
    }

    pub fn booked(&self, visit: &Appointment) -> String {
        let (what, code) = (self.visit(visit), spelled(&visit.confirmation_code));
        match (self.language, visit.status) {
            (English, AppointmentStatus::Pending) => {
                format!(
                    "I have asked for {what}. The clinic still has to confirm it. Your confirmation code is {code}."
                )
            }
            (English, _) => format!("Booked: {what}. Your confirmation code is {code}."),
            (Spanish, AppointmentStatus::Pending) => format!(
                "He solicitado {what}. La clínica todavía tiene que confirmarlo. Su código de confirmación es {code}."
            ),
            (Spanish, _) => format!("Reservado: {what}. Su código de confirmación es {code}."),
        }
    }

    /// That a booking was made before, in another call.
    pub fn booked_before(&self, visit: &Appointment) -> String {
        let what = self.visit(visit);
        match self.language {
            English => format!("That is booked already: {what}. The confirmation code was given when it was booked."),
            Spanish => format!("Ya está reservado: {what}. El código de confirmación se dio al reservar."),
        }
    }

    /// That nothing more is sent to a number.
    pub fn opted_out(&self) -> String {
        self.either(
            "We will send no more texts to this number and not call it. I have told the clinic's staff too.",
            "No enviaremos más mensajes a este número ni lo llamaremos. También se lo he dicho al personal de la clínica.",
        )
    }

    pub fn held(&self, hold: &Hold, now: DateTime<Utc>) -> String {
        let (kind, who, moment) = (&hold.appointment_type.name, &hold.practitioner.name, self.moment(hold.starts_at));
        let minutes = (hold.expires_at - now).num_minutes().max(1);
        match self.language {
            English => format!(
                "I am keeping {kind} with {who}, {moment}, for {minutes} minutes. It is not booked yet: I need a name and a phone number."
            ),
            Spanish => format!(
                "Le guardo {kind} con {who}, el {moment}, durante {minutes} minutos. Aún no está reservado: necesito un nombre y un teléfono."
            ),
        }
    }

    pub fn moved(&self, visit: &Appointment) -> String {
        let what = self.visit(visit);
        match (self.language, visit.status) {
            (English, AppointmentStatus::Pending) => {
                format!(
                    "I have asked for the new time: {what}. The clinic still has to confirm it. The code stays the same."
                )
            }
            (English, _) => format!("Moved. It is now {what}. The confirmation code stays the same."),
            (Spanish, AppointmentStatus::Pending) => format!(
                "He solicitado el nuevo horario: {what}. La clínica todavía tiene que confirmarlo. El código no cambia."
            ),
            (Spanish, _) => format!("Cambiado. Ahora es {what}. El código de confirmación no cambia."),
        }
    }

    pub fn cancelled(&self, visit: &Appointment) -> String {
        let what = self.visit(visit);
        match self.language {
            English => format!("Cancelled: {what}."),
            Spanish => format!("Cancelado: {what}."),
        }
    }

    pub fn already_cancelled(&self) -> String {
        self.either("That visit was cancelled before.", "Esa cita ya estaba cancelada.")
    }

    /// Visits as they stand, for whoever has proven that they are theirs.
    pub fn found(&self, visits: &[Appointment]) -> String {
        let whats: Vec<String> = visits.iter().take(3).map(|visit| self.standing(visit)).collect();
        whats.join(" ")
    }

    fn standing(&self, visit: &Appointment) -> String {
        let what = self.visit(visit);
        let (english, spanish) = match visit.status {
            AppointmentStatus::Pending => ("Asked for, not confirmed yet", "Solicitado, aún sin confirmar"),
            AppointmentStatus::Booked => ("Booked", "Reservado"),
            AppointmentStatus::Cancelled => ("Cancelled", "Cancelado"),
            AppointmentStatus::Arrived | AppointmentStatus::Fulfilled => ("Attended", "Realizado"),
            AppointmentStatus::Noshow => ("Missed", "Perdido"),
        };
        format!("{}: {what}.", self.either(english, spanish))
    }

    pub fn which(&self, visits: &[Appointment]) -> String {
        let whats: Vec<String> = visits.iter().take(3).map(|visit| self.visit(visit)).collect();
        match self.language {
            English => format!("There are several visits: {}. Which one is it?", whats.join("; ")),
            Spanish => format!("Hay varias citas: {}. ¿Cuál es?", whats.join("; ")),
        }
    }

    /// The same whether there is no such visit or it is somebody else's.
    pub fn not_found(&self) -> String {
        self.either(
            "I could not find that visit. Please give the confirmation code, or the patient's full name and date of birth.",
            "No encontré esa cita. Dígame el código de confirmación, o el nombre completo y la fecha de nacimiento del paciente.",
        )
    }

    /// `Haircut: Tuesday, December first, at 9 AM, noon or 3 PM.`
    pub fn offer(&self, kind: &str, times: &[DateTime<Utc>]) -> String {
        let mut days: Vec<(NaiveDate, Vec<String>)> = Vec::new();
        for at in times.iter().map(|at| self.local(*at)) {
            let time = self.language.spoken_time(at.time());
            match days.last_mut().filter(|(day, _)| *day == at.date()) {
                Some((_, times)) => times.push(time),
                None => days.push((at.date(), vec![time])),
            }
        }
        let days: Vec<String> = days
            .iter()
            .map(|(date, times)| {
                let (day, times) =
                    (self.language.spoken_day(*date, self.today.year()), self.language.spoken_choice(times));
                match self.language {
                    English => format!("{day}, at {times}"),
                    Spanish => format!("el {day} a {times}"),
                }
            })
            .collect();
        match self.language {
            English => format!("For {kind} these times are free: {}.", days.join("; ")),
            Spanish => format!("Para {kind} están libres: {}.", days.join("; ")),
        }
    }

    pub fn nothing_free(&self, kind: &str) -> String {
        match self.language {
            English => format!("I found no free time for {kind}. The clinic's staff can help further."),
            Spanish => {
                format!("No encontré ningún horario libre para {kind}. El personal de la clínica puede ayudarle.")
            }
        }
    }

    /// What stands before an offer of other times.
    pub fn not_free(&self, at: NaiveDateTime) -> String {
        let moment = self.language.spoken_moment(at, self.today.year());
        match self.language {
            English => format!("{moment}, is not free."),
            Spanish => format!("El {moment} no está libre."),
        }
    }

    /// What stands before an offer of times on other dates.
    pub fn none_then(&self) -> String {
        self.either("Nothing is free then.", "Entonces no hay nada libre.")
    }

    pub fn past(&self) -> String {
        let today = self.language.spoken_day(self.today, self.today.year());
        match self.language {
            English => format!("That time has passed. Today is {today}."),
            Spanish => format!("Ese horario ya pasó. Hoy es {today}."),
        }
    }

    pub fn which_type(&self, names: &[String]) -> String {
        let names: Vec<String> = names.iter().take(8).cloned().collect();
        let names = self.language.spoken_choice(&names);
        match (self.language, names.is_empty()) {
            (English, true) => "Nothing can be booked by phone here. The clinic's staff can help.".to_owned(),
            (English, false) => format!("Which kind of visit is it? I can book {names}."),
            (Spanish, true) => {
                "Aquí no se puede reservar nada por teléfono. El personal de la clínica puede ayudarle.".to_owned()
            }
            (Spanish, false) => format!("¿Qué tipo de cita desea? Puedo reservar {names}."),
        }
    }

    pub fn which_practitioner(&self, names: &[String]) -> String {
        let names = self.language.spoken_list(names);
        match self.language {
            English => format!("I know nobody of that name here. There are {names}."),
            Spanish => format!("Aquí no conozco a nadie con ese nombre. Están {names}."),
        }
    }

    pub fn unclear(&self, what: Unclear) -> String {
        let (english, spanish) = match what {
            Unclear::Date => ("Please give the date as year, month and day.", "Indique la fecha con año, mes y día."),
            Unclear::Time => ("Please give the time in hours and minutes.", "Indique la hora con horas y minutos."),
            Unclear::Name => ("Please give the patient's full name.", "Indique el nombre completo del paciente."),
            Unclear::Phone => (
                "Please give a phone number with its area code.",
                "Indique un número de teléfono con su código de área.",
            ),
            Unclear::Email => {
                ("That does not look like an email address.", "Eso no parece una dirección de correo electrónico.")
            }
            Unclear::BirthDate => (
                "Please give the date of birth as year, month and day.",
                "Indique la fecha de nacimiento con año, mes y día.",
            ),
            Unclear::Question => ("What would you like the clinic to know?", "¿Qué desea que sepa la clínica?"),
        };
        self.either(english, spanish)
    }

    pub fn passed_on(&self) -> String {
        self.either(
            "I have passed that on to the clinic's staff, so that somebody can get back to you.",
            "Se lo he pasado al personal de la clínica para que puedan responderle.",
        )
    }

    /// A refusal by whoever was asked. What is [`RejectionCode::Invalid`] was
    /// worded here already.
    pub fn refusal(&self, rejection: &Rejection) -> String {
        let spanish = match rejection.code {
            RejectionCode::Invalid => return rejection.message.clone().into_owned(),
            RejectionCode::NotFound => return self.not_found(),
            RejectionCode::AlreadyCancelled => return self.already_cancelled(),
            RejectionCode::RateLimited => {
                "Se intentó demasiadas veces. Inténtelo dentro de una hora o llame a la clínica."
            }
            RejectionCode::SlotTaken => "Ese horario acaba de ocuparse. Elija otro.",
            RejectionCode::HoldExpired => "Ese horario ya no está guardado. Elija de nuevo.",
            RejectionCode::CutoffPassed => {
                "Esa cita ya no se puede cambiar por este medio. Hemos avisado a la clínica de lo que desea."
            }
            RejectionCode::Forbidden => "Ese tipo de cita no se puede reservar por teléfono. Contacte con la clínica.",
            _ => "Algo no funciona de nuestro lado. Inténtelo de nuevo en un momento.",
        };
        self.either(&rejection.message, spanish)
    }

    fn either(&self, english: &str, spanish: &str) -> String {
        match self.language {
            English => english.to_owned(),
            Spanish => spanish.to_owned(),
        }
    }
}
