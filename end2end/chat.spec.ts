import { expect, test, type Page } from '@playwright/test';
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

test('two browsers of one patient show one thread, in order', async ({ page, context, browser }) => {
  await openFullPage(page);
  await say(page, QUESTION);
  await expect(log(page)).toContainText(/[AP]M/);
  const elsewhere = await browser.newContext({ storageState: await context.storageState() });
  try {
    const other = await openFullPage(await elsewhere.newPage());
    await expect(log(other).getByText(QUESTION)).toHaveCount(1);

    // Both write at once, and then in turns.
    const written = ['Where are you?', 'Who works there?', 'How much is a haircut?', 'Thanks'];
    await Promise.all([say(page, written[0]!), say(other, written[1]!)]);
    await say(page, written[2]!);
    await expect(log(other)).toContainText(written[2]!);
    await say(other, written[3]!);

    for (const text of written) {
      for (const one of [page, other]) await expect(log(one).getByText(text, { exact: true })).toHaveCount(1);
    }
    const answered = async (one: Page) => log(one).locator('[data-role=receptionist]').count();
    await expect.poll(() => answered(page)).toBeGreaterThanOrEqual(5);
    for (const one of [page, other]) await expect.poll(async () => (await thread(one)).at(-1)).toMatch(/welcome/);
    await expect.poll(async () => thread(other)).toEqual(await thread(page));

    // As it was written, those sent at once in either order.
    const all = [QUESTION, ...written];
    const lines = (await thread(page)).filter((line) => line.startsWith('patient: '));
    const order = lines.map((line) => all.findIndex((text) => line.includes(text)));
    expect([[0, 1, 2, 3, 4], [0, 2, 1, 3, 4]]).toContainEqual(order);
    await page.reload();
    await expect.poll(async () => thread(page)).toEqual(await thread(other));
  } finally {
    await elsewhere.close();
  }
});

/** Who said what, from the top. */
async function thread(page: Page): Promise<string[]> {
  const said = log(page).locator('[data-role]');
  return said.evaluateAll((bubbles) =>
    bubbles.map((bubble) => `${(bubble as HTMLElement).dataset.role}: ${(bubble as HTMLElement).innerText.trim()}`),
  );
}
