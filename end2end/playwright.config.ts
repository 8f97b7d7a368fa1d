import { defineConfig } from '@playwright/test';
import { FRONTDESK } from './support/addresses';
import { chromiumOptions } from './support/chromium';

export default defineConfig({
  testDir: '.',
  outputDir: 'results',
  globalSetup: './global-setup.ts',
  reporter: 'list',
  workers: 2,
  retries: 0,
  timeout: 30_000,
  forbidOnly: !!process.env.CI,
  use: {
    baseURL: FRONTDESK,
    browserName: 'chromium',
    launchOptions: chromiumOptions,
    screenshot: 'only-on-failure',
    trace: 'off',
  },
  projects: [
    { name: 'hydrated', testIgnore: /\.nojs\.spec\.ts$/ },
    { name: 'no-js', testMatch: /\.(?:nojs|shared)\.spec\.ts$/, use: { javaScriptEnabled: false } },
  ],
});
