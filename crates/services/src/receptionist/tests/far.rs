//! Days that are far ahead take a yes.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{MIGRATOR, Talk};
use crate::receptionist::Model;
use crate::receptionist::model::{Entry, Step, ToolCall};
use crate::testing::World;

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_far_day_is_looked_up_once_it_was_read_back_and_the_patient_wrote_again(pool: PgPool) {
    let world = World::new(pool).await;
    world.appointment_type("haircut", 45).await;
    world.practitioner().await;
    let says = Arc::new(Mutex::new("Which day was it?".to_owned()));
    let said = says.clone();
    // It says from the start that the patient agreed.
    let model = Model::scripted(move |transcript| match transcript.last() {
        Some(Entry::Patient { .. }) => {
            let day = "2027-01-15";
            let arguments = json!({ "appointment_type": "haircut", "from": day, "to": day, "far_confirmed": true });
            Step::Call(ToolCall { name: "check_availability".into(), arguments })
        }
        _ => Step::Say(said.lock().unwrap().clone()),
    });
    let (receptionist, line, tasks) = world.receptionist_with(model).await;
    let talk = Talk { world, receptionist, line, _tasks: tasks };

    talk.say("Is there anything on 15 January?").await;
    talk.say("Yes").await;
    *says.lock().unwrap() = "Friday 15 January 2027 is far ahead. Is that the day you mean?".into();
    let (text, _) = talk.say("Yes!").await;
    assert!(text.contains("15 January"), "{text}");
    talk.say("No, I meant December").await;
    talk.say("No, en diciembre").await;
    talk.say("Yes, that one").await;
    talk.say("No, later please").await;

    let outcomes: Vec<Value> = sqlx::query_scalar("select output from tool_calls order by tool_call_id")
        .fetch_all(talk.world.tx().await.conn())
        .await
        .unwrap();
    let refused = |output: &Value| output["outcome"] == "rejected";
    assert!(outcomes[..3].iter().all(refused), "not before it was read back: {outcomes:?}");
    assert!(outcomes[3..5].iter().all(refused), "a no is no yes: {outcomes:?}");
    assert!(outcomes[0]["message"].as_str().unwrap().contains("15 January"), "{outcomes:?}");
    for found in &outcomes[5..] {
        let slots = found["result"]["slots"].as_array();
        assert!(slots.is_some_and(|slots| !slots.is_empty()), "agreed once, it stays so: {found:?}");
    }
    assert_eq!(outcomes.len(), 7);
}
