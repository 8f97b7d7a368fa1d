// No page: the official client, as other people's software uses it.

import { expect, test } from '@playwright/test';
import { io, type Socket } from 'socket.io-client';
import { FRONTDESK } from './support/addresses';
import { bookSomething, pushEvents, startSession, type Push, type Session } from './support/api';

interface Joined {
  session_id: string;
  last_event_id: string | null;
}

const open: Socket[] = [];

test.afterEach(() => {
  for (const socket of open.splice(0)) socket.disconnect();
});

for (const transport of ['websocket', 'polling'] as const) {
  test(`a message is answered word by word, over ${transport}`, async ({ request }) => {
    const session = await startSession(request);
    const socket = await connect(transport);
    const heard: { event: string; said: any }[] = [];
    socket.onAny((event, said) => heard.push({ event, said }));

    const joined = await join(socket, session);
    expect(joined.session_id).toBe(session.sessionId);

    const answered = next<{ message_id: string; text: string; cards: unknown[] }>(socket, 'response');
    socket.emit('message', { text: 'What are your opening hours?', client_message_id: crypto.randomUUID() });
    const response = await answered;

    expect(response.text).not.toBe('');
    expect(Array.isArray(response.cards)).toBe(true);
    const order = heard.map(({ event }) => event);
    expect(heard.find(({ event }) => event === 'typing')?.said.active).toBe(true);
    expect(order.indexOf('typing')).toBeLessThan(order.indexOf('delta'));
    expect(order.lastIndexOf('delta')).toBeLessThan(order.indexOf('response'));
    for (const { event, said } of heard) {
      if (event === 'delta') expect(said.message_id).toBe(response.message_id);
    }
  });

  test(`a wrong token is refused, over ${transport}`, async () => {
    const socket = await connect(transport);
    const refused = next<{ code: string; message: string }>(socket, 'error');
    socket.emit('join', { token: 'not.a.token' });
    const error = await refused;
    expect(error.code).toBe('unauthenticated');
    expect(error.message).not.toBe('');
  });

  test(`what happened while away is told on return, over ${transport}`, async ({ request }) => {
    const session = await startSession(request);

    const before = await connect(transport);
    await join(before, session);
    const seen = next<Push>(before, 'push');
    await bookSomething(request, session);
    const { id } = await seen;
    before.disconnect();
    // The first booking may have had more to say than one push.
    const last = (await pushEvents(request, session, id)).at(-1)?.id ?? id;

    await bookSomething(request, session);
    await expect.poll(() => missed(last)).not.toEqual([]);

    const after = await connect(transport);
    const told: string[] = [];
    after.on('push', (push: Push) => told.push(push.id));
    await join(after, session, last);

    await expect.poll(() => told).toEqual(await missed(last));
    expect(told).not.toContain(last);

    async function missed(since: string): Promise<string[]> {
      return (await pushEvents(request, session, since)).map((push) => push.id);
    }
  });
}

async function connect(transport: 'websocket' | 'polling'): Promise<Socket> {
  const socket = io(FRONTDESK, { path: '/ws', transports: [transport], forceNew: true, reconnection: false });
  open.push(socket);
  await next(socket, 'connect');
  return socket;
}

async function join(socket: Socket, session: Session, lastEventId?: string): Promise<Joined> {
  const joined = next<Joined>(socket, 'joined');
  socket.emit('join', { token: session.token, last_event_id: lastEventId });
  return joined;
}

/** The next `event`, or an error naming what came instead. */
function next<T = void>(socket: Socket, event: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No ${event} within 10 s.`)), 10_000);
    const stop = (reason: unknown) => {
      clearTimeout(timer);
      reject(new Error(`Waiting for ${event}, got ${JSON.stringify(reason)}: ${reason}`));
    };
    socket.once('connect_error', stop);
    if (event !== 'error') socket.once('error', stop);
    socket.once(event, (said: T) => {
      clearTimeout(timer);
      socket.off('connect_error', stop).off('error', stop);
      resolve(said);
    });
  });
}
