import { test } from '@playwright/test';
import { someName } from './support/api';
import { bookVisit, giveDetails, openBooking, pickTime, pickType } from './support/booking';
import { expectTicket } from './support/visit';

test('a patient picks a time and gets a ticket', async ({ page }) => {
  await openBooking(page);
  await pickType(page);
  await pickTime(page, 'first');
  await giveDetails(page, someName());
  await expectTicket(page, await bookVisit(page));
});
