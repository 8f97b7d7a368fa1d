// What the chat needs before its WASM has arrived: Enter sends, and a frame on
// a clinic's site speaks with the page around it.

import { readHostMessage, type FrameMessage } from './protocol';

const script = document.currentScript as HTMLScriptElement | null;
const allowed = (script?.dataset.origins ?? '').split(' ').filter(Boolean);
const host = hostOrigin();
let open = true;
let unread = 0;

document.addEventListener('keydown', (event) => {
  const box = event.target;
  if (!(box instanceof HTMLTextAreaElement) || event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (box.value.trim()) box.form?.requestSubmit();
});

if (window.parent !== window && host && (allowed.includes(host) || host === location.origin)) start(host);

/** Who frames us: browsers say it in one of two ways, or not at all. */
function hostOrigin(): string | undefined {
  const ancestor = location.ancestorOrigins?.[0];
  if (ancestor) return ancestor;
  try {
    return new URL(document.referrer).origin;
  } catch {
    return undefined;
  }
}

function start(origin: string): void {
  const say = (message: FrameMessage): void => window.parent.postMessage(message, origin);
  window.addEventListener('message', (event) => {
    if (event.origin !== origin || event.source !== window.parent) return;
    hear(readHostMessage(event.data)?.type);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') say({ frontdesk: 1, type: 'close' });
  });
  document.addEventListener('click', (event) => {
    if ((event.target as Element | null)?.closest?.('[data-close]')) say({ frontdesk: 1, type: 'close' });
  });
  whenParsed(() => {
    sayAccent(say);
    countUnread(say);
    say({ frontdesk: 1, type: 'ready' });
  });
}

function hear(type: string | undefined): void {
  if (type === 'open') {
    open = true;
    unread = 0;
    document.getElementById('message')?.focus();
  } else if (type === 'closed') {
    open = false;
  }
}

function whenParsed(run: () => void): void {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', run);
  else run();
}

function sayAccent(say: (message: FrameMessage) => void): void {
  const accent = script?.dataset.accent;
  if (accent) say({ frontdesk: 1, type: 'theme', accent });
}

// Answers that come while the chat is closed are counted on the launcher.
function countUnread(say: (message: FrameMessage) => void): void {
  const log = document.querySelector('[role=log]');
  if (!log) return;
  new MutationObserver((changes) => {
    if (open) return;
    const added = changes.flatMap((change) => [...change.addedNodes]);
    const answers = added.filter((node) => (node as Element).matches?.('[data-role=receptionist], [data-role=member]'));
    if (!answers.length) return;
    unread += answers.length;
    say({ frontdesk: 1, type: 'unread', count: unread });
  }).observe(log, { childList: true, subtree: true });
}
