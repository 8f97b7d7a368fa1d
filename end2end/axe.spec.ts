import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { openWidget } from './support/chat';
import { pages } from './support/pages';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme}`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    for (const [name, open] of Object.entries(pages)) {
      test(`${name} shuts nobody out`, async ({ page, request }) => {
        await open(page, request);
        await expectOpenToAll(page);
      });
    }

    test('the widget shuts nobody out', async ({ page }) => {
      await openWidget(page);
      await expectOpenToAll(page);
    });
  });
}

async function expectOpenToAll(page: Page): Promise<void> {
  // A page is judged as people see it: with its style.
  await page.waitForLoadState('load');
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  expect(grave).toEqual([]);
}
