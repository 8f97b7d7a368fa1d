// Texts that go out, to a provider of our own that takes everything at once.

import { spawn } from 'node:child_process';
import http from 'node:http';
import { ask } from './desk.mjs';
import { psql } from './statements.mjs';

/** A clinic with very much to say, and one with little that comes after it. */
const [FLOOD, QUIET] = ['10000000-0000-4000-8000-000000000005', '10000000-0000-4000-8000-000000000006'];
const MANY = 10_000;
const FEW = 20;

/** Has a worker send them all; how fast it was, and how long the second clinic waited. */
export async function drain() {
  const sink = await provider();
  try {
    // What the bookings before left to be sent is not what is measured.
    await psql('truncate outbox, outbox_steps; delete from graphile_worker._private_jobs');
    await account(FLOOD, 'a', '+15550100001');
    await account(QUIET, 'b', '+15550100002');
    await queue(FLOOD, MANY);
    await queue(QUIET, FEW);
    const worker = spawn(process.env.FRONTDESK_SERVER, ['serve', '--role', 'worker'], {
      stdio: 'ignore',
      env: { ...process.env, TWILIO_BASE_URL: sink.origin },
    });
    try {
      await sink.took(MANY + FEW, 300_000);
    } finally {
      worker.kill('SIGTERM');
      await new Promise((resolve) => worker.once('exit', resolve));
    }
    const all = sink.taken;
    const seconds = (all.at(-1).at - all[0].at) / 1000;
    const last = all.findLastIndex(({ from }) => from === '+15550100002');
    const twice = all.length - new Set(all.map(({ to }) => to)).size;
    if (twice > 0) throw new Error(`${twice} texts were sent twice.`);
    return { perSecond: all.length / seconds, before: last + 1 - FEW, many: MANY };
  } finally {
    sink.close();
  }
}

async function account(clinic, letter, number) {
  await ask('PATCH', `/api/v1/clinics/${clinic}`, {
    twilio: { account_sid: `AC${letter.repeat(32)}`, auth_token: letter.repeat(32), phone_number: number },
  });
}

/** Reminders in the outbox, each to another number, and no quiet hours. */
async function queue(clinic, count) {
  const first = clinic === FLOOD ? 2_000_000 : 3_000_000;
  await psql(`
    insert into messaging_settings (clinic_id, quiet_from, quiet_until) values ('${clinic}', 0, 0);
    insert into outbox (clinic_id, outbox_id, key, kind, channel, address, language, body, due_at, created_at)
    select '${clinic}', gen_random_uuid(), 'reminder:' || n, 'reminder', 'sms', '+1555' || (${first} + n), 'en',
           'Clinic: a reminder of your visit. Reply STOP to opt out.', now(), now()
    from generate_series(1, ${count}) n`);
}

/** Twilio, as far as a worker asks it. */
async function provider() {
  const taken = [];
  let wake = () => {};
  const server = http.createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(pieces).toString());
      taken.push({ at: performance.now(), from: form.get('From'), to: form.get('To') });
      const body = JSON.stringify({ sid: `SM${String(taken.length).padStart(32, '0')}`, status: 'queued' });
      response.writeHead(201, { 'content-type': 'application/json' }).end(body);
      wake();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const took = (count, patience) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${taken.length} of ${count} texts were sent in time.`)), patience);
      wake = () => {
        if (taken.length < count) return;
        clearTimeout(late);
        resolve();
      };
      wake();
    });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    taken,
    took,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
