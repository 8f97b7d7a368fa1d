// A language model that does what scenarios say, over aimock's imitation of
// OpenAI's API. Which scenario it is in, the model's name tells; where in it,
// the conversation itself. It is given the folder of the scripts, says its
// address on the first line and ends when its input does.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../../../end2end/package.json', import.meta.url));
const { LLMock } = require('@copilotkit/aimock');

const folder = process.argv[2];
const mock = new LLMock({ port: 0, chunkSize: 12, logLevel: 'silent' });

const scripts = new Map();
function script(name) {
  if (!scripts.has(name)) scripts.set(name, JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
  return scripts.get(name);
}

const text = (message) =>
  typeof message?.content === 'string' ? message.content : (message?.content ?? []).map((part) => part.text).join('');

/** Where in its scenario a request is, and what is to be done there. */
function place(request) {
  const asked = request.messages.findLastIndex((message) => message.role === 'user');
  const turn = request.messages.slice(0, asked).filter((message) => message.role === 'user').length;
  // Whoever else writes has a conversation of their own.
  const own = script(request.model);
  // Whoever else writes has a conversation of their own.
  const by = (own.find((one) => one.words === text(request.messages[asked])) ?? own[0])?.by;
  const steps = own.filter((one) => one.by === by)[turn]?.steps ?? [];
  const done = request.messages.slice(asked + 1).filter((message) => message.role !== 'assistant').length;
  const step = Math.min(done, steps.length - 1);
  return { key: `${request.model} ${by} ${turn} ${step}`, step: steps[step] };
}

/** The result of the newest use of a tool. */
function result(request, tool) {
  const calls = request.messages.flatMap((message) => message.tool_calls ?? []);
  const ids = calls.filter((made) => made.function.name === tool).map((made) => made.id);
  const output = request.messages.findLast((message) => message.role === 'tool' && ids.includes(message.tool_call_id));
  return output && JSON.parse(text(output)).result;
}

/** `tool.field[0].list[key=value]`, from what tools answered. */
function value(request, path) {
  const [tool, ...rest] = path.match(/[^.[\]]+/g);
  return rest.reduce((found, part) => {
    const [key, wanted] = part.split('=');
    return wanted === undefined ? found?.[key] : found?.find((one) => one[key] === wanted);
  }, result(request, tool));
}

function filled(request, input) {
  if (typeof input === 'string') {
    const whole = input.match(/^\$\{([^}]+)\}$/);
    if (whole) return value(request, whole[1]) ?? 'none';
    return input.replace(/\$\{([^}]+)\}/g, (_, path) => value(request, path));
  }
  if (Array.isArray(input)) return input.map((one) => filled(request, one));
  if (input && typeof input === 'object') {
    return Object.fromEntries(Object.entries(input).map(([key, one]) => [key, filled(request, one)]));
  }
  return input;
}

/** Whether a fault of this kind is still to come before the step itself. */
const counted = new Map();
function fault(request, kind) {
  const { key, step } = place(request);
  const before = counted.get(`${key} ${kind}`) ?? 0;
  if (before >= (step?.[kind] ?? 0)) return false;
  counted.set(`${key} ${kind}`, before + 1);
  return true;
}

function answer(request) {
  const { step } = place(request);
  if (!step) return { content: '(nothing is written for this)' };
  if (!step.call) return { content: filled(request, step.say) };
  const { name, arguments: given } = step.call;
  const made = typeof given === 'string' ? given : JSON.stringify(filled(request, given));
  return { toolCalls: [{ name, arguments: made }] };
}

const long = { content: 'We would love to see you. Just tell me which day would suit you best, and I will look.' };
mock.on({ predicate: (request) => fault(request, 'busy') }, { error: { message: 'Rate limit reached', type: 'rate_limit_error' }, status: 429 });
mock.on({ predicate: (request) => fault(request, 'fails') }, (request) => ({
  error: { message: 'It did not work', type: 'server_error' },
  status: place(request).step.status ?? 500,
}));
mock.on({ predicate: (request) => fault(request, 'cut') }, long, { truncateAfterChunks: 4 });
mock.on({ predicate: () => true }, answer);

await mock.start();
console.log(mock.url);
process.stdin.on('end', () => mock.stop().then(() => process.exit(0))).resume();
