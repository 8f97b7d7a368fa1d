// Conversations: turns, the first words of a language model's answer, and
// sockets that only wait.

import { execFileSync, spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from './desk.mjs';
import { Socket } from './socket.mjs';

const json = ({ bytes }) => JSON.parse(bytes.toString());

/** What patients write, one after another; none of it takes a time away. */
const WRITTEN = ['What are your opening hours?', 'Do you have a haircut tomorrow?', 'Where are you?', 'And on Friday?'];

export async function session(clinic) {
  const { token, session_id } = json(await ask('POST', '/api/v1/auth/session', { clinic_id: clinic }, 201));
  return { token, id: session_id };
}

/** A message and its answer; how long that took. */
export async function turn(clinic, { token }, message) {
  const { took } = await ask('POST', `/api/v1/clinics/${clinic}/chat`, { message }, 200, { authorization: `Bearer ${token}` });
  return took;
}

/**
 * Has so many patients write, each a message a second or so after the last
 * answer; how long their turns took, and how long GET /health did meanwhile.
 */
export async function conversations(clinic, count, seconds) {
  const sessions = await Promise.all(Array.from({ length: count }, () => session(clinic)));
  const [took, floor] = [[], []];
  const until = performance.now() + seconds * 1000;
  const one = async (patient, number) => {
    await pause((number / count) * 1000);
    for (let n = number; performance.now() < until; n += 1) {
      took.push(await turn(clinic, patient, WRITTEN[n % WRITTEN.length]));
      floor.push((await ask('GET', '/health')).took);
      await pause(700 + ((n * 37) % 600));
    }
  };
  await Promise.all(sessions.map(one));
  return { took, floor };
}

/**
 * How long after a language model ended its first sentence a patient's socket
 * had the first word of it, each time, in milliseconds.
 */
export async function firstWords(clinic, times) {
  const model = await slowModel();
  const server = await frontdesk({ OPENAI_API_KEY: 'none', OPENAI_BASE_URL: `${model.origin}/v1` });
  try {
    const took = [];
    for (let n = 0; n < times; n += 1) {
      const patient = await server.session(clinic);
      const socket = await Socket.open(server.port);
      await socket.join(patient.token);
      const heard = socket.next('delta').then(() => performance.now());
      socket.emit('message', { text: 'Hello', client_message_id: `${n}` });
      took.push((await heard) - (await model.said()));
      socket.close();
    }
    return took;
  } finally {
    server.stop();
    model.close();
  }
}

/** Opens sockets that join a conversation each and wait; what each takes of the server's memory, in bytes. */
export async function idle(clinic, count) {
  const { port } = new URL(process.env.FRONTDESK_URL);
  const sessions = [];
  for (let n = 0; n < count; n += 100) {
    sessions.push(...(await Promise.all(Array.from({ length: 100 }, () => session(clinic)))));
  }
  await pause(1000);
  const before = resident();
  const sockets = [];
  for (let n = 0; n < count; n += 50) {
    const some = sessions.slice(n, n + 50).map(async ({ token }) => {
      const socket = await Socket.open(port);
      await socket.join(token);
      return socket;
    });
    sockets.push(...(await Promise.all(some)));
  }
  await pause(3000);
  const joined = sockets.filter((socket) => socket.isOpen).length;
  const each = (resident() - before) / count;
  sockets.forEach((socket) => socket.close());
  await pause(3000);
  return { joined, each, left: (resident() - before) / count };
}

function resident() {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', process.env.FRONTDESK_PID]).toString()) * 1024;
}

/** OpenAI, as far as one answer goes: two sentences, the second much later. */
async function slowModel() {
  let tell;
  let said = new Promise((resolve) => (tell = resolve));
  const chunk = (delta, reason = null) => {
    const choices = [{ index: 0, delta, finish_reason: reason }];
    return `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 0, model: 'm', choices })}\n\n`;
  };
  const server = http.createServer((request, response) => {
    request.resume().on('end', async () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const words of ['Thank ', 'you ', 'for ', 'writing ', 'to ', 'us.']) {
        response.write(chunk({ content: words }));
        await pause(5);
      }
      // What comes next shows that the sentence has ended.
      response.write(chunk({ content: ' What ' }), () => tell(performance.now()));
      await pause(300);
      response.end(`${chunk({ content: 'would you like?' })}${chunk({}, 'stop')}data: [DONE]\n\n`);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /** When the first sentence of the newest answer had ended. */
    said: async () => {
      const at = await said;
      said = new Promise((resolve) => (tell = resolve));
      return at;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Another server on the same database. */
async function frontdesk(settings) {
  const port = await freePort();
  const running = spawn(process.env.FRONTDESK_SERVER, ['serve', '--role', 'web'], {
    stdio: 'ignore',
    env: { ...process.env, ...settings, LISTEN: `127.0.0.1:${port}`, PUBLIC_URL: `http://127.0.0.1:${port}` },
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    if (await fetch(`${url}/ready`).then(({ ok }) => ok, () => false)) break;
    if (tries > 200) throw new Error('A second Frontdesk did not start.');
    await pause(100);
  }
  return {
    port,
    session: async (clinic) => {
      const body = JSON.stringify({ clinic_id: clinic });
      const answer = await fetch(`${url}/api/v1/auth/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      return answer.json();
    },
    stop: () => running.kill('SIGTERM'),
  };
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
