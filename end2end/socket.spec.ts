// No page: the official client, as other people's software uses it.

import { expect, test } from '@playwright/test';
import { io, type Socket } from 'socket.io-client';
import { FRONTDESK } from './support/addresses';
import { bookSomething, pushEvents, say, startSession, type Push, type Session } from './support/api';

interface Joined {
  session_id: string;
  last_event_id: string | null;
  last_message_id: string | null;
}

interface Response {
  message_id: string;
  text: string;
  cards: unknown[];
}

const NOTHING = '00000000-0000-0000-0000-000000000000';
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

  test(`what was acknowledged is not told again, over ${transport}`, async ({ request }) => {
    const session = await startSession(request);
    const socket = await connect(transport);
    await join(socket, session);
    const seen = next<Push>(socket, 'push');
    await bookSomething(request, session);
    const { id } = await seen;
    socket.emit('ack', { id });
    const stored = async () => (await pushEvents(request, session, NOTHING)).map((push) => push.id);
    await expect.poll(stored).not.toContain(id);

    const refused = next<{ code: string }>(socket, 'error');
    socket.emit('ack', { id: NOTHING });
    expect((await refused).code).toBe('not_found');
  });

  test(`answers that were missed are told on return, over ${transport}`, async ({ request }) => {
    const session = await startSession(request);
    const before = await connect(transport);
    const { last_message_id } = await join(before, session);
    expect(last_message_id).toBeNull();
    before.disconnect();
    const first = await say(request, session, 'What are your opening hours?');
    const second = await say(request, session, 'Where are you?');

    const after = await answersOnReturn(first.message_id);
    expect(after.map(({ message_id, text }) => ({ message_id, text }))).toEqual([
      { message_id: second.message_id, text: second.reply.text },
    ]);

    async function answersOnReturn(since: string): Promise<Response[]> {
      const socket = await connect(transport);
      const heard: Response[] = [];
      const told = next<Response>(socket, 'response');
      socket.on('response', (response: Response) => heard.push(response));
      socket.emit('join', { token: session.token, last_message_id: since });
      await told;
      return heard;
    }
  });

  test(`a socket tells what plain requests answer, over ${transport}`, async ({ request }) => {
    const [asked, plain] = [await startSession(request), await startSession(request)];
    const socket = await connect(transport);
    await join(socket, asked);
    for (const text of ['What are your opening hours?', 'I want to talk to a person', 'Hello?', 'Is anybody there?']) {
      const heard = next<Response>(socket, 'response');
      socket.emit('message', { text, client_message_id: crypto.randomUUID() });
      const answered = await say(request, plain, text);
      const { text: told, cards } = await heard;
      expect({ text: told, cards }).toEqual({ text: answered.reply.text, cards: answered.reply.cards });
    }
  });

  test(`a socket that joins another conversation hears no more of the first, over ${transport}`, async ({ request }) => {
    const [first, second] = [await startSession(request), await startSession(request)];
    const socket = await connect(transport);
    await join(socket, first);
    await join(socket, second);
    const heard: Response[] = [];
    socket.on('response', (response: Response) => heard.push(response));
    await say(request, first, 'What are your opening hours?');
    const { message_id } = await say(request, second, 'Where are you?');
    await expect.poll(() => heard.map((response) => response.message_id)).toEqual([message_id]);
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
