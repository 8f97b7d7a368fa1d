import { expect, test } from '@playwright/test';
import {
  bookByTalking,
  composer,
  confirmation,
  DETAILS,
  firstTime,
  log,
  openFullPage,
  openWidget,
  say,
  tabTo,
  untilAskedWho,
  WISH,
} from './support/chat';
import { expectTicket } from './support/visit';

const QUESTION = 'What are your opening hours?';
const LATE = 'And where do I park?';

for (const [place, open] of [
  ["on a clinic's site", openWidget],
  ['on the full page', openFullPage],
] as const) {
  test(`a patient books by talking, ${place}`, async ({ page }) => {
    const chat = await open(page);
    await expect(log(chat)).toHaveAttribute('aria-live', 'polite');
    await bookByTalking(chat);
    await expectTicket(page, confirmation(chat));
  });
}

test('a patient books with the keyboard alone', async ({ page }) => {
  await openFullPage(page);
  await tabTo(page, composer(page));
  await page.keyboard.type(WISH);
  await page.keyboard.press('Enter');

  await untilAskedWho(page, async () => {
    await tabTo(page, firstTime(page));
    await page.keyboard.press('Enter');
  });

  await tabTo(page, composer(page));
  await page.keyboard.type(DETAILS);
  await page.keyboard.press('Enter');

  const link = confirmation(page).getByRole('link', { name: 'Add to calendar' });
  await tabTo(page, link);
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  expect(file.suggestedFilename()).toMatch(/\.ics$/);
});

test('a reload keeps the conversation', async ({ page }) => {
  await openFullPage(page);
  await say(page, QUESTION);
  await expect(log(page)).toContainText(/\d{1,2}(?::\d{2})? ?[AP]M/);
  const reply = (await log(page).innerText()).match(/\d{1,2}(?::\d{2})? ?[AP]M/)![0];

  await page.reload();
  await expect(log(page).getByText(QUESTION)).toHaveCount(1);
  await expect(log(page)).toContainText(reply);
});

test('a lost connection says so and heals, and nothing is said twice', async ({ page, context }) => {
  await openFullPage(page);
  await say(page, QUESTION);
  await expect(log(page)).toContainText(/[AP]M/);

  await context.setOffline(true);
  const status = page.getByRole('status').filter({ hasText: 'Reconnecting' });
  await expect(status).toBeVisible({ timeout: 10_000 });
  await say(page, LATE);

  await context.setOffline(false);
  await expect(status).toBeHidden({ timeout: 10_000 });
  // What the server kept is what counts, so another tab is asked.
  const other = await context.newPage();
  await expect(async () => {
    await openFullPage(other);
    await expect(log(other).getByText(LATE)).toHaveCount(1, { timeout: 1000 });
  }).toPass({ timeout: 8000 });
  await expect(log(page).getByText(LATE)).toHaveCount(1);
});
