// The benchmark. Every floor is measured in the run it is compared with.

import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { conversations, firstWords, idle, session, turn } from './chat.mjs';
import { ask, availability, book, rate, times } from './desk.mjs';
import { pgbench, psql, record, script } from './statements.mjs';
import * as incoming from './incoming.mjs';
import { drain } from './texts.mjs';
import { load } from './wire.mjs';

const CLIENTS = [1, 8, 32];
const MANY = 32;
const ROUNDS = 2;
const SECONDS = 6;
const [MONTH, HTTP, PGBENCH, SOLO] = [1, 2, 3, 4].map(nth);
const PATIENTS = 50;
const SOCKETS = 5000;
const REST = 200;

/** The script's variables: a number per pair, a practitioner per client, one time after another. */
const HEAD = [
  '\\set n :n + 1',
  `\\set pair 1000000000000000 + :round * 10000000 + :n * 64 + :client_id`,
  '\\set practitioner 8000000000000001 + :client_id',
  '\\set starts :base + (:round * 100000 + :n) * 2700',
  '\\set ends :starts + 2700',
];

/** An instant as PostgreSQL writes it. */
const TIMESTAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)\+00$/;

setTimeout(() => fail('This takes longer than it may.'), 840_000).unref();
process.on('SIGTERM', () => process.exit(143));

const rows = [];
const failed = [];

/** A line of the table. Below a floor the benchmark fails; an aim is only said. */
function row(name, measured, against = '', ratio = '', ok = undefined, kind = 'floor') {
  rows.push([name, measured, against, ratio, ok === undefined ? '' : ok ? 'ok' : 'below']);
  if (ok === false && kind === 'floor') failed.push(name);
}

try {
  const ofFiles = sizes();
  await booking();
  await month();
  await page();
  memory();
  await replies();
  await chat();
  await texts();
  ofFiles.forEach((cells) => row(...cells));
  print();
} catch (error) {
  fail(error.message.split('\n').slice(0, 4).join('\n'));
}
process.exit(failed.length > 0 ? 1 : 0);

/** Hold and confirm at each number of clients, in turns with pgbench. */
async function booking() {
  say(`hold and confirm, ${ROUNDS} rounds of ${SECONDS} s through HTTP and ${SECONDS} s by pgbench, at ${CLIENTS.join(', ')} clients`);
  const windows = [1, 63].map((first) => [day(first), day(first + 61)]);
  const slots = await Promise.all(
    Array.from({ length: Math.max(...CLIENTS) }, (_, client) => times(HTTP, nth(client + 1), windows)),
  );
  let booked = 0;
  const next = async (client) => {
    const slot = slots[client].shift();
    if (!slot) throw new Error('There are no more times to book.');
    booked += 1;
    return book(HTTP, slot, `patient${booked}@bench.example`);
  };
  // Once before, so that what happens only once is not recorded.
  await next(0);
  const { result, transactions } = await record(() => next(0));
  const file = await script('booking', HEAD, transactions, standsFor(result, `patient${booked}@bench.example`));
  const statements = `${transactions.flat().length} statements in ${transactions.length} transactions`;
  row('Hold + confirm, a pair', statements);

  let inSql = 0;
  let round = 0;
  for (const clients of CLIENTS) {
    const generator = await rate(clients, 2, () => ask('GET', '/health'));
    const [http, sql, took] = [[], [], []];
    for (let warmedUp = false; http.length < ROUNDS; round += 1) {
      const seconds = warmedUp ? SECONDS : 2;
      const httpRate = await rate(clients, seconds, async (client) => {
        const one = await next(client);
        if (warmedUp) took.push(one.took);
      });
      const floor = await pgbench(file, clients, seconds, { n: 0, round, base: Date.parse(result.hold.starts_at) / 1000 });
      inSql += floor.done;
      if (warmedUp) {
        http.push(httpRate);
        sql.push(floor.perSecond);
        say(`  ${clients} clients: ${Math.round(httpRate)} and ${Math.round(floor.perSecond)} pairs/s`);
      }
      warmedUp = true;
    }
    const [measured, floor] = [mean(http), mean(sql)];
    row(`  ${clients} clients`, `${Math.round(measured)} pairs/s`, `50 % of pgbench's ${Math.round(floor)}`,
      percent(measured / floor), measured / floor >= 0.5);
    row('    confirm p50, p99', `${ms(quantile(took, 0.5))}, ${ms(quantile(took, 0.99))}`);
    // A pair is two requests; a generator near its own limit would measure itself.
    row('    the generator on GET /health', `${Math.round(generator)} req/s`, `twice the load, ${Math.round(4 * measured)} req/s`,
      percent(generator / (4 * measured)), generator >= 4 * measured, 'aim');
  }
  await check(HTTP, booked);
  await check(PGBENCH, inSql);
}

/** What each value of the recorded pair is for pgbench. */
function standsFor({ hold, confirmed }, email) {
  const known = new Map([
    [HTTP, `'${PGBENCH}'`],
    [hold.practitioner.id, "('1000000000004000' || :practitioner::text)::uuid"],
    [hold.starts_at.slice(0, 19), 'to_timestamp(:starts)'],
    [hold.ends_at.slice(0, 19), 'to_timestamp(:ends)'],
    [local(hold.starts_at), `(to_timestamp(:starts) at time zone '${hold.time_zone}')::date`],
    [confirmed.confirmation_code, 'reverse(right(:pair::text, 8))'],
    [email, "concat('patient', :pair::text, '@bench.example')"],
  ]);
  const made = [];
  return (value) => {
    if (known.has(instant(value))) return known.get(instant(value));
    if (isNow(value)) return 'now()';
    if (!isMade(value)) return undefined;
    if (!made.includes(value)) made.push(value);
    return `(:pair::text || '${8_000_000_000_000_000 + made.indexOf(value)}')::uuid`;
  };
}

/** Frontdesk's own ids say when they were made (UUIDv7); those of clinics.sql do not. */
function isMade(value) {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/.test(value) && value.length === 36;
}

/** PostgreSQL's way to write an instant made the API's, to the second. */
function instant(value) {
  return TIMESTAMP.test(value) ? value.replace(TIMESTAMP, '$1T$2').slice(0, 19) : value;
}

function isNow(value) {
  return TIMESTAMP.test(value) && Math.abs(Date.parse(value.replace(TIMESTAMP, '$1T$2Z')) - Date.now()) < 60_000;
}

/** A pair that did nothing would be a fast one. */
async function check(clinic, pairs) {
  const appointments = Number(await psql(
    `select count(*) from appointments join occupancies using (clinic_id, appointment_id) where clinic_id = '${clinic}'`,
  ));
  if (appointments !== pairs) throw new Error(`${pairs} pairs made ${appointments} appointments.`);
}

/** A month of 20 practitioners with 5,000 visits, one question after another. */
async function month() {
  say('a month of free times');
  const [from, to] = [day(1), day(31)];
  // Once before, so that the server remembers what it does from then on.
  await availability(MONTH, from, to);
  const whole = await record(() => availability(MONTH, from, to));
  const least = await record(() => availability(MONTH, from, from, nth(1)));
  const file = await script('month', [], whole.transactions, (value) => (isNow(value) ? 'now()' : undefined));

  const [plain, packed] = [[], []];
  let size;
  await rate(1, 8, async () => plain.push((await availability(MONTH, from, to)).took));
  await rate(1, 4, async () => {
    const answer = await availability(MONTH, from, to, undefined, { 'accept-encoding': 'br, gzip' });
    packed.push(answer.took);
    size = answer.bytes.length;
  });
  const sql = 1000 / (await pgbench(file, 1, 5)).perSecond;
  const { bytes } = whole.result;
  const count = JSON.parse(bytes.toString()).slots.length;
  row('Availability, a month, p50', ms(quantile(plain, 0.5)), `its SQL by pgbench ${ms(sql)}`, percent(sql / quantile(plain, 0.5)));
  row('  p99', ms(quantile(plain, 0.99)));
  row('  compressed, p50', ms(quantile(packed, 0.5)));
  row('  compressed, p99', ms(quantile(packed, 0.99)));
  row('  size', `${kilobytes(bytes.length)}, ${kilobytes(size)} compressed`, `${count} slots`);
  const [many, few] = [whole, least].map(({ transactions }) => transactions.flat().length);
  row('  statements', String(many), `${few} for one practitioner, one day`, percent(few / many), many === few);
}

/** The booking page of one practitioner, and that of 20 with 5,000 visits. */
async function page() {
  say('the booking page');
  const floor = await load('/health', MANY, 3);
  const alone = await load('/health', 1, 2);
  const solo = await pages('solo');
  const busy = await pages('month');
  const whole = await record(() => ask('GET', '/c/solo/book'));
  row('Booking page, one practitioner, 1 client, p50', ms(solo.alone.p50), 'at most 1 ms', percent(solo.alone.p50), solo.alone.p50 < 1);
  row('  GET /health', ms(alone.p50));
  row(`  ${MANY} clients`, perSecond(solo.many), 'at least 4000 req/s', percent(solo.many.perSecond / 4000), solo.many.perSecond > 4000);
  row('  of GET /health, as many clients', '', perSecond(floor), percent(solo.many.perSecond / floor.perSecond));
  row('  compressed', perSecond(solo.packed), `${kilobytes(solo.packed.bytes)} of ${kilobytes(solo.many.bytes)}`, percent(solo.packed.perSecond / solo.many.perSecond));
  row('  statements', String(whole.transactions.flat().length));
  row('  made anew', `${ms(solo.anewAlone.p50)}, ${perSecond(solo.anew)}`);
  row('Booking page, 20 practitioners, 5,000 visits, p50', ms(busy.alone.p50), 'at most 1 ms', percent(busy.alone.p50), busy.alone.p50 < 1);
  row(`  ${MANY} clients`, perSecond(busy.many), `half of ${perSecond(solo.many)}`, percent(busy.many.perSecond / solo.many.perSecond),
    busy.many.perSecond > solo.many.perSecond / 2);
  row('  compressed', perSecond(busy.packed), `${kilobytes(busy.packed.bytes)} of ${kilobytes(busy.many.bytes)}`);
  row('  made anew', `${ms(busy.anewAlone.p50)}, ${perSecond(busy.anew)}`);
}

/** A clinic's page from memory, and made anew, which a time that is not held makes sure of. */
async function pages(slug) {
  const address = `/c/${slug}/book`;
  const anew = `${address}?hold=none`;
  await load(address, MANY, 1);
  await Promise.all([offersTimes(address), offersTimes(anew)]);
  return {
    alone: await load(address, 1, 3),
    many: await load(address, MANY, 5),
    packed: await load(address, MANY, 3, { 'accept-encoding': 'gzip, br' }),
    anewAlone: await load(anew, 1, 2),
    anew: await load(anew, MANY, 3),
  };
}

/** From a text that comes in to the reply to Twilio, all but what a model takes. */
async function replies() {
  say(`texts that come in, at ${MANY} clients`);
  await incoming.open(SOLO);
  await incoming.texting(1, 1);
  const one = incoming.text();
  const { transactions } = await record(() => load(once(incoming.request(one)), 1, 0));
  const file = await script('incoming', ['\\set n :n + 1', '\\set pair :round * 10000000 + :n * 64 + :client_id'], transactions, standsForText(one));
  const floor = await load('/health', MANY, 2);
  const [alone, many] = [await incoming.texting(1, 3), await incoming.texting(MANY, SECONDS)];
  // Whoever texts reads before they text again; without that, how many fit in a
  // second is measured, and not how long one waits.
  const resting = await incoming.texting(MANY, SECONDS, REST);
  const asking = await incoming.texting(MANY, SECONDS, REST * 5, incoming.question);
  // Of a script that runs at as many clients, each takes its share of a second.
  const sql = (MANY * 1000) / (await pgbench(file, MANY, SECONDS, { n: 0, round: 1 })).perSecond;
  row(`Text in to TwiML, ${MANY} clients that rest ${REST} ms, p50`, ms(resting.p50), 'at most 20 ms', percent(resting.p50 / 20), resting.p50 < 20);
  row('  a second', perSecond(resting));
  row('  answered by the built-in receptionist, p50', ms(asking.p50), perSecond(asking));
  row(`  ${MANY} clients that do not rest, p50`, ms(many.p50));
  row('  its SQL by pgbench, as many clients', ms(sql), '', percent(sql / many.p50));
  row('  GET /health, as many clients', ms(floor.p50));
  row('  1 client, p50', ms(alone.p50));
  row('  a second', perSecond(many));
  row('  statements', `${transactions.flat().length} in ${transactions.length} transactions`);
}

function once(request) {
  return () => request;
}

/** What each value of a recorded text is for pgbench. */
function standsForText({ From, MessageSid }) {
  const known = new Map([
    [From, "concat('+1557', right(concat('0000000', :pair::text), 7))"],
    [MessageSid, "concat('MM', :pair::text)"],
  ]);
  const made = [];
  return (value) => {
    if (known.has(value)) return known.get(value);
    if (isNow(value)) return 'now()';
    if (!isMade(value)) return undefined;
    if (!made.includes(value)) made.push(value);
    return `md5(concat(:pair::text, ' ${made.indexOf(value)}'))::uuid`;
  };
}

/** A page without times would be quick to send, and worth nothing. */
async function offersTimes(address) {
  const answer = await fetch(new URL(address, process.env.FRONTDESK_URL));
  const offered = (await answer.text()).split('name="slot"').length - 1;
  if (!answer.ok || offered === 0) throw new Error(`${address} answered ${answer.status} and offers ${offered} times.`);
}

/** Turns with the built-in receptionist, so that no model is measured; the words of one that is slow; and sockets that wait. */
async function chat() {
  say(`${PATIENTS} conversations, the first words of answers, and ${SOCKETS} sockets`);
  const patient = await session(SOLO);
  await turn(SOLO, patient, 'Hello');
  const whole = await record(() => turn(SOLO, patient, 'What are your opening hours?'));
  await conversations(SOLO, PATIENTS, 3);
  const { took, floor } = await conversations(SOLO, PATIENTS, 12);
  const median = quantile(took, 0.5);
  row(`Chat turn, ${PATIENTS} conversations, p50`, ms(median), 'at most 15 ms', percent(median / 15), median < 15);
  row('  p99', ms(quantile(took, 0.99)), `${took.length} turns`);
  row('  GET /health, beside them', ms(quantile(floor, 0.5)));
  row('  statements', `${whole.transactions.flat().length} in ${whole.transactions.length} transactions`);
  const words = await firstWords(SOLO, 20);
  const first = quantile(words, 0.5);
  row("First word after a model's first sentence, p50", ms(first), 'at most 10 ms', percent(first / 10), first < 10);
  row('  slowest of 20', ms(Math.max(...words)));
  const { joined, each, left } = await idle(SOLO, SOCKETS);
  row('Sockets that wait, joined', String(joined), `all ${SOCKETS}`, percent(joined / SOCKETS), joined === SOCKETS);
  row('  memory of each', kilobytes(each), 'aim < 20 KB', percent(each / 20_000), each < 20_000, 'aim');
  row('  kept after they closed', kilobytes(left));
}

/** Reminders that wait, sent by a worker of its own, while a second clinic has a few. */
async function texts() {
  say('10,000 texts of one clinic, and then 20 of another');
  const { perSecond: rate, before, many } = await drain();
  row('Texts sent to a local provider', `${Math.round(rate)} a second`);
  row('  sent before another clinic had its 20', `${before} of ${many}`, 'at most 10 %', percent(before / many), before <= many / 10);
}

function memory() {
  const megabytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', process.env.FRONTDESK_PID]).toString()) / 1024;
  row('Memory after the load (RSS)', `${megabytes.toFixed(0)} MB`, 'aim < 80 MB', percent(megabytes / 80), megabytes < 80, 'aim');
}

/** Told before anything is measured, because a build may be missing. */
function sizes() {
  const widget = gzipSync(readFileSync('public/widget.js'), { level: 9 }).length;
  const wasm = statSync('target/site/pkg/frontdesk.wasm.br', { throwIfNoEntry: false })?.size;
  if (!wasm) throw new Error('target/site is not a release; run `make bench`, which builds one.');
  return [
    ['widget.js, gzip', `${widget} bytes`, 'at most 4096', percent(widget / 4096), widget <= 4096],
    ['frontdesk.wasm, Brotli', kilobytes(wasm), 'aim < 350 KB', percent(wasm / 350_000), wasm < 350_000, 'aim'],
  ];
}

function print() {
  const table = [['', 'measured', 'floor or aim', 'ratio', ''], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  const line = (cells) => cells.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd();
  console.log(`\n${table.map(line).join('\n')}`);
  if (failed.length > 0) console.log(`\nBelow its floor: ${failed.map((name) => name.trim()).join('; ')}.`);
}

/** The ids of clinics.sql. */
function nth(n) {
  return `10000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** A date some days from now, New York's. */
function day(days) {
  return local(new Date(Date.now() + days * 86_400_000));
}

function local(at) {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', dateStyle: 'short' }).format(new Date(at));
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function quantile(numbers, share) {
  return numbers.toSorted((one, other) => one - other)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];
}

function percent(ratio) {
  return `${Math.round(ratio * 100)} %`;
}

function ms(milliseconds) {
  return `${milliseconds.toFixed(milliseconds < 1 ? 2 : 1)} ms`;
}

function perSecond({ perSecond }) {
  return `${Math.round(perSecond)} req/s`;
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`;
}

function say(what) {
  console.error(`bench: ${what}`);
}

function fail(why) {
  console.error(`bench: ${why}`);
  process.exit(2);
}
