// The clinic's own mail server, and what patients say about its mail.

import { expect, test, type Page } from '@playwright/test';
import { someName } from './support/api';
import { expectOpenToAll } from './support/axe';
import { bookVisit, giveDetails, openBooking, pickTime, pickType } from './support/booking';
import { openToday } from './support/console';
import { header, openMailServer, type MailServer } from './support/mail-server';
import { openSettings, saved, section, untilAwake } from './support/settings';
import { addOffering, freeUp, keepNoQuietHours, waitFor } from './support/waitlist';

// One clinic has one mail server.
test.describe.configure({ mode: 'serial', timeout: 150_000 });

let mail: MailServer;
test.beforeAll(async () => {
  mail = await openMailServer();
});
test.afterAll(() => mail.close());

const part = (page: Page) => section(page, 'Mail server');

async function openTab(page: Page): Promise<void> {
  await openToday(page);
  await openSettings(page, 'email');
  await untilAwake(page);
}

test('a mail server is set and tried', async ({ page }) => {
  await openTab(page);
  await expect(part(page)).toContainText('No mail server is set.');
  // There is nothing to try yet.
  await expect(page.getByRole('button', { name: 'Send a test message to myself' })).toHaveCount(0);
  await part(page).getByLabel('Server', { exact: true }).fill('mail.example.com');
  await part(page).getByLabel('Kept private by').selectOption('none');
  await part(page).getByLabel('Mail is from').fill('desk@bloom.example');
  await part(page).getByRole('button', { name: 'Save mail server' }).click();
  await expect(part(page).getByLabel('Kept private by')).toHaveAttribute('aria-invalid', 'true');

  await part(page).getByLabel('Server', { exact: true }).fill('127.0.0.1');
  await part(page).getByLabel('Port').fill(`${mail.port}`);
  await part(page).getByRole('button', { name: 'Save mail server' }).click();
  await expect(saved(part(page))).toBeVisible();
  await expect(part(page)).toContainText('E-mail to patients leaves by 127.0.0.1, from desk@bloom.example.');
  await part(page).getByRole('button', { name: 'Send a test message to myself' }).click();
  await expect(part(page).getByRole('status')).toContainText('The mail server took it.');
  expect(header(mail.received.at(-1) ?? '', 'To')).toContain('owner@bloom.example');
});

test('what the mail server refused is sent again by staff', async ({ page, browser }) => {
  const name = someName();
  mail.refuses = true;
  const patient = await (await browser.newContext()).newPage();
  await openBooking(patient);
  await pickType(patient);
  await pickTime(patient, 'last');
  await giveDetails(patient, name);
  await bookVisit(patient);

  await openToday(page);
  const line = page.getByRole('listitem').filter({ hasText: name }).filter({ hasText: 'Confirmation, e-mail' });
  await expect(async () => {
    await page.goto('/console/messages?state=failed');
    await expect(line).toContainText('Not delivered', { timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  mail.refuses = false;
  // Leaving the page before it is asked for would leave it undone.
  const isAsked = page.waitForResponse((response) => response.url().includes('/fn/retry_message'));
  await line.getByRole('button', { name: 'Send again' }).click();
  await isAsked;
  await expect(line).toContainText('It was sent again.');
  await expect(line.getByRole('button', { name: 'Send again' })).toHaveCount(0);
  await expect(async () => {
    await page.goto('/console/messages?state=sent');
    await expect(line).toContainText('Sent', { timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  expect(mail.received.some((message) => message.includes(name.split(' ')[1] ?? name))).toBe(true);
});

test('the link in an e-mail ends them and takes it back, without JavaScript too', async ({ page, request, browser }) => {
  await openToday(page);
  await keepNoQuietHours(page);
  const offering = await addOffering(page);
  const reach = `ada.${Date.now()}@example.com`;
  const chat = await (await browser.newContext()).newPage();
  const first = await waitFor(chat, offering, someName(), reach);
  await freeUp(request, offering, first);
  const offer = () => mail.received.find((message) => header(message, 'To').includes(reach)) ?? '';
  await expect.poll(() => header(offer(), 'List-Unsubscribe'), { timeout: 90_000 }).toContain('/unsubscribe/');
  const [address = ''] = header(offer(), 'List-Unsubscribe').match(/https?:[^>]*\/unsubscribe\/[^>]*/) ?? [];

  for (const colorScheme of ['light', 'dark'] as const) {
    const reader = await (await browser.newContext({ colorScheme, viewport: { width: 360, height: 740 } })).newPage();
    await reader.goto(address);
    await expectOpenToAll(reader);
    expect(await reader.content()).not.toContain(reach);
  }
  for (const javaScriptEnabled of [true, false]) {
    const reader = await (await browser.newContext({ javaScriptEnabled })).newPage();
    await reader.goto(address);
    await reader.getByRole('button', { name: 'Yes, no more e-mail' }).click();
    await expect(reader.getByRole('heading', { name: 'You get no more e-mail from Bloom Wellness Studio.' })).toBeVisible();
    await reader.getByRole('button', { name: 'Send me e-mail again' }).click();
    await expect(reader.getByRole('heading', { name: 'Get no more e-mail from Bloom Wellness Studio?' })).toBeVisible();
  }
});

test('a mail server is forgotten', async ({ page }) => {
  await openTab(page);
  await part(page).getByRole('button', { name: 'Forget this server' }).click();
  await expect(part(page)).toContainText('No mail server is set.');
});
