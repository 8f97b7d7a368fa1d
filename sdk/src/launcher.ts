// The launcher button and the frame it opens, in one element of their own.

import { inkOn } from './colour';
import { readFrameMessage, type HostMessage } from './protocol';
import type { ScriptLine } from './script';
import { dresser } from './style';
import { wordsFor } from './words';

const PATIENCE_MS = 8000;
const TITLE_LENGTH = 200;

const CHAT = 'M4 20l1.3-4A8 8 0 1 1 8.2 18.8zM8.5 12h.01M12 12h.01M15.5 12h.01';
const CROSS = 'M6 6l12 12M18 6L6 18';
const DOTS = 'M6 12h.01M12 12h.01M18 12h.01';

/** Draws the launcher for one clinic. The caller puts it on the page. */
export function drawLauncher({ origin, clinic, side, label }: ScriptLine): HTMLElement {
  const words = wordsFor(document.documentElement.lang);
  const host = create('frontdesk-chat');
  const root = host.attachShadow({ mode: 'open' });
  const dress = dresser(host, root, side);
  const phone = matchMedia('(max-width: 480px)');

  const launcher = create('button');
  const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  const text = create('span', label);
  const badge = create('span');
  const panel = create('div');
  const card = create('div');
  const notice = create('div');
  const link = create('a', words.link);

  let frame: HTMLIFrameElement | undefined;
  let timer = 0;
  let expanded = false;
  let ready = false;
  let failed = false;
  let unread = 0;

  host.lang = words.lang;
  launcher.type = 'button';
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('aria-hidden', 'true');
  icon.append(path);
  badge.setAttribute('aria-hidden', 'true');
  launcher.append(icon, text, badge);
  panel.id = 'panel';
  card.setAttribute('role', 'status');
  link.href = `${origin}/c/${clinic}`;
  link.target = '_blank';
  link.rel = 'noopener';
  card.append(notice, link);
  root.append(launcher, panel, card);
  dress(icon, 'icon');

  launcher.addEventListener('click', () => (expanded ? close() : open()));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && expanded && !event.defaultPrevented) close();
  });
  addEventListener('message', hear);
  phone.onchange = render;
  const view = window.visualViewport;
  if (view) view.onresize = view.onscroll = fit;

  render();
  return host;

  function open(): void {
    expanded = true;
    if (!frame) {
      frame = create('iframe');
      frame.title = words.title;
      frame.allow = 'clipboard-write';
      frame.src = `${origin}/embed/${clinic}`;
      dress(frame, 'frame');
      panel.append(frame);
      launcher.setAttribute('aria-controls', panel.id);
    }
    if (!ready) timer = setTimeout(giveUp, PATIENCE_MS);
    render();
    if (ready) enter();
  }

  function close(): void {
    expanded = false;
    clearTimeout(timer);
    if (ready) say({ frontdesk: 1, type: 'closed' });
    else if (failed) forget();
    render();
    // Someone who has moved on to another field of the page stays there.
    const { activeElement, body } = document;
    if (activeElement === host || activeElement === body) launcher.focus();
  }

  function giveUp(): void {
    failed = true;
    render();
  }

  // So that opening again tries again.
  function forget(): void {
    failed = false;
    if (frame) frame.remove();
    frame = undefined;
  }

  function enter(): void {
    say({ frontdesk: 1, type: 'open' });
    if (frame) frame.focus();
  }

  function say(message: HostMessage): void {
    if (frame && frame.contentWindow) frame.contentWindow.postMessage(message, origin);
  }

  function hear(event: MessageEvent): void {
    if (!frame || event.origin !== origin || event.source !== frame.contentWindow) return;
    const message = readFrameMessage(event.data);
    if (!message) return;
    switch (message.type) {
      case 'ready':
        // Said again after every page load inside the frame, and perhaps late.
        ready = true;
        failed = false;
        clearTimeout(timer);
        say({ frontdesk: 1, type: 'hello', page_title: document.title.slice(0, TITLE_LENGTH) });
        render();
        if (expanded) enter();
        break;
      case 'close':
        if (expanded) close();
        break;
      case 'unread':
        unread = message.count;
        render();
        break;
      case 'theme':
        host.style.setProperty('--frontdesk-accent', message.accent);
        host.style.setProperty('--frontdesk-ink', inkOn(message.accent));
    }
  }

  function render(): void {
    const waiting = expanded && !ready && !failed;
    const shown = expanded && ready;
    const news = !expanded && unread > 0 ? words.unread(unread) : '';

    dress(launcher, shown && phone.matches ? 'none' : 'launcher');
    launcher.setAttribute('aria-expanded', `${expanded}`);
    launcher.setAttribute('aria-busy', `${waiting}`);
    launcher.setAttribute(
      'aria-label',
      expanded ? words.close : (label || words.open) + (news && `, ${news}`),
    );
    path.setAttribute('d', waiting ? DOTS : expanded ? CROSS : CHAT);
    path.setAttribute('stroke-width', waiting ? '3' : '2');
    dress(text, label && !expanded ? 'text' : 'none');
    dress(badge, news ? 'badge' : 'none');
    badge.textContent = unread > 9 ? '9+' : `${unread}`;

    dress(panel, `panel${phone.matches ? ' phone' : ''}${shown ? '' : ' away'}`);
    panel.toggleAttribute('inert', !shown);
    fit();

    dress(card, expanded && failed ? 'card' : 'heard');
    dress(link, expanded && failed ? 'link' : 'none');
    const heard = waiting ? words.opening : expanded && failed ? words.failed : news;
    // Writing the same words again would have them read out again.
    if (notice.textContent !== heard) notice.textContent = heard;
  }

  // A phone's keyboard covers the page without resizing it; the panel gives way
  // instead. Someone who has zoomed in is left alone.
  function fit(): void {
    if (!view || !phone.matches) return;
    const pinched = view.scale > 1.01;
    panel.style.top = pinched ? '0' : `${view.offsetTop}px`;
    panel.style.height = pinched ? '100%' : `${view.height}px`;
  }
}

function create<K extends keyof HTMLElementTagNameMap>(name: K, text?: string): HTMLElementTagNameMap[K];
function create(name: string): HTMLElement;
function create(name: string, text = ''): HTMLElement {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
