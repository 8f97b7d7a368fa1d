// Waiting for a time, and having one come free.

import { expect, type APIRequestContext, type Page } from '@playwright/test';
import { startSession } from './api';
import { log, openFullPage, say } from './chat';
import { openSettings, saved, section, untilAwake } from './settings';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** Offers are made by day; tests run at any hour. */
export async function keepNoQuietHours(page: Page): Promise<void> {
  await openSettings(page, 'messages');
  await untilAwake(page);
  const part = section(page, 'Messages');
  await part.getByLabel('From', { exact: true }).fill('03:00');
  await part.getByLabel('Until', { exact: true }).fill('03:00');
  await part.getByRole('button', { name: 'Save' }).click();
  await expect(saved(part)).toBeVisible();
}

/** Asks in the chat to wait for a haircut with `practitioner`, and answers the first day of what they wait for. */
export async function waitFor(page: Page, practitioner: string, name: string, reach: string): Promise<string> {
  await openFullPage(page);
  await say(page, `let me know if something opens up with ${practitioner} next week if someone cancels`);
  await expect(log(page)).toContainText('Which would you like');
  await say(page, 'a haircut');
  await expect(log(page)).toContainText('should I put on the waiting list?');
  await say(page, `my name is ${name}, ${reach}`);
  await expect(log(page)).toContainText('You are on the waiting list');
  const said = await log(page).innerText();
  const [, day = '', month = ''] = said.match(/It is for \w+ (\d{1,2})(?: (\w+))? to/) ?? [];
  const named = MONTHS.includes(month) ? month : (said.match(/to \w+ \d{1,2} (\w+)/)?.[1] ?? '');
  const now = new Date();
  const inYear = (year: number) => new Date(Date.UTC(year, MONTHS.indexOf(named), Number(day)));
  const first = inYear(now.getUTCFullYear());
  return (first.getTime() < now.getTime() - 7 * 86_400_000 ? inYear(now.getUTCFullYear() + 1) : first).toISOString().slice(0, 10);
}

/** Has somebody book a haircut with `practitioner` in the days from `first` on, and cancel it. */
export async function freeUp(api: APIRequestContext, practitioner: string, first: string): Promise<void> {
  const session = await startSession(api);
  const clinic = `/api/v1/clinics/${session.clinicId}`;
  const headers = { authorization: `Bearer ${session.token}` };
  const { practitioners } = await (await api.get(`${clinic}/practitioners`, { headers })).json();
  const { id } = practitioners.find((one: { name: string }) => one.name.startsWith(practitioner));
  const last = new Date(Date.parse(first) + 4 * 86_400_000).toISOString().slice(0, 10);
  const params = { appointment_type: 'haircut', practitioner: id, from: first, to: last, limit: 200 };
  const { slots } = await (await api.get(`${clinic}/availability`, { headers, params })).json();
  // Other tests book at the same moment, so a time may be gone by now.
  for (const { slot } of slots.slice(-10)) {
    const held = await api.post(`${clinic}/holds`, { headers, data: { slot } });
    if (held.status() === 409) continue;
    const { hold_id } = await held.json();
    const patient = { name: 'Will Cancel', phone: '+15551234588' };
    const booked = await api.post(`${clinic}/appointments/confirm`, { headers, data: { hold_id, patient } });
    const { appointment } = await booked.json();
    const cancelled = await api.post(`${clinic}/appointments/${appointment.id}/cancel`, { headers, data: {} });
    expect(cancelled.ok(), await cancelled.text()).toBe(true);
    return;
  }
  throw new Error(`No time with ${practitioner} from ${first} on could be held, out of ${slots.length}.`);
}
