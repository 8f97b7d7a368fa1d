//! What is sealed opens for its clinic, its purpose and nobody else.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::*;
use crate::MIGRATOR;
use crate::testing::World;

const OLD: &[u8] = b"an old master key of forty characters...";
const NEW: &[u8] = b"a new master key of forty characters....";

async fn put(world: &World, vault: &Vault, provider: &str, value: &Value) -> Result<()> {
    let mut tx = world.tx().await;
    vault.put(&mut tx, world.now(), provider, value, "0123456789abcdef").await?;
    tx.commit().await
}

async fn get(world: &World, vault: &Vault, provider: &str) -> Result<Option<Value>> {
    vault.get(&mut world.tx().await, provider).await
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_sealed_opens_and_shows_its_last_four(pool: PgPool) {
    let (world, vault) = (World::new(pool).await, Vault::new(OLD, &[]));
    assert_eq!(get(&world, &vault, "twilio").await.unwrap(), None);
    put(&world, &vault, "twilio", &json!({ "token": "first" })).await.unwrap();
    put(&world, &vault, "twilio", &json!({ "token": "second" })).await.unwrap();
    assert_eq!(get(&world, &vault, "twilio").await.unwrap(), Some(json!({ "token": "second" })));
    let shown = configured(&mut world.tx().await).await.unwrap();
    assert_eq!((shown[0].provider.as_str(), shown[0].hint.as_str()), ("twilio", "cdef"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_readable_is_stored(pool: PgPool) {
    let (world, vault) = (World::new(pool.clone()).await, Vault::new(OLD, &[]));
    put(&world, &vault, "twilio", &json!("a token nobody may read")).await.unwrap();
    let stored: Vec<u8> = sqlx::query_scalar("select sealed from credentials").fetch_one(&pool).await.unwrap();
    assert!(!String::from_utf8_lossy(&stored).contains("nobody"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_row_copied_to_another_clinic_or_provider_does_not_open(pool: PgPool) {
    let (bloom, cedar, vault) = (World::new(pool.clone()).await, World::new(pool.clone()).await, Vault::new(OLD, &[]));
    for world in [&bloom, &cedar] {
        put(world, &vault, "twilio", &json!("own")).await.unwrap();
    }
    let copy =
        "update credentials set sealed = (select sealed from credentials where clinic_id = $1) where clinic_id = $2";
    sqlx::query(copy).bind(bloom.clinic.uuid()).bind(cedar.clinic.uuid()).execute(&pool).await.unwrap();
    assert!(get(&cedar, &vault, "twilio").await.is_err());
    // With the key too, as whoever may write both tables could.
    let key =
        "update data_keys set wrapped = (select wrapped from data_keys where clinic_id = $1) where clinic_id = $2";
    sqlx::query(key).bind(bloom.clinic.uuid()).bind(cedar.clinic.uuid()).execute(&pool).await.unwrap();
    assert!(get(&cedar, &vault, "twilio").await.is_err());

    sqlx::query("update credentials set provider = 'vapi' where clinic_id = $1")
        .bind(bloom.clinic.uuid())
        .execute(&pool)
        .await
        .unwrap();
    assert!(get(&bloom, &vault, "vapi").await.is_err());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_master_key_is_changed_without_a_pause(pool: PgPool) {
    let (world, other) = (World::new(pool.clone()).await, World::new(pool).await);
    let (old, both, new) = (Vault::new(OLD, &[]), Vault::new(NEW, &[OLD]), Vault::new(NEW, &[]));
    for world in [&world, &other] {
        put(world, &old, "twilio", &json!("kept")).await.unwrap();
    }
    assert!(get(&world, &new, "twilio").await.is_err(), "not before it was wrapped anew");
    assert_eq!(get(&world, &both, "twilio").await.unwrap(), Some(json!("kept")));

    assert_eq!(both.rotate(&world.db).await.unwrap(), 2);
    assert_eq!(both.rotate(&world.db).await.unwrap(), 0, "again changes nothing");

    for world in [&world, &other] {
        assert_eq!(get(world, &new, "twilio").await.unwrap(), Some(json!("kept")));
        assert_eq!(get(world, &both, "twilio").await.unwrap(), Some(json!("kept")));
        assert!(get(world, &old, "twilio").await.is_err());
    }
    put(&world, &new, "vapi", &json!("newer")).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_that_seal_first_at_once_share_one_key(pool: PgPool) {
    let (world, vault) = (World::new(pool).await, Vault::new(OLD, &[]));
    let (one, other) = (json!("one"), json!("other"));
    let both = futures::join!(put(&world, &vault, "twilio", &one), put(&world, &vault, "vapi", &other));
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    assert_eq!(get(&world, &vault, "twilio").await.unwrap(), Some(json!("one")));
    assert_eq!(get(&world, &vault, "vapi").await.unwrap(), Some(json!("other")));
}

#[test]
fn every_changed_byte_is_noticed() {
    let (key, purpose) = (random(), b"purpose");
    let sealed = seal(&key, purpose, b"a secret".to_vec()).unwrap();
    assert_eq!(open(&key, purpose, sealed.clone()).unwrap(), b"a secret");
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(open(&key, purpose, changed).is_err(), "{at}");
    }
    assert!(open(&key, b"another", sealed).is_err());
    assert!(open(&key, purpose, Vec::new()).is_err());
}
