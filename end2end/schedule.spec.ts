// Changing what the clinic offers and when, and what becomes of visits.

import { expect, test } from '@playwright/test';
import { someName, startSession } from './support/api';
import { openToday } from './support/console';
import { addPractitioner, addType, bookOnTheWeb, freeTimes, openSettings, saved, section, untilAwake } from './support/settings';

test.describe.configure({ timeout: 90_000 });

/** A name nobody else has, such as `Rest Habcdefgh`. */
const unique = (word: string) => someName().replace('Grace', word);

test('leave waits until every visit in it has been decided about', async ({ page, request, browser }) => {
  const [who, type] = [unique('Lee'), unique('Rest')];
  await openToday(page);
  await addPractitioner(page, who);
  await addType(page, type, [who]);
  const session = await startSession(request);
  const day = await someDay(request, session, type);
  const patient = await (await browser.newContext()).newPage();
  const [stays, moves, asked] = [someName(), someName(), someName()];
  const links: string[] = [];
  for (const name of [stays, moves, asked]) links.push(await bookOnTheWeb(patient, type, day, name));
  const before = await patient.goto(links[1] ?? '').then(() => patient.getByRole('main').locator('time').innerText());

  await openSettings(page, 'time-off');
  await untilAwake(page);
  const leave = section(page, 'Leave and closures');
  await leave.getByLabel('Who is away').selectOption({ label: who });
  await leave.getByLabel('First day').fill(day);
  await leave.getByLabel('Last day').fill(day);
  await leave.getByLabel('Note').fill('A conference');
  await leave.getByRole('button', { name: 'Save leave' }).click();
  await expect(page.getByRole('heading', { name: '3 visits no longer fit' })).toBeVisible();

  // What was typed is still there.
  await page.getByRole('button', { name: 'Back to editing' }).click();
  await expect(leave.getByLabel('First day')).toHaveValue(day);
  await leave.getByRole('button', { name: 'Save leave' }).click();

  const visit = (name: string) => page.getByRole('group', { name: new RegExp(name) });
  await visit(stays).getByRole('radio', { name: 'Keep it where it is' }).check();
  await visit(moves).getByRole('radio', { name: /^Move to/ }).first().check();
  await page.getByRole('button', { name: 'Save the change' }).click();
  await expect(visit(asked).getByText('Please decide what becomes of this visit.')).toBeVisible();
  await visit(asked).getByRole('radio', { name: /^Ask the patient/ }).check();
  await visit(asked).getByLabel('Message to the patient').fill('Lee is at a conference that day.');
  await page.getByRole('button', { name: 'Save the change' }).click();
  await expect(leave.getByRole('status')).toHaveText('Saved. 1 visit moved, 1 visit kept, 1 patient asked to choose again.');
  await expect(leave.getByRole('listitem').filter({ hasText: who })).toContainText('A conference');

  // What the patients see.
  await patient.goto(links[0] ?? '');
  await expect(patient.getByRole('heading', { name: 'Your visit is booked' })).toBeVisible();
  await patient.goto(links[1] ?? '');
  await expect(patient.getByRole('main').locator('time')).not.toHaveText(before);
  await patient.goto(links[2] ?? '');
  await expect(patient.getByRole('region', { name: 'Please choose another time' })).toContainText('Lee is at a conference that day.');
  await expect(patient.getByRole('link', { name: 'Keep talking to the clinic' })).toHaveAttribute('href', /^tel:/);
  await expect(patient.getByRole('link', { name: 'Choose another time' })).toHaveCount(1);

  // And what staff still have to look after.
  await page.goto('/console/today?queue=all');
  const waiting = section(page, /^Needs a person/).getByRole('listitem').filter({ hasText: asked });
  await expect(waiting).toContainText('Has to choose again');
  await waiting.getByRole('link', { name: asked }).click();
  await expect(page.getByText('The patient was asked to choose another time: “Lee is at a conference that day.”')).toBeVisible();
});

test('a request waits until staff decide', async ({ page, request, browser }) => {
  const [who, type] = [unique('Lee'), unique('Rest')];
  await openToday(page);
  await addPractitioner(page, who);
  await addType(page, type, [who]);
  await page.getByLabel('On the web').selectOption('request');
  await page.getByRole('button', { name: 'Save visit type' }).click();
  await expect(saved(section(page, 'What it is'))).toBeVisible();
  await expect(page.getByLabel('On the web')).toHaveValue('request');

  const session = await startSession(request);
  await page.goto('/console/today?queue=all');
  const [wanted, unwanted] = [someName(), someName()];
  const patient = await (await browser.newContext()).newPage();
  const day = await someDay(request, session, type);
  const link = await bookOnTheWeb(patient, type, day, wanted);
  await expect(patient.getByRole('heading', { name: 'You have asked for this time' })).toBeVisible();
  await expect(patient.getByRole('link', { name: 'Add to calendar' })).toHaveCount(0);
  const other = await bookOnTheWeb(patient, type, day, unwanted);

  // They appear by themselves.
  const waiting = (name: string) => section(page, /^Needs a person/).getByRole('listitem').filter({ hasText: name });
  await expect(waiting(wanted)).toContainText('Booking request');
  await waiting(wanted).getByRole('button', { name: 'Approve' }).click();
  await expect(waiting(wanted)).toHaveCount(0);
  await patient.goto(link);
  await expect(patient.getByRole('heading', { name: 'Your visit is booked' })).toBeVisible();

  await waiting(unwanted).getByRole('link', { name: unwanted }).click();
  await page.getByText('Decline', { exact: true }).click();
  await page.getByLabel('Reason, for the clinic').fill('Full that day');
  await page.getByRole('button', { name: 'Decline request' }).click();
  const history = page.getByRole('list', { name: 'History' });
  await expect(history.getByText('Declined by Rosa Delgado in the console')).toBeVisible();
  await patient.goto(other);
  await expect(patient.getByRole('heading', { name: 'The clinic could not take this time' })).toBeVisible();
});

test('a visit takes the room it needs, and staff move it', async ({ page, request, browser }) => {
  const [one, two, type, room] = [unique('Lee'), unique('Kim'), unique('Float'), unique('Room')];
  await openToday(page);
  await openSettings(page, 'rooms?item=new');
  await page.getByLabel('Name', { exact: true }).fill(room);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { name: room, exact: true })).toBeVisible();
  await addPractitioner(page, one);
  await addPractitioner(page, two);
  await addType(page, type, [one, two]);
  await page.getByText('Add a need', { exact: true }).click();
  await page.getByLabel(room).check();
  await page.getByRole('button', { name: 'Save visit type' }).click();
  await expect(saved(section(page, 'What it is'))).toBeVisible();

  const session = await startSession(request);
  const day = await someDay(request, session, type);
  const taken = (await freeTimes(request, session, type, day))[0]?.starts_at;
  const patient = await (await browser.newContext()).newPage();
  const name = someName();
  await bookOnTheWeb(patient, type, day, name);
  const left = await freeTimes(request, session, type, day);
  expect(left.map((slot) => slot.starts_at)).not.toContain(taken);

  await page.goto(`/console/today?day=${day}`);
  await page.getByRole('link', { name: new RegExp(name) }).first().click();
  await expect(section(page, /^Visit$/)).toContainText(room);
  await page.getByText('Move to another time', { exact: true }).click();
  await page.getByRole('button', { name: 'Show times' }).click();
  await page.getByRole('button', { name: /\d:\d\d [AP]M with/ }).last().click();
  await expect(page.getByRole('list', { name: 'History' }).getByText(/^Moved from .* by Rosa Delgado/)).toBeVisible();
});

test('hours that end before they begin are refused where they stand', async ({ page }) => {
  const who = unique('Lee');
  await openToday(page);
  await addPractitioner(page, who);
  await page.getByRole('link', { name: 'Hours', exact: true }).last().click();
  const tuesday = page.getByRole('group', { name: 'Tuesday' });
  await expect(tuesday).toBeVisible();
  await untilAwake(page);
  await tuesday.getByText('Add hours on Tuesday').click();
  await tuesday.getByLabel('From').first().fill('18:00');
  await tuesday.getByLabel('To').first().fill('09:00');
  await page.getByRole('button', { name: 'Save hours' }).click();
  await expect(tuesday.getByText('The end is not after the beginning.')).toBeVisible();
  await expect(tuesday.getByLabel('From').first()).toHaveValue('18:00');
  await tuesday.getByLabel('To').first().fill('20:00');
  await page.getByRole('button', { name: 'Save hours' }).click();
  await expect(saved(section(page, /^Weekly hours/))).toBeVisible();
  await expect(tuesday.getByLabel('To').first()).toHaveValue('20:00');
  await expect(tuesday.getByLabel('Remove')).toHaveCount(1);
});

async function someDay(...[api, session, type]: Parameters<typeof freeTimes>): Promise<string> {
  return (await freeTimes(api, session, type))[0]?.local.slice(0, 10) ?? '';
}
