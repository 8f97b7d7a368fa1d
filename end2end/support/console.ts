// The console, as a member of staff uses it.

import { expect, type Locator, type Page } from '@playwright/test';
import type { Booking } from './api';

export async function signIn(page: Page, password = setting('FRONTDESK_STAFF_PASSWORD')): Promise<void> {
  await page.goto('/console/sign-in');
  await page.getByLabel('Email').fill(setting('FRONTDESK_STAFF_EMAIL'));
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export async function openToday(page: Page): Promise<void> {
  await signIn(page);
  await expect(page).toHaveURL(/\/console\/today/);
}

/** The appointment where Today lists it. */
export function entry(page: Page, booking: Booking): Locator {
  const name = new RegExp(booking.patient);
  return page.getByRole('link', { name }).or(page.getByRole('button', { name })).first();
}

export async function openAppointment(page: Page, booking: Booking): Promise<void> {
  await page.goto(`/console/today?day=${booking.day}`);
  await entry(page, booking).click();
  await expect(page.getByRole('heading', { name: booking.patient })).toBeVisible();
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name} to what the server printed for the console's sign-in.`);
  return value;
}
