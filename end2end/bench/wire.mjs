// Asks for one address over and over on bare connections, because Node's HTTP
// client costs more than the answers it would measure.

import net from 'node:net';

const { hostname, port } = new URL(process.env.FRONTDESK_URL);
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const END_OF_CHUNKS = Buffer.from('0\r\n\r\n');

/**
 * Has `clients` ask for `what`, each one request after another, for `seconds`.
 * How many were answered a second, how long the median took in milliseconds,
 * and how many bytes an answer had. `what` is an address, or makes each request
 * anew; after each answer a client rests for `rest` milliseconds, or thereabouts.
 */
export async function load(what, clients, seconds, headers = {}, rest = 0) {
  const request = typeof what === 'function' ? what : always(what, headers);
  const began = performance.now();
  const until = began + seconds * 1000;
  const all = await Promise.all(Array.from({ length: clients }, (_, n) => one(request, until, rest, n / clients)));
  const took = all.flatMap((client) => client.took).sort((a, b) => a - b);
  const elapsed = (performance.now() - began) / 1000;
  return { perSecond: took.length / elapsed, p50: took[Math.floor(took.length / 2)], bytes: all[0].bytes };
}

function always(path, headers) {
  const lines = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return () => request;
}

function one(request, until, rest, share) {
  return new Promise((resolve, reject) => {
    const took = [];
    let asked = 0;
    let bytes = 0;
    let answer = new Answer();
    const buffer = Buffer.allocUnsafe(256 * 1024);
    const heard = (length) => {
      try {
        if (!answer.hear(buffer.subarray(0, length))) return true;
      } catch (error) {
        reject(error);
        return false;
      }
      const now = performance.now();
      took.push(now - asked);
      bytes = answer.bytes;
      if (now >= until) {
        socket.destroy();
        resolve({ took, bytes });
        return false;
      }
      answer = new Answer();
      if (rest === 0) ask();
      else setTimeout(ask, rest * (0.5 + ((took.length * 0.37 + share) % 1)));
      return true;
    };
    const socket = net.connect({ host: hostname, port: Number(port), noDelay: true, onread: { buffer, callback: heard } });
    const ask = () => {
      const next = request();
      asked = performance.now();
      socket.write(next);
    };
    socket.on('connect', () => setTimeout(ask, rest * share));
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('The server closed the connection.')));
  });
}

/** An answer as it comes in, and whether it has come in whole. */
class Answer {
  bytes = 0;
  #wanted;

  hear(piece) {
    if (this.#wanted === undefined) {
      const head = piece.indexOf(END_OF_HEAD);
      if (head < 0) throw new Error('The head of an answer came in pieces.');
      const lines = piece.latin1Slice(0, head).toLowerCase();
      if (!lines.startsWith('http/1.1 200')) throw new Error(`Answered: ${lines.slice(0, 200)}`);
      const length = /\r\ncontent-length: (\d+)/.exec(lines)?.[1];
      this.#wanted = length === undefined ? Infinity : Number(length);
      piece = piece.subarray(head + END_OF_HEAD.length);
    }
    this.bytes += piece.length;
    // Nothing follows an answer until the next is asked for.
    if (this.#wanted === Infinity) return piece.subarray(-END_OF_CHUNKS.length).equals(END_OF_CHUNKS);
    return this.bytes >= this.#wanted;
  }
}
