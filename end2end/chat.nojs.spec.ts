import { test } from '@playwright/test';
import { bookByTalking, confirmation, openFullPage } from './support/chat';
import { expectTicket } from './support/visit';

test('a patient books by talking, without JavaScript', async ({ page }) => {
  await openFullPage(page);
  await bookByTalking(page);
  await expectTicket(page, confirmation(page));
});
