import { expect, test, type Page } from '@playwright/test';
import { CLINIC, FRONTDESK, SITE, STRANGE_SITE } from './support/addresses';
import { composer, frameElement, launcher, openWidget } from './support/chat';

test('the page gets a launcher and no frame until it is opened', async ({ page }) => {
  await page.goto(SITE);
  await expect(launcher(page)).toHaveAttribute('aria-expanded', 'false');
  await expect(page.locator('iframe')).toHaveCount(0);

  await launcher(page).click();

  await expect(frameElement(page)).toBeVisible();
  await expect(frameElement(page)).toHaveAttribute('src', `${FRONTDESK}/embed/${CLINIC}`);
  await expect(composer(frameElement(page).contentFrame())).toBeVisible();
  await expect(page.getByRole('button', { name: 'Close chat' })).toHaveAttribute('aria-expanded', 'true');
});

test('a strict content security policy has nothing to complain about', async ({ page }) => {
  const complaints = collectComplaints(page);
  await openWidget(page, `${SITE}/strict`);
  await page.getByRole('button', { name: 'Close chat' }).click();
  await expect(frameElement(page)).toBeHidden();
  expect(complaints).toEqual([]);
});

test('hostile styles do not reach the launcher', async ({ page }) => {
  await page.goto(SITE);
  const looks = await look(page);
  await page.goto(`${SITE}/hostile`);
  expect(await look(page)).toEqual(looks);

  await launcher(page).click();
  await expect(frameElement(page)).toBeVisible();
});

test('the focus goes in with the patient and comes back out', async ({ page }) => {
  await openWidget(page);
  await expect(frameElement(page)).toBeFocused();

  await page.keyboard.press('Escape');
  await expect(frameElement(page)).toBeHidden();
  await expect(launcher(page)).toBeFocused();

  await page.keyboard.press('Enter');
  await expect(frameElement(page)).toBeFocused();

  await page.getByRole('button', { name: 'Close chat' }).focus();
  await page.keyboard.press('Escape');
  await expect(frameElement(page)).toBeHidden();
  await expect(launcher(page)).toBeFocused();
});

test('on a phone the chat fills the screen and closes from inside', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const chat = await openWidget(page);
  await expect.poll(() => frameElement(page).boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 740 });

  await chat.getByRole('button', { name: 'Close chat' }).click();
  await expect(frameElement(page)).toBeHidden();
  await expect(launcher(page)).toBeFocused();
});

test('a site the clinic does not allow never shows the chat, but offers a link', async ({ page }) => {
  await page.goto(STRANGE_SITE);
  await launcher(page).click();

  const link = page.getByRole('link', { name: 'Open chat in a new tab' });
  await expect(link).toBeVisible({ timeout: 12_000 });
  await expect(link).toHaveAttribute('href', `${FRONTDESK}/c/${CLINIC}`);
  await expect(frameElement(page)).toBeHidden();
  await expect(composer(frameElement(page).contentFrame())).toHaveCount(0);
});

test('nobody but the frame can say it is ready', async ({ page }) => {
  await page.goto(STRANGE_SITE);
  await launcher(page).click();
  await expect(frameElement(page)).toBeAttached();
  await page.evaluate(() => {
    postMessage({ frontdesk: 1, type: 'theme', accent: '#ffd84d' });
    postMessage({ frontdesk: 1, type: 'ready' });
    return new Promise((resolve) => setTimeout(resolve));
  });
  await expect(page.getByRole('button', { name: 'Close chat' })).toHaveCSS('background-color', 'rgb(15, 110, 102)');
  await expect(frameElement(page)).toBeHidden();
});

async function look(page: Page) {
  await expect(launcher(page)).toBeVisible();
  const box = await launcher(page).boundingBox();
  const style = await launcher(page).evaluate((element) => {
    const { color, fontSize, boxSizing, width, height } = getComputedStyle(element);
    return { color, fontSize, boxSizing, width, height };
  });
  return { box, style };
}

function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (/content security policy|policy violation/i.test(message.text())) complaints.push(message.text());
  });
  void page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error('policy violation', event.violatedDirective, event.blockedURI, location.href);
    });
  });
  return complaints;
}
