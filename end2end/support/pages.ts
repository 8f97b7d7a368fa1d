// Every page worth looking at, and how to get there.

import { expect, type APIRequestContext, type Page } from '@playwright/test';
import { CLINIC } from './addresses';
import { bookSomething, say, someName, startSession } from './api';
import { bookVisit, giveDetails, openBooking, pickTime, pickType } from './booking';
import { bookByTalking, openFullPage } from './chat';
import { openAppointment, openToday } from './console';
import { openSettings } from './settings';

type Open = (page: Page, api: APIRequestContext) => Promise<unknown>;

export const pages: Record<string, Open> = {
  'chat': openFullPage,
  'chat-booked': async (page) => bookByTalking(await openFullPage(page)),
  'embed': (page) => page.goto(`/embed/${CLINIC}`),
  'book-1-type': openBooking,
  'book-2-time': (page) => steps(page, openBooking, pickType),
  'book-2-practitioner': (page) => page.goto(`/c/${CLINIC}/book?type=haircut&with=choose`),
  'book-3-details': (page) => steps(page, openBooking, pickType, takeTime),
  'book-4-ticket': (page) => steps(page, openBooking, pickType, takeTime, fill, bookVisit),
  'console-sign-in': (page) => page.goto('/console/sign-in'),
  'console-today': openToday,
  'console-appointment': async (page, api) => {
    const booking = await bookSomething(api, await startSession(api));
    await openToday(page);
    await openAppointment(page, booking);
  },
  'console-messages': async (page, api) => {
    await bookSomething(api, await startSession(api));
    await openToday(page);
    await page.goto('/console/messages');
  },
  'console-waitlist': async (page, api) => {
    const session = await startSession(api);
    const wish = ['let me know if something opens up with Mia next week if someone cancels', 'a haircut'];
    for (const words of [...wish, `my name is ${someName()}, waits@example.com`]) await say(api, session, words);
    await openToday(page);
    await page.goto('/console/waitlist');
    await expect(page.getByRole('listitem').first()).toBeVisible();
  },
  'console-waitlist-add': async (page) => {
    await openToday(page);
    await page.goto('/console/waitlist?add=who&find=a');
  },
  'console-trial': async (page) => {
    await openToday(page);
    await page.goto('/console/settings/receptionist/try');
  },
  'nowhere': async (page) => {
    const response = await page.goto('/nowhere');
    expect(response?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is nothing here.');
  },
  'console-opt-outs': async (page) => {
    await openToday(page);
    await page.goto('/console/messages/opt-outs');
  },
  ...Object.fromEntries(
    [
      'hours',
      'time-off',
      'types',
      'types?item=new',
      'practitioners',
      'rooms',
      'locations?item=new',
      'messages',
      'wording',
      'wording?item=confirmation.sms.en',
      'accounts',
      'receptionist',
      'telephone',
      'email',
      'keys',
    ].map((address) => [
      `console-settings-${address.replace('?item=', '-')}`,
      async (page: Page) => {
        await openToday(page);
        await openSettings(page, address);
      },
    ]),
  ),
};

const takeTime = (page: Page) => pickTime(page, 'last');
const fill = (page: Page) => giveDetails(page, someName());

async function steps(page: Page, ...taken: ((page: Page) => Promise<unknown>)[]): Promise<void> {
  for (const step of taken) await step(page);
}
