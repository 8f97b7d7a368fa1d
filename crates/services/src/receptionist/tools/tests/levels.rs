//! Every tool, at every level, for everybody it may be about.

use domain::id::{MemberId, PatientId};

use super::*;
use crate::identity::codes;
use crate::identity::merging::{self, By};
use crate::identity::relating::{self, Relation};

const HOME: &str = "+15551234567";
const AWAY: &str = "+15559876543";
const MAIL: &str = "ada@example.com";

/// What somebody has proved before they ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    Nothing,
    /// The code of one visit of theirs.
    Code,
    /// Name and birth date.
    Born,
    /// A one-time code sent to their phone.
    OneTime,
    /// And one sent to their e-mail address.
    Mailed,
    /// A member of staff says who it is.
    Member,
    /// Name and birth date as they gave them once, before they were found to be
    /// the same person.
    BornOnceMore,
    /// The name and birth date of the child they come with.
    Proxy,
    /// Their own, who is the child's guardian.
    Guardian,
    /// And a one-time code.
    GuardianOneTime,
}

/// Whose visit they ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    /// Another of their own, under the same name and birth date.
    OwnToo,
    /// Theirs under another name and number, as staff found out.
    Merged,
    Child,
    /// The same phone, another grown-up: the child's guardian.
    Household,
    Stranger,
}

/// The table: who may see, move and cancel which visit.
fn may_see(proof: Proof, whose: Whose) -> bool {
    match proof {
        Proof::Nothing => false,
        Proof::Code => whose == Whose::Own,
        Proof::Born | Proof::OneTime | Proof::Mailed | Proof::Member | Proof::BornOnceMore => {
            matches!(whose, Whose::Own | Whose::OwnToo | Whose::Merged)
        }
        Proof::Proxy => whose == Whose::Child,
        Proof::Guardian | Proof::GuardianOneTime => matches!(whose, Whose::Household | Whose::Child),
    }
}

/// And whose contact data may be changed: one's own, and never a child's for
/// being its guardian.
fn may_change(proof: Proof, whose: Whose) -> bool {
    match proof {
        Proof::OneTime | Proof::Mailed | Proof::Member => matches!(whose, Whose::Own | Whose::OwnToo | Whose::Merged),
        Proof::GuardianOneTime => whose == Whose::Household,
        _ => false,
    }
}

const PROOFS: [Proof; 10] = [
    Proof::Nothing,
    Proof::Code,
    Proof::Born,
    Proof::OneTime,
    Proof::Mailed,
    Proof::Member,
    Proof::BornOnceMore,
    Proof::Proxy,
    Proof::Guardian,
    Proof::GuardianOneTime,
];

impl Desk {
    async fn family(&self) -> [(Whose, Appointment); 6] {
        let ada = Some("1985-12-10");
        let mut family = [
            (Whose::Own, self.visit("2026-11-24T15:00:00Z", "Ada Lovelace", HOME, ada).await),
            (Whose::OwnToo, self.visit("2026-11-25T15:00:00Z", "Ada Lovelace", HOME, ada).await),
            (Whose::Child, self.visit("2026-11-26T15:00:00Z", "Byron Lovelace", HOME, Some("2015-05-12")).await),
            (Whose::Household, self.visit("2026-11-27T15:00:00Z", "William King", HOME, Some("1980-02-21")).await),
            (Whose::Stranger, self.visit("2026-11-28T15:00:00Z", "Grace Hopper", AWAY, Some("1906-12-09")).await),
            (Whose::Merged, self.visit("2026-11-30T15:00:00Z", "Ada Byron", "+15552223333", ada).await),
        ];
        let [own, _, child, guardian, _, merged] = &family;
        let (now, mut tx) = (self.world.now(), self.world.tx().await);
        merging::merge(&mut tx, now, whose(&merged.1), whose(&own.1), By::Key).await.unwrap();
        relating::relate(&mut tx, now, whose(&guardian.1), whose(&child.1), Relation::Guardian, None).await.unwrap();
        for (_, visit) in &mut family {
            *visit = booking::appointments::by_id(&mut tx, visit.id).await.unwrap().unwrap();
        }
        tx.commit().await.unwrap();
        self.world.run("update patients set email = 'ada@example.com' where name = 'Ada Lovelace'", &[]).await;
        family
    }
}

fn whose(visit: &Appointment) -> PatientId {
    visit.patient.as_ref().unwrap().id
}

impl Caller<'_> {
    async fn prove(&self, desk: &Desk, proof: Proof, own: &Appointment) {
        let look = match proof {
            Proof::Nothing => return,
            Proof::Member => {
                let (now, mut tx) = (self.world.now(), self.world.tx().await);
                codes::vouch(&mut tx, now, self.id(), whose(own), MemberId::new()).await.unwrap();
                return tx.commit().await.unwrap();
            }
            Proof::Code => json!({ "confirmation_code": own.confirmation_code }),
            Proof::Born | Proof::OneTime | Proof::Mailed => {
                json!({ "name": "Ada Lovelace", "birth_date": "1985-12-10" })
            }
            Proof::BornOnceMore => json!({ "name": "Ada Byron", "birth_date": "1985-12-10" }),
            Proof::Proxy => json!({ "name": "Byron Lovelace", "birth_date": "2015-05-12" }),
            Proof::Guardian | Proof::GuardianOneTime => json!({ "name": "William King", "birth_date": "1980-02-21" }),
        };
        self.done("lookup_booking", look).await;
        let way = match proof {
            Proof::OneTime | Proof::GuardianOneTime => "sms",
            Proof::Mailed => "email",
            _ => return,
        };
        self.done("send_code", json!({ "channel": way })).await;
        self.done("confirm_code", json!({ "code": desk.code().await })).await;
    }

    /// What a tool would answer; nothing of it is kept.
    async fn would(&self, name: &str, arguments: Value) -> Value {
        let bench = self.bench().await;
        let mut tx = self.world.tx().await;
        match run(&mut tx, &bench, &ToolCall { name: name.into(), arguments }).await {
            Ok(output) => output,
            Err(Error::Rejected(rejection)) => rejected(&rejection),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn is_done(output: &Value) -> bool {
    output["outcome"] == "done"
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_private_tool_keeps_to_the_table(pool: PgPool) {
    let desk = desk(pool).await;
    let family = desk.family().await;
    for proof in PROOFS {
        let caller = desk.caller().await;
        caller.prove(&desk, proof, &family[0].1).await;
        let seen = caller.would("lookup_booking", json!({})).await.to_string();
        let slot = caller.slot("2026-12-01T16:15").await;
        for (whose, visit) in &family {
            let (why, may) = (format!("{proof:?} {whose:?}"), may_see(proof, *whose));
            assert_eq!(seen.contains(visit.confirmation_code.as_str()), may, "{why}");
            for (tool, arguments) in [
                ("reschedule_booking", json!({ "appointment_id": visit.id, "slot": slot })),
                ("cancel_booking", json!({ "appointment_id": visit.id })),
            ] {
                let output = caller.would(tool, arguments).await;
                assert_eq!(is_done(&output), may, "{tool} {why}: {output}");
                assert!(may || output["code"] == "not_found", "{tool} {why}: {output}");
            }
            let name = &visit.patient.as_ref().unwrap().name;
            let change = caller.would("change_contact", json!({ "email": "new@example.com", "name": name })).await;
            assert_eq!(is_done(&change), may_change(proof, *whose), "{why}: {change}");
            assert!(!seen.contains(HOME) && !seen.contains(AWAY) && !seen.contains(MAIL), "{why}");
        }
        let code = caller.would("confirm_code", json!({ "code": "123456" })).await;
        assert!(!is_done(&code), "{proof:?}: {code}");
        let sent = caller.would("send_code", json!({ "channel": "sms" })).await;
        // Whoever has shown a code just now has used it up, and may ask for
        // another.
        assert_eq!(is_done(&sent), proof != Proof::Nothing, "{proof:?}: {sent}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_public_tool_works_for_anybody_and_tells_nothing_of_others(pool: PgPool) {
    let desk = desk(pool).await;
    let family = desk.family().await;
    let window = json!({ "appointment_type": "haircut", "from": "2026-12-01", "to": "2026-12-01" });
    let ada = json!({ "name": "Ada Lovelace", "phone": HOME });
    let with = |one: &Value, other: &Value| {
        let fields = [one, other].into_iter().flat_map(|value| value.as_object().unwrap().clone());
        Value::Object(fields.collect())
    };
    for proof in PROOFS {
        let caller = desk.caller().await;
        caller.prove(&desk, proof, &family[0].1).await;
        let slot = caller.slot("2026-12-01T10:00").await;
        let held = caller.done("hold_slot", json!({ "slot": slot })).await;
        let public = [
            ("check_availability", window.clone()),
            ("hold_slot", json!({ "slot": slot })),
            ("confirm_booking", with(&json!({ "hold_id": held["hold_id"] }), &ada)),
            ("clinic_facts", json!({ "topic": "hours" })),
            ("explain_time", json!({ "appointment_type": "haircut", "local": "2026-11-24T10:00" })),
            ("resolve_date", json!({ "words": "tomorrow" })),
            ("join_waitlist", with(&window, &ada)),
            ("schedule_contact_followup", json!({ "local": "2026-11-27T10:00", "about": "The price" })),
            ("create_inquiry", json!({ "question": "Is there parking?" })),
            ("hand_to_human", json!({ "summary": "Wants a person." })),
        ];
        for (tool, arguments) in &public {
            let output = caller.would(tool, arguments.clone()).await;
            assert!(is_done(&output), "{proof:?} {tool}: {output}");
            let told = output.to_string();
            for (whose, visit) in &family {
                let name = &visit.patient.as_ref().unwrap().name;
                let is_own = *tool == "confirm_booking" && name == "Ada Lovelace";
                assert!(!told.contains(visit.confirmation_code.as_str()), "{proof:?} {tool} {whose:?}: {told}");
                assert!(is_own || !told.contains(name.as_str()), "{proof:?} {tool} {whose:?}: {told}");
            }
            assert!(!told.contains(AWAY), "{proof:?} {tool}: {told}");
            // The number that was given is proved by a code to it, or by staff.
            let is_theirs = *tool == "confirm_booking" && matches!(proof, Proof::OneTime | Proof::Member);
            assert_eq!(told.contains(MAIL), is_theirs, "{proof:?} {tool}: {told}");
        }
        let private =
            ["lookup_booking", "reschedule_booking", "cancel_booking", "send_code", "confirm_code", "change_contact"];
        let all: Vec<&str> = public.iter().map(|(tool, _)| *tool).chain(private).collect();
        let forgotten: Vec<&str> =
            definitions().iter().map(|tool| tool.name).filter(|name| !all.contains(name)).collect();
        assert!(forgotten.is_empty(), "not in the tables: {forgotten:?}");
        // For whoever comes next.
        desk.world.run("delete from holds", &[]).await;
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_proof_is_worth_anything_at_another_clinic(pool: PgPool) {
    let (here, there) = (desk(pool.clone()).await, desk(pool).await);
    let family = here.family().await;
    let own = &family[0].1;
    let caller = there.caller().await;
    for proof in [
        json!({ "confirmation_code": own.confirmation_code }),
        json!({ "name": "Ada Lovelace", "birth_date": "1985-12-10" }),
    ] {
        assert_eq!(caller.call("lookup_booking", proof).await["code"], "not_found");
    }
    assert_eq!(caller.call("cancel_booking", json!({ "appointment_id": own.id })).await["code"], "not_found");
    assert_eq!(caller.call("send_code", json!({ "channel": "sms" })).await["code"], "verification_required");
    assert_eq!(there.world.count("outbox").await, 0);
}
