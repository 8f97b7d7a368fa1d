// Every page at the width of a small phone.

import { expect, test } from '@playwright/test';
import { pages } from './support/pages';

test.use({ viewport: { width: 360, height: 740 }, contextOptions: { reducedMotion: 'reduce' } });

for (const [name, open] of Object.entries(pages)) {
  test(`${name} fits a phone`, async ({ page, request }) => {
    await open(page, request);
    await page.waitForLoadState('load');
    const { sideways, squeezed } = await page.evaluate(() => ({
      sideways: document.documentElement.scrollWidth - innerWidth,
      // A sentence in a column a word wide is not read.
      squeezed: [...document.querySelectorAll('p, dd')]
        .filter((text) => text.checkVisibility() && text.clientWidth > 1 && text.clientWidth < 100)
        .map((text) => text.textContent?.trim() ?? '')
        .filter((text) => text.length > 40),
    }));
    expect(sideways).toBeLessThanOrEqual(0);
    expect(squeezed).toEqual([]);
  });
}
