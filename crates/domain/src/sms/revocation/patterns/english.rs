//! How people ask to be left alone in English, all but the apostrophes.

pub(super) const REFUSALS: &[&str] = &[
    // Stop texting me. Stop sending these messages. How do I stop getting them?
    "STOP ~ TEXT",
    "STOP ~ SEND ~ TEXT",
    "STOP ~ SEND ~ THINGS",
    "STOP ~ SEND me $",
    "STOP ~ BOTHER",
    "STOP asking|nagging ~ me|us",
    "DONT ~ BOTHER me|us",
    "^ DONT disturb $",
    "STOP ~ GET ~ TEXT",
    "STOP ~ CALL OR ~ TEXT",
    "STOP blowing ~ up",
    "TURN off ~ TEXTS",
    "TURN these off $",
    "TURN ~ TEXTS off",
    "CANCEL ~ TEXTS",
    "TEXTS ~ off ~ $",
    "TEXTS ~ NEED ~ to ~ stop|end",
    "WISH|NEED ~ TEXTS ~ to ~ stop|end",
    "WISH|NEED ~ this|these ~ to stop|end $",
    "you|yall|guys|u ~ NEED ~ to ~ STOP $",
    "unwanted ~ TEXTS",
    "TEXTS ~ are|is not ~ wanted|welcome",
    "TEXTS ~ are|is unwanted|unwelcome",
    "make ~ TEXTS ~ stop",
    "^ DISCONTINUE $",
    "^ cease and desist $",
    "done with ~ TEXTS",
    "^ STOP ~ $",
    "^ STOP STOP",
    "^ STOP ~ to ~ opt|end|unsubscribe ~ $",
    "^ STOP ~ to STOP ~ $",
    "i|ive ~ SAY ~ STOP $",
    "i|ive ~ SAY ~ you ~ STOP $",
    "i|ive ~ SAY ~ STOP * still|why|times|again",
    "times * SAY ~ STOP",
    "stop means stop",
    "been ~ told|asked ~ to ~ STOP $",
    "told|asked you|u ~ to ~ STOP $",
    // A sentence that ended without a full stop.
    "^ STOP i|im|ive|we|who|why|wrong",
    "enough with|of ~ TEXT",
    "enough ~ TEXTS",
    // Don't text me. Do not send more messages. I'd rather you didn't.
    "!SUBJECT DONT ~ TEXT ~ ME",
    "!SUBJECT DONT ~ TEXT $",
    "!SUBJECT DONT ~ CALL OR ~ TEXT",
    "!SUBJECT DONT ~ SEND ~ TEXT",
    "!SUBJECT DONT ~ SEND ~ THINGS",
    "can|could|would you ~ not TEXT ~ ME",
    "mind not TEXT|SEND",
    "dont you ~ dare|ever ~ TEXT|SEND",
    "told|asked ~ not ~ to ~ TEXT|SEND",
    "told|asked ~ you ~ not|dont ~ to ~ TEXT|SEND",
    "told|asked ~ you ~ not|dont ~ TEXT|SEND",
    "no need ~ to ~ SEND ~ TEXTS",
    "no need ~ for ~ TEXTS",
    "rather ~ you ~ not|didnt|dont ~ TEXT|SEND",
    "rather|prefer ~ not ~ to ~ GET ~ TEXT",
    "rather|prefer ~ not ~ GET ~ TEXT",
    "rather|prefer ~ not ~ to ~ be TEXTED",
    "prefer ~ you ~ not|dont ~ to ~ TEXT|SEND",
    // I don't want texts. I no longer wish to be contacted.
    "DONT WISH ~ TEXTS",
    "DONT WISH ~ any ~ TEXT",
    "DONT WISH ~ to GET ~ TEXT",
    "DONT WISH ~ GET ~ TEXT",
    "DONT WISH ~ GET these $",
    "DONT WISH ~ to GET ~ THINGS ~ from you|u",
    "DONT WISH ~ THINGS ~ from you|u",
    "DONT WISH ~ to hear from you|u",
    "DONT WISH ~ to be|being TEXTED",
    "DONT WISH ~ to be on ~ LIST",
    "DONT WISH ~ you|u ~ TEXT",
    "DONT WISH ~ you|u ~ to TEXT",
    "DONT WISH ~ you|u ~ SEND ~ TEXT",
    "DONT WISH ~ you|u ~ to SEND ~ TEXT",
    "DONT need ~ TEXTS",
    "^ no more $",
    "no more ~ TEXT",
    "^ no more ~ of this|these|it $",
    "said|told ~ you|u no more $",
    "said no more $",
    "no more ~ SEND ~ TEXT",
    "^ no ~ TEXTS $",
    "^ no ~ contact|texting|messaging|contacting ~ me|us $",
    "^ no ~ contact|texting|messaging|contacting $",
    "DONT use ~ number",
    "DONT|not ~ interested in ~ TEXTS",
    "DONT|not ~ interested in ~ GET ~ TEXT",
    // If you text me again I will report you.
    "if you|u ~ TEXT|SEND * REPORT",
    "if i GET ~ one|another ~ more ~ TEXT",
    "REPORT ~ you|u|this * if you|u ~ TEXT|SEND",
    // Unsubscribe me. Take me off your list. Lose my number.
    "unsubscribe ~ $",
    "unsubscribe ~ TEXT",
    "unsubscribe ~ number|phone|cell",
    "unsubscribe ~ from ~ LIST",
    "i|ive ~ have ~ unsubscribed|opted ~ out $",
    "i|ive ~ unsubscribed|opted ~ out $",
    "i|ive ~ have ~ unsubscribed $",
    "i|ive ~ unsubscribed $",
    "unsubscribed|out ~ but|why|and * still|again|keep",
    "opt out request",
    "opt|opting ~ out $",
    "opt|opting ~ out ~ all|everything $",
    "opt ~ number|phone|cell ~ out",
    "opt|opting ~ out ~ of|from ~ TEXT",
    "opt|opting ~ out ~ of|from ~ LIST",
    "opt|opting ~ out ~ of|from ~ GET",
    "opt|opting ~ out ~ of|from ~ this|these|it|all|everything $",
    "WISH ~ off|out ~ LIST",
    "WISH ~ off|out ~ of ~ TEXTS",
    "WISH|REQUEST ~ to be REMOVED $",
    "be|get REMOVED ~ from|off ~ LIST",
    "be|get REMOVED ~ from|off ~ TEXTS",
    "^ REMOVE ~ from ~ LIST",
    "REMOVE ~ info|information|data|details|contact $",
    "REMOVE ~ name ~ $",
    "REMOVE|TAKE ~ name and ~ number",
    "REMOVE ~ name ~ from ~ LIST",
    "TAKE ~ name ~ off ~ $",
    "TAKE ~ name ~ off ~ LIST",
    "REMOVE me|us $",
    "REMOVE me|us ~ from ~ LIST",
    "REMOVE me|us ~ from ~ TEXTS",
    "TAKE me|us ~ off ~ LIST",
    "TAKE me|us ~ off ~ TEXT",
    "TAKE me|us ~ off $",
    "TAKE me|us ~ out of ~ LIST",
    "REMOVE ~ number",
    "BLOCK ~ number|you",
    "lose|forget ~ number ~ $",
    "TAKE ~ number|cell|phone ~ off ~ $",
    "TAKE ~ number|cell|phone ~ off ~ LIST",
    "TAKE ~ number|cell|phone ~ out of ~ LIST",
    "TAKE off ~ LIST",
    "leave me|us ~ alone|be",
    "^ go away $",
    "fuck|piss|bug|buzz|back off $",
    // I revoke my consent. You don't have permission to text me.
    "revoke|withdraw|revoking|withdrawing ~ PERMISSION $",
    "revoke|withdraw|revoking|withdrawing ~ PERMISSION ~ to|for ~ TEXT",
    "revoke|withdraw|revoking|withdrawing ~ PERMISSION ~ to|for ~ GET",
    "revoke|withdraw|revoking|withdrawing ~ PERMISSION ~ to|for ~ be TEXTED",
    "you|u DONT ~ have ~ PERMISSION $",
    "DONT|didnt|not * PERMISSION ~ to ~ TEXT|SEND",
    "not AUTHORIZED ~ to TEXT ~ ME",
    "PERMISSION ~ is ~ revoked|withdrawn",
    "PERMISSION ~ revoked|withdrawn",
];

pub(super) const REFUSALS_OF_CALLS: &[&str] = &[
    "STOP ~ CALL",
    "!SUBJECT DONT ~ CALL ~ again|anymore",
    "DONT WISH ~ calls",
    "DONT WISH ~ you|u ~ CALL",
    "no more ~ calls",
];

pub(super) const OTHER_MEANINGS: &[&str] = &[
    // Please don't stop. Did you stop? I don't want to opt out.
    "DONT ~ STOP",
    "DONT|didnt WISH|mean|intend ~ to ~ STOP|opt|unsubscribe|TURN|CANCEL|REMOVE",
    "did|have ~ you ~ STOP",
    "did|am|was i ~ opt|opted|unsubscribe|unsubscribed",
    "will|did|do i lose",
    "cannot|cant STOP ~ TEXT you",
    "DONT ~ REMOVE|TAKE|unsubscribe|opt|CANCEL|block",
    "did|have you ~ REMOVE|REMOVED",
    // What if I text STOP? I did by mistake.
    "if i|we * STOP|opt|unsubscribe",
    "!times should|must|can|do|did i * SAY ~ STOP",
    "what * STOP ~ mean|do",
    "i * STOP|unsubscribe|unsubscribed|opt * mistake|accident",
    "accidentally * STOP|unsubscribe|opt",
    // Not to my old number.
    "old|other|wifes|husbands ~ number",
    // Not that list.
    "LIST for",
];

/// Not at night, not at work. For good it may be all the same.
pub(super) const LIMITS: &[&str] = &["DONT ~ REACH * LIMIT"];

pub(super) const WELCOMES: &[&str] = &[
    "!OR text|message|msg me",
    "text|texts|texting|messages ~ is|are|works|instead|only|ok|okay|fine|better",
    "just|only|prefer|rather|by|via ~ text|texts|texting|message|messages|sms",
];

/// Words that only soften or press.
pub(super) const COURTESIES: &str = "\
    please pls plz thanks thx ty ok okay hi hello hey sorry sir maam now already immediately asap right away just \
    kindly yes no and anymore everyone guys lol thankyou today";

/// Words that carry no meaning of their own here.
pub(super) const IDLE: &str = "\
    a an the this these those that it all any anymore more another your ur our of with from me us my phone cell \
    for ever even so many constantly to via about up mailing marketing automated annoying stupid damn fucking hell \
    fuck daily constant appointment appt further future every single each else in on w his her their";

/// The words a capitalised name stands for.
pub(super) fn list(name: &str) -> Option<&'static str> {
    Some(match name {
        "STOP" => "stop stopp stp stpo sotp quit cease desist halt discontinue refrain",
        "DONT" => "dont never donot dnt",
        "SUBJECT" => "i you u they he she it we why who which",
        "OR" => "or and nor",
        "ME" => "me us again anymore ever number phone here",
        "TEXT" => {
            "\
            text texts texting txt txts txting msg msgs msging message messages messaging sms mms contact \
            contacting communication communications communicating reminder reminders remind reminding notification \
            notifications notify notifying alert alerts spam spamming"
        }
        "BOTHER" => {
            "\
            bother bothering harass harassing bug bugging annoying pester pestering disturb disturbing"
        }
        "TEXTS" => {
            "\
            texts txts msgs messages sms reminders notifications alerts communications communication spam"
        }
        "TEXTED" => "texted messaged contacted notified reminded bothered",
        "CALL" => "call calls calling phone phoning",

        "REACH" => "text texting txt message messages contact call calling remind reminders",
        "SEND" => "send sending sendin",
        "GET" => "get getting receive receiving recieve recieving",
        "THINGS" => "them anything nothing something things stuff this these those crap shit junk ads",
        "WISH" => "want wish wanna care consent agree like wanting authorize authorise allow permit",
        "SAY" => {
            "\
            said say saying told asked reply replied text texted type typed send sent wrote respond responded \
            respondo respondi mando mande envio envie pongo escribo"
        }
        "NEED" => "need have must should needs has",
        "CANCEL" => "cancel end discontinue disable deactivate suspend terminate mute",
        "DISCONTINUE" => "discontinue cease desist",
        "BLOCK" => "block blocking",
        "REMOVED" => "removed taken deleted dropped unsubscribed erased",
        "FOR_GOOD" => "again anymore ever mas jamas",
        "TURN" => "turn shut switch",
        "REMOVE" => "remove delete drop erase unlist scratch",
        "TAKE" => "take get remove drop",
        "LIST" => "list lists system database records contacts",
        "PERMISSION" => "consent permission authorization authorisation",
        "LIMIT" => {
            "\
            before after until till unless during while when if tonight today tomorrow between except past night \
            nights work weekend weekends sunday sundays saturday saturdays late early"
        }
        "REPORT" => "report reporting sue lawyer attorney block blocking police fcc",
        "AUTHORIZED" => "authorized authorised allowed permitted",
        "REQUEST" => "request requesting ask asking demand",
        _ => return None,
    })
}
