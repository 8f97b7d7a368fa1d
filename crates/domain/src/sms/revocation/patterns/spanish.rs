//! How people ask to be left alone in Spanish, without accents.

pub(super) const REFUSALS: &[&str] = &[
    // No me escriban más. No manden más mensajes. Dejen de escribirme.
    "no|nunca|jamas ~ me|nos ~ ESCRIBAN",
    "no|nunca|jamas ~ ESCRIBIRME",
    "no|nunca ~ ESCRIBAN $",
    "no|nunca ~ ESCRIBAN ~ mas",
    "no|nunca ~ ESCRIBAN ~ a ~ numero|celular|telefono",
    "ni ~ me|nos ~ ESCRIBAN",
    "no ~ ser CONTACTADO",
    "no se comuniquen ~ mas|conmigo",
    "no ~ LLAMEN ~ ni ~ ESCRIBAN",
    "no ~ MANDEN ~ MENSAJE",
    "no ~ MANDEN ~ mas $",
    "^ no MANDEN $",
    "no ~ MANDEN ~ nada $",
    "no ~ MANDEN ~ nada mas",
    "DEJEN|dejenme|dejeme ~ de ~ ESCRIBAN",
    "DEJEN|dejenme|dejeme ~ de ~ MANDEN",
    "dejo|dejar de ~ RECIBIR ~ MENSAJE",
    "PAREN ~ de ~ ESCRIBAN",
    "PAREN ~ de ~ MANDEN",
    "PAREN|CANCELEN|CANCELO|alto|basta ~ MENSAJES",
    "^ dejen ~ MENSAJES $",
    "CANCELEN ~ contacto ~ $",
    "CANCELEN ~ contacto conmigo",
    "como ~ CANCELO ~ MENSAJES",
    "no mas ~ MENSAJE",
    "^ no mas $",
    "^ ya no mas $",
    "ni un ~ MENSAJE mas",
    "^ basta ~ $",
    "^ paren|pare|parenle|alto ~ $",
    "^ no|sin|cero ~ MENSAJES $",
    // No quiero mensajes. Ya no deseo recibir nada.
    "no QUIERO ~ MENSAJES",
    "^ no QUIERO mas $",
    "no QUIERO ~ RECIBIR ~ MENSAJE",
    "no QUIERO ~ RECIBIR ~ nada",
    "no QUIERO ~ nada ~ de ~ ustedes|usted",
    "no ~ INTERESA ~ RECIBIR ~ MENSAJE",
    "no ~ INTERESA ~ en ~ RECIBIR ~ MENSAJE",
    "no estoy ~ INTERESA ~ en ~ RECIBIR ~ MENSAJE",
    "para no RECIBIR ~ MENSAJE",
    "no QUIERO ~ que ~ ESCRIBAN",
    "no QUIERO ~ que ~ MANDEN ~ MENSAJE",
    "no necesito ~ MENSAJES",
    "prefiero|preferiria ~ no ~ RECIBIR ~ MENSAJE",
    "prefiero|preferiria ~ que ~ no ~ ESCRIBAN",
    // Quítenme de la lista. Denme de baja. Déjenme en paz.
    "QUITENME ~ de|del ~ lista|base|listado|sistema",
    "me * QUITAR|QUITEN ~ de|del ~ lista|base|listado|sistema",
    "salir|salirme ~ de ~ lista|listado",
    "QUITENME ~ de ~ MENSAJES",
    "QUITENME ~ de ~ esto|ahi|aqui $",
    "^ QUITENME $",
    "me quito|salgo|borro|saco de ~ lista|listado",
    "QUITEN|QUITAR ~ numero",
    "QUITEN|QUITAR ~ mis datos",
    "den|de de baja ~ numero|celular|telefono",
    "que ~ me den|dieran|de de baja $",
    "denme|deme|dame|darme|denos ~ de baja",
    "^ dar de baja $",
    "^ QUIERO|solicito|pido|de ~ baja $",
    "^ baja $",
    "olvidense ~ de ~ numero",
    "me doy de baja",
    "me dan de baja $",
    "me puede|pueden|podria|podrian dar de baja $",
    "solicito|pido|quiero ~ baja ~ MENSAJE",
    "baja ~ de ~ MENSAJES",
    "DESUSCRIBIR",
    "CANCELEN|CANCELO ~ suscripcion",
    "dejenme|dejeme|dejame|dejenos ~ en paz",
    "dejenme|dejeme|dejame|dejenos ~ tranquilo|tranquila|tranquilos|solo|sola",
    "^ dejenme|dejeme $",
    "no autorizo|acepto ~ MENSAJES",
    "no autorizo|acepto ~ envio ~ MENSAJES",
    "no acepto ~ RECIBIR ~ MENSAJE",
    "no he autorizado|aceptado ~ MENSAJES",
    "rechazo ~ MENSAJES",
    "no autorizo ~ que ~ ESCRIBAN",
    "no autorizo ~ que ~ MANDEN ~ MENSAJE",
    "revoco|retiro ~ PERMISO $",
    "no * PERMISO para|de ~ RECIBIR ~ MENSAJE",
    "no * PERMISO para|de ~ ESCRIBAN",
    "no * PERMISO para|de ~ MANDEN",
    "no * PERMISO para ~ MENSAJES",
    "prohibo|prohibido ~ ESCRIBAN",
    "prohibo|prohibido ~ MANDEN",
    "STOP ~ MENSAJES",
];

pub(super) const REFUSALS_OF_CALLS: &[&str] = &["no ~ LLAMEN ~ mas", "DEJEN de ~ LLAMEN", "no mas ~ llamadas"];

pub(super) const OTHER_MEANINGS: &[&str] = &[
    // No dejen de avisarme. No me quiten de la lista.
    "no ~ DEJEN|PAREN de",
    "no QUIERO ~ DEJEN",
    "no ~ QUITEN|QUITENME|QUITAR",
    "no ~ PAREN|CANCELEN ~ MENSAJES",
    "no QUIERO|queria|quise * baja|DESUSCRIBIR",
    // ¿Qué pasa si mando STOP? Lo mandé por error.
    "si|que * SAY ~ STOP",
    "SAY ~ STOP * error|querer",
    // No a otra persona, no de otra lista.
    "a|al mi ~ PERSON",
    "lista ~ espera",
    "lista ~ para",
    "numero viejo|anterior",
];

/// Not at night, not at work. For good it may be all the same.
pub(super) const LIMITS: &[&str] = &["no ~ ESCRIBAN * LIMITE", "no ~ LLAMEN * LIMITE"];

pub(super) const WELCOMES: &[&str] = &[
    "mejor|solo|por|prefiero|con ~ mensaje|mensajes|texto|textos|sms",
    "escribame|escribanme|escribeme|textee|texteeme",
    "mandeme|mandenme|mandame|envieme|envienme|enviame ~ MENSAJE",
];

/// Words that only soften or press.
pub(super) const COURTESIES: &str = "gracias hola ya ahora favor no";

/// Words that carry no meaning of their own here.
pub(super) const IDLE: &str = "\
    nos mas los las la el lo su sus mi mis estos estas este esta esos esas ese esa de a al del un una ningun \
    ninguna ni nunca vuelvan vuelva vuelvas volver que anden ande andes todo toda por esten estes estar sigan siga \
    sigas seguir todos todas tu tus ustedes usted tantos tanto dichosos malditos con me";

/// The words a capitalised name stands for.
pub(super) fn list(name: &str) -> Option<&'static str> {
    Some(match name {
        "PERSON" => {
            "\
            esposo esposa mama papa madre padre hijo hija hermano hermana ex novio novia jefe trabajo casa vecino \
            vecina"
        }
        "CONTACTADO" => "contactado contactada molestado molestada",
        "ESCRIBIRME" => {
            "\
            escribirme escribirnos textearme mensajearme contactarme contactarnos molestarme acosarme"
        }
        "ESCRIBAN" => {
            "\
            escriban escriba escribas escribir escribirme escribirnos escribiendo escribiendome textear textearme \
            texteen textee textees mensajear mensajearme mensajeen contacten contacte contactes contactar \
            contactarme contactarnos molesten moleste molestes molestar molestarme molestando acosen acosar \
            acosarme fastidien fastidiar chingar chingando chinguen joder jodan jodiendo"
        }
        "MANDEN" => {
            "\
            manden mande mandes mandar mandarme mandarnos mandando envien envie envies enviar enviarme enviarnos \
            enviando"
        }
        "MENSAJE" => {
            "\
            mensaje mensajes mensajitos mensajito texto textos sms recordatorio recordatorios notificacion \
            notificaciones aviso avisos alertas publicidad propaganda promociones spam whatsapp whatsapps"
        }
        "MENSAJES" => {
            "\
            mensajes mensajitos textos sms recordatorios notificaciones avisos alertas publicidad propaganda \
            promociones spam"
        }
        "LLAMEN" => "llamen llame llames llamar llamarme llamarnos llamando",
        "DEJEN" => "dejen deje deja dejes dejar",
        "PAREN" => "paren parenle pare para parar cesen cese detengan detenga detener eviten evite",
        "RECIBIR" => "recibir recibirlos recibiendo",
        "QUIERO" => "quiero quisiera deseo queremos deseamos",
        "QUITENME" => {
            "\
            quitenme quiteme quitame quitarme saquenme saqueme sacame sacarme borrenme borreme borrame borrarme \
            eliminenme elimineme eliminame eliminarme remuevanme remuevame"
        }
        "QUITAR" => "quitar sacar borrar eliminar",
        "QUITEN" => {
            "\
            quitaran sacaran borraran eliminaran quiten quite quita saquen saque borren borre borra eliminen \
            elimine elimina"
        }
        "DESUSCRIBIR" => {
            "\
            desuscribir desuscribo desuscribirme desuscribanme desuscribame desuscribeme desinscribirme \
            desinscribanme"
        }
        "CANCELEN" => {
            "\
            cancelen cancelar cancele cancela desactiven desactive desactivar apaguen suspendan quiten eliminen \
            anulen anule anular"
        }
        "CANCELO" => "cancelo paro quito desactivo detengo apago",
        "INTERESA" => "interesa interesan interesado interesada",
        "PERMISO" => "consentimiento permiso autorizacion",
        "LIMITE" => {
            "\
            antes despues hasta durante cuando mientras si hoy manana noche tarde temprano domingo domingos \
            trabajo ingles espanol todavia"
        }
        _ => return None,
    })
}
