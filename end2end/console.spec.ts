import { expect, test } from '@playwright/test';
import { bookSomething, startSession } from './support/api';
import { entry, openAppointment, openToday, signIn } from './support/console';

test('a wrong password is refused in words', async ({ page }) => {
  await signIn(page, 'not the password');
  await expect(page.getByRole('alert').filter({ hasText: /\w/ })).toBeVisible();
  await expect(page).toHaveURL(/\/console\/sign-in/);
});

test('the right password opens Today', async ({ page }) => {
  await openToday(page);
  await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
});

test('a visit booked elsewhere appears on its day without a reload', async ({ page, request }) => {
  const session = await startSession(request);
  const first = await bookSomething(request, session);
  await openToday(page);
  await page.goto(`/console/today?day=${first.day}`);
  await expect(entry(page, first)).toBeVisible();
  await page.evaluate(() => Object.assign(window, { kept: true }));

  const second = await bookSomething(request, session, first.day);

  await expect(entry(page, second)).toBeVisible();
  expect(await page.evaluate(() => 'kept' in window)).toBe(true);
});

test('an appointment shows its patient and its history', async ({ page, request }) => {
  const booking = await bookSomething(request, await startSession(request));
  await openToday(page);
  await openAppointment(page, booking);
  await expect(page.getByRole('list', { name: 'History' }).getByRole('listitem')).not.toHaveCount(0);
});

test('staff note that a patient is here, and cancel a visit', async ({ page, request }) => {
  const session = await startSession(request);
  const [comes, stays] = [await bookSomething(request, session), await bookSomething(request, session)];
  await openToday(page);
  await openAppointment(page, comes);
  await page.getByRole('button', { name: 'Patient is here' }).click();
  await expect(page.getByRole('list', { name: 'History' }).getByText('Marked as arrived')).toBeVisible();

  await openAppointment(page, stays);
  await page.getByText('Cancel this visit', { exact: true }).click();
  await page.getByRole('button', { name: 'Cancel visit' }).click();
  await expect(page.getByRole('list', { name: 'History' }).getByText(/^Cancelled by Rosa Delgado/)).toBeVisible();
});

test('signing out closes the console', async ({ page }) => {
  await openToday(page);
  const signOut = { name: 'Sign out' };
  await page.getByRole('button', signOut).or(page.getByRole('link', signOut)).click();
  await expect(page).toHaveURL(/\/console\/sign-in/);

  await page.goto('/console/today');
  await expect(page).toHaveURL(/\/console\/sign-in/);
});
