// Somebody waits, a time comes free or staff choose one, and they take it.

import { expect, test } from '@playwright/test';
import { someName } from './support/api';
import { expectOpenToAll } from './support/axe';
import { log } from './support/chat';
import { openToday } from './support/console';
import { section } from './support/settings';
import { addOffering, fillWish, freeUp, keepNoQuietHours, untilJustLooked, waitFor } from './support/waitlist';

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
  await line.getByText('Take off the list', { exact: true }).click();
  await line.getByRole('button', { name: `Take ${name} off the list` }).click();
  await expect(line).toHaveCount(0);
});

test('staff add whoever asks them, and offer a time they choose', async ({ page }) => {
  const name = someName();
  await openToday(page);
  await keepNoQuietHours(page);
  const offering = await addOffering(page);
  await untilJustLooked();
  await page.goto('/console/waitlist');
  await page.getByRole('link', { name: 'Add somebody' }).click();
  const form = section(page, 'Add somebody to the waitlist');
  await expect(form).toBeVisible();
  await expectOpenToAll(page);
  await fillWish(form, offering, name, '12');
  await form.getByRole('button', { name: 'Add to the waitlist' }).click();
  const phone = form.getByLabel('Phone', { exact: true });
  await expect(phone).toHaveAccessibleDescription(/phone number/);
  await expect(phone).toBeFocused();
  await expect(form.getByLabel('Name', { exact: true })).toHaveValue(name);
  await phone.fill('+1 212 555 0149');
  await form.getByRole('button', { name: 'Add to the waitlist' }).click();
  await expect(page.getByText('Added to the waitlist.')).toBeVisible();
  await expect(form).toHaveCount(0);
  const line = page.getByRole('listitem').filter({ hasText: name });
  await expect(line).toContainText('Added by Rosa Delgado');

  await page.getByRole('link', { name: 'Add somebody' }).click();
  await form.getByLabel('Find a patient by name, phone or e-mail').fill(name.toUpperCase());
  await form.getByRole('button', { name: 'Find' }).click();
  await expect(form.getByRole('radio', { name: new RegExp(name) })).toBeChecked();
  await expect(form.getByLabel('Name', { exact: true })).toBeHidden();
  await form.getByRole('link', { name: 'Cancel' }).click();

  await page.getByRole('link', { name: `Offer a time: ${name}` }).click();
  const times = section(page, `Times to offer ${name}`);
  await times.getByRole('button', { name: 'Next day' }).click();
  await expect(page).toHaveURL(/day=/);
  const time = times.getByRole('button', { name: `with ${offering.who}` }).first();
  await expect(time).toBeVisible();
  await expectOpenToAll(page);
  await time.click();
  await expect(page.getByText('a text about it is on its way')).toBeVisible();
  await expect(line.first()).toContainText('chosen by Rosa Delgado');
  await expect(line.first()).toContainText('A time is kept for them');
  await expect(times).toHaveCount(0);
});

test('adding somebody, offering a time and taking them off the list need no JavaScript', async ({ page, browser }) => {
  const name = someName();
  await openToday(page);
  await keepNoQuietHours(page);
  const offering = await addOffering(page);
  const plain = await (await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } })).newPage();
  await openToday(plain);
  await untilJustLooked();
  await plain.goto('/console/waitlist');
  await plain.getByRole('link', { name: 'Add somebody' }).click();
  const form = section(plain, 'Add somebody to the waitlist');
  await fillWish(form, offering, name, '12');
  await form.getByRole('button', { name: 'Add to the waitlist' }).click();
  await expect(form.getByLabel('Phone', { exact: true })).toHaveAccessibleDescription(/phone number/);
  await fillWish(form, offering, name, '+1 212 555 0150');
  await form.getByRole('button', { name: 'Add to the waitlist' }).click();
  await expect(plain.getByText('Added to the waitlist.')).toBeVisible();

  await plain.getByRole('link', { name: `Offer a time: ${name}` }).click();
  await section(plain, `Times to offer ${name}`).getByRole('button', { name: `with ${offering.who}` }).first().click();
  await expect(plain.getByText('a text about it is on its way')).toBeVisible();
  const line = plain.getByRole('listitem').filter({ hasText: name });
  await expect(line.first()).toContainText('chosen by Rosa Delgado');
  const width = await plain.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(360);

  const off = line.first().getByRole('button', { name: `Take ${name} off the list` });
  await expect(off).toBeHidden();
  await line.first().getByText('Take off the list', { exact: true }).click();
  await expect(line.first()).toContainText('the time that is kept for them is free again');
  await off.click();
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
