//! What staff do to a visit from its page.

use domain::appointment::AppointmentStatus;
use domain::id::AppointmentId;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::appointment::{May, VisitDetails};
use super::moving::{MoveAppointment, Moving};
use super::person::{EndSpeaking, ErasePatient, LetSpeak, MergePatients, PartPatients};
use super::repeating::{NotBooked, RepeatVisit, Repeating};
use crate::components::button;
use crate::components::field::Field;
use crate::components::notice::Notice;
use crate::error::ServerError;

/// Notes that the patient came, or did not, or that the visit is done.
#[server(prefix = "/fn", endpoint = "mark_visit")]
pub async fn mark_visit(id: AppointmentId, status: AppointmentStatus) -> Result<(), ServerError> {
    use services::booking::{self, Changer};

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
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

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
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

/// Books what a patient asked for.
#[server(prefix = "/fn", endpoint = "approve_request")]
pub async fn approve_request(id: AppointmentId) -> Result<(), ServerError> {
    use services::booking::{self, Changer};

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let (now, changer) = (staff.services.clock.now(), Changer::member(staff.member.id));
    let clinic = staff.member.clinic_id;
    staff
        .services
        .db
        .transaction(clinic, move |tx| Box::pin(async move { booking::approve(tx, now, id, changer).await.map(drop) }))
        .await?;
    staff.services.feed.committed();
    Ok(())
}

/// Refuses what a patient asked for; its time is free.
#[server(prefix = "/fn", endpoint = "decline_request")]
pub async fn decline_request(id: AppointmentId, reason: Option<String>) -> Result<(), ServerError> {
    use services::booking::{self, Changer};

    let staff = super::staff::staff_for(super::staff::Duty::Visits).await?;
    let reason = booking::note(reason.as_deref())?;
    let (now, changer) = (staff.services.clock.now(), Changer::member(staff.member.id));
    let clinic = staff.member.clinic_id;
    staff
        .services
        .db
        .transaction(clinic, move |tx| {
            let reason = reason.clone();
            Box::pin(async move { booking::decline(tx, now, id, reason.as_deref(), changer).await.map(drop) })
        })
        .await?;
    staff.services.feed.committed();
    Ok(())
}

/// What staff can do to a visit.
#[derive(Clone, Copy)]
pub struct Actions {
    pub mark: ServerAction<MarkVisit>,
    pub cancel: ServerAction<CancelAppointment>,
    pub approve: ServerAction<ApproveRequest>,
    pub decline: ServerAction<DeclineRequest>,
    pub shift: ServerAction<MoveAppointment>,
    pub merge: ServerAction<MergePatients>,
    pub part: ServerAction<PartPatients>,
    pub speak: ServerAction<LetSpeak>,
    pub hush: ServerAction<EndSpeaking>,
    pub erase: ServerAction<ErasePatient>,
    pub repeat: ServerAction<RepeatVisit>,
}

impl Default for Actions {
    fn default() -> Self {
        Self {
            mark: ServerAction::new(),
            cancel: ServerAction::new(),
            approve: ServerAction::new(),
            decline: ServerAction::new(),
            shift: ServerAction::new(),
            merge: ServerAction::new(),
            part: ServerAction::new(),
            speak: ServerAction::new(),
            hush: ServerAction::new(),
            erase: ServerAction::new(),
            repeat: ServerAction::new(),
        }
    }
}

impl Actions {
    /// How often any of it was done.
    pub fn version(self) -> usize {
        self.mark.version().get()
            + self.cancel.version().get()
            + self.approve.version().get()
            + self.decline.version().get()
            + self.shift.version().get()
            + self.repeat.version().get()
            + self.merge.version().get()
            + self.part.version().get()
            + self.speak.version().get()
            + self.hush.version().get()
            + self.erase.version().get()
    }

    fn error(self) -> Option<ServerError> {
        let visits = [
            self.mark.value(),
            self.cancel.value(),
            self.approve.value(),
            self.decline.value(),
            self.shift.value(),
            self.repeat.value(),
        ];
        let people = [self.merge.value(), self.part.value(), self.speak.value(), self.hush.value(), self.erase.value()];
        visits
            .into_iter()
            .chain(people)
            .find_map(|value| value.with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned())))
    }
}

#[component]
pub fn Doing(
    visit: Signal<VisitDetails>,
    id: Memo<String>,
    actions: Actions,
    refusal: Option<ServerError>,
) -> impl IntoView {
    let may = Memo::new(move |_| visit.with(|visit| visit.may));
    let error = Signal::derive(move || actions.error().or_else(|| refusal.clone()).map(|error| error.to_string()));
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
        <NotBooked/>
        <Show when=move || may.get() != May::default()>
            <section aria-label="What to do" class="card flex flex-col gap-3 p-4">
                <Show when=move || may.get().approve>
                    <Deciding id=id approve=actions.approve decline=actions.decline/>
                </Show>
                <div class="flex flex-wrap gap-2 empty:hidden">
                    {move || may.get().arrive.then(|| mark("arrived", "Patient is here"))}
                    {move || may.get().finish.then(|| mark("fulfilled", "Visit is done"))}
                    {move || may.get().miss.then(|| mark("noshow", "Did not come"))}
                </div>
                <Show when=move || may.get().shift>
                    <Moving visit=visit id=id shift=actions.shift/>
                </Show>
                <Show when=move || may.get().repeat>
                    <Repeating id=id repeat=actions.repeat/>
                </Show>
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

/// Approving or declining what a patient asked for.
#[component]
pub fn Deciding(
    #[prop(into)] id: Signal<String>,
    approve: ServerAction<ApproveRequest>,
    decline: ServerAction<DeclineRequest>,
) -> impl IntoView {
    let is_busy = move || approve.pending().get() || decline.pending().get();
    let field = format!("decline-{}", id.get_untracked());
    view! {
        <div class="flex flex-wrap items-start gap-2">
            <ActionForm action=approve>
                <input type="hidden" name="id" value=id/>
                <button class=button::PRIMARY disabled=is_busy>
                    "Approve"
                </button>
            </ActionForm>
            <details class="open:basis-full">
                <summary class="btn btn-quiet cursor-pointer">"Decline"</summary>
                <ActionForm action=decline attr:class="mt-3 flex flex-col gap-3">
                    <input type="hidden" name="id" value=id/>
                    <Field
                        label="Reason, for the clinic"
                        name="reason"
                        id=field
                        max_length=2000
                        hint="The time is free again at once. The patient's page says that the clinic could not take it."
                    />
                    <button class="btn btn-bad self-start" disabled=is_busy>
                        "Decline request"
                    </button>
                </ActionForm>
            </details>
        </div>
    }
}
