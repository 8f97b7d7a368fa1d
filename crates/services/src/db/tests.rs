//! One clinic never sees another's rows.

use sqlx::PgPool;

use crate::MIGRATOR;
use crate::testing::World;

/// Tables that are not a clinic's: sessions exist before anyone has signed in,
/// and secrets are the server's own.
const PLATFORM: [&str; 3] = ["_sqlx_migrations", "server_secrets", "sessions"];

/// Every table that is not confined to a clinic as the design wants it, with
/// what it lacks.
async fn unconfined(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select c.relname || ': ' || concat_ws(', ',
             case when not c.relrowsecurity then 'no row security' end,
             case when not c.relforcerowsecurity then 'not forced' end,
             case when p.polname is null then 'no policy' end,
             case when a.attname is null then 'no clinic_id' end,
             case when not coalesce(a.attnotnull, false) then 'clinic_id may be null' end,
             case when d.adbin is null then 'clinic_id has no default' end,
             case when k.conkey[1] is distinct from a.attnum then 'key not led by clinic_id' end)
         from pg_class c
         left join pg_attribute a on a.attrelid = c.oid and a.attname = 'clinic_id' and not a.attisdropped
         left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
              and pg_get_expr(d.adbin, d.adrelid) = 'current_clinic_id()'
         left join pg_policy p on p.polrelid = c.oid and p.polname = 'own_clinic'
              and pg_get_expr(p.polqual, p.polrelid) like '%clinic_id = ( SELECT current_clinic_id()%'
              and pg_get_expr(p.polwithcheck, p.polrelid) like '%clinic_id = ( SELECT current_clinic_id()%'
         left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all($1)
           and not (c.relrowsecurity and c.relforcerowsecurity and p.polname is not null
                    and coalesce(a.attnotnull, false) and d.adbin is not null and k.conkey[1] = a.attnum)
         order by 1",
    )
    .bind(PLATFORM.map(str::to_owned).to_vec())
    .fetch_all(pool)
    .await
    .unwrap()
}

/// Tables whose rows of one clinic another can read.
async fn leaking(pool: &PgPool) -> Vec<String> {
    let (bloom, cedar) = (World::new(pool.clone()).await, World::new(pool.clone()).await);
    bloom.appointment_type("haircut", 45).await;
    bloom.practitioner().await;
    let mut leaking = Vec::new();
    for table in ["clinics", "opening_hours", "appointment_types", "practitioners", "offers"] {
        let count = format!("select count(*) from {table} where clinic_id = $1");
        let mut tx = cedar.tx().await;
        let seen: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
            .bind(bloom.clinic.uuid())
            .fetch_one(tx.conn())
            .await
            .unwrap();
        if seen > 0 {
            leaking.push(table.to_owned());
        }
    }
    leaking
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_clinic_table_is_confined(pool: PgPool) {
    assert_eq!(unconfined(&pool).await, Vec::<String>::new());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_clinics_rows_do_not_exist(pool: PgPool) {
    assert_eq!(leaking(&pool).await, Vec::<String>::new());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn both_checks_go_red_when_a_policy_is_weakened(pool: PgPool) {
    sqlx::raw_sql(
        "drop policy own_clinic on practitioners;
         create policy own_clinic on practitioners to frontdesk_clinic using (true) with check (true)",
    )
    .execute(&pool)
    .await
    .unwrap();
    assert_eq!(unconfined(&pool).await, ["practitioners: no policy"]);
    assert_eq!(leaking(&pool).await, ["practitioners"]);

    sqlx::raw_sql("alter table offers disable row level security").execute(&pool).await.unwrap();
    assert!(unconfined(&pool).await.contains(&"offers: no row security".to_owned()));
    assert!(leaking(&pool).await.contains(&"offers".to_owned()));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clinic_cannot_write_into_another(pool: PgPool) {
    let (bloom, cedar) = (World::new(pool.clone()).await, World::new(pool).await);
    let theirs = bloom.practitioner().await;

    let mut tx = cedar.tx().await;
    let renamed = sqlx::query("update practitioners set name = 'Mallory' where practitioner_id = $1")
        .bind(theirs.uuid())
        .execute(tx.conn())
        .await
        .unwrap();
    assert_eq!(renamed.rows_affected(), 0);

    let smuggled =
        sqlx::query("insert into practitioners (clinic_id, practitioner_id, name) values ($1, $2, 'Mallory')")
            .bind(bloom.clinic.uuid())
            .bind(domain::Id::<()>::new().uuid())
            .execute(tx.conn())
            .await
            .unwrap_err();
    assert!(smuggled.to_string().contains("row-level security"), "{smuggled}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_reference_to_another_clinics_row_breaks_its_key(pool: PgPool) {
    let (bloom, cedar) = (World::new(pool.clone()).await, World::new(pool).await);
    let theirs = bloom.practitioner().await;
    let ours = cedar.appointment_type("haircut", 45).await;

    let mut tx = cedar.tx().await;
    let crossed = sqlx::query("insert into offers (practitioner_id, appointment_type_id) values ($1, $2)")
        .bind(theirs.uuid())
        .bind(ours.uuid())
        .execute(tx.conn())
        .await
        .unwrap_err();
    assert!(crossed.to_string().contains("foreign key"), "{crossed}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_login_itself_reads_no_patient(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    for table in ["patients", "appointments", "messages", "occupancies", "conversations"] {
        let mut tx = world.db.platform().await.unwrap();
        let refused =
            sqlx::query(sqlx::AssertSqlSafe(format!("select * from {table}"))).execute(&mut *tx).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{table}: {refused}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_role_that_could_bypass_the_policies_may_not_serve(pool: PgPool) {
    let options = (*pool.connect_options()).clone();
    let verdict = super::role::check(&options).await.unwrap();
    assert!(matches!(verdict, Err(super::role::UnsafeRole::BypassesPolicies(_))), "{verdict:?}");

    sqlx::raw_sql("alter role frontdesk_app password 'for this test'").execute(&pool).await.unwrap();
    let app = options.username("frontdesk_app").password("for this test");
    assert!(super::role::check(&app).await.unwrap().is_ok());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_kept_soon_may_be_kept_for_good_after_all(pool: PgPool) {
    let options = (*pool.connect_options()).clone().options([("synchronous_commit", "local")]);
    let server = sqlx::postgres::PgPoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
    let (db, clinic) = (super::Db::over(server), domain::id::ClinicId::new());
    let waits = async |tx: &mut super::ClinicTx| -> String {
        sqlx::query_scalar("show synchronous_commit").fetch_one(tx.conn()).await.unwrap()
    };
    assert_eq!(waits(&mut db.clinic(clinic).await.unwrap()).await, "local");
    let mut tx = db.passing(clinic).await.unwrap();
    assert_eq!(waits(&mut tx).await, "off");
    tx.keep_for_good().await.unwrap();
    assert_eq!(waits(&mut tx).await, "local");
}
