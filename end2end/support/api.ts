// The public API, as far as these tests need it (contract.md, "REST").

import { expect, type APIRequestContext, type APIResponse } from '@playwright/test';
import { CLINIC } from './addresses';

export interface Session {
  clinicId: string;
  timeZone: string;
  sessionId: string;
  token: string;
}

export interface Booking {
  appointmentId: string;
  code: string;
  patient: string;
  /** YYYY-MM-DD in the clinic's zone. */
  day: string;
}

interface Slot {
  slot: string;
  starts_at: string;
}

export interface Push {
  id: string;
  kind: string;
  payload: unknown;
}

export interface Answered {
  message_id: string;
  reply: { text: string; cards: unknown[] };
}

export async function startSession(api: APIRequestContext): Promise<Session> {
  const clinic = await answer<{ clinic_id: string; time_zone: string }>(api.get(`/api/v1/config?clinic=${CLINIC}`));
  const session = await answer<{ session_id: string; token: string }>(
    api.post('/api/v1/auth/session', { data: { clinic_id: clinic.clinic_id } }),
  );
  return {
    clinicId: clinic.clinic_id,
    timeZone: clinic.time_zone,
    sessionId: session.session_id,
    token: session.token,
  };
}

/** Books a haircut under a name nobody else has, on `day` or at some time in the coming fortnight. */
export async function bookSomething(api: APIRequestContext, session: Session, day?: string): Promise<Booking> {
  const clinic = `/api/v1/clinics/${session.clinicId}`;
  const headers = bearer(session);
  const now = Date.parse(process.env.FRONTDESK_NOW ?? '') || Date.now();
  const { slots } = await answer<{ slots: Slot[] }>(
    api.get(`${clinic}/availability`, {
      headers,
      params: {
        appointment_type: 'haircut',
        from: day ?? dayOf(new Date(now), session.timeZone),
        to: day ?? dayOf(new Date(now + 13 * 86_400_000), session.timeZone),
        limit: 200,
      },
    }),
  );
  // Other tests book at the same moment, so a time may be gone by now.
  for (const { slot, starts_at } of shuffled(slots).slice(0, 5)) {
    const held = await api.post(`${clinic}/holds`, { headers, data: { slot } });
    if (held.status() === 409) continue;
    const { hold_id } = await answer<{ hold_id: string }>(held);
    const patient = someName();
    const confirmed = await answer<{ appointment: { id: string }; confirmation_code: string }>(
      api.post(`${clinic}/appointments/confirm`, {
        headers,
        data: { hold_id, patient: { name: patient, phone: '+15551234567' } },
      }),
    );
    return {
      appointmentId: confirmed.appointment.id,
      code: confirmed.confirmation_code,
      patient,
      day: dayOf(new Date(starts_at), session.timeZone),
    };
  }
  throw new Error(`No time could be held, out of ${slots.length} offered for a haircut ${day ? `on ${day}` : 'in the coming fortnight'}.`);
}

export async function pushEvents(api: APIRequestContext, session: Session, after: string): Promise<Push[]> {
  const { events } = await answer<{ events: Push[] }>(
    api.get(`/api/v1/sessions/${session.sessionId}/push-events`, { headers: bearer(session), params: { after } }),
  );
  return events;
}

/** A message to the receptionist, and its answer. */
export async function say(api: APIRequestContext, session: Session, message: string): Promise<Answered> {
  return answer<Answered>(
    api.post(`/api/v1/clinics/${session.clinicId}/chat`, { headers: bearer(session), data: { message } }),
  );
}

/** A full name made of letters only, new each time. */
export function someName(): string {
  const letters = Array.from({ length: 8 }, () => 'abcdefghiklmnoprstuvwy'[Math.floor(Math.random() * 22)]);
  return `Grace H${letters.join('')}`;
}

function bearer(session: Session): { authorization: string } {
  return { authorization: `Bearer ${session.token}` };
}

async function answer<T>(pending: APIResponse | Promise<APIResponse>): Promise<T> {
  const response = await pending;
  expect(response.ok(), `${response.url()} answered ${response.status()}: ${await response.text()}`).toBe(true);
  return (await response.json()) as T;
}

function dayOf(instant: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(instant);
}

function shuffled<T>(items: T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
