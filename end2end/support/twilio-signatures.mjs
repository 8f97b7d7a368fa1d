// Prints requests as Twilio's own library signs them, one to a line: for the
// tests of ours.
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
  const list = Object.entries(params).flatMap(([name, value]) => [value].flat().map(value => [name, value]));
  console.log(JSON.stringify({ token, url: asked, parameters: list, signature }));
}
