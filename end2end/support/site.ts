// A clinic's own web site, which knows nothing of Frontdesk but the script line.

import { createServer, type Server } from 'node:http';
import { CLINIC, FRONTDESK } from './addresses';

const STRICT = `default-src 'self'; script-src ${FRONTDESK}; frame-src ${FRONTDESK}; style-src 'self'`;

const STYLES: Record<string, string> = {
  '/plain.css': 'body { margin: 24px; font: 18px Georgia, serif }',
  '/hostile.css': `* { all: unset; color: red !important; box-sizing: content-box; font-size: 40px !important }
body * { display: none !important; transform: rotate(3deg) !important; padding: 9px !important }`,
};

/** Serves the site at `address`: `/` plain, `/strict` under a tight CSP, `/hostile` under hostile CSS. */
export function openSite(address: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', address);
    const style = STYLES[pathname];
    if (style) {
      response.setHeader('content-type', 'text/css');
      response.end(style);
    } else if (['/', '/strict', '/hostile'].includes(pathname)) {
      if (pathname === '/strict') response.setHeader('content-security-policy', STRICT);
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(home(pathname === '/hostile' ? '/hostile.css' : '/plain.css'));
    } else {
      response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(new URL(address).port), '127.0.0.1', () => resolve(server));
  });
}

function home(style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bloom Wellness Studio</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<main>
<h1>Bloom Wellness Studio</h1>
<p>Hair, skin and calm, Monday to Saturday.</p>
<label>Search this site <input type="search"></label>
</main>
<script src="${FRONTDESK}/widget.js" data-clinic="${CLINIC}" async></script>
</body>
</html>`;
}
