// Keys for a clinic's own programs.

import { expect, test, type APIRequestContext } from '@playwright/test';
import { someName, startSession } from './support/api';
import { openToday } from './support/console';
import { openSettings, section, untilAwake } from './support/settings';

const KEY = /fdk_[\w-]{43}/;

/** A name nobody else has, such as `Website Habcdefgh`. */
const unique = () => someName().replace('Grace', 'Website');

/** What the practitioners' list answers to a program that shows this key. */
async function knock(api: APIRequestContext, key: string): Promise<number> {
  const { clinicId } = await startSession(api);
  const answer = await api.get(`/api/v1/clinics/${clinicId}/practitioners`, { headers: { 'x-admin-key': key } });
  return answer.status();
}

test('a key is shown once, opens the clinic, and is refused once it is revoked', async ({ page, request }) => {
  const name = unique();
  await openToday(page);
  await openSettings(page, 'keys');
  await untilAwake(page);
  const part = section(page, 'New key');
  await part.getByLabel('Name', { exact: true }).fill(name);
  await part.getByRole('button', { name: 'Make key' }).click();
  await expect(part.getByRole('status')).toHaveText(KEY);
  const [key = ''] = (await part.getByRole('status').innerText()).match(KEY) ?? [];
  expect(await knock(request, key)).toBe(200);

  await page.reload();
  const row = section(page, 'API keys').getByRole('listitem').filter({ hasText: name });
  await expect(row).toContainText('Last used');
  expect(await page.content()).not.toContain(key);

  await row.getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { name: `Revoke ${name}?` })).toBeVisible();
  await untilAwake(page);
  await page.getByRole('button', { name: 'Revoke key' }).click();
  await expect(page.getByText('This key was revoked and opens nothing any more.')).toBeVisible();
  expect(await knock(request, key)).toBe(401);
});

test('a key that may do nothing is not made', async ({ page }) => {
  await openToday(page);
  await openSettings(page, 'keys');
  await untilAwake(page);
  const part = section(page, 'New key');
  await part.getByLabel('Name', { exact: true }).fill(unique());
  for (const scope of ['See times and settings', 'Book and change visits']) await part.getByLabel(scope).uncheck();
  await part.getByRole('button', { name: 'Make key' }).click();
  await expect(part.getByRole('alert').filter({ hasText: /\w/ })).toHaveText('Please tick at least one.');
});

test('without JavaScript a key is on the next page, and on no other', async ({ browser, request }) => {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await openToday(page);
  await openSettings(page, 'keys');
  await page.getByLabel('Name', { exact: true }).fill(unique());
  await page.getByRole('button', { name: 'Make key' }).click();
  const [key = ''] = (await section(page, 'Your new key').innerText()).match(KEY) ?? [];
  expect(await knock(request, key)).toBe(200);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'API keys' })).toBeVisible();
  expect(await page.content()).not.toContain(key);
});
