import { expect, test } from '@playwright/test';
import { bookSomething, startSession } from './support/api';
import { openToday } from './support/console';
import { openSettings, saved, section, untilAwake } from './support/settings';

test('a booking is in the list of messages with what the patient reads', async ({ page, request }) => {
  const booking = await bookSomething(request, await startSession(request));
  await openToday(page);
  await page.getByRole('link', { name: 'Messages', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Messages', exact: true })).toBeVisible();
  // A job sends it within moments.
  const line = page.getByRole('listitem').filter({ hasText: booking.patient }).filter({ hasText: 'text' });
  await expect(async () => {
    await page.reload();
    await expect(line.getByText('Kept here')).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 20_000 });
  await line.getByText('What it says').click();
  await expect(line.getByText(/you are booked for/)).toBeVisible();
});

test('an opt-out told in person is noted and taken back', async ({ page }) => {
  const address = `someone.${Date.now()}@example.com`;
  await openToday(page);
  await page.goto('/console/messages/opt-outs');
  await page.getByLabel('Phone number or e-mail address').fill(address);
  await page.getByRole('button', { name: 'Note opt-out' }).click();
  const line = page.getByRole('listitem').filter({ hasText: address });
  await expect(line.getByText(/Said stop/)).toBeVisible();
  await line.getByRole('button', { name: 'They want messages again' }).click();
  await expect(line.getByText(/Back since/)).toBeVisible();
});

test('a wording is tried out before it is saved, and refused with reasons', async ({ page }) => {
  await openToday(page);
  await openSettings(page, 'wording?item=follow_up.sms.en');
  await untilAwake(page);
  const part = section(page, /^Follow-up/);
  const body = part.getByLabel('Message');
  await body.fill('See you {whenever}.');
  await part.getByRole('button', { name: 'Save' }).click();
  await expect(body).toHaveAttribute('aria-invalid', 'true');
  await body.fill('{clinic}: how are you? Reply STOP to opt out.');
  await part.getByRole('button', { name: 'Preview' }).click();
  await expect(part.getByRole('status')).toContainText('how are you? Reply STOP to opt out. (');
  await expect(part.getByRole('status')).toContainText('1 segment');
  await part.getByRole('button', { name: 'Save' }).click();
  await expect(saved(part)).toBeVisible();
  await section(page, 'Our words').getByRole('button', { name: 'Use these again' }).click();
  await expect(page.getByText('Our words are used again.')).toBeVisible();
});
