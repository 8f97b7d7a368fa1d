// Talking to the receptionist, in the widget's frame or on the full page.

import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test';
import { CLINIC, SITE } from './addresses';

/** Whatever holds the conversation. */
export type Chat = Page | FrameLocator;

export const WISH = "I'd like to book a haircut for next Tuesday at 2pm";
export const DETAILS = 'Ada Lovelace, ada@example.com, +1 555 123 4567';

export const launcher = (page: Page) => page.getByRole('button', { name: 'Open chat with the clinic' });
export const frameElement = (page: Page) => page.locator('iframe[title="Chat with the clinic"]');
export const log = (chat: Chat) => chat.getByRole('log');
export const composer = (chat: Chat) => chat.getByRole('textbox', { name: 'Message' });
export const firstTime = (chat: Chat) => chat.getByLabel('Times on offer').last().getByRole('button').first();
export const confirmation = (chat: Chat) =>
  chat
    .getByRole('region', { name: 'Appointment confirmed' })
    .or(chat.getByRole('group', { name: 'Appointment confirmed' }))
    .last();

/** Opens the widget on a clinic's site and answers its frame. */
export async function openWidget(page: Page, address = SITE): Promise<FrameLocator> {
  await page.goto(address);
  await launcher(page).click();
  await expect(frameElement(page)).toBeVisible();
  return frameElement(page).contentFrame();
}

export async function openFullPage(page: Page): Promise<Page> {
  await page.goto(`/c/${CLINIC}`);
  return page;
}

export async function say(chat: Chat, text: string): Promise<void> {
  await composer(chat).fill(text);
  await chat.getByRole('button', { name: 'Send' }).click();
  await expect(log(chat)).toContainText(text);
}

/** Does `act` and waits until the receptionist has asked who the patient is. */
export async function untilAskedWho(chat: Chat, act: () => Promise<void>): Promise<void> {
  const asked = async () => (await log(chat).innerText()).match(/\b(?:name|e-?mail|phone)\b/gi)?.length ?? 0;
  const before = await asked();
  await act();
  await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(before);
}

/** Books a visit by talking; the confirmation is then on screen. */
export async function bookByTalking(chat: Chat): Promise<void> {
  await say(chat, WISH);
  await untilAskedWho(chat, () => firstTime(chat).click());
  await say(chat, DETAILS);
  await expect(confirmation(chat)).toBeVisible({ timeout: 10_000 });
}

/** Presses Tab until `target` has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let pressed = 0; pressed < 100; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reaches ${target}.`);
}
