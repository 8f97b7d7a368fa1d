// What the receptionist is told, and trying it.

import { expect, test, type Page } from '@playwright/test';
import { someName } from './support/api';
import { WISH } from './support/chat';
import { openToday } from './support/console';
import { openSettings, section, untilAwake } from './support/settings';

const said = (page: Page) => page.getByRole('list', { name: 'Messages' });

async function write(page: Page, text: string, answer: RegExp): Promise<void> {
  await page.getByLabel('Write as a patient would').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(said(page).getByRole('listitem').last()).toContainText(answer);
}

test('a draft is published whole, and an older version is the draft again', async ({ page }) => {
  const [older, newer] = [`mornings, ${someName()}`, `evenings, ${someName()}`];
  await openToday(page);
  await openSettings(page, 'receptionist');
  await untilAwake(page);
  const draft = section(page, 'Draft of what it is told');
  const live = section(page, 'What patients meet now');
  const versions = section(page, 'Published versions');
  const fields = [['Tone', 'Speak of'], ['How to greet patients', 'Greet by'], ['Rules', 'Offer']] as const;
  for (const words of [older, newer]) {
    for (const [label, before] of fields) {
      await draft.getByLabel(label, { exact: true }).fill(`${before} ${words}.`);
    }
    await draft.getByRole('button', { name: 'Save draft' }).click();
    await expect(draft.getByRole('status')).toContainText('The draft is saved.');
    await expect(live).not.toContainText(words);
    await draft.getByRole('button', { name: 'Publish' }).click();
    await expect(draft).toContainText('The draft says the same.');
    for (const [, before] of fields) {
      await expect(live).toContainText(`${before} ${words}.`);
      await expect(versions.getByRole('listitem').first()).toContainText(`${before} ${words}.`);
    }
  }
  await versions.getByRole('listitem').filter({ hasText: older }).getByRole('button', { name: 'Restore as draft' }).click();
  for (const [label, before] of fields) {
    await expect(draft.getByLabel(label, { exact: true })).toHaveValue(`${before} ${older}.`);
  }
  await expect(draft).toContainText('another tone, way to greet and set of rules, which are not.');
  await expect(live).toContainText(newer);
});

test('in a trial a visit is booked that nobody has', async ({ page }) => {
  const name = someName();
  await openToday(page);
  await page.goto('/console/settings/receptionist/try');
  await expect(page.getByRole('button', { name: 'Start again' })).toHaveCount(0);
  // Others may have taken the very time.
  await write(page, WISH, /free|closest/);
  await page.getByLabel('Times on offer').getByRole('button').first().click();
  await expect(said(page).getByRole('listitem').last()).toContainText('What name');
  await write(page, `${name}, ada@example.com, +1 555 123 4567`, /You are booked/);
  await page.goto('/console/messages');
  await expect(page.getByRole('heading', { name: 'Messages', exact: true })).toBeVisible();
  await expect(page.getByText(name)).toHaveCount(0);

  await page.goto('/console/settings/receptionist/try');
  await expect(said(page)).toContainText(name);
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(said(page).getByRole('listitem')).toHaveCount(0);
});

test('a trial needs no JavaScript', async ({ browser }) => {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await openToday(page);
  await page.goto('/console/settings/receptionist/try');
  await write(page, 'where are you?', /214 Willow Street/);
});
