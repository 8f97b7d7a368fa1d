// The console's settings, as a manager uses them.

import { expect, type APIRequestContext, type Locator, type Page } from '@playwright/test';
import { CLINIC } from './addresses';
import type { Session } from './api';

/** A part of the settings, awake: what is typed before a page is awake may be lost to it. */
export async function openSettings(page: Page, address: string): Promise<void> {
  await page.goto(`/console/settings/${address}`);
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await page.waitForFunction(() => document.querySelector('form')?.hasAttribute('action'));
}

export const section = (page: Page, name: string): Locator => page.getByRole('region', { name });

/** Presses `button` in a section and answers what the section then says. */
export async function save(part: Locator, button: string): Promise<Locator> {
  await part.getByRole('button', { name: button }).click();
  return part.getByRole('status');
}

/** Opens the visit type called `name`. */
export async function openType(page: Page, name: string): Promise<void> {
  await openSettings(page, 'types');
  await page.getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
}

/** Makes a type of visit that nobody else books, offered by `practitioner`. */
export async function addType(page: Page, name: string, practitioner: string): Promise<void> {
  await openSettings(page, 'types?item=new');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Save visit type' }).click();
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
  const row = section(page, 'Who offers it').getByRole('listitem').filter({ hasText: practitioner });
  await row.getByRole('button', { name: 'Offer', exact: true }).click();
  await expect(row.getByRole('button', { name: 'Stop offering' })).toBeVisible();
}

export async function addPractitioner(page: Page, name: string): Promise<void> {
  await openSettings(page, 'practitioners?item=new');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Save practitioner' }).click();
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
}

/** A visit booked through the API, and the link its patient was given. */
export interface Visit {
  id: string;
  patient: string;
  status: string;
  startsAt: string;
  link: string;
}

export async function slots(api: APIRequestContext, session: Session, type: string, day?: string): Promise<{ slot: string; starts_at: string; label: string }[]> {
  const from = day ?? new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const to = day ?? new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
  const answer = await api.get(`/api/v1/clinics/${session.clinicId}/availability`, {
    headers: { authorization: `Bearer ${session.token}` },
    params: { appointment_type: type, from, to, limit: 200 },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return ((await answer.json()) as { slots: { slot: string; starts_at: string; label: string }[] }).slots;
}

export async function bookSlot(api: APIRequestContext, session: Session, slot: string, patient: string): Promise<Visit> {
  const headers = { authorization: `Bearer ${session.token}` };
  const clinic = `/api/v1/clinics/${session.clinicId}`;
  const held = await api.post(`${clinic}/holds`, { headers, data: { slot } });
  expect(held.ok(), await held.text()).toBe(true);
  const { hold_id } = (await held.json()) as { hold_id: string };
  const confirmed = await api.post(`${clinic}/appointments/confirm`, {
    headers,
    data: { hold_id, patient: { name: patient, phone: '+15551234567' } },
  });
  expect(confirmed.ok(), await confirmed.text()).toBe(true);
  const told = (await confirmed.json()) as { appointment: { id: string; status: string; starts_at: string }; links?: Record<string, string> };
  return {
    id: told.appointment.id,
    patient,
    status: told.appointment.status,
    startsAt: told.appointment.starts_at,
    link: JSON.stringify(told).match(/\/m\/[A-Za-z0-9_.-]+/)?.[0] ?? '',
  };
}

export const bookingPage = `/c/${CLINIC}/book`;
