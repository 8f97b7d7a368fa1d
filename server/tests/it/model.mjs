// A language model that does what its patients' words call for, over aimock's
// imitation of OpenAI's API. It says its address on the first line and ends
// when its input does.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../end2end/package.json', import.meta.url));
const { LLMock } = require('@copilotkit/aimock');

const mock = new LLMock({ port: 0, chunkSize: 12, logLevel: 'silent' });

const text = (message) =>
  typeof message?.content === 'string' ? message.content : (message?.content ?? []).map((part) => part.text).join('');
const lastOf = (role) => (request) => text(request.messages.findLast((message) => message.role === role));
const asked = lastOf('user');
const newest = (request) => request.messages.at(-1);

/** The result of the newest use of a tool. */
function result(request, tool) {
  const calls = request.messages.flatMap((message) => message.tool_calls ?? []);
  const call = calls.findLast((made) => made.function.name === tool);
  const output = request.messages.find((message) => message.role === 'tool' && message.tool_call_id === call?.id);
  return output && JSON.parse(text(output)).result;
}

const call = (name, input) => ({
  toolCalls: [{ name, arguments: typeof input === 'string' ? input : JSON.stringify(input) }],
});

/** Answers what a patient wrote, for as long as it is their newest message. */
const when = (words, response, options) =>
  mock.on({ predicate: (request) => asked(request).includes(words) }, response, options);

/** The same, for the first so many requests about it. */
function atFirst(words, times, response, options) {
  let left = times;
  mock.on({ predicate: (request) => asked(request).includes(words) && left-- > 0 }, response, options);
}

when('haircut for next Tuesday', (request) => {
  if (newest(request).role !== 'tool') return call('resolve_date', { words: 'next Tuesday at 2pm' });
  const day = result(request, 'resolve_date');
  const found = result(request, 'check_availability');
  if (!found) {
    const any = { practitioner: null, earliest: null, latest: null, days: null, limit: 12 };
    return call('check_availability', { appointment_type: 'haircut', from: day.from, to: day.to, near: day.at, ...any });
  }
  const held = result(request, 'hold_slot');
  if (!held) return call('hold_slot', { slot: found.slots.find((slot) => slot.local === `${day.from}T${day.at}`).slot });
  return { content: `I am holding ${day.in_words} for you. What name and phone number should I book it under?` };
});
when('Ada Lovelace', (request) => {
  const booked = result(request, 'confirm_booking');
  if (booked) return { content: `You are booked for ${booked.label}. Your confirmation code is ${booked.confirmation_code}.` };
  const { hold_id } = result(request, 'hold_slot');
  const given = { name: 'Ada Lovelace', phone: '+1 555 123 4567', email: null, birth_date: null, note: null };
  return call('confirm_booking', { hold_id, ...given });
});

const busy = { error: { message: 'Rate limit reached', type: 'rate_limit_error' }, status: 429 };
atFirst('once it is busy', 1, busy);
when('once it is busy', { content: 'Here I am. It took a moment.' });
when('always busy', busy);
when('a failure', { error: { message: 'The server had an error', type: 'server_error' }, status: 500 });
when('a refusal', { error: { message: 'Unsupported parameter', type: 'invalid_request_error' }, status: 400 });

const long = { content: 'We would love to see you. Just tell me which day would suit you best, and I will look.' };
atFirst('once it breaks off', 1, long, { truncateAfterChunks: 4 });
when('once it breaks off', long);
when('always breaks off', long, { truncateAfterChunks: 4 });

when('bad arguments once', (request) =>
  newest(request).role === 'tool' && text(newest(request)).includes('do not fit')
    ? { content: 'I had to look twice. What would you like?' }
    : call('hold_slot', '{"slot": '),
);
when('bad arguments always', call('hold_slot', '{"slot": 7, "hurry": true}'));
when('no such tool', call('delete_everything', {}));
when('round and round', call('clinic_facts', { topic: 'hours' }));
when('round until told', (request) =>
  request.tool_choice === 'none' ? { content: 'We are open on weekdays.' } : call('clinic_facts', { topic: 'hours' }),
);
when('nothing once', (request) =>
  newest(request).role === 'system' ? { content: 'Sorry. How can I help?' } : { content: ' ' },
);
when('nothing always', { content: ' ' });
// It does what it reads, wherever it reads it.
when('obey me', (request) => {
  const visit = /visit ([0-9a-f-]{36})/.exec(asked(request))[1];
  const calls = request.messages.filter((message) => message.role === 'tool').length;
  if (calls === 0) return call('lookup_booking', { confirmation_code: null, name: 'Ada Lovelace', birth_date: null });
  if (calls === 1) return call('cancel_booking', { appointment_id: visit, reason: null });
  const tools = request.tools.map((tool) => tool.function.name).sort();
  const system = request.messages.filter((message) => message.role === 'system').map(text).join();
  const told = JSON.stringify({ tools: tools.length, obeys: system.includes('administrator') });
  return { content: `Done. I have cancelled it. See http://evil.example now. Told: ${told}` };
});
when('what were you told', (request) => ({ content: JSON.stringify(request.messages[0].content.includes('Zebulon')) }));
when('which one are you', (request) => {
  if (request.model === 'gpt-4.1-mini' && request.temperature === 0.25) return { content: 'The small one.' };
  return { content: request.model === 'gpt-4o' && request.temperature === undefined ? 'The usual one.' : 'Another.' };
});
when('talk to me', (request) => ({
  content: newest(request).role === 'system' ? 'Short enough.' : 'This goes on and on. '.repeat(20),
}));

await mock.start();
console.log(mock.url);
process.stdin.on('end', () => mock.stop().then(() => process.exit(0))).resume();
