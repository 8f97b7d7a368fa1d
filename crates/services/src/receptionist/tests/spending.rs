//! What a clinic is told it spent.

use chrono::Duration;
use domain::id::ConversationId;
use sqlx::PgPool;

use crate::MIGRATOR;
use crate::conversations;
use crate::receptionist::spending::{self, Spent};
use crate::receptionist::usage::{self, Used};
use crate::testing::World;

async fn turn(world: &World, conversation: ConversationId, model: &str, tokens: i64, fell_over: Option<&'static str>) {
    take(world, Some(conversation), model, tokens, fell_over).await;
}

/// What a turn takes; on trial where there is no conversation.
async fn take(
    world: &World,
    conversation: Option<ConversationId>,
    model: &str,
    tokens: i64,
    fell_over: Option<&'static str>,
) {
    let mut tx = world.tx().await;
    let answered = match conversation {
        Some(conversation) => {
            let received =
                conversations::receive(&mut tx, world.now(), conversation, "Hello", None, None).await.unwrap();
            Some((conversation, received.message_id))
        }
        None => None,
    };
    let used = Used {
        answered,
        model: model.into(),
        prompt: "frame 1, clinic 0".into(),
        prompt_tokens: tokens,
        completion_tokens: tokens / 10,
        cost_micros: tokens * 2,
        fell_over,
    };
    usage::record(&mut tx, world.now(), &used).await.unwrap();
    tx.commit().await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn days_are_the_clinics_own(pool: PgPool) {
    let (world, other) = (World::new(pool.clone()).await, World::new(pool).await);
    turn(&other, other.conversation().await, "gpt-4o", 1_000_000, None).await;
    let here = world.conversation().await;
    turn(&world, here, "too-old", 7, None).await;
    // It is ten in the morning: 24 days later, and then 14 hours and 5 days.
    world.wait(Duration::days(24));
    turn(&world, here, "gpt-4o", 1_000, Some("late")).await;
    world.wait(Duration::days(5) + Duration::hours(13) + Duration::minutes(59));
    turn(&world, here, "gpt-4o-mini", 100, None).await;
    world.wait(Duration::minutes(1));
    turn(&world, here, "gpt-4o-mini", 10, None).await;
    turn(&world, here, "gpt-4o-mini", 0, Some("resting")).await;
    turn(&world, here, "gpt-4o-mini", 0, Some("resting")).await;

    let spending = spending::read(&mut world.tx().await, world.now()).await.unwrap();
    let spent = |turns, prompt_tokens| Spent {
        turns,
        prompt_tokens,
        completion_tokens: prompt_tokens / 10,
        cost_micros: prompt_tokens * 2,
    };
    assert_eq!(spending.today, spent(3, 10), "midnight has just passed");
    assert_eq!(spending.seven_days, spent(5, 1_110));
    assert_eq!(spending.thirty_days, spent(5, 1_110), "the first turn was on the thirty-first day");
    let models: Vec<_> = spending.by_model.iter().map(|one| (one.model.as_str(), one.spent)).collect();
    assert_eq!(models, [("gpt-4o", spent(1, 1_000)), ("gpt-4o-mini", spent(2, 110))]);
    let reasons: Vec<_> = spending.taken_over.iter().map(|one| (one.why.as_str(), one.turns)).collect();
    assert_eq!(reasons, [("resting", 2), ("late", 1)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn trials_are_paid_for_and_told_apart(pool: PgPool) {
    let world = World::new(pool).await;
    turn(&world, world.conversation().await, "gpt-4o", 100, None).await;
    take(&world, None, "gpt-4o", 1_000, None).await;

    let spending = spending::read(&mut world.tx().await, world.now()).await.unwrap();
    assert_eq!(spending.today, Spent { turns: 2, prompt_tokens: 1_100, completion_tokens: 110, cost_micros: 2_200 });
    assert_eq!(spending.trials, Spent { turns: 1, prompt_tokens: 1_000, completion_tokens: 100, cost_micros: 2_000 });
}
