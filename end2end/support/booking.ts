// Picking a time on the booking page, one step at a time.

import { expect, type Locator, type Page } from '@playwright/test';
import { CLINIC } from './addresses';
import { DAY, TIME } from './visit';

/** Which of the times offered to take, so that tests running together do not want the same one. */
export type Wish = 'first' | 'last';

export async function openBooking(page: Page): Promise<void> {
  await page.goto(`/c/${CLINIC}/book`);
}

export async function pickType(page: Page): Promise<void> {
  await choose(page, /^Haircut\b/);
}

export const month = (page: Page) => page.getByRole('table', { name: /^Days with free times in [A-Z][a-z]+ \d{4}$/ });
export const days = (page: Page) => month(page).getByRole('link', { name: DAY });
export const times = (page: Page) => page.getByRole('button', { name: TIME, disabled: false });

/** Anyone is chosen already; this asks for somebody. */
export async function pickPractitioner(page: Page, name: string): Promise<void> {
  const change = page.getByRole('link', { name: 'Change: With' });
  if (await change.isVisible()) await change.click();
  await choose(page, new RegExp(`^${name}$`));
}

/** Takes the first time of the month's first day that has one, or the last of the last. */
export async function pickTime(page: Page, wish: Wish): Promise<void> {
  const day = days(page)[wish]();
  const [name] = (await day.getAttribute('aria-label'))?.match(DAY) ?? [];
  await day.click();
  await expect(page.getByRole('heading', { name })).toBeVisible();
  await expect(days(page)[wish]()).toHaveAttribute('aria-current', 'true');
  await times(page)[wish]().click();
}

export async function giveDetails(page: Page, name: string): Promise<void> {
  await page.getByLabel('Full name').fill(name);
  await page.getByLabel('Email').fill('ada@example.com');
  await page.getByLabel('Phone').fill('+1 555 123 4567');
}

/** Sends the details and answers the ticket. */
export async function bookVisit(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Book visit' }).click();
  await expect(page.getByRole('heading', { name: 'Your visit is booked' })).toBeVisible();
  return page.getByRole('main');
}

async function choose(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('link', { name }).first().click();
}
