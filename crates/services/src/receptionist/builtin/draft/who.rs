//! Whom the visit is for, and how they can be reached.

use super::super::read::{Asked, Understood};
use super::{Draft, Gave, Note};

impl Draft<'_> {
    pub(super) fn take_contact(&mut self, heard: &Understood, notes: &mut Vec<Note>) -> Gave {
        let mut gave = Gave::Nothing;
        if let Some(email) = &heard.email {
            self.email = Some(email.clone());
            gave = Gave::Something;
        }
        if let Some(phone) = &heard.phone {
            self.phone = Some(phone.clone());
            gave = Gave::Something;
        }
        if let Some(name) = &heard.name {
            self.name = Some(name.clone());
            gave = Gave::Something;
        } else if let Some(name) =
            heard.bare_name.as_ref().filter(|_| self.asked.name && self.name.is_none() && heard.topic.is_none())
        {
            let alone = heard.words <= name.split([' ', '-']).count() + 1;
            self.name = Some(name.clone());
            gave = if alone && gave == Gave::Nothing { Gave::NameAlone } else { Gave::Something };
        }
        if self.hold.is_none() && gave != Gave::Nothing {
            notes.push(Note::Introduced);
        }
        if heard.bad_email {
            notes.push(Note::BadEmail);
        }
        if heard.bad_phone && heard.email.is_none() {
            notes.push(Note::BadPhone);
        }
        gave
    }

    pub(super) fn is_ready_to_confirm(&mut self, heard: &Understood, gave: Gave, notes: &mut Vec<Note>) -> bool {
        if self.hold.is_none() {
            return false;
        }
        let refused = self.take_refusal(heard, gave, notes);
        if !notes.is_empty() {
            return false;
        }
        let proceeds = gave != Gave::Nothing || refused || heard.agrees;
        if heard.declines && self.contact_is_complete() && !refused && gave == Gave::Nothing {
            notes.push(Note::NotAgreed);
        }
        self.contact_is_complete() && proceeds && notes.is_empty()
    }

    // Each piece is asked for once; not giving it then means going without.
    fn take_refusal(&mut self, heard: &Understood, gave: Gave, notes: &mut Vec<Note>) -> bool {
        let refuses = heard.declines && gave == Gave::Nothing;
        let ignores = !heard.asks && !heard.agrees && heard.talk.is_none() && heard.topic.is_none() && heard.words > 0;
        let alone = self.asked.email != self.asked.phone && !self.asked.name;
        let no_email = heard.no_email || (self.asked.email && alone && self.email.is_none() && (refuses || ignores));
        let no_phone = heard.no_phone
            || (self.asked.phone && alone && self.phone.is_none() && (refuses || ignores) && !heard.bad_phone);
        self.no_email |= no_email && self.email.is_none() && !heard.bad_email;
        self.no_phone |= no_phone && self.phone.is_none();
        let both_refused = refuses && self.asked.email && self.asked.phone && !self.asked.name;
        if (self.no_email && self.no_phone || both_refused) && self.email.is_none() && self.phone.is_none() {
            (self.no_email, self.no_phone) = (false, false);
            notes.push(Note::NeedContact);
        }
        no_email || no_phone
    }

    pub(super) fn said(&mut self, text: &str) {
        let question = text
            .split_inclusive(['.', '?'])
            .rfind(|sentence| sentence.trim_end().ends_with('?'))
            .unwrap_or_default()
            .to_lowercase();
        self.aside.said(text);
        let contact = self.hold.is_some() || self.aside.waits;
        let asks_for = |names: &[&str]| names.iter().any(|name| question.contains(name));
        self.asked = Asked {
            name: contact && asks_for(&["name", "nombre"]),
            email: contact && asks_for(&["email", "correo electrónico"]),
            phone: contact && asks_for(&["phone", "teléfono"]),
        };
    }
}
