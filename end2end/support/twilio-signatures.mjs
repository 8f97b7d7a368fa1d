// Prints requests as Twilio's own library signs them, and some that were
// altered afterwards, one to a line, with what its validators say of each: for
// the tests of ours.
import { createHash } from 'node:crypto';

import twilio from 'twilio';

const count = Number(process.argv[2] ?? 1200);
// The same ones each time (mulberry32).
let seed = 20261120;
const random = () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const below = n => Math.floor(random() * n);
const one = list => list[below(list.length)];
const some = (most, make) => Array.from({ length: below(most + 1) }, make);

// JavaScript sorts by UTF-16 and Twilio by bytes, which differ only between
// U+E000–U+FFFF and what lies beyond; so nothing is from there.
const letters = [
  ...'abcXYZ019 +&=%?#/\\\'"<>;:,.~!()[]{}|^`$@*-_',
  '\t', '\n', '\r\n', '\u0000', '\u007f', '\u00a0', '\u00ad', 'é', 'e\u0301', 'ß', 'İ', 'ñ', '¿', '€', '☎', '✓',
  'Ω', 'Ж', 'א', 'م', '你', '好', 'か', '\u200b', '\u200d', '\u202e', '\u2028', '😀', '👩‍👩‍👧', '🇺🇸', '𝐒', '𠀀',
];
const text = most => some(most, () => one(letters)).join('');
const names = ['MessageSid', 'AccountSid', 'From', 'To', 'Body', 'NumMedia', 'FromCity', 'a', 'A', 'aa', 'a.b', '', 'é', '😀'];
const value = () => (random() < 0.15 ? '' : text(30));
const parameters = () => {
  const all = {};
  for (const name of [...some(8, () => one(names)), ...some(2, () => text(6))]) {
    all[name] = random() < 0.25 ? [value(), value(), value(), value()].slice(0, 1 + below(4)) : value();
    if (Array.isArray(all[name]) && random() < 0.5) all[name].push(all[name][0]);
  }
  return all;
};
const queries = ['', '?', '?foo=1&bar=2', "?q=it's", '?q=caf%C3%A9', '?q=caf%c3%a9+%20+', '?a=1&a=1&b=', '?x=%26%3D&x', '?outbox=019a'];
const url = () => {
  const scheme = one(['https', 'http']);
  const host = one(['desk.example.com', 'DESK.example.com', '127.0.0.1', '[::1]', 'a.b.c.test']);
  const port = one(['', '', scheme === 'https' ? ':443' : ':80', ':8443', ':3000']);
  const path = one(['/twilio/sms/incoming', '/twilio/status', '/', '/a%20b/~c', "/it's(1)"]);
  return { scheme, host, port, rest: path + one(queries) };
};

const listed = params => Object.entries(params).flatMap(([name, value]) => [value].flat().map(value => [name, value]));
const grouped = list => {
  const all = {};
  for (const [name, value] of list) (all[name] ??= []).push(value);
  return all;
};
// What may happen to a request on its way; not all of it matters.
const alter = request => {
  const parameters = request.parameters.map(pair => [...pair]);
  const at = below(parameters.length);
  const [name, value] = parameters[at] ?? ['', ''];
  const changed = [
    () => ({ token: `${request.token}x` }),
    () => ({ url: `${request.url}x` }),
    () => ({ url: request.url.replace(/:\/\/[^/?]*/, '://other.example.com') }),
    () => ({ url: request.url.startsWith('https') ? request.url.replace('https', 'http') : request.url.replace('http', 'https') }),
    () => ({ signature: request.signature.replace(/./, letter => (letter === 'A' ? 'B' : 'A')) }),
    () => ({ signature: request.signature.replace('=', '') }),
    () => ({ signature: one(['', ' ', `${request.signature} `, `${request.signature}=`, `${request.signature}AAAA`]) }),
    () => ({ parameters: [...parameters, ['Extra', one(['', '1'])]] }),
    () => ({ parameters: parameters.filter((_, n) => n !== at) }),
    () => ({ parameters: parameters.toSpliced(at, 1, [name, `${value}x`]) }),
    () => ({ parameters: [...parameters, [name, value]] }),
    () => ({ parameters: parameters.toReversed() }),
    // What is signed has nothing between a name and its value.
    () => ({ parameters: parameters.toSpliced(at, 1, [name + value, '']) }),
  ];
  return { ...request, ...one(changed)() };
};
const say = request => console.log(JSON.stringify(request));
const judged = ({ token, url, parameters, signature }) =>
  say({ token, url, parameters, signature, valid: twilio.validateRequest(token, signature, url, grouped(parameters)) });
const judgedWithBody = ({ token, url, body, signature }) =>
  say({ token, url, body, signature, valid: twilio.validateRequestWithBody(token, signature, url, body) });
const digest = body => createHash('sha256').update(body).digest('hex');

for (let n = 0; n < count; n += 1) {
  const { scheme, host, port, rest } = url();
  const token = `token${below(1e9).toString(36)}${one(['', 'é', '/+='])}`;
  const params = parameters();
  const signed = `${scheme}://${host}${port}${rest}`;
  // Twilio signs with the standard port or without, whichever it was asked by.
  const standard = scheme === 'https' ? ':443' : ':80';
  const asked = port === '' && random() < 0.5 ? `${scheme}://${host}${standard}${rest}`
    : port === standard && random() < 0.5 ? `${scheme}://${host}${rest}` : signed;
  const signature = twilio.getExpectedTwilioSignature(token, signed, params);
  const request = { token, url: asked, parameters: listed(params), signature };
  judged(request);
  judged(alter(request));
  if (n % 4 !== 0) continue;
  const body = JSON.stringify({ Body: text(40), From: '+15551234567' });
  const named = `${signed}${signed.includes('?') ? '&' : '?'}bodySHA256=`;
  const signedWith = digest => {
    const url = named + digest;
    return { token, url, body, signature: twilio.getExpectedTwilioSignature(token, url, {}) };
  };
  const whole = signedWith(digest(body));
  judgedWithBody(whole);
  judgedWithBody(one([
    { ...whole, body: `${body} ` },
    { ...whole, body: '' },
    { ...whole, url: named + digest(`${body} `), body: `${body} ` },
    { ...whole, url: whole.url.replace('bodySHA256', 'bodysha256') },
    { ...whole, token: `${token}x` },
    signedWith(digest(`${body} `)),
    signedWith(''),
    signedWith(digest(body).toUpperCase()),
    signedWith(digest(body).slice(1)),
  ]));
}
