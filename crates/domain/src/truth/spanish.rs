//! How an act is claimed in Spanish, without accents.

use super::Act::{self, Booked, Cancelled, ContactChanged, Done, Held, Moved, Requested, Sent, StaffTold, Waitlisted};
use super::Channel;

/// What is done, and what is said as if it were.
pub(super) const DONE: &[(Act, &[&str])] = &[
    (
        ContactChanged,
        &[
            "cambie|actualice|modifique|guarde|corregi|reemplace ~ WAYS",
            "WAYS ... MOVIDA|guardad+|corregid+|reemplazad+",
            "MOVIDA|guardad+|corregid+ ~ WAYS",
        ],
    ),
    (
        Booked,
        &[
            "AGENDADA",
            "YA|LE|yo ~ AGENDE",
            "AGENDE ~ su|la|tu|una|esa ~ CITA|hora|horario",
            "nos vemos",
            "LE esperamos|espera|esperan|esperaremos|veremos|vemos|espero",
            "esperamos verlo|verla|verle|verte",
            "es|son suya|suyo|tuya|tuyo",
            "suya|suyo ~ ya",
            "su|tu|la ~ CITA ~ ES|para ~ el|para|a|DIA",
            "su|tu|la ~ CITA .. ES ~ para|lista|fija|firme|hecha|en",
            "quedo|queda|quedamos|quedaste|queda ~ para|en|agendad+|con|el|DIA",
            "tiene|tienes ~ CITA ~ el|para|a|DIA|con",
            "CITA ~ sigue|continua|esta ~ en pie",
            "en|dentro ~ agenda|calendario|sistema",
            "hice|hecho|hicimos|realice ~ CITA",
            "aprobad+",
            "aprobo|acepto ~ SOLICITUD",
            "cuente|cuenta con ~ ello|eso|CITA|nosotros|lugar",
            "puse|meti|coloque|puesto ~ el|para|a|en",
            "detalles|resumen ~ de ~ CITA",
            "CITA ~ fija|segura|oficial|hecha|lista|amarrada",
        ],
    ),
    (
        Moved,
        &[
            "CITA ~ paso|cambio|movio ~ al|a|para|el",
            "se la cambie|movi|pase",
            "MOVIDA",
            "movi|movimos",
            "YA|LE ~ cambie|pase|reprograme|reagende|recorri|modifique",
            "cambie|reprograme|reagende|recorri|pase|modifique ~ CITA",
            "se|LE cambio|movio|reprogramo|paso ~ la|su|para|al|CITA",
            "nuevo|nueva|nuevos ~ horario|hora|fecha|cita|dia ~ es|sera|queda",
            "cambio ~ esta|quedo|fue|ha ~ sido ~ hecho|realizado|listo|aplicado",
        ],
    ),
    (
        Cancelled,
        &[
            "ya ~ no ~ tiene|tienes|debe|necesita|hace ~ que|falta ~ venir|acudir|asistir|presentarse",
            "di|dimos|dado|dio ~ de baja",
            "CANCELADA",
            "YA|LE|yo ~ cancele|anule|elimine|quite|borre|libere",
            "cancele|anule|elimine|quite|borre|libere ~ CITA",
            "se|fue|sido ~ cancelo|anulo|elimino|libero|borro",
            "ya ~ no ~ tiene|tienes|hay|existe|aparece|esta ~ CITA|agendad+|nada",
            "fuera ~ de|del ~ calendario|agenda",
            "CITA ... no ~ existe|aparece|sigue",
            "queda|quedo ~ sin ~ efecto|CITA",
        ],
    ),
    (
        Held,
        &[
            "nadie mas",
            "apartad+|guardad+|retenid+|bloquead+",
            "guardando|apartando|reteniendo|bloqueando",
            "LE|YA|yo ~ aparte|guarde|bloquee|retuve",
            "aparte|guarde|bloquee ~ ese|esa|el|la|su|un|DIA",
            "espera ~ de ~ su ~ confirmacion",
        ],
    ),
    (
        Requested,
        &[
            "SOLICITUD ... enviad+|recibid+|pendiente+|registrad+|mandad+|presentad+|hecha|tramite|proceso|ingresad+",
            "envie|mande|recibi|recibimos|registre|hice|presente|enviamos|ingrese ~ SOLICITUD",
            "enviado|mandado|recibido|hecho|registrado ~ SOLICITUD",
            "recibio|tiene ~ SOLICITUD",
            "pedi|solicite|solicitad+|pedimos|pedido",
            "pendiente de",
        ],
    ),
    (
        Waitlisted,
        &[
            "puse|agregue|anote|anotad+|esta|estas|agregad+|inclui|quedo|queda|meti|sume|puesto|puesta ~ en|a ~ lista ~ espera",
        ],
    ),
    (
        Sent(Channel::Sms),
        &[
            "ENVIE .. texto|sms",
            "texto|sms ... ENVIADO",
            "mensaje ~ texto ... ENVIADO",
            "recibio|llego|recibido ~ mensaje ~ texto",
            "ENVIE .. mensaje ~ texto",
        ],
    ),
    (
        Sent(Channel::Email),
        &[
            "ENVIE ... correo|email|mail|correos",
            "correo|email|mail ... ENVIADO",
            "recibio|llego|recibido ~ correo|email",
            "revise|revisa|vea|cheque ~ correo|email|bandeja|mail",
        ],
    ),
    (
        Sent(Channel::Any),
        &[
            "acab+ ~ de ~ mandar+|enviar+",
            "ENVIE .. MENSAJE",
            "MENSAJE ... ENVIADO",
            "YA|LE ~ ENVIE",
            "LE ~ llego|llegado ~ MENSAJE",
            "camino ~ MENSAJE",
            "revise|revisa|cheque ~ telefono|celular|mensajes",
        ],
    ),
    (
        StaffTold,
        &[
            "PERSONAL ~ tiene|vio|leyo|recibio ~ su|tu|el ~ MENSAJE|recado|nota|solicitud",
            "YA|LE|lo|yo|les|he|hemos ~ avise|informe|notifique|comunique|comente|dije|consulte|avisado|informado|notificado|comunicado|comentado|dicho|avisamos|consultado",
            "avise|informe|notifique|comunique|comente|dije|hable|contacte ~ al|a|con|PERSONAL",
            "PERSONAL .. enterad+|aviso|sabe|saben|informad+|notificad+|avisad+|tanto|confirmo",
            "PERSONAL .. al tanto",
            "pase|deje|transmiti|reenvie|pasado|dejado|turne|escale|transferi ~ MENSAJE|recado|nota|caso|consulta|pregunta|solicitud|llamada|PERSONAL",
            "PERSONAL .. recibido|recibio ~ MENSAJE|recado",
        ],
    ),
    (
        Done,
        &[
            "he|hemos ~ +ado|+ido|hecho|puesto|visto",
            "ha|han|fue|fueron|quedo|quedaron ~ +ado|+ada|+ido|+ida|+ados|+adas",
            "acab+ ~ de ~ +ar|+er|+ir|+arlo|+arla|+arle|+irle",
            "listo|lista|listos|listas",
            "hecho|hecha",
            "resuelt+|solucionad+|arreglad+|completad+|procesad+|realizad+|concluid+|efectuad+",
            "ya esta|quedo|quedaron $",
            "ya|todo ~ esta|quedo|queda $",
            "todo ~ en orden|bien|arreglado",
            "con exito|exitosamente",
            "me encargue|ocupe",
            "dado por hecho",
        ],
    ),
];

/// What is announced as if nothing were in the way.
pub(super) const PROMISED: &[(Act, &[&str])] = &[
    (
        Booked,
        &[
            "LE ~ RESERVO|agendare|reservare|confirmo|confirmare|programare|agendamos|reservamos|confirmamos",
            "VOY ~ agendar+|reservar+|programar+|confirmar+",
            "agendando|reservando|confirmando|agendare|reservare|confirmare",
            "confirmo|confirmamos|confirmarle|confirmarte ~ que|su|tu ~ CITA|DIA|el|queda|esta",
        ],
    ),
    (
        Moved,
        &[
            "LE|YA ~ muevo|cambio|paso|reprogramo|movere|cambiare|reprogramare|reagendo",
            "VOY ~ mover+|cambiar+|reprogramar+|reagendar+|pasar+",
            "moviendo|cambiando|reprogramando",
        ],
    ),
    (
        Cancelled,
        &[
            "LE|YA ~ cancelo|anulo|elimino|cancelare|anulare|quito",
            "VOY ~ cancelar+|anular+|eliminar+",
            "cancelando|anulando|eliminando",
        ],
    ),
    (Held, &["LE|YA ~ guardo|aparto|retengo|apartare|guardare", "VOY ~ apartar+|guardar+"]),
    (Waitlisted, &["LE ~ pongo|agrego|anoto ~ en|a ~ lista", "VOY ~ poner+|agregar+|anotar+ ~ en|a ~ lista"]),
    (
        Sent(Channel::Sms),
        &[
            "ENVIARE .. texto|sms",
            "ENVIARE .. mensaje ~ texto",
            "RECIBIRA ~ texto|sms",
            "RECIBIRA ~ mensaje ~ texto",
            "VOY ~ mandar+|enviar+ .. texto|sms",
        ],
    ),
    (
        Sent(Channel::Email),
        &["ENVIARE .. correo|email", "RECIBIRA ~ correo|email|mail", "VOY ~ mandar+|enviar+ .. correo|email"],
    ),
    (Sent(Channel::Any), &["ENVIARE ~ MENSAJE", "LE ~ ENVIARE", "RECIBIRA ~ MENSAJE", "VOY ~ mandar+|enviar+"]),
    (
        StaffTold,
        &[
            "LE|nos ~ va|van|vamos ~ llamar+|contactar+|marcar+|buscar+|escribir+|comunicar+",
            "va|van|vamos ~ llamarle|llamarlo|llamarla|contactarlo|contactarla|contactarle|llamarte",
            "PERSONAL ~ LLAMARA",
            "LE|nos ~ LLAMARA",
            "avisare|informare|notificare|pasare|comunicare|transfiero|transferire|avisamos|avisaremos",
            "VOY ~ avisar+|informar+|notificar+|pasar+|comunicar+|transferir+",
            "LE|YA ~ aviso|paso|comunico|transfiero ~ al|a|con|PERSONAL",
        ],
    ),
    (
        Requested,
        &["PERSONAL ~ decide|decidira|revisara|aprobara|confirmara", "VOY ~ pedir+|solicitar+", "solicitare|pedire"],
    ),
];

pub(super) const OFFERS: &[&str] = &[
    "tengo|hay|tenemos|ofrezco|ofrecer|ofrecemos|queda|quedan|tiene",
    "libre|libres|disponible|disponibles|disponibilidad|espacio|espacios|hueco|huecos|lugar|lugares|abierto",
    "que tal|opina|parece",
    "puedo|podemos|puede|podria ~ ofrecer+|atender+|ver|recibir+|el|a",
    "primera|proxima|primer|proximo|siguiente|temprano",
];

pub(super) const UNAVAILABLE: &[&str] = &[
    "no|ningun|ninguna|nada .. disponible|disponibles|hay|tengo|libre|libres|espacio|espacios|posible|queda|quedan|atendemos|puede|pude|puedo|pudimos|podemos|cita|citas",
    "ocupad+|llen+|cerrad+|agotad+|lamentablemente|desafortunadamente|tomad+",
    "usted|me ~ pidio|dijo|queria|quiso",
];

pub(super) const HOURS: &[&str] =
    &["abrimos|cerramos|abre|cierra|atendemos|horario|horarios|abren|cierran", "estamos|esta ~ abiert+|cerrad+"];

pub(super) const HARMLESS: &[&str] = &[
    "he|hemos ~ entendido|encontrado|revisado|buscado|podido|comprendido|tenido",
    "ha|han ~ sido ~ un|una|podido|tenido|querido",
    "ya ~ esta ~ ocupad+|llen+|tomad+",
    "completamente ~ reservad+|llen+",
    "citas ~ canceladas|reservadas|confirmadas",
    "esta|estoy ~ listo|lista ~ para",
    "de hecho",
    "espera|esperamos su ~ respuesta|confirmacion",
];

/// What speaks of a visit, or of coming to one.
pub(super) const VISITING: &[&str] = &[
    "cita|citas|visita|consulta|turno|espacio|lugar|reservado|reservada|confirmado|confirmada|agendado|agendada|suyo|suya",
    "llegue|llegar|venga|venir|traiga|traer|vemos|veremos|espera|esperamos|esperan|esperando|acuda|presentese|pase",
    "su|tu ~ hora|horario",
    "quedamos|queda|empieza|comienza",
];

/// What makes of a question one about what a patient wishes.
pub(super) const WISHING: &[&str] = &["quiere|quisiera|desea|gustaria|prefiere|refiere|busco|buscar|busca|piensa|dice"];

/// How a statement about a patient's own visit starts.
pub(super) const SUBJECTS: &[&str] = &["^ su|tu|esa|ese OWN", "^ YES ~ su|tu|esa|ese OWN"];

/// What makes of it no claim.
pub(super) const OPEN_STATEMENTS: &[&str] = &["no|puede|podria|debe|dura|cuesta|toma|si|cuando|tarda"];

pub(super) fn list(name: &str) -> Option<&'static str> {
    Some(match name {
        "AGENDADA" => {
            "agendad+ reservad+ confirmad+ programad+ asegurad+ registrad+ anotad+ apuntad+ concertad+ separad+ citad+"
        }
        "AGENDE" => {
            "agende reserve programe confirme anote registre agendo agendamos reservamos programamos asegure separe"
        }
        "YA" => "ya acabo acabamos yes",
        "LE" => "le la lo los las te les me se",
        "CITA" => {
            "cita citas turno hora visita consulta reserva reservacion lugar espacio horario sesion corte masaje \
            limpieza revision"
        }
        "ES" => "es esta sera queda quedo seria sigue fue",
        "DIA" => {
            "lunes martes miercoles jueves viernes sabado domingo hoy manana 1+ 2+ 3+ 4+ 5+ 6+ 7+ 8+ 9+ el las mediodia"
        }
        "SOLICITUD" => "solicitud peticion pedido",
        "WAYS" => "telefono telefonos numero numeros correo correos email celular movil contacto datos direccion",
        "MOVIDA" => "movid+ reprogramad+ cambiad+ modificad+ actualizad+ reagendad+ recorrid+ pospuest+ trasladad+",
        "CANCELADA" => "cancelad+ eliminad+ anulad+ borrad+ liberad+ quitad+ removid+ suspendid+",
        "ENVIE" => {
            "envie mande enviado mandado enviamos mandamos envio mando enviando mandando remiti hice enviada mandada \
            enviados escribi reenvie"
        }
        "ENVIADO" => "enviad+ mandad+ camino salio llego llegado enviar envio",
        "ENVIARE" => "enviare mandare enviaremos mandaremos envio mando enviamos mandamos enviara mandara",
        "RECIBIRA" => "recibira recibiras llegara llegaran recibe tendra le llega recibir llegar",
        "MENSAJE" => {
            "mensaje mensajes confirmacion recordatorio detalles enlace liga informacion datos indicaciones \
            instrucciones recibo invitacion notificacion aviso comprobante codigo"
        }
        "PERSONAL" => {
            "personal equipo doctora doctor dr dra recepcion recepcionista clinica alguien enfermera enfermero gerente \
            encargado encargada companero companera especialista dentista terapeuta persona nosotros ellos"
        }
        "LLAMARA" => {
            "llamara llamaran llamaremos contactara contactaran contactaremos comunicara comunicaran comunicaremos \
            respondera responderan marcara marcaran escribira escribiran buscara llama contacta"
        }
        "RESERVO" => "reservo agendo aparto programo anoto registro separo dejo",
        "VOY" => "voy vamos va estoy procedo",
        "OWN" => "cita turno reserva reservacion lugar solicitud hora cancelacion visita",
        "YES" => "yes perfecto bien claro si",
        "IDLE" => {
            "el la los las su tu mi un una lo le se ya a al de del en con ha he hemos sido fue esta este esto que y \
            para por muy bien ahora mismo te nos me todo toda queda quedo quedado exitosamente correctamente \
            oficialmente enseguida pronto poco momento nuestro nuestra esa ese tambien sera ser es hoy han estado \
            unos minutos les otra yes breve"
        }
        "COURTESY" => "gracias , ?",
        _ => return None,
    })
}
