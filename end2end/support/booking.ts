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

export async function pickPractitioner(page: Page): Promise<void> {
  await choose(page, /^Any practitioner\b/);
}

export async function pickTime(page: Page, wish: Wish): Promise<void> {
  await choose(page, DAY, wish);
  const times = page.getByRole('button', { name: TIME, disabled: false });
  await expect(times.first()).toBeVisible();
  await times[wish]().click();
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

// A choice is a link, a button, or a radio that JavaScript or Continue sends.
async function choose(page: Page, name: RegExp, wish: Wish = 'first'): Promise<void> {
  const radios = page.getByRole('radio', { name, disabled: false });
  const others = page
    .getByRole('link', { name, disabled: false })
    .or(page.getByRole('button', { name, disabled: false }));
  await expect(radios.or(others).first()).toBeVisible();
  if ((await radios.count()) === 0) return others[wish]().click();
  await radios[wish]().check();
  const onward = page.getByRole('button', { name: 'Continue' });
  if (await onward.isVisible()) await onward.click();
}
