// Where everything under test lives.

/** The server, started by whoever runs the tests. */
export const FRONTDESK = new URL(process.env.FRONTDESK_URL ?? 'http://127.0.0.1:3000').origin;

/** The demo clinic. */
export const CLINIC = 'bloom';

const SITE_PORT = Number(process.env.SITE_PORT ?? 4173);

/** A site the demo clinic allows to show its chat, and one it does not. */
export const SITE = `http://localhost:${SITE_PORT}`;
export const STRANGE_SITE = `http://localhost:${SITE_PORT + 1}`;
