// Waiting for a time, and having one come free.

import { setTimeout as pause } from 'node:timers/promises';
import { expect, type APIRequestContext, type Locator, type Page } from '@playwright/test';
import { someName, startSession } from './api';
import { log, openFullPage, say } from './chat';
import { addPractitioner, addType, freeTimes, openSettings, saved, section, untilAwake } from './settings';

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

/** Somebody who offers one type of visit, which nobody else does and no other test books. */
export interface Offering {
  who: string;
  type: string;
}

export async function addOffering(page: Page): Promise<Offering> {
  const [who, type] = [someName().replace('Grace', 'Mara'), someName().replace('Grace', 'Soak')];
  await addPractitioner(page, who);
  await addType(page, type, [who]);
  return { who, type };
}

/** Asks in the chat to wait for what is on offer, and answers the first day of what they wait for. */
export async function waitFor(page: Page, { who, type }: Offering, name: string, reach: string): Promise<string> {
  await openFullPage(page);
  await say(page, `let me know if something opens up with ${who} next week if someone cancels`);
  // There is one thing to choose, so it is not asked which.
  await expect(log(page)).toContainText('should I put on the waiting list?');
  await say(page, `my name is ${name}, ${reach}`);
  await expect(log(page)).toContainText(new RegExp(`You are on the waiting list for an? ${type} with ${who}`, 'i'));
  const said = await log(page).innerText();
  const [, day = '', month = ''] = said.match(/It is for \w+ (\d{1,2})(?: (\w+))? to/) ?? [];
  const named = MONTHS.includes(month) ? month : (said.match(/to \w+ \d{1,2} (\w+)/)?.[1] ?? '');
  const now = new Date();
  const inYear = (year: number) => new Date(Date.UTC(year, MONTHS.indexOf(named), Number(day)));
  const first = inYear(now.getUTCFullYear());
  return (first.getTime() < now.getTime() - 7 * 86_400_000 ? inYear(now.getUTCFullYear() + 1) : first).toISOString().slice(0, 10);
}

/**
 * Until it has just been looked, at the full minute, whom times suit: with the hours that other tests change meanwhile,
 * what is added now is offered nothing by itself for some time.
 */
export async function untilJustLooked(): Promise<void> {
  const into = Date.now() % 60_000;
  if (into < 10_000 || into > 40_000) await pause((70_000 - into) % 60_000);
}

/** Fills in what somebody new waits for, as staff do. */
export async function fillWish(form: Locator, { who, type }: Offering, name: string, phone: string): Promise<void> {
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByLabel('Phone', { exact: true }).fill(phone);
  await form.getByLabel('Visit', { exact: true }).selectOption({ label: type });
  await form.getByLabel('With', { exact: true }).selectOption({ label: who });
}

/** Has somebody book what is on offer in the days from `first` on, and cancel it. */
export async function freeUp(api: APIRequestContext, { type }: Offering, first: string): Promise<void> {
  const session = await startSession(api);
  const clinic = `/api/v1/clinics/${session.clinicId}`;
  const headers = { authorization: `Bearer ${session.token}` };
  const last = new Date(Date.parse(first) + 4 * 86_400_000).toISOString().slice(0, 10);
  const { slot } = (await freeTimes(api, session, type, first, last)).at(-1) ?? { slot: '' };
  const held = await api.post(`${clinic}/holds`, { headers, data: { slot } });
  expect(held.ok(), await held.text()).toBe(true);
  const { hold_id } = await held.json();
  const patient = { name: 'Will Cancel', phone: '+15551234588' };
  const booked = await api.post(`${clinic}/appointments/confirm`, { headers, data: { hold_id, patient } });
  const { appointment } = await booked.json();
  const cancelled = await api.post(`${clinic}/appointments/${appointment.id}/cancel`, { headers, data: {} });
  expect(cancelled.ok(), await cancelled.text()).toBe(true);
}
