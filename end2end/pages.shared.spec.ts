// Runs with JavaScript and without.

import { expect, test } from '@playwright/test';
import { CLINIC } from './support/addresses';

test.use({ viewport: { width: 360, height: 740 } });

for (const address of [`/c/${CLINIC}`, `/embed/${CLINIC}`, `/c/${CLINIC}/book`, '/console/sign-in']) {
  test(`${address} is a whole page on a phone`, async ({ page }) => {
    const response = await page.goto(address);
    expect(response?.status()).toBe(200);
    await expect(page).toHaveTitle(/\w/);
    await expect(page.locator('html')).toHaveAttribute('lang', /^\w\w/);
    await expect(page.getByRole('main')).toHaveCount(1);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(sideways).toBeLessThanOrEqual(0);
  });
}
