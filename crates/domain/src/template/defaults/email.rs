//! The same messages as e-mail: whole sentences, and no replies to send.

use crate::language::Language::{self, English, Spanish};
use crate::template::Kind;

/// The e-mail of a clinic that has written none. Paragraphs are parted by an
/// empty line, and a link that stands alone becomes a button. It passes the
/// [lint](crate::template::lint), names no visit's purpose, and needs nothing
/// that a clinic may not have. How to get no more of them is not part of it:
/// that stands below every e-mail that has to say so.
pub const fn default_email(kind: Kind, language: Language) -> &'static str {
    match (kind, language) {
        (Kind::Confirmation, English) => {
            "Hello {patient},\n\nYou are booked at {clinic}: {date}, {time}, with {practitioner}.\n\nYour confirmation \
             code is {code}.\n\nTo see, move or cancel your visit:\n\n{link}"
        }
        (Kind::Confirmation, Spanish) => {
            "Hola, {patient}:\n\nTiene cita en {clinic}: {date}, {time}, con {practitioner}.\n\nSu código de \
             confirmación es {code}.\n\nPara ver, cambiar o cancelar su cita:\n\n{link}"
        }
        (Kind::Change, English) => {
            "Hello {patient},\n\nYour visit to {clinic} has a new time: {date}, {time}, with {practitioner}. The old \
             time no longer holds.\n\nTo see, move or cancel your visit:\n\n{link}"
        }
        (Kind::Change, Spanish) => {
            "Hola, {patient}:\n\nSu cita en {clinic} tiene una nueva hora: {date}, {time}, con {practitioner}. La hora \
             anterior ya no vale.\n\nPara ver, cambiar o cancelar su cita:\n\n{link}"
        }
        (Kind::Cancellation, English) => {
            "Hello {patient},\n\nYour visit to {clinic} on {date}, {time}, is cancelled. Nothing is left for you to \
             do.\n\nIf you would like another time, you can book one here:\n\n{link}"
        }
        (Kind::Cancellation, Spanish) => {
            "Hola, {patient}:\n\nSu cita en {clinic} del {date}, {time}, queda cancelada. No tiene que hacer nada \
             más.\n\nSi desea otra hora, puede pedirla aquí:\n\n{link}"
        }
        (Kind::Reminder, English) => {
            "Hello {patient},\n\nA reminder of your visit to {clinic}: {date}, {time}, with {practitioner}.\n\nIf that \
             no longer suits you, please move or cancel it, so that somebody else can have the time:\n\n{link}"
        }
        (Kind::Reminder, Spanish) => {
            "Hola, {patient}:\n\nLe recordamos su cita en {clinic}: {date}, {time}, con {practitioner}.\n\nSi ya no le \
             viene bien, cámbiela o cancélela, para que otra persona pueda aprovechar la hora:\n\n{link}"
        }
        (Kind::FollowUp, English) => {
            "Hello,\n\nCan {clinic} help you with anything else? Here you can ask a question or book a \
             visit:\n\n{link}"
        }
        (Kind::FollowUp, Spanish) => {
            "Hola:\n\n¿Puede {clinic} ayudarle en algo más? Aquí puede hacer una pregunta o pedir una cita:\n\n{link}"
        }
        (Kind::WaitlistOffer, English) => {
            "Hello {patient},\n\nAn earlier time has come free at {clinic}: {date}, {time}, with {practitioner}. We \
             keep it for you until {until}.\n\nTo take it:\n\n{link}"
        }
        (Kind::WaitlistOffer, Spanish) => {
            "Hola, {patient}:\n\nHay un lugar antes en {clinic}: {date}, {time}, con {practitioner}. Se lo guardamos \
             hasta {until}.\n\nPara tomarlo:\n\n{link}"
        }
        (Kind::HandoffLink, English) => {
            "Hello,\n\nHere your conversation with {clinic} goes on. The link works once, for 30 minutes.\n\n{link}"
        }
        (Kind::HandoffLink, Spanish) => {
            "Hola:\n\nAquí sigue su conversación con {clinic}. El enlace sirve una sola vez, durante 30 \
             minutos.\n\n{link}"
        }
        (Kind::OneTimeCode, English) => {
            "Your code for {clinic} is {code}.\n\nEnter it only where you asked for it, and tell nobody. If you did not \
             ask for one, you need not do anything."
        }
        (Kind::OneTimeCode, Spanish) => {
            "Su clave para {clinic} es {code}.\n\nEs solo para usted: escríbala donde la pidió y no la comparta con \
             nadie. Si no la pidió, no tiene que hacer nada."
        }
        (Kind::ContactChange, English) => {
            "Hello,\n\nThe contact details that {clinic} has for you were changed.\n\nIf that was not you, please tell us \
             at once."
        }
        (Kind::ContactChange, Spanish) => {
            "Hola:\n\nSe cambiaron los datos de contacto que {clinic} tiene de usted.\n\nSi no fue usted, por favor avise \
             cuanto antes."
        }
        (Kind::OptOutConfirmation, English) => "You will get no more e-mail from {clinic}. Your visits stay booked.",
        (Kind::OptOutConfirmation, Spanish) => "Ya no recibirá correos de {clinic}. Sus citas siguen en pie.",
    }
}
