// Moving and cancelling a visit from its own page, with and without JavaScript.

import { expect, test } from '@playwright/test';
import { someName } from './support/api';
import { bookVisit, giveDetails, openBooking, pickTime, pickType } from './support/booking';

test('a patient moves a visit and then cancels it', async ({ page }) => {
  await openBooking(page);
  await pickType(page);
  await pickTime(page, 'last');
  await giveDetails(page, someName());
  const ticket = await bookVisit(page);
  const before = await ticket.locator('time').innerText();
  const code = await ticket.getByText(/^[0-9A-HJKMNP-TV-Z]{8}$/).innerText();

  await page.getByRole('link', { name: 'Choose another time' }).click();
  await expect(page.getByRole('heading', { name: 'Choose another time' })).toBeVisible();
  await pickTime(page, 'last');
  await expect(page.getByRole('heading', { name: 'Your visit is booked' })).toBeVisible();
  await expect(ticket.locator('time')).not.toHaveText(before);
  await expect(ticket.getByText(code)).toBeVisible();

  await page.getByText('Cancel this visit', { exact: true }).click();
  await page.getByRole('button', { name: 'Yes, cancel my visit' }).click();
  await expect(page.getByRole('heading', { name: 'This visit was cancelled' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Choose another time' })).toHaveCount(0);
});
