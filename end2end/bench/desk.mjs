// Frontdesk's API, as a program with an API key uses it.

import http from 'node:http';

const ORIGIN = process.env.FRONTDESK_URL;
const KEY = process.env.ADMIN_API_KEY;
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** Asks, and gives the answer's bytes and how long it took, in milliseconds. */
export function ask(method, path, body, status = 200, headers = {}) {
  const text = body && JSON.stringify(body);
  const asked = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${ORIGIN}${path}`,
      {
        method,
        agent,
        headers: {
          'x-admin-key': KEY,
          ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      },
      (response) => {
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(pieces);
          if (response.statusCode === status) resolve({ bytes, took: performance.now() - asked });
          else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${bytes.toString().slice(0, 300)}`));
        });
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

const json = ({ bytes }) => JSON.parse(bytes.toString());

/** Free times; `practitioner` may be left out. */
export function availability(clinic, from, to, practitioner, headers) {
  const query = new URLSearchParams({ appointment_type: 'haircut', from, to, ...(practitioner && { practitioner }) });
  return ask('GET', `/api/v1/clinics/${clinic}/availability?${query}`, undefined, 200, headers);
}

/** The times of one practitioner that can all be booked. */
export async function times(clinic, practitioner, windows) {
  const found = [];
  let free = '';
  for (const [from, to] of windows) {
    for (const slot of json(await availability(clinic, from, to, practitioner)).slots) {
      if (slot.starts_at < free) continue;
      found.push(slot.slot);
      free = slot.ends_at;
    }
  }
  return found;
}

/** Holds a time and books it for somebody new. */
export async function book(clinic, slot, email) {
  const path = `/api/v1/clinics/${clinic}`;
  const hold = json(await ask('POST', `${path}/holds`, { slot }, 201));
  const patient = { name: 'Grace Hopper', phone: '+15551230100', email };
  const confirmed = await ask('POST', `${path}/appointments/confirm`, { hold_id: hold.hold_id, patient }, 201);
  return { hold, confirmed: json(confirmed), took: confirmed.took };
}

/** Has `clients` do `work` over and over for `seconds`; how many times a second they did. */
export async function rate(clients, seconds, work) {
  const began = performance.now();
  let done = 0;
  const one = async (client) => {
    while (performance.now() - began < seconds * 1000) {
      await work(client);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => one(client)));
  return (done / (performance.now() - began)) * 1000;
}
