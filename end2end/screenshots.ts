// Photographs every page at three widths, light and dark: npm run screenshots -- <directory>

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium, request } from '@playwright/test';
import { FRONTDESK } from './support/addresses';
import { chromiumOptions } from './support/chromium';
import { pages } from './support/pages';

const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

const directory = process.argv[2];
if (!directory) {
  console.error('Say where to: npm run screenshots -- <directory>');
  process.exit(2);
}
await mkdir(directory, { recursive: true });

const api = await request.newContext({ baseURL: FRONTDESK });
const browser = await chromium.launch(chromiumOptions);
for (const viewport of SIZES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [name, open] of Object.entries(pages)) {
      const path = join(resolve(directory), `${name}-${viewport.width}-${colorScheme}.png`);
      const context = await browser.newContext({ baseURL: FRONTDESK, viewport, colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      try {
        await open(page, api);
        await page.screenshot({ path, fullPage: true });
        console.log(path);
      } catch (error) {
        // One page that does not open should not cost the pictures of the rest.
        process.exitCode = 1;
        console.error(`${name} at ${viewport.width}, ${colorScheme}: ${error instanceof Error ? error.message : error}`);
      } finally {
        await context.close();
      }
    }
  }
}
await browser.close();
await api.dispose();
