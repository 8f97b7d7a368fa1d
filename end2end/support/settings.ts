// The console's settings, as a manager uses them.

import { expect, type APIRequestContext, type Locator, type Page } from '@playwright/test';
import { CLINIC } from './addresses';
import type { Session } from './api';
import { giveDetails } from './booking';
import { TIME } from './visit';

export const section = (page: Page, name: string | RegExp): Locator => page.getByRole('region', { name });

export async function openSettings(page: Page, address: string): Promise<void> {
  await page.goto(`/console/settings/${address}`);
  await expect(page.getByRole('heading', { name: 'Settings', exact: true })).toBeVisible();
}

/** Until forms are sent without leaving the page. */
export async function untilAwake(page: Page): Promise<void> {
  await expect(page.locator('[data-awake]')).toHaveCount(1, { timeout: 15_000 });
}

export const saved = (part: Locator): Locator => part.getByRole('status').filter({ hasText: /^Saved\./ });

/** Makes a practitioner who offers nothing yet. */
export async function addPractitioner(page: Page, name: string): Promise<void> {
  await openSettings(page, 'practitioners?item=new');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Save practitioner' }).click();
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
}

/** Makes a type of visit that nobody else books, offered by these. */
export async function addType(page: Page, name: string, practitioners: string[]): Promise<void> {
  await openSettings(page, 'types?item=new');
  await untilAwake(page);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Save visit type' }).click();
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
  for (const practitioner of practitioners) {
    const row = section(page, 'Who offers it').getByRole('listitem').filter({ hasText: practitioner });
    await row.getByRole('button', { name: 'Offer', exact: true }).click();
    await expect(row.getByRole('button', { name: 'Stop offering' })).toBeVisible();
  }
}

/** `Deep rest` as it stands in addresses. */
export const slugOf = (name: string): string => name.toLowerCase().replaceAll(' ', '-');

interface Slot {
  slot: string;
  starts_at: string;
  local: string;
}

/** Times of a type from tomorrow on, or on one day, or from it to another. */
export async function freeTimes(api: APIRequestContext, session: Session, type: string, day?: string, last = day): Promise<Slot[]> {
  const date = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const answer = await api.get(`/api/v1/clinics/${session.clinicId}/availability`, {
    headers: { authorization: `Bearer ${session.token}` },
    params: { appointment_type: slugOf(type), from: day ?? date(2), to: last ?? date(12), limit: 400 },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return ((await answer.json()) as { slots: Slot[] }).slots;
}

/** Books a visit as a patient on the web, on `day`, and answers its page. */
export async function bookOnTheWeb(page: Page, type: string, day: string, patient: string): Promise<string> {
  await page.goto(`/c/${CLINIC}/book?type=${slugOf(type)}&with=any&day=${day}`);
  await page.getByRole('button', { name: TIME, disabled: false }).first().click();
  await giveDetails(page, patient);
  await page.getByRole('button', { name: 'Book visit' }).click();
  await expect(page).toHaveURL(/\/m\/[^/?]+$/);
  return page.url();
}
