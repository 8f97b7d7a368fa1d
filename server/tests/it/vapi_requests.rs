//! What Vapi's own types say it asks, asked.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::vapi::{tell, with_vapi};
use crate::vapi_messages::typed;

/// A request out of `end2end/vapi.ts`, which is there.
fn request(name: &str) -> Value {
    let request = typed(name);
    assert!(request["type"].is_string(), "{name} is not in end2end/vapi.ts");
    request
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_vapis_types_ask_is_understood(pool: PgPool) {
    let server = with_vapi(pool).await;
    assert_eq!(tell(&server, request("tellStatus")).await.json, json!({}));
    let booked = tell(&server, request("askTools")).await;
    let results = booked.json["results"].as_array().expect("results").clone();
    let said: Vec<&str> = results.iter().filter_map(|result| result["result"].as_str()).collect();
    assert_eq!(said.len(), 2, "{}", booked.text);
    assert!(said.iter().all(|said| said.starts_with("Booked: Haircut with Mia Lin, Tuesday")), "{said:?}");
    assert_eq!((&results[0]["toolCallId"], &results[1]["toolCallId"]), (&json!("tc_1"), &json!("tc_2")));
    let looked = tell(&server, request("askWithTool")).await;
    assert_eq!(looked.json["results"][0]["toolCallId"], "tc_3", "{}", looked.text);
    assert!(looked.json["results"][0]["result"].as_str().unwrap().starts_with("For Haircut these times are free"));

    assert!(tell(&server, request("askDestination")).await.json["destination"].is_object());
    assert!(tell(&server, request("askAssistant")).await.json["assistant"].is_object());
    assert_eq!(tell(&server, request("askKnowledge")).await.json, json!({ "documents": [] }));
    for _ in 0..2 {
        assert_eq!(tell(&server, request("tellTranscript")).await.json, json!({}));
        assert_eq!(tell(&server, request("tellReport")).await.json, json!({}));
    }
    let rows = |sql: &'static str| sqlx::query_scalar::<_, String>(sql).fetch_all(&server.pool);
    assert_eq!(rows("select call_id from voice_calls").await.unwrap(), ["typed-1"]);
    assert_eq!(
        rows("select role from messages order by message_id").await.unwrap(),
        ["receptionist", "patient", "receptionist"]
    );
    let tasks = rows("select detail from tasks").await.unwrap();
    assert!(tasks.len() == 1 && tasks[0].contains("chest pain"), "{tasks:?}");
    let stopped = rows("select channel || ' ' || via from opt_outs order by 1").await.unwrap();
    assert_eq!(stopped, ["sms voice", "voice voice"]);
}
