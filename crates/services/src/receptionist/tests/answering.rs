//! A model that says no more than yes or no, or speaks of a clinic as it likes.

use std::sync::{Arc, Mutex};

use sqlx::PgPool;

use super::{MIGRATOR, Talk};
use crate::receptionist::Model;
use crate::receptionist::model::Step;
use crate::testing::World;

/// A clinic's Thursday off.
const CLOSED: &str =
    "insert into time_off (time_off_id, from_date, to_date) values (gen_random_uuid(), '2026-11-26', '2026-11-26')";

struct Scene {
    talk: Talk,
    /// What the model says next.
    next: Arc<Mutex<String>>,
}

impl Scene {
    async fn told(&self, asked: &str, said: &str) -> String {
        said.clone_into(&mut self.next.lock().unwrap());
        self.talk.say(asked).await.0
    }
}

async fn scene(pool: PgPool) -> Scene {
    let next = Arc::new(Mutex::new(String::new()));
    let says = next.clone();
    let model = Model::scripted(move |_| Step::Say(says.lock().unwrap().clone()));
    let world = World::new(pool).await;
    world.appointment_type("haircut", 45).await;
    world.practitioner_called("Dr. Mia Lin").await;
    world
        .run(
            "insert into receptionist_versions (version, rules, published_at)
             values (1, 'We accept Cigna. We do not accept Medicare. There is a wheelchair ramp.', now())",
            &[],
        )
        .await;
    world.run(CLOSED, &[]).await;
    world.run("delete from opening_hours where weekday = 7", &[]).await;
    let (receptionist, line, tasks) = world.receptionist_with(model).await;
    Scene { talk: Talk { world, receptionist, line, _tasks: tasks }, next }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_yes_or_no_is_held_to_what_was_asked(pool: PgPool) {
    const NOTHING: &str = "Nothing has been booked or changed so far.";
    const UNKNOWN: &str = "I do not know that about the clinic";
    let scene = scene(pool).await;
    for (asked, said, instead) in [
        ("Is my haircut booked?", "Yes, it is.", NOTHING),
        ("Did you cancel it?", "Yes!", NOTHING),
        ("so I'm all set?", "That's right.", NOTHING),
        ("¿Ya está reservada mi cita?", "Sí, claro.", "Hasta ahora no se ha reservado ni cambiado nada."),
        ("Do you take Aetna?", "Yes, we do.", UNKNOWN),
        ("Do you take Medicare?", "Yes.", UNKNOWN),
        ("Do you take Cigna?", "Sorry, no.", UNKNOWN),
        ("Do you have a sauna?", "Of course!", UNKNOWN),
        ("Are you open on Sundays?", "Yes.", "We are open on Mondays"),
        ("Are you open this Thursday?", "Yes, we are.", "On Thursday 26 November 2026 we are closed."),
        ("Are you open on Mondays?", "No, sorry.", "We are open on Mondays"),
        ("Are you a real person?", "Yes, I am.", "automated"),
    ] {
        let text = scene.told(asked, said).await;
        assert!(text.contains(instead), "{asked} {said}: {text}");
        assert!(!text.contains(said), "{asked} {said}: {text}");
    }
    for (asked, said) in [
        ("Do you take Cigna?", "Yes, we do."),
        ("Do you take Medicare?", "Sorry, no."),
        ("Is there a wheelchair ramp?", "Yes!"),
        ("Are you open on Mondays?", "Yes."),
        ("Are you open on Sundays?", "No, sorry."),
        ("Are you open this Thursday?", "No."),
        ("Can you help me?", "Of course!"),
        ("Is my haircut booked?", "No."),
    ] {
        let text = scene.told(asked, said).await;
        assert_eq!(text, said, "{asked}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_the_clinic_only_what_it_says_is_said(pool: PgPool) {
    let scene = scene(pool).await;
    for said in [
        "We are open on Sundays.",
        "We're open every day.",
        "We are closed on Mondays.",
        "We are open this Thursday.",
        "We accept Oscar Health.",
        "We do not accept Cigna.",
        "We have a sauna.",
        "There's no wheelchair ramp.",
        "Dr. Lin speaks Mandarin.",
        "Abrimos los domingos.",
        "No aceptamos Cigna.",
        "Tenemos piscina.",
    ] {
        let text = scene.told("Tell me about the clinic.", said).await;
        assert!(!text.contains(said), "{text}");
    }
    for said in [
        "We are closed on Sundays.",
        "We accept Cigna.",
        "Medicare is not accepted.",
        "We have a wheelchair ramp.",
        "We are closed on Thursday 26 November.",
        "I do not know whether there is a sauna, but I can ask the team.",
        "Los domingos no abrimos.",
        "Aceptamos Cigna.",
    ] {
        let text = scene.told("Tell me about the clinic.", said).await;
        assert_eq!(text, said);
    }
}

/// The built-in receptionist, of a clinic that is closed on a Thursday.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_holiday_is_no_open_day(pool: PgPool) {
    let talk = super::talk(pool).await;
    talk.world.run(CLOSED, &[]).await;
    for asked in
        ["Are you open on Thursday 26 November?", "¿Abren el jueves 26 de noviembre?", "What are your opening hours?"]
    {
        let (text, _) = talk.say(asked).await;
        let is_said = text.contains("On Thursday 26 November we are closed.")
            || text.contains("El jueves 26 de noviembre estamos cerrados.");
        assert!(is_said, "{asked}: {text}");
    }
    let (text, _) = talk.say("Are you open on Wednesday 25 November?").await;
    assert!(text.contains("we are open 9:00 AM to 5:00 PM"), "{text}");
}
