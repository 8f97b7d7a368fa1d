// A mail server that takes whatever comes, or refuses it.

import { createServer, type Server, type Socket } from 'node:net';

export interface MailServer {
  port: number;
  /** What was taken: messages as they came. */
  received: string[];
  refuses: boolean;
  close(): void;
}

export function openMailServer(): Promise<MailServer> {
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    const server: Server = createServer((socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => socket.destroy());
      converse(socket, mail);
    });
    const mail: MailServer = {
      port: 0,
      received: [],
      refuses: false,
      close: () => {
        for (const socket of open) socket.destroy();
        server.close();
      },
    };
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      mail.port = typeof address === 'object' && address ? address.port : 0;
      resolve(mail);
    });
  });
}

/** RFC 5321, as far as a sender needs it. */
function converse(socket: Socket, mail: MailServer): void {
  let heard = '';
  let isMessage = false;
  const say = (line: string) => socket.write(`${line}\r\n`);
  say('220 mail.example.com');
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
    for (;;) {
      const end = isMessage ? '\r\n.\r\n' : '\r\n';
      const at = heard.indexOf(end);
      if (at < 0) return;
      const said = heard.slice(0, at);
      heard = heard.slice(at + end.length);
      if (isMessage) {
        isMessage = false;
        if (!mail.refuses) mail.received.push(said);
        say(mail.refuses ? '554 5.6.0 Not a message I like' : '250 Taken');
      } else if (/^DATA/i.test(said)) {
        isMessage = true;
        say('354 Go on');
      } else if (/^QUIT/i.test(said)) {
        say('221 Bye');
        socket.end();
      } else {
        say('250 mail.example.com');
      }
    }
  });
}

/** A header of a message in one line. */
export function header(message: string, name: string): string {
  const [head = ''] = message.split('\r\n\r\n');
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return lines.find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))?.slice(name.length + 1).trim() ?? '';
}
