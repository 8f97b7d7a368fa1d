//! What is said in reply to a text.

use domain::chat::{Card, Message};
use domain::language::Language::{self, English, Spanish};
use domain::sms::segments;

use super::super::writing::accents;

/// Who is speaking, and in which language.
#[derive(Clone, Debug)]
pub struct Voice {
    pub clinic: String,
    /// As people there write it.
    pub phone: Option<String>,
    pub language: Language,
}

impl Voice {
    /// The sentence in the clinic's name, as a text can carry it.
    fn say(&self, english: &str, spanish: &str) -> String {
        let sentence = match self.language {
            English => english,
            Spanish => spanish,
        };
        self.fold(&format!("{}: {sentence}", self.clinic))
    }

    fn fold(&self, text: &str) -> String {
        segments::fold(text, accents(self.language))
    }

    pub fn started(&self) -> String {
        self.say(
            "you get our texts again. Reply STOP to opt out.",
            "vuelve a recibir nuestros mensajes. Responda STOP para darse de baja.",
        )
    }

    pub fn help(&self) -> String {
        let (english, spanish) = match &self.phone {
            Some(phone) => (format!("Call us on {phone}. "), format!("Llámenos al {phone}. ")),
            None => Default::default(),
        };
        self.say(
            &format!("this is our automated assistant. Text what you need. {english}Reply STOP to opt out."),
            &format!(
                "este es nuestro asistente automático. Escriba lo que necesita. {spanish}Responda STOP para darse de baja."
            ),
        )
    }

    pub fn too_many(&self) -> String {
        let (english, spanish) = match &self.phone {
            Some(phone) => (format!(" or call {phone}"), format!(" o llame al {phone}")),
            None => Default::default(),
        };
        self.say(
            &format!("that is more texts than we can answer. Please wait an hour{english}."),
            &format!("son más mensajes de los que podemos responder. Espere una hora{spanish}."),
        )
    }

    pub fn pictures_unseen(&self) -> &'static str {
        match self.language {
            English => "I cannot see pictures or files, only words.",
            Spanish => "No puedo ver fotos ni archivos, solo palabras.",
        }
    }

    pub fn only_pictures(&self) -> String {
        self.say(
            "thank you. Our automated assistant cannot see pictures or files. Please say in words what you need.",
            "gracias. Nuestro asistente automático no puede ver fotos ni archivos. Diga con palabras qué necesita.",
        )
    }

    pub fn nothing_said(&self) -> String {
        self.say("your text came without words. What do you need?", "su mensaje vino sin palabras. ¿Qué necesita?")
    }

    /// A refusal's own sentence.
    pub fn refused(&self, sentence: &str) -> String {
        self.fold(&format!("{}: {sentence}", self.clinic))
    }

    pub fn no_visit(&self) -> String {
        self.say(
            "we have no visit ahead under this number. For one, reply with a day that suits you.",
            "no hay citas próximas con este número. Para pedir una, responda con la fecha que prefiera.",
        )
    }

    pub fn confirmed(&self, when: &str) -> String {
        self.say(
            &format!("thank you, your visit on {when} is confirmed."),
            &format!("gracias, su cita del {when} queda confirmada."),
        )
    }

    pub fn not_any_more(&self) -> String {
        self.say("that visit has changed since. Nothing was done.", "esa cita cambió después. No se hizo nada.")
    }

    pub fn offer_taken(&self, when: &str, is_pending: bool) -> String {
        if is_pending {
            return self.say(
                &format!("we have asked for {when} for you. The clinic still has to confirm it."),
                &format!("hemos solicitado el {when} para usted. La clínica todavía tiene que confirmarlo."),
            );
        }
        self.say(&format!("it is yours: you are booked on {when}."), &format!("es suya: tiene cita el {when}."))
    }

    /// That a time which was offered is gone, and what is free instead.
    pub fn offer_gone(&self, next: Option<&str>, link: &str) -> String {
        match next {
            Some(next) => self.say(
                &format!("that time is gone. The next one free is {next}. Book it here: {link}"),
                &format!("esa hora ya no está libre. La próxima es el {next}. Pídala aquí: {link}"),
            ),
            None => self.say(
                "that time is gone, and nothing else you wait for is free now. You stay on the waitlist.",
                "esa hora ya no está libre, y ahora no hay otra de las que espera. Sigue en la lista de espera.",
            ),
        }
    }

    pub fn offer_declined(&self) -> String {
        self.say(
            "all right, we offer that time to somebody else. You stay on the waitlist.",
            "de acuerdo, ofreceremos esa hora a otra persona. Sigue en la lista de espera.",
        )
    }

    /// Asks about which of several visits, each as in `1 Ada Tue 24 Nov 2:00 PM`.
    pub fn which(&self, visits: &[String]) -> String {
        let visits: Vec<String> = visits.iter().zip(1..).map(|(visit, number)| format!("{number} {visit}")).collect();
        let visits = visits.join(", ");
        self.say(
            &format!("which visit? Reply with its number: {visits}."),
            &format!("¿qué cita? Responda con su número: {visits}."),
        )
    }

    /// What the patient said by replying R.
    pub fn wants_to_move(&self) -> String {
        match self.language {
            English => "I would like to reschedule my appointment.".to_owned(),
            Spanish => "Quiero cambiar mi cita.".to_owned(),
        }
    }

    pub fn move_it_here(&self, when: &str, link: &str) -> String {
        match self.language {
            English => format!(
                "To move your visit on {when}, choose another time here: {link} The clinic has been told that you wish \
                 to."
            ),
            Spanish => format!(
                "Para cambiar su cita del {when}, elija otra hora aquí: {link} La clínica ya sabe que lo desea."
            ),
        }
    }

    /// The receptionist's answer in words alone. The first one says who speaks.
    pub fn answer(&self, answer: &Message, place: Place, postscript: Option<&str>) -> String {
        let mut said = Vec::new();
        if place == Place::First {
            said.push(match self.language {
                English => format!("This is the automated assistant of {}.", self.clinic),
                Spanish => format!("Este es el asistente automático de {}.", self.clinic),
            });
        }
        said.push(answer.text.clone());
        said.extend(answer.cards.iter().filter_map(|card| self.times(card)));
        said.extend(postscript.map(str::to_owned));
        self.fold(&said.join("\n"))
    }

    /// The times of a card, by number.
    fn times(&self, card: &Card) -> Option<String> {
        let Card::Slots { slots, .. } = card else { return None };
        let times: Vec<String> = slots.iter().zip(1..).map(|(slot, n)| format!("{n}. {}", slot.label)).collect();
        let reply = match self.language {
            English => "Reply with a number:",
            Spanish => "Responda con un número:",
        };
        (!times.is_empty()).then(|| format!("{reply}\n{}", times.join("\n")))
    }
}

/// Where in a thread an answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    First,
    Later,
}
