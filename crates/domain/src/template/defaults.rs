//! What clinics say until they say it their own way.
//!
//! Each language is written for itself. The Spanish texts keep to words that
//! GSM-7 can spell, because one á would make every text twice as dear. "Sáb" in
//! a date still does, so they are meant to be sent with their accents
//! [folded](crate::sms::segments::fold). No text names what a visit is for.

mod email;

pub use email::default_email;

use super::Kind;
use crate::language::Language::{self, English, Spanish};

/// The text message of a clinic that has written none. It passes the
/// [lint](super::lint), and needs nothing that a clinic may not have, such as a
/// phone number.
pub const fn default_sms(kind: Kind, language: Language) -> &'static str {
    match (kind, language) {
        (Kind::Confirmation, English) => {
            "{clinic}: you are booked for {day}, {time}, with {practitioner}. Code: {code}. See or change it: {link} \
             Reply STOP to opt out."
        }
        (Kind::Confirmation, Spanish) => {
            "{clinic}: tiene cita el {day}, {time}, con {practitioner}. Clave: {code}. Para verla o cambiarla: {link} \
             Responda STOP para darse de baja."
        }
        (Kind::Change, English) => {
            "{clinic}: your visit is now on {day}, {time}, with {practitioner}. The old time no longer holds. See or \
             change it: {link}"
        }
        (Kind::Change, Spanish) => {
            "{clinic}: su cita cambia al {day}, {time}, con {practitioner}. La hora anterior ya no vale. Para verla o \
             cambiarla: {link}"
        }
        (Kind::Cancellation, English) => {
            "{clinic}: your visit on {day}, {time}, is cancelled. For another, reply with a day that suits you."
        }
        (Kind::Cancellation, Spanish) => {
            "{clinic}: su cita del {day}, {time}, queda cancelada. Para pedir otra, responda con la fecha que prefiera."
        }
        (Kind::Reminder, English) => {
            "{clinic}: a reminder of your visit on {day}, {time}. Reply C to confirm, R to change. STOP to opt out."
        }
        (Kind::Reminder, Spanish) => {
            "{clinic}: le recordamos su cita del {day}, {time}. Responda C para confirmar, R para cambiar. STOP para \
             darse de baja."
        }
        (Kind::FollowUp, English) => {
            "{clinic}: can we help with anything else? Reply with your question or a day that suits you, or book at \
             {link} Reply STOP to opt out."
        }
        (Kind::FollowUp, Spanish) => {
            "{clinic}: ¿podemos ayudarle en algo? Responda con su pregunta o con la fecha que prefiera, o pida su cita \
             en {link} Responda STOP para darse de baja."
        }
        (Kind::WaitlistOffer, English) => {
            "{clinic}: an earlier time is free: {day}, {time}, with {practitioner}. We keep it for you until \
             {until}. Reply 1 to take it. STOP to opt out."
        }
        (Kind::WaitlistOffer, Spanish) => {
            "{clinic}: hay un lugar antes: el {day}, {time}, con {practitioner}. Se lo guardamos hasta {until}. \
             Responda 1 para tomarlo. STOP para darse de baja."
        }
        (Kind::HandoffLink, English) => {
            "{clinic}: go on with our conversation here: {link} The link works once, for 30 minutes."
        }
        (Kind::HandoffLink, Spanish) => {
            "{clinic}: para seguir por internet lo que hablamos, abra {link} El enlace sirve una sola vez, durante 30 \
             minutos."
        }
        (Kind::OneTimeCode, English) => {
            "{clinic}: your code is {code}. Enter it only where you asked for it, and tell nobody."
        }
        (Kind::OneTimeCode, Spanish) => "{clinic}: su clave es {code}. Es solo para usted: no la comparta con nadie.",
        (Kind::ContactChange, English) => {
            "{clinic}: the contact details we have for you were changed. If that was not you, please tell us at once."
        }
        (Kind::ContactChange, Spanish) => {
            "{clinic}: se cambiaron los datos de contacto que tenemos de usted. Si no fue usted, por favor avise cuanto \
             antes."
        }
        (Kind::OptOutConfirmation, English) => {
            "{clinic}: you will get no more texts from us. Your visits stay booked. Reply START to get texts again."
        }
        (Kind::OptOutConfirmation, Spanish) => {
            "{clinic}: ya no le enviaremos mensajes. Sus citas siguen en pie. Responda START para volver a recibirlos."
        }
    }
}

/// The subject line of the same message by e-mail. A code never stands in one:
/// locked phones show them.
pub const fn default_subject(kind: Kind, language: Language) -> &'static str {
    match (kind, language) {
        (Kind::Confirmation, English) => "Booked: {day}, {time}, at {clinic}",
        (Kind::Confirmation, Spanish) => "Su cita en {clinic}: {day}, {time}",
        (Kind::Change, English) => "New time: {day}, {time}, at {clinic}",
        (Kind::Change, Spanish) => "Cambió su cita en {clinic}: {day}, {time}",
        (Kind::Cancellation, English) => "Cancelled: {day}, {time}, at {clinic}",
        (Kind::Cancellation, Spanish) => "Se canceló su cita en {clinic}: {day}, {time}",
        (Kind::Reminder, English) => "Your visit to {clinic} on {day}, {time}",
        (Kind::Reminder, Spanish) => "Le recordamos su cita en {clinic}: {day}, {time}",
        (Kind::FollowUp, English) => "Can {clinic} help with anything else?",
        (Kind::FollowUp, Spanish) => "¿Puede {clinic} ayudarle en algo más?",
        (Kind::WaitlistOffer, English) => "An earlier time at {clinic}: {day}, {time}",
        (Kind::WaitlistOffer, Spanish) => "Hay un lugar antes en {clinic}: {day}, {time}",
        (Kind::HandoffLink, English) => "Your conversation with {clinic}",
        (Kind::HandoffLink, Spanish) => "Su conversación con {clinic}",
        (Kind::OneTimeCode, English) => "Your code for {clinic}",
        (Kind::OneTimeCode, Spanish) => "Su clave para {clinic}",
        (Kind::ContactChange, English) => "Your contact details at {clinic} were changed",
        (Kind::ContactChange, Spanish) => "Cambiaron sus datos de contacto en {clinic}",
        (Kind::OptOutConfirmation, English) => "No more messages from {clinic}",
        (Kind::OptOutConfirmation, Spanish) => "Ya no recibirá mensajes de {clinic}",
    }
}
