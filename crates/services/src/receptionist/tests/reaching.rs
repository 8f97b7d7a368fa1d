//! A new number, in words, over real rows.

use domain::truth;
use sqlx::PgPool;

use super::{MIGRATOR, Talk, talk};
use crate::receptionist::facts;

async fn texts(talk: &Talk, statement: &str) -> Vec<String> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(statement.to_owned())).fetch_all(talk.world.tx().await.conn()).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_number_is_changed_by_who_reads_out_what_the_old_one_got(pool: PgPool) {
    let talk = talk(pool).await;
    for text in
        ["I'd like a haircut next Tuesday at 2pm", "yes please", "Ada Lovelace, ada@example.com, +1 555 123 4567"]
    {
        talk.say(text).await;
    }
    let (said, _) = talk.say("I have a new phone number: +1 555 987 6543").await;
    assert!(said.ends_with("What are its six digits?"), "{said}");
    let old = ["+15551234567"];
    assert_eq!(texts(&talk, "select address from outbox where kind = 'one_time_code'").await, old);
    assert_eq!(texts(&talk, "select phone from patients").await, old);

    let body = texts(&talk, "select body from outbox where kind = 'one_time_code'").await.remove(0);
    let is_code = |part: &&str| part.len() == 6 && part.bytes().all(|byte| byte.is_ascii_digit());
    let code = body.split(|letter: char| !letter.is_ascii_digit()).find(is_code).unwrap();
    let wrong = if code == "111111" { "222222" } else { "111111" };
    let (said, _) = talk.say(wrong).await;
    assert!(said.starts_with("That is not the code that works."), "{said}");
    let (said, _) = talk.say(code).await;
    assert_eq!(said, "Thank you. From now on the clinic has +15559876543 for you.");
    assert_eq!(texts(&talk, "select phone from patients").await, ["+15559876543"]);

    // Whoever says so is believed from now on.
    let mut tx = talk.world.tx().await;
    let known = facts::committed(&mut tx, talk.world.now(), talk.line.conversation).await.unwrap();
    let today = "2026-11-20".parse().unwrap();
    assert!(truth::check("I have updated your phone number.", today, &known).may_be_said(), "{known:?}");
}
