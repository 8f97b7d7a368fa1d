//! Sentences that only a clinician may say.
//!
//! What to take and how much of it, what somebody has, and that there is no
//! need to worry. Patterns read it, in English and Spanish; a sentence that says
//! it gives no advice gives none.

use std::sync::LazyLock;

use crate::language::Language::{self, English, Spanish};
use crate::pattern::Patterns;
use crate::truth::words;

/// Whether `sentence` gives medical advice.
pub fn is_given(sentence: &str) -> bool {
    let words = words(sentence);
    ADVICE.occur(&words) && !DECLINES.occur(&words)
}

/// What is said in its place.
pub const fn instead(language: Language) -> &'static str {
    match language {
        English => {
            "I am an automated assistant and cannot give medical advice. I can book you a visit, or pass your question on to the clinic's team."
        }
        Spanish => {
            "Soy un asistente automático y no puedo dar consejos médicos. Puedo reservarle una cita o pasar su pregunta al equipo de la clínica."
        }
    }
}

static ADVICE: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(PATTERNS, list));

static DECLINES: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "cannot|cant|not|unable|wont|dont ... advice|advise|recommend|diagnose|prescribe|say|tell|know|judge",
            "no ~ puedo|podemos|soy|debo ... consejos|consejo|aconsejar|recomendar|diagnosticar|recetar|decir|decirle|saber",
            "ask|asking your|a|the|our|with doctor|dentist|pharmacist|practitioner|provider|clinician",
            "pregunte|consulte ... medico|doctor|doctora|dentista|farmaceutico|especialista",
        ],
        list,
    )
});

const PATTERNS: &[&str] = &[
    // What to take, and how much.
    "NUMBER UNIT",
    "DOSED",
    "TAKE .. MEDICINE",
    "TAKE .. NUMBER .. MEDICINE|times|every|hours|daily",
    "should|could|can|must|might|may ~ TAKE ~ it|them|this|that|these|those|some|something ~ for|with|every|twice|until|before|after|daily|$",
    "stop|stopped|skip|increase|double|reduce|halve|lower|raise|avoid|pause ~ MINE ~ MEDICINE",
    "MEDICINE ~ will|would|should|can|could|may|might|is|are ~ help|work|fine|safe|ok|okay|enough|relieve|ease",
    "recommend|suggest|advise|try ~ TAKING ~ MEDICINE|it|some",
    "recommend|suggest|advise|try .. MEDICINE",
    "twice|once|NUMBER ~ times|time ~ a|per|each|every ~ day|hours|week",
    "NUMBER|every ~ NUMBER ~ hours",
    "cada ~ NUMBER ~ horas|dias",
    "veces ~ al|por ~ dia",
    "debe|deberia|puede|podria|tiene que ~ TOMAR ~ MEDICINA|NUMBER|lo|la|esto|algo",
    "TOMAR .. MEDICINA",
    "suspenda|deje|aumente|reduzca|duplique|evite ... MEDICINA",
    "recomiendo|sugiero|aconsejo ... MEDICINA",
    // What somebody has.
    "you|he|she|they|it|this|that|youre|its|thats ~ HAVE ... ILLNESS",
    "sounds|looks|seems|appears ~ like|to ~ be|have ... ILLNESS",
    "sounds|looks like ... ILLNESS",
    "diagnosis|diagnose ~ is|you|it|this|would",
    "signs|sign|symptoms|symptom|case|consistent ~ of|with ... ILLNESS",
    "usted|tiene|tengas|tenga|padece|parece|podria|puede|es|sea|suena .. ENFERMEDAD",
    "sintoma|sintomas|senal|senales|cuadro|caso de ... ENFERMEDAD",
    // That there is nothing to it.
    "nothing ~ to worry|serious|dangerous",
    "not|isnt|probably|likely ~ serious|dangerous|harmless|benign|cancerous|contagious|broken",
    "dont|not|no ~ need ~ to see|worry|visit ~ doctor|about|dentist|hospital",
    "will|should ~ go|heal|clear|resolve|pass|improve ~ away|up|by|itself|on",
    "is|are ~ perfectly|completely|totally|quite ~ normal|harmless",
    "no ~ es|parece ~ nada|grave|serio|peligroso",
    "no ~ hace falta|necesita ~ ver|ir ... medico|doctor|hospital",
    "es ~ completamente|totalmente|perfectamente|muy ~ normal",
    "apply|put|rub|use ~ some|a|an|the|warm|cold ~ ice|compress|heat|ointment|cream",
    "aplique|ponga|pongase ... hielo|compresa|compresas|crema|pomada|calor",
];

fn list(name: &str) -> Option<&'static str> {
    Some(match name {
        "NUMBER" => {
            "0+ 1+ 2+ 3+ 4+ 5+ 6+ 7+ 8+ 9+ one two three four five six eight ten half a dos tres cuatro cinco seis \
             ocho diez doce media"
        }
        "UNIT" => {
            "mg mgs milligram milligrams ml mls mcg microgram micrograms iu miligramo miligramos mililitros gotas"
        }
        "DOSED" => "100mg 200mg 250mg 300mg 400mg 500mg 600mg 750mg 800mg 1000mg 5mg 10mg 20mg 25mg 40mg 50mg 5ml 10ml",
        "TAKE" => "take taking takes use using swallow apply give",
        "TAKING" => "taking using some a an the",
        "TOMAR" => "tomar tome tomese tomarse usar use aplicar aplique dar dele",
        "MINE" => "your the taking any of these those that",
        "MEDICINE" => {
            "ibuprofen paracetamol acetaminophen tylenol advil aspirin naproxen aleve amoxicillin penicillin antibiotic \
             antibiotics painkiller painkillers pill pills tablet tablets capsule capsules medication medications \
             medicine medicines dose doses dosage antihistamine antihistamines benadryl steroid steroids cortisone \
             insulin metformin prednisone opioid codeine melatonin supplement supplements ointment drops syrup inhaler \
             warfarin statin statins antidepressant antidepressants sertraline laxative decongestant"
        }
        "MEDICINA" => {
            "ibuprofeno paracetamol acetaminofen aspirina naproxeno amoxicilina penicilina antibiotico antibioticos \
             analgesico analgesicos pastilla pastillas tableta tabletas capsula capsulas medicamento medicamentos \
             medicina medicinas dosis antihistaminico insulina jarabe pomada gotas inhalador suplemento"
        }
        "HAVE" => {
            "have has had got is be likely probably may might could must definitely suffering developing sounds seems \
             caught"
        }
        "ILLNESS" => {
            "infection infected flu influenza covid cold migraine sprain sprained fracture fractured broken arthritis \
             pneumonia bronchitis strep diabetes diabetic cancer tumor tumour melanoma eczema psoriasis asthma anemia \
             anaemia depression hypertension gastritis ulcer appendicitis meningitis sinusitis tonsillitis cavity \
             abscess gingivitis allergy allergic virus viral bacterial tendonitis tendinitis sciatica hernia gout uti \
             dermatitis rosacea shingles vertigo concussion reflux"
        }
        "ENFERMEDAD" => {
            "infeccion gripe influenza covid resfriado migrana esguince fractura artritis neumonia bronquitis diabetes \
             cancer tumor eccema psoriasis asma anemia depresion hipertension gastritis ulcera apendicitis meningitis \
             sinusitis amigdalitis caries absceso gingivitis alergia virus tendinitis ciatica hernia gota dermatitis"
        }
        "IDLE" => {
            "the a an your you my this that it some of to be just also then now please really very maybe perhaps about \
             little bit only any for el la los las un una su de que lo le se"
        }
        "COURTESY" => "please , ?",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_clinician_may_say_is_recognised() {
        for text in [
            "You should take ibuprofen for that.",
            "Take 400 mg every six hours.",
            "You can take two tablets twice a day.",
            "I'd recommend taking an antihistamine.",
            "Try some ibuprofen until your visit.",
            "Stop taking your medication before the visit.",
            "You should stop your antibiotics.",
            "It sounds like you have an infection.",
            "This is probably a sinus infection.",
            "You may have strep.",
            "You have the flu.",
            "Those are symptoms of diabetes.",
            "It is nothing to worry about.",
            "That should go away on its own.",
            "You don't need to see a doctor.",
            "It's not serious.",
            "Tylenol should help.",
            "The usual dose is 500mg.",
            "Apply some ice.",
            "Debe tomar ibuprofeno.",
            "Tome dos pastillas cada ocho horas.",
            "Le recomiendo tomar paracetamol.",
            "Parece una infección.",
            "Usted tiene gripe.",
            "No es nada grave.",
            "Póngase hielo en la rodilla.",
            "Deje de tomar sus antibióticos.",
        ] {
            assert!(is_given(text), "{text} {:?}", words(text));
        }
    }

    #[test]
    fn what_a_receptionist_says_is_none() {
        for text in [
            "I cannot give medical advice, such as whether you should take ibuprofen.",
            "I'm not able to say whether you have an infection.",
            "Please ask your doctor whether to take ibuprofen.",
            "Do you take Friday or Monday?",
            "A haircut takes 45 min and is $60.",
            "Please take a seat when you arrive.",
            "You can take the 3 PM slot.",
            "Please bring your insurance card and a list of your medications.",
            "You have an appointment on Tuesday at 3:00 PM.",
            "I have Tuesday at 3:00 PM or 4:30 PM, and Friday at 10:00 AM.",
            "Would you like to see Dr. Lin?",
            "We are open every day from 9:00 AM to 5:00 PM.",
            "You are booked for Tuesday 24 November at 3:00 PM.",
            "No puedo dar consejos médicos.",
            "Su cita es el martes a las 3.",
            "¿Qué día le queda mejor?",
            "Tengo el martes a las 3 o a las cuatro y media.",
            "It is no trouble at all.",
            "Your visit is not confirmed yet.",
            "No es necesario traer nada.",
        ] {
            assert!(!is_given(text), "{text} {:?}", words(text));
        }
    }

    #[test]
    fn what_is_said_in_its_place_is_none() {
        assert!(Language::ALL.into_iter().all(|language| !is_given(instead(language))));
    }

    #[test]
    fn every_list_that_a_pattern_names_is_there() {
        assert_eq!(crate::pattern::unknown_names(PATTERNS, list), [""; 0]);
    }

    #[test]
    fn nothing_true_that_a_receptionist_says_is_taken_for_advice() {
        let corpus = include_str!("truth/corpus.txt");
        let taken: Vec<_> =
            corpus.lines().filter_map(|line| line.splitn(3, " | ").nth(2)).filter(|text| is_given(text)).collect();
        assert!(taken.is_empty(), "{taken:#?}");
    }
}
