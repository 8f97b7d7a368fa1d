// Choosing a day and whom with, with JavaScript and without.

import { expect, test } from '@playwright/test';
import { CLINIC } from './support/addresses';
import { days, month, openBooking, pickPractitioner, pickType, times } from './support/booking';
import { DAY } from './support/visit';

test.use({ viewport: { width: 360, height: 740 } });

test('a month opens on its first day with times, for anyone', async ({ page }) => {
  await openBooking(page);
  await pickType(page);
  await expect(days(page).first()).toHaveAttribute('aria-current', 'true');
  await expect(times(page).first()).toHaveText(/with \w/);
  await expect(page.getByRole('heading', { name: DAY })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Previous month' })).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

test('months and days can be turned back', async ({ page }) => {
  await openBooking(page);
  await pickType(page);
  const first = await month(page).getByRole('caption').innerText();
  await page.getByRole('link', { name: 'Next month' }).click();
  await expect(month(page).getByRole('caption')).not.toHaveText(first);
  await expect(days(page).first()).toHaveAttribute('aria-current', 'true');

  const last = days(page).last();
  const [name] = (await last.getAttribute('aria-label'))?.match(DAY) ?? [];
  await last.click();
  await expect(page.getByRole('heading', { name })).toBeInViewport();
  await expect(days(page).last()).toHaveAttribute('aria-current', 'true');

  await page.goBack();
  await expect(days(page).first()).toHaveAttribute('aria-current', 'true');
  await page.goBack();
  await expect(month(page).getByRole('caption')).toHaveText(first);
});

test('a patient asks for somebody and then for anyone again', async ({ page }) => {
  await openBooking(page);
  await pickType(page);
  await pickPractitioner(page, 'Mia Lin');
  await expect(times(page).first()).toBeVisible();
  await expect(page.getByText(/^with /)).toHaveCount(0);
  await pickPractitioner(page, 'Anyone');
  await expect(page.getByText(/^with /).first()).toBeVisible();
});

test('a month beyond reach is the last in reach', async ({ page }) => {
  await page.goto(`/c/${CLINIC}/book?type=haircut&month=9999-01`);
  await expect(month(page)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Next month' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Previous month' })).toBeVisible();
});
