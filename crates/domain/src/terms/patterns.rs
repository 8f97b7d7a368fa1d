//! How something is stated of a clinic, and how it is left open.

use std::sync::LazyLock;

use crate::pattern::Patterns;

/// A clinic's word on what it takes and has.
pub(super) static STATED: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "accept+|honor|honors|honour|honours|covered|covers",
            "we|weve|clinic|office|practice|everyone|they ~ take|takes|bill|bills|cover|have|has|got|offer|offers|provide|provides|support|supports|work|works|participate|participates|validate",
            "there|theres ~ is|are|s",
            "theres",
            "is|are|was|costs|isnt|arent|were",
            "can|cant|cannot|wont|wouldnt ~ be",
            "you|patients|visitors|everybody|they ~ can|may|could|cant|cannot ~ pay|park|use|leave",
            "network|included|includes|available|onsite",
            "please|you|patients|we ~ pay|park",
            "^ pay|park|wear|bring",
            "yes|no|certainly|sure|absolutely|of course",
            "tomamos|recibimos|trabajamos|contamos|ofrecemos|tenemos|hay|cubre|cubrimos|cubren|acept+|admit+|disponemos",
            "es|son|esta|estan|disponible|disponibles|incluid+",
            "puede|pueden|podra ~ pagar|estacionar|aparcar|usar|dejar|abonar",
        ],
        list,
    )
});

/// Where a part says that a clinic has or does something, whatever it is.
pub(super) static FEATURES: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "CLINIC ~ DOES",
            "speaks|treats|accepts|includes",
            "doesnt ~ DOES",
            "youre|are ~ welcome ~ to",
            "feel free",
            "were ~ happy|glad|able|pleased|proud ~ DOES",
            "weve ~ got",
            "there ~ is|are|isnt|arent",
            "is|are|isnt|arent ~ there",
            "theres",
            "is|are|isnt|arent .. PERMITTED",
            "you|patients|visitors|everyone|everybody ~ can|may|cant|cannot ~ pay|park|bring",
            "you ~ pay|park|bring",
            "CLINICA|no ~ HACE",
            "HACEMOS|hay",
            "se ~ acepta+|permit+|ofrec+|habla+|requier+|atiend+|cobra+",
            "puede|pueden ~ pagar|estacionar|aparcar|traer",
            "esta|estan|es|son .. PERMITIDO",
            "incluye|incluyen",
            "aceptan|toman|tienen|ofrecen|hacen|atienden|hablan|cuentan|permiten|realizan|cubren",
        ],
        list,
    )
});

/// What speaks of a clinic, its people, or what patients have to do there.
pub(super) static ABOUT: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "available|disponible+",
            "must",
            "can|may ~ be done",
            "on site",
            "centro|centre|center|facility|facilities|gym|gimnasio|therapist+|fisio+",
            "room|lobby|entrance|building|floor|bathroom|restroom|toilet|sala|piso|edificio|entrada|bano|recepcion",
            "^ were|well",
            "we|weve|our|ours|us|clinic|clinics|office|practice|studio|staff|team|here",
            "dr|dra|doctor|doctora NAMED",
            "you|youll|patients|visitors|everyone|anyone|kids|children|minors ~ can|may|must|need|needs|should|get|gets|have|has|want",
            "get|gets",
            "is|are|isnt|arent .. required|mandatory|allowed|forbidden|obligatory|compulsory|necessary",
            "required|mandatory|forbidden|prohibited|obligatory|compulsory",
            "feel free",
            "help yourself",
            "may|can|cant|cannot ~ come|enter|stay|wait",
            "fee|fees|charge|charges|charged|deposit|refund|discount|discounts|percent|rate|rates",
            "please|kindly ~ bring|wear|fill|park|pay|use|arrive",
            "+amos|+emos|+imos|nuestr+|clinica|consultorio|equipo|personal|aqui",
            "puede|pueden|debe|deben|podra|podran|hay",
            "tiene|tienen|hay que",
            "hace|hacen ~ falta",
            "imprescindible|indispensable",
            "obligatori+|prohibid+|necesari+|permitid+|requisito",
            "se ~ puede|pueden|admit+|permit+|cobra+|requier+|atiend+|exig+",
            "es|son ~ expert+|especialista+",
            "llegue|traiga|llene|rellene|pague|use",
            "descuento+|deposito+|recargo+|cargo|cargos|tarifa+",
        ],
        list,
    )
});

/// What has the words of that and is none: "we have sent", "there is nothing".
pub(super) static NO_FEATURES: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "have|has to",
            "have|has|weve ~ DONE|been",
            "have|has|weve|is|are ~ not|never ~ DONE|been",
            "take|takes|taking ~ care|note|notes|look|message|messages|seriously|moment|NUMBER|about|around|place|time|off|over",
            "do|does|doing ~ our|my|best|everything|it|that|this|so",
            "offer|provide ~ you|medical|advice|apologies",
            "have ~ great|nice|good|lovely|wonderful ~ day|evening|weekend|afternoon|morning",
            "see ~ you|if|whether",
            "use ~ it|that|this|your",
            "tomamos ~ nota",
            "hay ~ que",
            "hemos|ha|han ~ HECHO",
        ],
        list,
    )
});

/// What leaves it open.
pub(super) static OPEN: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "^ if|si",
            "whether|inquire|wonder|unsure|question|questions",
            "i|ill|can|could|shall|me|to|please|may|have|ive|theyll|will ~ ask|asked",
            "ask|asks|asking|asked|know|sure|check|see|say|tell|confirm|find ... if",
            "NEG ... know|sure|say|tell|confirm|answer|information|info|details|detail|promise",
            "i|im|ive ~ NEG ... find|see|speak|have|take|do",
            "NEG ~ speak ~ to|for",
            "check|confirm|verify|find|look ~ whether|if|with|into|out",
            "you|your ~ said|mentioned|told|asked|wrote|asking",
            "what|which ... is|are|we|you",
            "saber|sabemos|decir+|dicen|confirmar|averiguar|revisar|ver|verificar|preguntar+|pregunto ... si",
            "tell|advise|inform|help|talk|speak|ask ~ you|them|us .. about|with",
            "informar+|ayudar+|hablar+|decir+ .. sobre|acerca|con",
            "pregunt+|averigu+|duda|dudas",
            "consultar|consultarlo|consulto|consultarle",
            "no .. se|sabemos|tengo|tenemos|puedo|podemos|dispongo .. si|informacion|dato|datos|decir+|confirmar|asegurar|que|cual|cuales",
        ],
        list,
    )
});

pub(super) static ASKED: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &["^ do|does|did|is|are|can|could|would|will|shall|should|may|have|has|what|which|who|how|when|where|why"],
        list,
    )
});

fn list(name: &str) -> Option<&'static str> {
    Some(match name {
        "NEG" => "not no dont cant cannot couldnt havent isnt unable wont never nothing without",
        "CLINIC" => {
            "we clinic office practice studio team staff everyone they she he dr doctor dentist dentists doctors practitioners"
        }
        "DOES" => {
            "accept accepts take takes honor honors honour honours bill bills offer offers provide provides have has treat \
             treats speak speaks allow allows serve serves do does perform performs use uses charge charges require \
             requires support supports welcome welcomes cover covers sell sells carry carries validate validates waive \
             waives specialize specializes specialise keep keeps run runs host hosts see sees"
        }
        "PERMITTED" => {
            "accepted allowed welcome accessible included covered permitted provided offered required onsite wheelchair \
             friendly complimentary refundable discounted certified licensed vaccinated multilingual bilingual"
        }
        "DONE" => {
            "+ed sent left told put got made found had seen set taken given spoken written heard begun done already just \
             your you now"
        }
        "NAMED" => "+a +e +i +o +u +n +s +r +l +t +d +h +k +z +y +m +g +p",
        "CLINICA" => "clinica consultorio equipo personal doctora doctor dra dr dentista especialistas doctores",
        "HACE" => {
            "acepta aceptan ofrece ofrecen tiene tienen cuenta cuentan atiende atienden cubre cubren permite permiten \
             dispone disponen habla hablan realiza realizan cobra cobran hace hacen trabaja trabajan"
        }
        "HACEMOS" => {
            "aceptamos tomamos recibimos trabajamos contamos ofrecemos tenemos cubrimos disponemos atendemos hablamos \
             permitimos realizamos hacemos usamos utilizamos cobramos requerimos exigimos vendemos brindamos"
        }
        "PERMITIDO" => "incluid+ permitid+ cubiert+ aceptad+ accesible bienvenid+ requerid+ gratuit+",
        "HECHO" => "+ado +ido dicho hecho puesto visto escrito",
        "NUMBER" => "0+ 1+ 2+ 3+ 4+ 5+ 6+ 7+ 8+ 9+",
        "IDLE" => {
            "the a an our all most many major also do does not dont doesnt now just always usually gladly happily can will \
             only of for to it that this your cant cannot wont never any no guys folks all currently still here \
             la el los las un una nos de todos todas casi tambien no se mas sus su"
        }
        "COURTESY" => "",
        _ => return None,
    })
}
