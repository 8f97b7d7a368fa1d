// The client against a server on loopback that answers as the API does.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, beforeEach, test } from 'node:test';
import { load } from './load.mjs';

const { ReceptionistClient, ReceptionistError } = await load('sdk');

const CLINIC = '00000000-0000-4000-a000-000000000001';
const asked = [];
let answers = {};
let expiresIn = 3_600_000;

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const path = request.url.replace('/api/v1', '');
  asked.push({ method: request.method, path, headers: request.headers, body: body && JSON.parse(body) });
  const expires_at = new Date(Date.now() + expiresIn).toISOString();
  const usual = {
    'GET /config': [200, { clinic_id: CLINIC, name: 'Bloom' }],
    'POST /auth/session': [201, { token: 'first', session_id: 's1', expires_at }],
    'POST /auth/refresh': [200, { token: 'second', expires_at: new Date(Date.now() + 3_600_000).toISOString() }],
  };
  const known = `${request.method} ${path.split('?')[0].replace(`/clinics/${CLINIC}`, '')}`;
  const [status, answer, headers] = answers[known] ?? usual[known] ?? [404, { code: 'not_found', detail: 'There is nothing here.' }];
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(status === 204 ? '' : JSON.stringify(answer));
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
after(() => server.close());
const baseUrl = `http://127.0.0.1:${server.address().port}/`;
const client = (options = {}) => new ReceptionistClient({ baseUrl, clinic: 'bloom', ...options });
const paths = () => asked.map(({ method, path }) => `${method} ${path}`);

beforeEach(() => {
  asked.length = 0;
  answers = {};
  expiresIn = 3_600_000;
});

test('one session is opened however much is asked at once', async () => {
  answers = { 'GET /practitioners': [200, { practitioners: [] }], 'GET /appointment-types': [200, { appointment_types: [] }] };
  const kept = [];
  const desk = client({ email: 'ada@example.com', onSession: (session) => kept.push(session.token) });
  await Promise.all([desk.practitioners(), desk.appointmentTypes(), desk.practitioners()]);
  assert.equal(paths().filter((path) => path === 'POST /auth/session').length, 1);
  assert.equal(paths().filter((path) => path.startsWith('GET /config')).length, 1);
  assert.deepEqual(kept, ['first']);
  assert.equal(asked.at(-1).headers.authorization, 'Bearer first');
  assert.deepEqual(asked.find(({ path }) => path === '/auth/session').body, { clinic_id: CLINIC, email: 'ada@example.com' });
});

test('a session that is about to end is kept going', async () => {
  expiresIn = 30_000;
  answers = { 'POST /chat': [200, { message_id: 'm', reply: { text: 'Hello.', cards: [] } }] };
  const desk = client();
  await desk.send('Hello', 'mine');
  await desk.send('Again', 'mine too');
  assert.deepEqual(paths().filter((path) => path.includes('auth')), ['POST /auth/session', 'POST /auth/refresh']);
  assert.equal(asked.at(-1).headers.authorization, 'Bearer second');
  assert.deepEqual(asked.at(-1).body, { message: 'Again', client_message_id: 'mine too' });
});

test('a session that nobody knows any more is opened anew', async () => {
  const soon = new Date(Date.now() + 30_000).toISOString();
  answers = { 'POST /auth/refresh': [401, { code: 'unauthenticated', detail: 'That session has ended.' }], 'GET /practitioners': [200, { practitioners: [] }] };
  await client({ session: { token: 'old', session_id: 's0', expires_at: soon } }).practitioners();
  assert.equal(asked.at(-1).headers.authorization, 'Bearer first');
});

test('a visit is found a time, held, booked, moved and cancelled', async () => {
  const appointment = { id: 'a1', confirmation_code: 'ABCDEFGH' };
  answers = {
    'GET /availability': [200, { time_zone: 'America/New_York', slots: [{ slot: 'signed' }], degraded: false }],
    'POST /holds': [201, { hold_id: 'h1' }],
    'DELETE /holds/h1': [204],
    'POST /appointments/confirm': [201, { appointment, confirmation_code: 'ABCDEFGH', sms_status: 'queued' }],
    'GET /appointments/lookup': [200, { appointments: [appointment] }],
    'POST /appointments/a1/reschedule': [200, { appointment, replaces: {} }],
    'POST /appointments/a1/cancel': [200, { appointment }],
  };
  const desk = client();
  const { slots } = await desk.availability({ appointmentType: 'haircut', from: '2026-11-24', to: '2026-11-25', limit: 3 });
  const hold = await desk.hold(slots[0].slot);
  assert.ok(asked.at(-1).headers['idempotency-key'].length > 10);
  await desk.release(hold.hold_id);
  await desk.confirm(hold.hold_id, { name: 'Ada Lovelace', email: 'ada@example.com' });
  assert.deepEqual(asked.at(-1).body, { hold_id: 'h1', patient: { name: 'Ada Lovelace', email: 'ada@example.com' } });
  assert.equal((await desk.lookup('abcd efgh')).id, 'a1');
  assert.equal((await desk.reschedule('a1', 'signed', 'k')).appointment.id, 'a1');
  assert.equal(asked.at(-1).headers['idempotency-key'], 'k');
  assert.equal((await desk.cancel('a1', 'Ill')).id, 'a1');
  const availability = asked.find(({ path }) => path.includes('/availability')).path;
  assert.equal(availability, `/clinics/${CLINIC}/availability?appointment_type=haircut&from=2026-11-24&to=2026-11-25&limit=3`);
});

test('a refusal says why and when to come back', async () => {
  answers = { 'POST /holds': [429, { code: 'rate_limited', detail: 'Please wait.', request_id: 'r' }, { 'retry-after': '7' }] };
  const refusal = await client().hold('signed').catch((error) => error);
  assert.ok(refusal instanceof ReceptionistError);
  assert.deepEqual([refusal.code, refusal.status, refusal.retryAfter, refusal.message], ['rate_limited', 429, 7, 'Please wait.']);
});

test('whoever listens hears of every event once', async () => {
  const event = (id) => ({ id, kind: 'BookingCreated', payload: {}, created_at: '' });
  answers = { 'GET /sessions/s1/push-events': [200, { events: [event('e1'), event('e2')] }] };
  const heard = [];
  await new Promise((done) => {
    const stop = client().listen(
      ({ id }) => {
        heard.push(id);
        answers = { 'GET /sessions/s1/push-events': [200, { events: id === 'e2' ? [event('e3')] : [] }] };
        if (id === 'e3') {
          stop();
          done();
        }
      },
      { everyMs: 5 },
    );
  });
  assert.deepEqual(heard, ['e1', 'e2', 'e3']);
  assert.equal(asked.at(-1).path, '/sessions/s1/push-events?after=e2');
});
