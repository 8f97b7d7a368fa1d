//! Who may speak for whom. Proof of being a parent opens a child's visits.

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::id::{MemberId, PatientId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::merging;
use crate::{ClinicTx, Error, Result};

/// What somebody is to the patient they speak for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Parent,
    Guardian,
    Partner,
    Child,
    Carer,
}

impl Relation {
    pub const ALL: [Self; 5] = [Self::Parent, Self::Guardian, Self::Partner, Self::Child, Self::Carer];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Guardian => "guardian",
            Self::Partner => "partner",
            Self::Child => "child",
            Self::Carer => "carer",
        }
    }

    /// The relation called `name`.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.as_str() == name)
    }
}

/// Somebody who speaks for a patient.
#[derive(Clone, Debug, Serialize)]
pub struct Proxy {
    pub id: PatientId,
    pub name: String,
    pub relation: Relation,
}

/// Lets `proxy` speak for `patient`. Saying it again changes what they are to
/// each other.
///
/// # Errors
///
/// Rejected with `not_found` if either is not there or was erased, and
/// `invalid` if they are the same person.
pub async fn relate(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    proxy: PatientId,
    patient: PatientId,
    relation: Relation,
    by: Option<MemberId>,
) -> Result<()> {
    let (proxy, patient) = (live(tx, proxy).await?, live(tx, patient).await?);
    if proxy == patient {
        return Err(Rejection::invalid("proxy", "That is the same person.").into());
    }
    sqlx::query!(
        "insert into patient_relations (proxy_id, patient_id, relation, created_at, created_by)
         values ($1, $2, $3, $4, $5)
         on conflict (clinic_id, proxy_id, patient_id) do update set relation = excluded.relation",
        proxy.uuid(),
        patient.uuid(),
        relation.as_str(),
        now,
        by.map(MemberId::uuid)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn live(tx: &mut ClinicTx, patient: PatientId) -> Result<PatientId> {
    let root = merging::root(tx, patient).await?.ok_or_else(Rejection::not_found)?;
    let id =
        sqlx::query_scalar!("select patient_id from patients where patient_id = $1 and erased_at is null", root.uuid())
            .fetch_optional(tx.conn())
            .await?;
    Ok(id.ok_or_else(Rejection::not_found)?.into())
}

/// Has `proxy` speak for `patient` no more.
///
/// # Errors
///
/// Rejected with `not_found` if they did not.
pub async fn part(tx: &mut ClinicTx, proxy: PatientId, patient: PatientId) -> Result<()> {
    let parted = sqlx::query!(
        "delete from patient_relations where proxy_id = $1 and patient_id = $2",
        proxy.uuid(),
        patient.uuid()
    )
    .execute(tx.conn())
    .await?;
    if parted.rows_affected() == 1 { Ok(()) } else { Err(Rejection::not_found().into()) }
}

/// Who speaks for a patient, by name.
pub async fn proxies(tx: &mut ClinicTx, patient: PatientId) -> Result<Vec<Proxy>> {
    let rows = sqlx::query!(
        "select r.proxy_id, r.relation, p.name
         from patient_relations r
         join patients p on p.clinic_id = r.clinic_id and p.patient_id = r.proxy_id
         where r.patient_id = $1
         order by p.name, r.proxy_id",
        patient.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| proxy(row.proxy_id, row.name, &row.relation)).collect()
}

fn proxy(id: Uuid, name: String, relation: &str) -> Result<Proxy> {
    let relation = Relation::of_name(relation).ok_or(Error::Internal("an unknown relation"))?;
    Ok(Proxy { id: id.into(), name, relation })
}

/// Others who are reached at the same number or address: who might speak for a
/// patient, by name.
pub async fn household(tx: &mut ClinicTx, patient: PatientId) -> Result<Vec<(PatientId, String)>> {
    let rows = sqlx::query!(
        "select distinct o.patient_id, o.name
         from patients p
         join patients o on o.patient_id <> p.patient_id and (o.phone = p.phone or o.email = p.email)
         where p.patient_id = $1 and o.merged_into is null and o.erased_at is null
           and lower(o.name) <> lower(p.name)
         order by o.name, o.patient_id
         limit 20",
        patient.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.patient_id.into(), row.name)).collect())
}
