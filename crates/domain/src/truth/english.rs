//! How an act is claimed in English.

use super::Act::{self, Booked, Cancelled, ContactChanged, Done, Held, Moved, Requested, StaffTold, Waitlisted};
use super::{Act::Sent, Channel};

/// What is done, and what is said as if it were.
pub(super) const DONE: &[(Act, &[&str])] = &[
    (
        ContactChanged,
        &[
            "MOVED|saved|replaced|corrected ~ WAYS",
            "WAYS ... MOVED|saved|replaced|corrected",
            "WAYS ~ on file ~ is|are ~ now",
            "have|has|got ~ new ~ WAYS ~ on file",
        ],
    ),
    (
        Booked,
        &[
            "youve|you ~ got ~ DAY|it|3+",
            "youve got",
            "STAFF said|says|say ~ yes|ok|okay|sure|fine",
            "STAFF ~ agreed|okayed|oked",
            "BOOKED",
            "locked|lock ~ in|down|it",
            "locked ~ YOU ~ in",
            "all set",
            "set ~ for",
            "on|in|into ~ books|calendar|schedule|diary|agenda|system|roster",
            "see|seeing|expect|expecting|expects|await|awaiting|awaits YOU",
            "waiting|ready|prepared|here for YOU",
            "GOT|fit|slotted|signed|pencil|pencilled|penciled|worked ~ YOU ~ in|down|on|for|at",
            "GOT ~ YOU .. SLOT",
            "you|youve ~ have|got ~ APPT",
            "APPT ~ stands|remains|holds",
            "youre|are ~ down|in|set|sorted|slotted|expected|on ~ for|at|on|to|with|$",
            "youre|are ~ down|in $",
            "is|are|its|now yours",
            "yours ~ now",
            "APPT ~ COMPLETE",
            "APPT .. went|gone ~ through",
            "went|gone ~ through",
            "your|the ~ APPT ... is ~ DAY",
            "your|the ~ APPT ... is ~ on|for|at",
            "APPT is ~ now|still|at",
            "your|the ~ slot|spot|time|place ~ is ~ secure|safe|guaranteed|set|fixed|settled",
            "made|created|placed|set up|entered|logged ~ APPT",
            "set|fixed|settled ~ YOU ~ up",
            "APPT details|confirmation|summary",
            "snagged|grabbed|claimed|landed|nabbed|scored ~ SLOT|it|that|YOU",
            "bagged|secured",
            "got it ~ down|in",
            "deal ~ is ~ done|sealed",
            "appointed",
            "at|pm|am|DAY ~ it is $",
            "at .. it is ,",
            "looking forward ~ seeing|meeting|welcoming",
            "look forward ~ to ~ seeing|meeting|welcoming",
            "counting on|expecting you",
            "approved|accepted ~ REQUEST",
            "REQUEST ~ approved|accepted|granted",
            "clinic|team|staff|doctor ~ approved|accepted",
            "done deal",
        ],
    ),
    (
        Moved,
        &[
            "has|have ~ new|different|later|earlier ~ time|date|day|hour|slot",
            "made ~ switch|swap|move",
            "MOVED",
            "new|updated|revised ~ time|date|appointment|slot|day|hour ~ is",
            "now ~ instead ~ of",
            "brought ~ forward",
            "put ~ off|back ~ to|until",
        ],
    ),
    (
        Cancelled,
        &[
            "wont|not ~ be ~ happening|place|ahead ~ anymore|$",
            "wont ~ be ~ happening|going|taking",
            "undid",
            "CANCELLED",
            "called|calling ~ off",
            "off ~ calendar|books|schedule|diary|agenda|system|list|roster",
            "no longer ~ have|has|booked|scheduled|on|stands|exists|exist|in|expected|expecting|need",
            "APPT|it|that|slot|visit .. is|are|was ~ gone|history|void|dead|out",
            "free|freed|cleared|opened|gave|given ~ up|slot|time|it|spot ~ $",
            "freed|cleared ~ up",
            "gave|given ~ SLOT ~ up|back|away",
            "taken|took ~ YOU|it|that|APPT ~ off|out|down",
            "got|gotten ~ rid",
            "do not|dont ~ need ~ to come|show|attend",
            "struck|crossed|wiped|taken ~ off|out",
        ],
    ),
    (
        Held,
        &[
            "wont|not ~ go ~ to ~ anyone|anybody|others|another",
            "nobody|noone|one|anyone else ~ can|could|will ~ take|have|book|get|grab",
            "nobody|noone|one ~ can|could|will ~ take|book|grab",
            "holding|held|reserving",
            "on hold",
            "PUT ~ a|on ~ hold",
            "hold ~ on ~ that|it|SLOT|DAY|place|for",
            "keeping|kept|saved|saving|parked|parking ~ SLOT|it|that|YOU|DAY|open",
            "set|setting|put|putting ~ SLOT|it|that|DAY ~ aside",
            "set|setting|put|putting aside",
            "blocked|blocking ~ SLOT|it|that|off|out|DAY",
            "earmarked",
        ],
    ),
    (
        Requested,
        &[
            "under ~ review|consideration",
            "with ~ clinic ~ approval|review",
            "REQUEST ... REQUESTED",
            "REQUESTED ~ REQUEST",
            "!you|as requested",
            "pending",
            "awaiting|waiting ~ for|on ~ approval|confirmation|clinic|staff|reply|answer",
            "asked ~ STAFF ~ for",
        ],
    ),
    (
        Waitlisted,
        &[
            "is|are|am|youre|name|now|stay|remain ... on|in ~ waitlist|waiting|wait",
            "first|next|second|number in|on|for ~ line|queue|list",
            "added|put|placed|youre|are|am|is|got|signed ~ YOU ~ up ~ on|to|onto|in|for ~ waitlist|waiting|wait ~ list|$",
            "added|put|placed|youre|are|got|signed|signed ~ YOU ~ up ~ on|to|onto|in|for ~ waitlist|waiting|wait",
            "added|put|placed|youre|are|got|signed ~ YOU ~ on|to|onto|in|for ~ waitlist|waiting|wait",
            "youre|are|am ~ on|in ~ waitlist|waiting|wait",
            "waitlisted",
        ],
    ),
    (
        Sent(Channel::Sms),
        &[
            "text|sms|texts ... on|in ~ phone|messages",
            "texted|texting",
            "SENT .. text|texts|sms",
            "text|sms ... SENDING",
            "received|gotten|have ~ text|sms",
            "check|see ~ texts|sms",
        ],
    ),
    (
        Sent(Channel::Email),
        &[
            "email|mail ... on|in ~ inbox|phone|mailbox",
            "emailed|emailing|mailed",
            "SENT ... email|mail|inbox|emails",
            "email|mail ... SENDING",
            "received|gotten|have ~ email",
            "check|see|in ~ inbox|email|mail|emails|spam",
        ],
    ),
    (
        Sent(Channel::Any),
        &[
            "SENT ~ YOU",
            "SENT .. MESSAGE",
            "MESSAGE ... SENDING",
            "received|gotten ~ MESSAGE",
            "messaged|whatsapped",
            "check ~ phone|messages",
            "in your ~ hands|phone|messages",
        ],
    ),
    (
        StaffTold,
        &[
            "STAFF ~ seen|saw|read|reads|got|received ~ message|note|request|question",
            "message|question|note|case|concern|request ~ with ~ STAFF",
            "notified|informed|alerted|escalated|flagged|relayed|briefed|looped|paged|referred",
            "told|advised|contacted|called|messaged|pinged|updated|reached|asked|spoke|spoken|checked|cleared|talked .. STAFF",
            "told ~ them|him|her",
            "STAFF .. informed|notified|told|aware|alerted|know|knows|expecting|expects",
            "let|letting ~ STAFF ~ know",
            "let ~ STAFF ~ of|and STAFF ~ know",
            "put ~ YOU ~ through",
            "raised|discussed|reviewed|brought|took|logged ~ it|this|that ~ with|up|to ~ STAFF",
            "passed|passing|forwarded|forwarding|transferred|transferring|connected|connecting|handed|shared|sharing .. STAFF|on|along|through|over",
            "SENT .. to ~ STAFF",
            "left|leaving|made|put|added ~ note|message|memo|alert ~ for|to|in|on|with",
            "left ~ note|message",
            "STAFF ~ is|are|has|have ~ looking|calling|contacting|reviewing|working|on|has|got ~ it|into|YOU|this|your|already",
            "STAFF ~ has|have|got|received ~ your|the ~ message|note|question|details|request",
        ],
    ),
    (
        Done,
        &[
            "ive|weve ~ ED",
            "i|we have ~ ED",
            "i|we ED",
            "i|we just|also|now|already ~ ED",
            "it|that|this|everything|all|its|thats ~ been ~ ED",
            "everything|all|that|it|its|thats ~ is|are|now|was ~ ED",
            "has|have ~ been ~ ED",
            "made ~ change|changes|update|arrangements|adjustment",
            "done",
            "DID ~ it|that",
            "taken care",
            "took|take|taking ~ care ~ of ~ it|that|this|everything|$",
            "took care",
            "sorted|handled|completed|finished|processed|finalised|executed",
            "complete|successful|successfully",
            "went|gone ~ ahead",
            "good to go",
            "all good|sorted|settled|fixed|arranged",
            "✅",
            "change|changes|update|edit|cancellation ~ been|is|was|are|were ~ made|saved|applied|live|effective",
            "mission accomplished",
            "its|is official",
        ],
    ),
];

/// What is announced as if nothing were in the way.
pub(super) const PROMISED: &[(Act, &[&str])] = &[
    (
        Booked,
        &[
            "WILL ~ book|schedule|reserve|secure|confirm|lock|finalize",
            "booking|scheduling|confirming|securing ~ YOU|it|that|this|your|the|DAY",
            "let me ~ book|schedule|reserve|secure",
            "GLAD ~ confirm ~ your|that|YOU|APPT|DAY|it|this",
            "be ~ booked|scheduled",
        ],
    ),
    (
        Moved,
        &[
            "WILL ~ move|reschedule|switch|change|shift|push",
            "moving|rescheduling|switching|shifting ~ YOU|it|that|this|your|the",
            "let me ~ move|reschedule|switch",
        ],
    ),
    (
        Cancelled,
        &[
            "WILL ~ cancel|remove|delete|drop|release",
            "cancelling|canceling|removing|deleting ~ it|that|this|your|the|YOU|APPT",
            "let me ~ cancel",
            "GLAD ~ confirm ~ cancellation|that your .. cancelled",
        ],
    ),
    (Held, &["WILL ~ hold|keep|save|block ~ it|that|SLOT|DAY|the|your|this|YOU|for"]),
    (Waitlisted, &["WILL ~ add|put ~ YOU ~ on|to ~ waitlist|waiting|wait"]),
    (
        Sent(Channel::Sms),
        &["WILL ~ text", "WILL ~ send|get|receive|have .. text|sms", "text .. will|ll ~ arrive|come|reach|follow"],
    ),
    (
        Sent(Channel::Email),
        &[
            "WILL ~ email|mail",
            "WILL ~ send|get|receive|have .. email|mail",
            "email ~ will ~ arrive|come|reach|follow|be",
        ],
    ),
    (
        Sent(Channel::Any),
        &[
            "WILL ~ send ~ YOU|MESSAGE|it|that|the|a",
            "WILL ~ get|receive|have ~ MESSAGE",
            "WILL ~ message",
            "MESSAGE ~ will ~ arrive|come|reach|follow",
        ],
    ),
    (
        StaffTold,
        &[
            "WILL ~ tell|notify|inform|alert|ask|flag|escalate|relay|transfer|connect",
            "WILL ~ let ~ STAFF ~ know",
            "WILL ~ pass|forward|hand ~ it|this|that|your|along|on|the",
            "STAFF|who|they|well|theyll|we|shell|hell ~ will|ll|is|are|going|gonna|should|shortly ~ REACH",
            "well|theyll|shell|hell ~ REACH",
            "someone|somebody|nurse|doctor ~ REACH",
            "expect ~ a ~ call|callback|reply",
            "WILL ~ get|receive ~ call|callback",
            "be in touch|contact",
            "clinic|staff|team|they ~ will ~ call|contact",
        ],
    ),
    (
        Requested,
        &[
            "STAFF|they|we ~ will|decides|decide ~ decide|confirm|approve|review|decides|about|on",
            "WILL ~ request|submit|ask|forward ~ clinic|it|request|your|that|the",
        ],
    ),
];

/// Words that make of a day or a time an offer of it.
pub(super) const OFFERS: &[&str] = &[
    "i|we|she|he|dr|doctor|practitioner|lin|still|do ~ have|has|got|offer",
    "there ~ is|are",
    "weve|ive|theres",
    "available|availability|free|open|opening|openings|slots|slot|options|vacancy|vacancies",
    "how|what about",
    "earliest|soonest|first|next|closest|nearest",
    "works|fits|suits|would|could|can ~ offer|do|suit|see|work",
    "offer",
    "can|could see YOU",
];

/// Words that take a day or a time away.
pub(super) const UNAVAILABLE: &[&str] = &[
    "NEG .. free|available|open|opening|openings|slot|slots|availability|times|time|work|possible|offer|offered|one|appointments",
    "nothing|none|unavailable|taken|closed|full|busy|occupied|passed|past|gone|unfortunately",
    "fully booked",
    "booked up|solid|out",
    "NEG ~ find|hold|book|move|offer|do|make|schedule|see|cancel|reserve|change|get|have",
    "you|they ~ asked|wanted|requested|said|mentioned|chose|prefer",
];

/// Words of opening hours.
pub(super) const HOURS: &[&str] = &[
    "we|were|clinic|are|is|open ~ open|closed ~ from|until|on|at|till|DAY|every|daily|all|between|NUMBER|,|today|tomorrow|$",
    "open ~ DAY|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays",
    "were|are|is|be ~ open",
    "close|closes|opens",
    "hours|timetable|closing|opening ~ time|times|hours",
    "hours",
];

/// What has the words of an act and is none.
pub(super) const HARMLESS: &[&str] = &[
    "i|ive|we|weve|have|was ~ NOTED",
    "i|we ~ need|indeed|speed",
    "fully|double|over booked|scheduled",
    "booked up|solid|out|by|through|online|for you by",
    "BOOKED appointments|visits|sessions|patients",
    "CANCELLED appointments|visits|sessions",
    "within|less .. charged|fee",
    "are|is|was|were|get|gets charged",
    "as|you requested",
    "you ~ asked|wanted",
    "changed|change ~ your|my mind",
    "moved|move to ~ new ~ address|office|building|location",
    "done with|at|by|in|on",
    "done for ~ today",
    "hold on ~ please|$",
    "good to know",
    "how|what ~ to|can|should|do ~ get|be|have ~ done",
    "look|looks|sounds|all good|great",
    "open|see|look|check ~ calendar|schedule|books",
    "know ~ which|what|when|if|how|whether",
    "let me|us know",
    "please confirm",
    "well|pre|newly|just known",
    "update ~ your",
];

/// What speaks of a visit, or of coming to one.
pub(super) const VISITING: &[&str] = &[
    "APPT|visits|appointments|booked|confirmed|scheduled|slot|spot",
    "arrive|arriving|come|coming|bring|see|seeing|expect|expects|expecting|expected|meet|wait|waiting|waits|yours|show|stop|pop",
    "your ~ time|hour|turn",
    "works|suits|starts|begins|instead",
    "youre",
];

/// What makes of a question one about what a patient wishes.
pub(super) const WISHING: &[&str] = &["like|want|mean|meant|prefer|look|looking|check|search|find|thinking"];

/// How a statement about a patient's own visit starts.
pub(super) const SUBJECTS: &[&str] =
    &["^ the|this|that|your OWN|visit is|was|has|stays|remains", "^ your|that OWN", "^ YES ~ your|that OWN"];

/// What makes of it no claim.
pub(super) const OPEN_STATEMENTS: &[&str] = &[
    "not|isnt|hasnt|havent|wasnt|cant|cannot|could|can|may|might|must|should|needs|would|takes|lasts|costs|doesnt|if|when",
    "will ~ take|last|cost|be about|around",
];

pub(super) fn list(name: &str) -> Option<&'static str> {
    Some(match name {
        "BOOKED" => {
            "booked scheduled confirmed reserved secured finalised finalized prebooked rebooked slotted penciled \
            pencilled registered enrolled bookd"
        }
        "COMPLETE" => {
            "complete completed successful made final official set sorted secure secured active good ready live"
        }
        "WAYS" => "phone phones number numbers email emails mobile cell contact contacts details address addresses",
        "MOVED" => {
            "moved rescheduled switched shifted pushed bumped swapped postponed changed updated transferred resched \
            rearranged adjusted modified"
        }
        "CANCELLED" => {
            "cancelled canceled cancelled removed deleted erased scrapped voided withdrawn annulled released dropped \
            axed nixed scratched undone wiped"
        }
        "YOU" => "you u him her them everyone",
        "GOT" => "got get getting put squeezed squeeze added add have gave given found moved booked",
        "SLOT" => "slot spot time place appointment opening seat visit one space booking",
        "APPT" => {
            "appointment booking reservation visit session haircut massage checkup cleaning consultation treatment \
            facial appt"
        }
        "DAY" => {
            "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun today \
            tomorrow tonight noon january february march april may june july august september october november \
            december nov dec jan feb 1 2 3 4 5 6 7 8 9 10 11 12 one two three four five six seven eight nine ten \
            eleven twelve half quarter next"
        }
        "PUT" => "put placed have place putting placing",
        "REQUEST" => "request requests application enquiry inquiry",
        "REQUESTED" => {
            "sent submitted received pending in filed forwarded placed lodged made put registered passed recorded"
        }
        "SENT" => "sent sending shot fired forwarded dropped mailed delivered send",
        "SENDING" => {
            "sent way coming arriving headed heading delivered out sending arrived arrive landing landed waiting \
            dispatched gone"
        }
        "MESSAGE" => {
            "message confirmation reminder details link invite invitation info information instructions receipt \
            notification directions summary it everything note alert code"
        }
        "STAFF" => {
            "team staff doctor dr dra nurse reception receptionist desk clinic manager colleague colleagues \
            practitioner provider therapist dentist someone somebody office person human people stylist specialist \
            hygienist physician assistant supervisor owner front they them he she lin everyone"
        }
        "REACH" => {
            "call contact reach phone ring text email message respond reply get follow touch calling contacting \
            reaching be back"
        }
        "WILL" => "will ill well shall youll theyll lets gonna ll going",
        "GLAD" => "can happy pleased glad delighted writing this like want just confirming",
        "DID" => "did",
        "NEG" => {
            "no not dont doesnt didnt cant cannot couldnt isnt arent wasnt havent hasnt nothing none unable nobody \
            wont without never"
        }
        "NUMBER" => "9 8 7 10 11 12 0+ 1+ 2+ 3+ 4+ 5+ 6+ 7+ 8+ 9+",
        "OWN" => "appointment booking reservation slot spot seat place request application cancellation haircut appt",
        "YES" => "yes great perfect ok okay sure good",
        "IDLE" => {
            "the a an your my our this that it its to just now all is are was were been be has have had also already \
            for of so really right away up officially successfully formally i we ive weve for with on his her their \
            still as then here soon shortly ahead next and go both am im being new own quick quickly text back new little \
            very simply today short brief"
        }
        "NOTED" => {
            "noted checked looked searched understood seen heard tried listed explained mentioned missed needed wanted \
            offered included answered worked closed located based designed required limited interested pleased \
            delighted excited supposed used allowed trained licensed supervised charged opened need"
        }
        "ED" => {
            "+ed made taken put sent got gotten told given left written let set chosen brought gone done took gave \
            wrote did drew undid"
        }
        "COURTESY" => "please thanks ok okay , ?",
        _ => return None,
    })
}
