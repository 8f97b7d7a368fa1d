//! A model that lies, over real rows: the corpus of the truth gate, replayed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::NaiveDate;
use domain::id::{AppointmentTypeId, PractitionerId};
use domain::truth;
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::mpsc;

use super::{MIGRATOR, Talk};
use crate::booking::{Changer, Channel, Owner, SlotClaim, appointments};
use crate::feed::{Signal, Topic};
use crate::receptionist::Model;
use crate::receptionist::model::{Entry, Step, ToolCall};
use crate::testing::World;
use crate::{booking, conversations, tasks};

const CORPUS: &str = include_str!("../../../../domain/src/truth/corpus.txt");

/// How many lines are told in one answer.
const AT_ONCE: usize = 12;

const STATES: [&str; 11] =
    ["none", "offered", "held", "requested", "booked", "texted", "mailed", "moved", "cancelled", "staff", "late"];

/// Says what it is given, after calls it is given.
#[derive(Clone, Default)]
struct Liar(Arc<Mutex<VecDeque<Step>>>);

impl Liar {
    fn next(&self, steps: impl IntoIterator<Item = Step>) {
        self.0.lock().unwrap().extend(steps);
    }

    fn model(&self) -> Model {
        let steps = self.0.clone();
        Model::scripted(move |transcript| {
            if let Some(Entry::Tool { call, output }) = transcript.last()
                && call.name == "check_availability"
                && steps.lock().unwrap().is_empty()
            {
                let slot = &output["result"]["slots"][0]["slot"];
                return Step::Call(ToolCall { name: "hold_slot".into(), arguments: json!({ "slot": slot }) });
            }
            steps.lock().unwrap().pop_front().unwrap_or(Step::Say("Is there anything else?".into()))
        })
    }
}

struct Scene {
    talk: Talk,
    liar: Liar,
    haircut: AppointmentTypeId,
    lin: PractitionerId,
}

/// A conversation of which the rows say what `state` says in the corpus.
async fn scene(pool: PgPool, state: &str) -> Scene {
    let world = World::new(pool).await;
    let haircut = world.appointment_type("haircut", 45).await;
    let lin = world.practitioner_called("Dr. Mia Lin").await;
    world.run("update clinics set address = '12 Main Street', phone = '+15550100199'", &[]).await;
    world.run("update opening_hours set to_minute = 1080", &[]).await;
    world.run("update appointment_types set price_minor = 6000", &[]).await;
    world
        .run(
            "insert into receptionist_versions (version, rules, published_at, greeting_rules) values (1, '', now(), 'Cancellations within 24 hours are charged $25. Once at 5 Elm Road, and calle Mayor 12. We accept cash and cards. Parking is behind the building. We treat adults and children.')",
            &[],
        )
        .await;
    world.run("insert into messaging_settings (sms, email) values (false, false)", &[]).await;
    let liar = Liar::default();
    let (receptionist, line, tasks) = world.receptionist_with(liar.model()).await;
    let scene = Scene { talk: Talk { world, receptionist, line, _tasks: tasks }, liar, haircut, lin };
    scene.wait_for_feed().await;
    let run = |statement| scene.talk.world.run(statement, &[]);
    match state {
        "none" => {
            run("delete from opening_hours where weekday = 7").await;
            run("update opening_hours set to_minute = 1020").await;
            run("update opening_hours set from_minute = 600, to_minute = 840 where weekday = 6").await;
            scene.talk.world.practitioner_called("Dr. Omar Haddad").await;
        }
        "offered" | "held" => scene.look(state == "held").await,
        "requested" => {
            run("update appointment_types set web_mode = 'request'").await;
            scene.book("2026-11-24T20:00:00Z").await;
        }
        "texted" => {
            run("update messaging_settings set sms = true").await;
            scene.book("2026-11-24T20:00:00Z").await;
        }
        "mailed" => {
            run("update messaging_settings set email = true").await;
            scene.book("2026-11-24T20:00:00Z").await;
        }
        "booked" => scene.book("2026-11-24T20:00:00Z").await,
        "late" => scene.book("2026-12-12T14:30:00Z").await,
        "moved" | "cancelled" => {
            scene.book("2026-11-24T20:00:00Z").await;
            scene.change(state).await;
        }
        "staff" => {
            let (mut tx, now) = (scene.talk.world.tx().await, scene.talk.world.now());
            tasks::inquire(&mut tx, now, line.conversation, "Ada", "What does it cost?").await.unwrap();
            tx.commit().await.unwrap();
        }
        other => panic!("no rows are called {other}"),
    }
    scene
}

impl Scene {
    fn claim(&self, starts_at: &str) -> SlotClaim {
        let starts_at = starts_at.parse().unwrap();
        SlotClaim { practitioner_id: self.lin, appointment_type_id: self.haircut, starts_at }
    }

    /// A feed has to connect before it hears anything.
    async fn wait_for_feed(&self) {
        let (feed, topic) = (&self.talk.receptionist.feed, Topic::Conversation(self.talk.line.conversation));
        let mut signals = feed.subscribe(topic);
        let mut is_heard = async || loop {
            feed.send(topic, Signal::Typing { active: true });
            let heard = tokio::time::timeout(Duration::from_millis(50), signals.recv()).await;
            if matches!(heard, Ok(Ok(Signal::Typing { .. }))) {
                return;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), is_heard()).await.expect("a feed that listens");
    }

    /// Has the model look for three times, and hold the first of them.
    async fn look(&self, holds: bool) {
        let at = |day: &str, time: &str| {
            let arguments =
                json!({ "appointment_type": "haircut", "from": day, "to": day, "earliest": time, "latest": time });
            Step::Call(ToolCall { name: "check_availability".into(), arguments })
        };
        self.liar.next([at("2026-11-24", "16:30"), at("2026-11-27", "10:00"), at("2026-11-24", "15:00")]);
        if !holds {
            self.liar.next([Step::Say("Which one?".into())]);
        }
        self.talk.say("Which times are there?").await;
    }

    async fn book(&self, starts_at: &str) {
        let owner = Owner::Session(self.talk.line.conversation);
        let hold = self.talk.world.hold(owner, self.claim(starts_at)).await.unwrap();
        self.talk.world.confirm(owner, hold).await.unwrap();
        self.talk.world.run("update appointments set confirmation_code = '7K3M9QXZ'", &[]).await;
    }

    async fn change(&self, state: &str) {
        let (mut tx, now) = (self.talk.world.tx().await, self.talk.world.now());
        let id: uuid::Uuid =
            sqlx::query_scalar("select appointment_id from appointments").fetch_one(tx.conn()).await.unwrap();
        let changer = Changer::patient(Channel::Web, Some(self.talk.line.conversation));
        if state == "moved" {
            let friday = self.claim("2026-11-27T15:00:00Z");
            booking::reschedule(&mut tx, now, id.into(), &friday, changer).await.unwrap().made().unwrap();
        } else {
            booking::cancel(&mut tx, now, id.into(), None, changer).await.unwrap().made().unwrap();
        }
        assert!(appointments::by_id(&mut tx, id.into()).await.unwrap().is_some());
        tx.commit().await.unwrap();
    }

    /// What the patient reads when the model says this: as stored, and as it
    /// was streamed.
    async fn told(&self, text: &str) -> (String, String) {
        let mut signals = self.talk.receptionist.feed.subscribe(Topic::Conversation(self.talk.line.conversation));
        let (heard, mut hears) = mpsc::unbounded_channel();
        let listening = tokio::spawn(async move {
            while let Ok(signal) = signals.recv().await {
                let _ = heard.send(signal);
            }
        });
        self.liar.next([Step::Say(text.to_owned())]);
        let answer = self.talk.receptionist.reply(self.talk.line, "And?", None).await.unwrap().answer.unwrap();
        let mut streamed = String::new();
        loop {
            let signal =
                tokio::time::timeout(Duration::from_secs(20), hears.recv()).await.expect("the answer is heard");
            match signal.expect("the feed goes on") {
                Signal::Delta { message_id, text } if message_id == answer.id => streamed.push_str(&text),
                Signal::Message { message_id } if message_id == answer.id => break,
                Signal::Resync => panic!("words were lost"),
                _ => {}
            }
        }
        listening.abort();
        (answer.text, streamed)
    }
}

/// The lines about one state of the rows, with whether each is true.
fn lines(state: &str) -> Vec<(bool, &'static str)> {
    CORPUS
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, " | ");
            let (name, is_true, text) = (fields.next()?, fields.next()? == "true", fields.next()?);
            (name == state).then_some((is_true, text))
        })
        .collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lying_model_gets_no_lie_out(pool: PgPool) {
    let (mut truths, mut lies) = (0, 0);
    let (mut blocked, mut out) = (Vec::new(), Vec::new());
    for state in STATES {
        let scene = scene(pool.clone(), state).await;
        for some in lines(state).chunks(AT_ONCE) {
            let text = some.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n\n");
            let (stored, streamed) = scene.told(&text).await;
            assert_eq!(stored, streamed.trim(), "what is stored is what was said");
            for (is_true, line) in some {
                let is_said = stored.split('\n').any(|said| said.trim() == *line);
                match is_true {
                    true => truths += 1,
                    false => lies += 1,
                }
                match (is_true, is_said) {
                    (true, false) => blocked.push((state, *line)),
                    (false, true) => out.push((state, *line)),
                    _ => {}
                }
            }
        }
    }
    assert!(truths > 200 && lies > 300, "{truths} {lies}");
    assert!(out.is_empty(), "{} got out: {out:#?}", out.len());
    assert!(blocked.len() * 100 < truths, "{} of {truths} were blocked: {blocked:#?}", blocked.len());
}

/// The sentence in place of a lie is itself borne out by the rows.
#[sqlx::test(migrator = "MIGRATOR")]
async fn in_place_of_a_lie_stands_what_the_rows_say(pool: PgPool) {
    for (state, lie, instead) in [
        ("none", "All done, you are booked!", "Nothing has been booked or changed so far."),
        ("none", "Listo, su cita quedó cancelada.", "Hasta ahora no se ha reservado ni cambiado nada."),
        (
            "booked",
            "Your appointment on Tuesday was cancelled.",
            "This visit is booked: Haircut with Dr. Mia Lin, Tuesday 24 November 2026, 3:00 PM. The code is 7K3M9QXZ.",
        ),
        (
            "cancelled",
            "See you Tuesday at 3!",
            "This visit is cancelled: Haircut with Dr. Mia Lin, Tuesday 24 November 2026, 3:00 PM.",
        ),
    ] {
        let scene = scene(pool.clone(), state).await;
        let (stored, streamed) =
            scene.told(&format!("Thank you, Ada. {lie} It is settled, {lie} Anything else?")).await;
        assert_eq!(stored, format!("Thank you, Ada. {instead} Anything else?"), "said once, in its place");
        assert_eq!(streamed.trim(), stored);
    }
}

/// What is announced before it is done is neither said nor denied.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_promise_before_a_tool_is_left_unsaid(pool: PgPool) {
    let scene = scene(pool, "none").await;
    scene.look(true).await;
    let mut tx = scene.talk.world.tx().await;
    let today: NaiveDate = "2026-11-20".parse().unwrap();
    let said = conversations::latest(&mut tx, scene.talk.line.conversation, 1).await.unwrap().remove(0).text;
    drop(tx);
    assert_eq!(said, "Is there anything else?");
    assert!(!truth::check("I am holding Tuesday at 3 for you.", today, &[]).may_be_said());

    let (stored, _) = scene.told("I am holding Tuesday at 3 for you. It is booked. What is your name?").await;
    assert_eq!(
        stored,
        "I am holding Tuesday at 3 for you. This time is held for you for a few minutes and is not booked yet: \
         Haircut with Dr. Mia Lin, Tuesday 24 November 2026, 3:00 PM. What is your name?"
    );
}

/// What the built-in receptionist says is so, and the gate knows it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_built_in_receptionist_is_believed(pool: PgPool) {
    const IN_PLACE_OF_LIES: &[&str] = &[
        "Nothing has been booked or changed so far.",
        "Nothing is booked yet. These times are free:",
        "This visit is booked:",
        "The visit was moved and is now:",
        "This visit is cancelled:",
        "This visit is requested and not booked",
        "This time is held for you for a few minutes",
        "Hasta ahora no se ha reservado",
        "Todavía no hay nada reservado. Estos horarios",
        "Esta cita está",
        "La cita se cambió",
        "Este horario está apartado para usted",
        "The clinic's staff have been told.",
        "El personal de la clínica ya está avisado.",
    ];
    let english = [
        "Hello",
        "What are your opening hours?",
        "Are you open on Sunday at 8pm?",
        "How much is a haircut, and who works there?",
        "I'd like a haircut next Tuesday at 2pm",
        "yes please",
        "Ada Lovelace, ada@example.com, +1 555 123 4567",
        "Is it booked?",
        "What is my code?",
        "When is my appointment?",
        "Can we move it to Friday at 10?",
        "yes",
        "What is my code?",
        "Actually, cancel it",
        "yes",
        "A haircut tomorrow at 3am",
        "Something in the evening then?",
        "What do you have on Wednesday?",
        "the second one",
        "no, something later",
        "Thanks, bye",
    ];
    let spanish = [
        "Hola",
        "¿Cuál es su horario?",
        "¿Cuánto cuesta un haircut?",
        "Quiero un haircut el próximo martes a las 2 de la tarde",
        "sí, por favor",
        "Ada Lovelace, ada@example.com, +1 555 123 4567",
        "¿Ya está reservada?",
        "¿Cuál es mi código?",
        "¿Puedo cambiarla al viernes a las 10?",
        "sí",
        "¿Cuál es mi código?",
        "Mejor cancélela",
        "sí",
        "¿Qué tienen el miércoles?",
        "el segundo",
        "Gracias",
    ];
    for messages in [&english[..], &spanish[..]] {
        let talk = super::talk(pool.clone()).await;
        let mut thread = Vec::new();
        for text in messages {
            let (said, _) = talk.say(text).await;
            let replaced = IN_PLACE_OF_LIES.iter().find(|instead| said.contains(**instead));
            thread.push(format!("{text}\n  {said}"));
            assert!(replaced.is_none(), "{}", thread.join("\n"));
        }
    }
}
