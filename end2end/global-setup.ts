// Waits for the server, then opens the two clinic sites for as long as tests run.

import { setTimeout as pause } from 'node:timers/promises';
import { FRONTDESK, SITE, STRANGE_SITE } from './support/addresses';
import { openSite } from './support/site';

const PATIENCE_MS = 60_000;

export default async function prepare(): Promise<() => Promise<void>> {
  await untilReady();
  const sites = await Promise.all([openSite(SITE), openSite(STRANGE_SITE)]);
  return async () => {
    for (const site of sites) {
      site.closeAllConnections();
      site.close();
    }
  };
}

async function untilReady(): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  let seen = 'nothing';
  while (Date.now() < deadline) {
    try {
      const response = await fetch(`${FRONTDESK}/ready`, { signal: AbortSignal.timeout(2000) });
      if (response.ok) return;
      seen = `status ${response.status}`;
    } catch (error) {
      seen = error instanceof Error ? `${error.message} (${error.cause ?? 'no cause'})` : `${error}`;
    }
    await pause(500);
  }
  throw new Error(`${FRONTDESK}/ready did not answer 200 within ${PATIENCE_MS / 1000} s; last seen: ${seen}. Start the server first, or set FRONTDESK_URL.`);
}
