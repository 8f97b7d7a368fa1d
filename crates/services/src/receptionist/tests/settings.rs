//! What a clinic sets of its receptionist, and the rules it publishes.

use futures::future::join_all;
use sqlx::PgPool;

use crate::receptionist::rules::{self, Version};
use crate::receptionist::settings::{self, Fields, Price};
use crate::testing::World;
use crate::{Error, MIGRATOR};

fn draft(text: &str) -> Fields {
    Fields { draft: Some(text.to_owned()), ..Fields::default() }
}

async fn update(world: &World, fields: &Fields) {
    let mut tx = world.tx().await;
    settings::update(&mut tx, fields).await.unwrap();
    tx.commit().await.unwrap();
}

async fn publish(world: &World) -> i32 {
    let mut tx = world.tx().await;
    let version = rules::publish(&mut tx, world.now(), None).await.unwrap();
    tx.commit().await.unwrap();
    version
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_left_out_stays_as_it_is(pool: PgPool) {
    let (world, other) = (World::new(pool.clone()).await, World::new(pool).await);
    let price = Price { prompt: 2_500, completion: 10_000 };
    let first = Fields {
        model: Some(Some("gpt-4o-mini".into())),
        temperature: Some(Some(0.5)),
        tokens_per_day: Some(9),
        tone: Some(" Warm.\r\nBrief.\0 ".into()),
        prices: Some([("gpt-4o-mini".to_owned(), price)].into()),
        ..Fields::default()
    };
    update(&world, &first).await;
    update(&world, &Fields { temperature: Some(None), sms_characters: Some(160), ..Fields::default() }).await;

    let set = settings::read(&mut world.tx().await).await.unwrap();
    assert_eq!((set.model.as_deref(), set.temperature, set.tokens_per_day), (Some("gpt-4o-mini"), None, 9));
    assert_eq!((set.tone.as_str(), set.sms_characters, set.far_days), ("Warm.\nBrief.", 160, 30));
    assert_eq!(set.cost("gpt-4o-mini", 1_000, 1_000), 12_500);
    let others = settings::read(&mut other.tx().await).await.unwrap();
    assert_eq!((others.model, others.sms_characters), (None, 300));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn everything_wrong_is_named(pool: PgPool) {
    let world = World::new(pool).await;
    let wrong = Fields {
        model: Some(Some("two words".into())),
        temperature: Some(Some(f32::NAN)),
        tokens_per_conversation: Some(-1),
        tokens_per_day: Some(i64::MAX),
        tone: Some("x".repeat(501)),
        greeting_rules: Some("x".repeat(2_001)),
        far_days: Some(0),
        most_followups: Some(3),
        web_characters: Some(Some(99)),
        sms_characters: Some(69),
        voice_sentences: Some(0),
        prices: Some([("m".to_owned(), Price { prompt: -1, completion: 0 })].into()),
        draft: Some("x".repeat(8_001)),
        publish: false,
    };
    let Err(Error::Rejected(refused)) = settings::update(&mut world.tx().await, &wrong).await else { panic!() };
    let fields: Vec<_> = refused.errors.iter().map(|error| error.field.as_str()).collect();
    let expected = [
        "model",
        "temperature",
        "tokens_per_conversation",
        "tokens_per_day",
        "tone",
        "greeting_rules",
        "draft",
        "far_days",
        "most_followups",
        "web_characters",
        "sms_characters",
        "voice_sentences",
        "prices.m",
    ];
    assert_eq!(fields, expected);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_draft_counts_once_it_is_published_and_an_older_version_comes_back_as_a_draft(pool: PgPool) {
    let world = World::new(pool).await;
    let read = async || {
        let set = settings::read(&mut world.tx().await).await.unwrap();
        (set.version, set.rules, set.draft)
    };
    update(&world, &draft("Offer mornings first.")).await;
    assert_eq!(read().await, (0, String::new(), "Offer mornings first.".to_owned()));
    assert_eq!((publish(&world).await, publish(&world).await), (1, 1), "the same words are the same version");
    update(&world, &draft("Offer evenings first.")).await;
    assert_eq!(publish(&world).await, 2);

    let mut tx = world.tx().await;
    rules::restore(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read().await, (2, "Offer evenings first.".to_owned(), "Offer mornings first.".to_owned()));
    assert_eq!(publish(&world).await, 3);
    let versions: Vec<i32> =
        rules::versions(&mut world.tx().await).await.unwrap().iter().map(|version| version.version).collect();
    assert_eq!(versions, [3, 2, 1]);
    let missing = rules::restore(&mut world.tx().await, 9).await;
    assert!(matches!(missing, Err(Error::Rejected(_))), "{missing:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn publishing_at_once_makes_one_version_of_the_same_words(pool: PgPool) {
    let world = World::new(pool).await;
    update(&world, &draft("Be brief.")).await;
    let published = join_all((0..8).map(|_| publish(&world))).await;
    assert_eq!(published, [1; 8]);
    let Version { rules, published_by, .. } = rules::version(&mut world.tx().await, 1).await.unwrap();
    assert_eq!((rules.as_str(), published_by), ("Be brief.", None));
}
