// What a booked visit looks like wherever a patient sees one.

import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';

export const DAY = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? \d{1,2} [A-Z][a-z]{2}/;
export const TIME = /\b\d{1,2}:\d{2} [AP]M\b/;

// Crockford's base 32: no I, L, O or U.
const CODE = /(?<![0-9A-Z])[0-9A-HJKMNP-TV-Z]{8}(?![0-9A-Z])/;

/** Checks that `ticket` shows a code, a day and a time, and that its calendar file is sound. */
export async function expectTicket(page: Page, ticket: Locator): Promise<void> {
  await expect(ticket).toBeVisible();
  for (const shown of [CODE, DAY, TIME]) await expect(ticket).toContainText(shown, { useInnerText: true });

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    ticket.getByRole('link', { name: 'Add to calendar' }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/\.ics$/);
  expectCalendar(await readFile(await file.path(), 'utf8'));
}

/** Checks `text` against what RFC 5545 asks of a file with one event. */
export function expectCalendar(text: string): void {
  expect(text).toMatch(/^BEGIN:VCALENDAR\r\n[^]*\r\nEND:VCALENDAR\r\n$/);
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line), line).toBeLessThanOrEqual(75);

  const lines = text.replaceAll(/\r\n[ \t]/g, '').split('\r\n');
  const count = (start: RegExp) => lines.filter((line) => start.test(line)).length;
  for (const once of [/^VERSION:2\.0$/, /^PRODID:/, /^BEGIN:VEVENT$/, /^END:VEVENT$/, /^UID:/, /^SUMMARY[:;]/]) {
    expect(count(once), `${once}`).toBe(1);
  }
  expect(count(/^DTSTAMP:\d{8}T\d{6}Z$/)).toBe(1);
  expect(count(/^DTSTART[:;].*\d{8}T\d{6}Z?$/)).toBeGreaterThanOrEqual(1);
  expect(count(/^(?:DTEND[:;].*\d{8}T\d{6}Z?|DURATION:P.+)$/)).toBe(1);
}
