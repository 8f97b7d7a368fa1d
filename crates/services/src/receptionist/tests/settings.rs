//! What a clinic sets of its receptionist, and what it publishes.

use futures::future::join_all;
use serde_json::json;
use sqlx::PgPool;
use sqlx::migrate::Migrator;

use crate::receptionist::brief::{self, Brief, Version};
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
    let version = brief::publish(&mut tx, world.now(), None).await.unwrap();
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
    assert_eq!((set.draft.tone.as_str(), set.draft.sms_characters, set.far_days), ("Warm.\nBrief.", 160, 30));
    assert_eq!((set.version, &set.published), (0, &Brief::default()), "nothing is published");
    assert_eq!(set.cost("gpt-4o-mini", 1_000, 1_000), 12_500);
    let others = settings::read(&mut other.tx().await).await.unwrap();
    assert_eq!((others.model, others.draft), (None, Brief::default()), "the database begins with the same");
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
        (set.version, set.published.rules, set.draft.rules)
    };
    update(&world, &draft("Offer mornings first.")).await;
    assert_eq!(read().await, (0, String::new(), "Offer mornings first.".to_owned()));
    assert_eq!((publish(&world).await, publish(&world).await), (1, 1), "the same words are the same version");
    update(&world, &draft("Offer evenings first.")).await;
    assert_eq!(publish(&world).await, 2);

    let mut tx = world.tx().await;
    brief::restore(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read().await, (2, "Offer evenings first.".to_owned(), "Offer mornings first.".to_owned()));
    assert_eq!(publish(&world).await, 3);
    let versions: Vec<i32> =
        brief::versions(&mut world.tx().await).await.unwrap().iter().map(|version| version.version).collect();
    assert_eq!(versions, [3, 2, 1]);
    let missing = brief::restore(&mut world.tx().await, 9).await;
    assert!(matches!(missing, Err(Error::Rejected(_))), "{missing:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn publishing_at_once_makes_one_version_of_the_same_words(pool: PgPool) {
    let world = World::new(pool).await;
    update(&world, &draft("Be brief.")).await;
    let published = join_all((0..8).map(|_| publish(&world))).await;
    assert_eq!(published, [1; 8]);
    let Version { brief, published_by, .. } = brief::version(&mut world.tx().await, 1).await.unwrap();
    assert_eq!((brief.rules.as_str(), published_by), ("Be brief.", None));
}

/// Every part of a brief, each said by `word`.
fn said_by(word: &str, count: i16) -> Fields {
    Fields {
        tone: Some(format!("{word} tone")),
        greeting_rules: Some(format!("{word} greeting")),
        draft: Some(format!("{word} rules")),
        web_characters: Some(Some(100 + i32::from(count))),
        sms_characters: Some(200 + i32::from(count)),
        voice_sentences: Some(count),
        ..Fields::default()
    }
}

fn brief_by(word: &str, count: i16) -> Brief {
    Brief {
        tone: format!("{word} tone"),
        greeting_rules: format!("{word} greeting"),
        rules: format!("{word} rules"),
        web_characters: Some(100 + i32::from(count)),
        sms_characters: 200 + i32::from(count),
        voice_sentences: count,
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_part_counts_once_it_is_published_and_comes_back_together(pool: PgPool) {
    let world = World::new(pool).await;
    let read = async || settings::read(&mut world.tx().await).await.unwrap();
    update(&world, &said_by("First", 1)).await;
    assert_eq!(read().await.published, Brief::default(), "what is saved is not said to patients");
    publish(&world).await;
    update(&world, &said_by("Second", 2)).await;
    let set = read().await;
    assert_eq!((set.version, set.published, set.draft), (1, brief_by("First", 1), brief_by("Second", 2)));
    assert_eq!(publish(&world).await, 2);

    let mut tx = world.tx().await;
    brief::restore(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();

    let set = read().await;
    assert_eq!((set.version, set.published, set.draft), (2, brief_by("Second", 2), brief_by("First", 1)));
    let kept = brief::version(&mut world.tx().await, 1).await.unwrap();
    assert_eq!(kept.brief, brief_by("First", 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn any_part_alone_makes_another_version(pool: PgPool) {
    let world = World::new(pool).await;
    let changes = [
        Fields::default(),
        Fields { tone: Some("Warm".into()), ..Fields::default() },
        Fields { greeting_rules: Some("By name".into()), ..Fields::default() },
        draft("Mornings first"),
        Fields { web_characters: Some(Some(500)), ..Fields::default() },
        Fields { sms_characters: Some(160), ..Fields::default() },
        Fields { voice_sentences: Some(1), ..Fields::default() },
    ];
    for (version, change) in (1..).zip(&changes) {
        update(&world, change).await;
        assert_eq!((publish(&world).await, publish(&world).await), (version, version), "{change:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn programs_read_what_they_set_beside_what_patients_meet(pool: PgPool) {
    let world = World::new(pool).await;
    update(&world, &said_by("First", 1)).await;
    publish(&world).await;
    update(&world, &Fields { tone: Some("Second tone".into()), ..draft("Second rules") }).await;

    let set = settings::read(&mut world.tx().await).await.unwrap();
    let shown = serde_json::to_value(&set).unwrap();

    for (field, value) in [
        ("/tone", json!("Second tone")),
        ("/draft", json!("Second rules")),
        ("/sms_characters", json!(201)),
        ("/version", json!(1)),
        ("/rules", json!("First rules")),
        ("/published", serde_json::to_value(brief_by("First", 1)).unwrap()),
    ] {
        assert_eq!(shown.pointer(field), Some(&value), "{field}: {shown}");
    }
}

/// The schema as it was before drafts held more than rules.
async fn before_drafts(pool: &PgPool) {
    let earlier = MIGRATOR.iter().filter(|migration| migration.version < 40).cloned().collect();
    Migrator::with_migrations(earlier).run(pool).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn what_counted_before_drafts_held_it_all_still_does(pool: PgPool) {
    before_drafts(&pool).await;
    let (published, set, plain) =
        (World::new(pool.clone()).await, World::new(pool.clone()).await, World::new(pool.clone()).await);
    let settings = "insert into receptionist_settings (tone, greeting_rules, sms_characters, draft)
                    values ('Warm', 'By name', 160, 'A third rule')";
    for world in [&published, &set] {
        world.run(settings, &[]).await;
    }
    plain.run("insert into receptionist_settings (draft) values ('Never published')", &[]).await;
    published
        .run(
            "insert into receptionist_versions (version, rules, published_at)
             values (1, 'A rule', now()), (2, 'Another rule', now())",
            &[],
        )
        .await;

    MIGRATOR.run(&pool).await.unwrap();

    let live = Brief { tone: "Warm".into(), greeting_rules: "By name".into(), sms_characters: 160, ..Brief::default() };
    let read = async |world: &World| settings::read(&mut world.tx().await).await.unwrap();
    let now = read(&published).await;
    assert_eq!((now.version, now.published), (2, Brief { rules: "Another rule".into(), ..live.clone() }));
    assert_eq!(now.draft, Brief { rules: "A third rule".into(), ..live.clone() });
    let now = read(&set).await;
    assert_eq!((now.version, now.published), (1, live));
    let now = read(&plain).await;
    assert_eq!((now.version, now.published, now.draft.rules.as_str()), (0, Brief::default(), "Never published"));
    let confined: i64 = sqlx::query_scalar(
        "select count(*) from pg_class where relname in ('receptionist_settings', 'receptionist_versions')
            and relrowsecurity and relforcerowsecurity",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(confined, 2);
}
