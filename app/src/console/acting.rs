//! What staff do to a visit from its page.

use domain::appointment::AppointmentStatus;
use domain::id::AppointmentId;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::appointment::{May, VisitDetails};
use crate::components::button;
use crate::components::field::Field;
use crate::components::notice::Notice;
use crate::error::ServerError;

/// Notes that the patient came, or did not.
#[server(prefix = "/fn", endpoint = "mark_visit")]
pub async fn mark_visit(id: AppointmentId, status: AppointmentStatus) -> Result<(), ServerError> {
    use services::booking::{self, Changer};

    let staff = super::staff::staff().await?;
    let (now, changer) = (staff.services.clock.now(), Changer::member(staff.member.id));
    let clinic = staff.member.clinic_id;
    staff
        .services
        .db
        .transaction(clinic, move |tx| {
            Box::pin(async move { booking::mark(tx, now, id, status, changer).await.map(drop) })
        })
        .await?;
    staff.services.feed.committed();
    Ok(())
}

/// Calls a visit off, at any time.
#[server(prefix = "/fn", endpoint = "cancel_appointment")]
pub async fn cancel_appointment(id: AppointmentId, reason: Option<String>) -> Result<(), ServerError> {
    use services::booking::{self, Changer};

    let staff = super::staff::staff().await?;
    let reason = booking::note(reason.as_deref())?;
    let (now, changer) = (staff.services.clock.now(), Changer::member(staff.member.id));
    let clinic = staff.member.clinic_id;
    let cancelled = staff
        .services
        .db
        .transaction(clinic, move |tx| {
            let reason = reason.clone();
            Box::pin(async move { booking::cancel(tx, now, id, reason.as_deref(), changer).await })
        })
        .await?;
    staff.services.feed.committed();
    cancelled.made()?;
    Ok(())
}

/// What staff can do to a visit.
#[derive(Clone, Copy)]
pub struct Actions {
    pub mark: ServerAction<MarkVisit>,
    pub cancel: ServerAction<CancelAppointment>,
}

#[component]
pub fn Doing(
    visit: Signal<VisitDetails>,
    id: Memo<String>,
    actions: Actions,
    refusal: Option<ServerError>,
) -> impl IntoView {
    let may = Memo::new(move |_| visit.with(|visit| visit.may));
    let error = Signal::derive(move || {
        let marked = actions.mark.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        let cancelled =
            actions.cancel.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
        marked.or(cancelled).or_else(|| refusal.clone()).map(|error| error.to_string())
    });
    let mark = move |status: &'static str, label: &'static str| {
        view! {
            <ActionForm action=actions.mark>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="status" value=status/>
                <button class=button::QUIET disabled=move || actions.mark.pending().get()>
                    {label}
                </button>
            </ActionForm>
        }
    };
    view! {
        <Notice text=error/>
        <Show when=move || may.get() != May::default()>
            <section aria-label="What to do" class="card flex flex-col gap-3 p-4">
                <div class="flex flex-wrap gap-2">
                    {move || may.get().arrive.then(|| mark("arrived", "Patient is here"))}
                    {move || may.get().miss.then(|| mark("noshow", "Did not come"))}
                </div>
                <Show when=move || may.get().cancel>
                    <details>
                        <summary class="cursor-pointer text-14 font-semibold">"Cancel this visit"</summary>
                        <ActionForm action=actions.cancel attr:class="mt-3 flex flex-col gap-3">
                            <p class="text-13 text-muted">
                                {move || {
                                    visit
                                        .with(|visit| {
                                            format!(
                                                "{}, {} is given free at once. {} is not told by itself; please let them know.",
                                                visit.short_date,
                                                visit.times,
                                                visit.patient,
                                            )
                                        })
                                }}
                            </p>
                            <input type="hidden" name="id" value=id/>
                            <Field label="Reason, for the clinic" name="reason" max_length=2000/>
                            <button class="btn btn-bad self-start" disabled=move || actions.cancel.pending().get()>
                                "Cancel visit"
                            </button>
                        </ActionForm>
                    </details>
                </Show>
            </section>
        </Show>
    }
}
