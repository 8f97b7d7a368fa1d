//! What is said about visits that exist.

use chrono::NaiveDate;
use domain::language::Language::{self, English, Spanish};

use super::super::super::model::ClinicFacts;
use super::super::answers;
use super::super::say::{self, said};
use super::super::slot::Existing;
use super::{Changing, Turn, Wish};

const QUESTIONS_FOR_PROOF: &[&str] = &[
    "confirmation code of your visit?",
    "What is the patient's",
    "código de confirmación de su cita?",
    "¿Cuál es la fecha de nacimiento",
    "¿Cuál es el nombre completo",
    "Then tell me the patient's full name and date of birth",
    "Entonces dígame el nombre completo y la fecha de nacimiento",
];

/// Whether it asked for what proves a visit to be theirs.
pub fn asks_for_code(text: &str) -> bool {
    QUESTIONS_FOR_PROOF.iter().any(|question| text.contains(question))
}

/// Whether it asked for a yes.
pub fn asks_to_go_on(text: &str) -> bool {
    ["Shall I cancel", "Shall I move", "¿La cancelo", "¿Cambio su cita"].iter().any(|question| text.contains(question))
}

pub fn ask_for_code(language: Language) -> String {
    said!(
        language,
        "What is the confirmation code of your visit? It has eight letters and digits. Without it, tell me the patient's full name and date of birth.",
        "¿Cuál es el código de confirmación de su cita? Tiene ocho letras y números. Si no lo tiene, dígame el nombre completo y la fecha de nacimiento del paciente.",
    )
}

/// For whoever has no code.
pub fn ask_for_person(language: Language, facts: &ClinicFacts) -> String {
    let reach = answers::reach(language, facts);
    said!(
        language,
        "Then tell me the patient's full name and date of birth. Without them, the clinic can look it up. {reach}",
        "Entonces dígame el nombre completo y la fecha de nacimiento del paciente. Sin eso, puede buscarla la clínica. {reach}",
    )
}

pub fn ask_for_birth_date(language: Language) -> String {
    said!(
        language,
        "What is the patient's date of birth, with the year?",
        "¿Cuál es la fecha de nacimiento del paciente, con el año?",
    )
}

pub fn ask_for_name(language: Language) -> String {
    said!(language, "What is the patient's full name?", "¿Cuál es el nombre completo del paciente?")
}

pub fn no_visits(language: Language) -> String {
    said!(
        language,
        "I find no coming visit for them. If you would like one, tell me what and when.",
        "No encuentro ninguna cita próxima. Si desea una, dígame cuál y para cuándo.",
    )
}

pub fn nothing_then(language: Language) -> String {
    said!(
        language,
        "I find no free time then. Which other day would you like?",
        "No encuentro ninguna hora libre entonces. ¿Qué otro día desea?",
    )
}

pub fn just_taken(language: Language) -> String {
    said!(language, "I am sorry, that time was just taken.", "Lo siento, esa hora ya no está libre.")
}

impl Changing {
    pub(super) fn found(&self, turn: &Turn, visit: &Existing, wish: Wish) -> String {
        let what = told(self.language, visit, turn.at.date_naive());
        match wish {
            Wish::Cancel => {
                said!(self.language, "I found {what}. Shall I cancel it?", "Encontré {what}. ¿La cancelo?",)
            }
            Wish::Move | Wish::See => said!(
                self.language,
                "I found {what}. Which day and time would you like instead?",
                "Encontré {what}. ¿Qué día y hora prefiere?",
            ),
        }
    }

    /// Times to move to.
    pub(super) fn instead(&self, turn: &Turn, visit: &Existing) -> String {
        let (language, today) = (self.language, turn.at.date_naive());
        if let Some(slot) = self.proposal() {
            let when = say::capitalised(&say::moment(language, slot.visit.local, today));
            let (what, who) = (say::plain(&visit.visit.offered), &slot.visit.practitioner);
            return said!(
                language,
                "{when} is free with {who}. Shall I move your {what} there?",
                "{when} está libre con {who}. ¿Cambio su cita de {what} a esa hora?",
            );
        }
        let some: Vec<String> = self
            .offers
            .iter()
            .take(3)
            .map(|slot| {
                let (when, who) = (say::moment(language, slot.visit.local, today), &slot.visit.practitioner);
                format!("{when} ({who})")
            })
            .collect();
        let some = say::and(language, &some);
        said!(language, "Free are {some}. Which of these suits you?", "Hay libre {some}. ¿Cuál le conviene?")
    }

    pub(super) fn cancelled(&self, turn: &Turn) -> String {
        let (language, today) = (self.language, turn.at.date_naive());
        let visit = self.visits.first();
        let what = match (language, visit) {
            (_, Some(visit)) => say::capitalised(&told(language, visit, today)),
            (English, None) => "Your visit".to_owned(),
            (Spanish, None) => "Su cita".to_owned(),
        };
        said!(
            language,
            "{what} is cancelled. If you would like another time, just tell me what and when.",
            "{what} está cancelada. Si desea otra, dígame cuál y para cuándo.",
        )
    }

    pub(super) fn moved(&self, turn: &Turn) -> String {
        let language = self.language;
        let Some(visit) = self.visits.first() else {
            return said!(language, "Your visit is moved.", "Su cita está cambiada.");
        };
        let (what, code) = (told(language, visit, turn.at.date_naive()), &visit.code);
        if visit.status == "pending" {
            let what = match language {
                English => what.replacen("your ", "a ", 1),
                Spanish => what.replacen("su ", "una ", 1),
            };
            return said!(
                language,
                "I have asked the clinic for {what}. It is not booked until they approve it.",
                "He pedido a la clínica {what}. No queda reservada hasta que la aprueben.",
            );
        }
        said!(
            language,
            "Moved: {what}. Your confirmation code stays {code}.",
            "Cambiada: {what}. Su código de confirmación sigue siendo {code}.",
        )
    }

    pub(super) fn which(&self, turn: &Turn) -> String {
        let today = turn.at.date_naive();
        let some: Vec<String> = self.visits.iter().map(|visit| told(self.language, visit, today)).collect();
        let some = say::and(self.language, &some);
        said!(self.language, "I found {some}. Which one do you mean?", "Encontré {some}. ¿Cuál de ellas?")
    }

    pub(super) fn seen(&self, turn: &Turn, visit: &Existing) -> String {
        let language = self.language;
        let what = say::capitalised(&told(language, visit, turn.at.date_naive()));
        match visit.status.as_str() {
            "cancelled" => said!(language, "{what} was cancelled.", "{what} está cancelada."),
            "pending" => said!(
                language,
                "{what} is asked for. It is not booked until the clinic approves it.",
                "{what} está solicitada. No queda reservada hasta que la clínica la apruebe.",
            ),
            "booked" => said!(language, "{what} is booked.", "{what} está reservada."),
            _ => said!(language, "{what} is over.", "{what} ya tuvo lugar."),
        }
    }
}

/// `your haircut with Mia Lin on Tuesday 24 November at 2:00 PM`
fn told(language: Language, visit: &Existing, today: NaiveDate) -> String {
    let (what, who) = (say::plain(&visit.visit.offered), &visit.visit.practitioner);
    let when = say::on_moment(language, visit.visit.local, today);
    said!(language, "your {what} with {who} {when}", "su cita de {what} con {who} {when}")
}
