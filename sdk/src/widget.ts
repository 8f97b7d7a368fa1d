// The one script a clinic puts on its site. It draws a launcher for the chat.

import { drawLauncher } from './launcher';
import { readScriptLine } from './script';

const DRAWN = Symbol.for('frontdesk');
const page = document as Document & { [DRAWN]?: HTMLElement };

const line = readScriptLine();
if (line) place(page[DRAWN] || (page[DRAWN] = drawLauncher(line)));

// A page that swaps its body for another loads us again: same launcher, put back.
function place(launcher: HTMLElement): void {
  if (launcher.isConnected) return;
  if (document.body) document.body.append(launcher);
  else document.addEventListener('DOMContentLoaded', () => document.body.append(launcher));
}
