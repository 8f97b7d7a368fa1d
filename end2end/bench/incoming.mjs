// Texts that come in, signed as Twilio signs them, each from another number.

import { createHmac } from 'node:crypto';
import { ask } from './desk.mjs';
import { load } from './wire.mjs';

const PATH = '/twilio/sms/incoming';
const ACCOUNT = { account_sid: `AC${'c'.repeat(32)}`, auth_token: 'c'.repeat(32), phone_number: '+15550100003' };
const { host } = new URL(process.env.FRONTDESK_URL);
const SIGNED_URL = `${process.env.PUBLIC_URL}${PATH}`;

let sent = 0;

/** Has texts to the clinic come from an account of its own. */
export function open(clinic) {
  return ask('PATCH', `/api/v1/clinics/${clinic}`, { twilio: ACCOUNT });
}

/**
 * The next text: a picture without words, which is answered without the
 * receptionist after everything else that is done about a text.
 */
export function text() {
  return { ...from(), Body: '', MediaUrl0: 'https://api.twilio.com/picture', NumMedia: '1' };
}

/** The next text with a question, which the built-in receptionist answers. */
export function question() {
  return { ...from(), Body: 'What are your opening hours?', NumMedia: '0' };
}

function from() {
  sent += 1;
  return {
    AccountSid: ACCOUNT.account_sid,
    From: `+1556${String(1_000_000 + sent)}`,
    MessageSid: `MM${String(sent).padStart(32, '0')}`,
    To: ACCOUNT.phone_number,
  };
}

/** A text as Twilio posts it. */
export function request(fields) {
  const body = new URLSearchParams(fields).toString();
  const said = Object.keys(fields).sort().reduce((text, name) => text + name + fields[name], SIGNED_URL);
  const signature = createHmac('sha1', ACCOUNT.auth_token).update(said).digest('base64');
  const head = [
    `POST ${PATH} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${body.length}`,
    `x-twilio-signature: ${signature}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Has `clients` text over and over for `seconds`, at once or resting between. */
export function texting(clients, seconds, rest = 0, next = text) {
  return load(() => request(next()), clients, seconds, {}, rest);
}
