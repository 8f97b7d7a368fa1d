import { test } from '@playwright/test';
import { expectOpenToAll } from './support/axe';
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
