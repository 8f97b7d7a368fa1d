// A Socket.IO client with nothing to it, so that thousands fit in one process.

import { randomBytes } from 'node:crypto';
import net from 'node:net';

const END_OF_HEAD = '\r\n\r\n';
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];

export class Socket {
  #connection;
  #pending = Buffer.alloc(0);
  #waiting = [];
  isOpen = false;

  /** Connects to the root namespace on a port of this machine. */
  static async open(port) {
    const socket = new Socket();
    socket.#connection = net.connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
    const connected = socket.next('40');
    await new Promise((resolve, reject) => {
      const connection = socket.#connection;
      connection.once('error', reject);
      connection.once('connect', () => {
        const key = randomBytes(16).toString('base64');
        connection.write(
          `GET /ws/?EIO=4&transport=websocket HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nupgrade: websocket\r\n` +
            `connection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}${END_OF_HEAD}`,
        );
      });
      let head = Buffer.alloc(0);
      const upgraded = (bytes) => {
        head = Buffer.concat([head, bytes]);
        const end = head.indexOf(END_OF_HEAD);
        if (end < 0) return;
        if (!head.subarray(0, 12).toString().endsWith('101')) return reject(new Error(head.subarray(0, end).toString()));
        connection.off('data', upgraded);
        connection.on('data', (more) => socket.#hear(more));
        socket.isOpen = true;
        resolve();
        socket.#hear(head.subarray(end + END_OF_HEAD.length));
      };
      connection.on('data', upgraded);
      connection.on('close', () => (socket.isOpen = false));
    });
    socket.#say(TEXT, '40');
    await connected;
    return socket;
  }

  emit(event, said) {
    this.#say(TEXT, `42${JSON.stringify([event, said])}`);
  }

  async join(token) {
    const joined = this.next('joined');
    this.emit('join', { token });
    return joined;
  }

  /** What comes with the next `event`. */
  next(event) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`No ${event} within 20 s.`)), 20_000);
      this.#waiting.push({ event, heard: (said) => (clearTimeout(late), resolve(said)) });
    });
  }

  close() {
    this.#connection.destroy();
  }

  #say(kind, text) {
    const [payload, mask] = [Buffer.from(text), randomBytes(4)];
    const long = payload.length > 125;
    const head = Buffer.alloc(long ? 4 : 2);
    head[0] = 0x80 | kind;
    head[1] = 0x80 | (long ? 126 : payload.length);
    if (long) head.writeUInt16BE(payload.length, 2);
    this.#connection.write(Buffer.concat([head, mask, payload.map((byte, at) => byte ^ mask[at % 4])]));
  }

  #hear(bytes) {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes;
    while (this.#pending.length >= 2) {
      const short = this.#pending[1] & 0x7f;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.#pending.length < start) return;
      const length = short === 126 ? this.#pending.readUInt16BE(2) : short === 127 ? Number(this.#pending.readBigUInt64BE(2)) : short;
      if (this.#pending.length < start + length) return;
      const kind = this.#pending[0] & 0x0f;
      const payload = this.#pending.subarray(start, start + length);
      this.#pending = this.#pending.subarray(start + length);
      if (kind === PING) this.#say(PONG, payload.toString());
      else if (kind === CLOSE) this.close();
      else if (kind === TEXT) this.#understand(payload.toString());
    }
  }

  #understand(text) {
    if (text === '2') return this.#say(TEXT, '3');
    const [event, said] = text.startsWith('42') ? JSON.parse(text.slice(2)) : [text.slice(0, 2), undefined];
    const at = this.#waiting.findIndex((waiting) => waiting.event === event);
    if (at >= 0) this.#waiting.splice(at, 1)[0].heard(said);
  }
}
