// Somebody waits, a time comes free, and they take it.

import { expect, test } from '@playwright/test';
import { someName } from './support/api';
import { expectOpenToAll } from './support/axe';
import { log } from './support/chat';
import { openToday } from './support/console';
import { addOffering, freeUp, keepNoQuietHours, waitFor } from './support/waitlist';

// It is looked each minute whom a time suits.
test.describe.configure({ timeout: 150_000 });

test('a time that came free is offered, and taken without JavaScript', async ({ page, request, browser }) => {
  const name = someName();
  await openToday(page);
  await keepNoQuietHours(page);
  const offering = await addOffering(page);
  const chat = await (await browser.newContext()).newPage();
  const first = await waitFor(chat, offering, name, '+1 212 555 0147');

  await page.goto('/console/waitlist');
  const line = page.getByRole('listitem').filter({ hasText: name });
  await expect(line).toContainText(`${offering.type} with ${offering.who}`);
  await freeUp(request, offering, first);

  const offer = log(chat).getByRole('link', { name: /\/w\// });
  await expect(offer).toBeVisible({ timeout: 90_000 });
  await expect(line.first()).toContainText('A time is kept for them');
  const address = (await offer.getAttribute('href')) ?? '';

  const plain = await (await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } })).newPage();
  await plain.goto(address);
  await expect(plain.getByRole('heading', { name: 'A time has come free' })).toBeVisible();
  expect(await plain.content()).not.toContain(name);
  await plain.getByRole('button', { name: 'Take this time' }).click();
  await expect(plain.getByRole('heading', { name: 'This time is yours' })).toBeVisible();
  await plain.getByRole('link', { name: 'See your visit' }).click();
  await expect(plain.getByRole('heading', { name: 'Your visit is booked' })).toBeVisible();

  // Whoever has a time waits no more.
  await expect(line).toHaveCount(0);
});

test('an offer can be let go, and staff take somebody off the list', async ({ page, request, browser }) => {
  const name = someName();
  await openToday(page);
  await keepNoQuietHours(page);
  const offering = await addOffering(page);
  const chat = await (await browser.newContext()).newPage();
  const first = await waitFor(chat, offering, name, '+1 212 555 0148');
  await freeUp(request, offering, first);
  const offer = log(chat).getByRole('link', { name: /\/w\// });
  await expect(offer).toBeVisible({ timeout: 90_000 });

  const address = (await offer.getAttribute('href')) ?? '';
  for (const colorScheme of ['light', 'dark'] as const) {
    const patient = await (await browser.newContext({ colorScheme, reducedMotion: 'reduce' })).newPage();
    await patient.goto(address);
    await expectOpenToAll(patient);
  }
  const patient = await (await browser.newContext()).newPage();
  await patient.goto(address);
  await patient.getByRole('button', { name: 'No, thank you' }).click();
  await expect(patient.getByRole('heading', { name: 'You let that time go' })).toBeVisible();

  await page.goto('/console/waitlist');
  const line = page.getByRole('listitem').filter({ hasText: name });
  await expect(line.first()).toContainText('they did not want it');
  await line.getByRole('button', { name: `Take off the list: ${name}` }).click();
  await expect(line).toHaveCount(0);
});

test('a forged link leads to nothing', async ({ page }) => {
  for (const [address, heading] of [
    ['/w/forged', 'This link does not belong to an offer.'],
    ['/unsubscribe/forged', 'This link does not belong to a message.'],
  ] as const) {
    const response = await page.goto(address);
    expect(response?.status()).toBe(404);
    await expect(page.getByRole('heading', { name: heading })).toBeVisible();
  }
});
