// How the launcher looks, without touching the page's own styles.
//
// Rules live in a constructed style sheet, which a strict `style-src` does not
// block as it would a <style> element. Browsers too old for one get the same
// declarations on each element, set through the CSSOM, which it allows too.

const HOST = `all:initial!important;
display:block!important;
position:fixed!important;
z-index:2147483647!important;
top:auto!important;left:auto!important;right:0!important;bottom:0!important;
width:0!important;height:0!important;
color-scheme:light dark!important;`;

const CORNER = (side: string, bottom: number) =>
  `position:fixed;box-sizing:border-box;
bottom:calc(${bottom}px + env(safe-area-inset-bottom,0px));
${side}:calc(20px + env(safe-area-inset-${side},0px));`;

const SHADOW = 'box-shadow:0 8px 28px rgba(10,25,24,.22);';

const FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,sans-serif';

const parts = (side: string): Record<string, string> => ({
  launcher: `${CORNER(side, 20)}${SHADOW}
display:flex;align-items:center;justify-content:center;gap:8px;
margin:0;padding:0 15px;min-width:56px;height:56px;
border:1px solid transparent;border-radius:28px;
font:600 16px/1 ${FONT};
color:var(--frontdesk-ink,#fff);background:var(--frontdesk-accent,#0f6e66);
cursor:pointer;-webkit-tap-highlight-color:transparent;`,
  icon: `display:block;width:24px;height:24px;fill:none;
stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;`,
  text: 'padding-right:5px;white-space:nowrap;',
  badge: `position:absolute;top:-5px;right:-5px;box-sizing:border-box;
min-width:22px;height:22px;padding:0 6px;border-radius:11px;
font:600 12px/22px ${FONT};text-align:center;
color:#fff;background:#b3261e;`,
  panel: `${CORNER(side, 88)}${SHADOW}
width:400px;max-width:calc(100vw - 40px);
height:640px;max-height:calc(100vh - 108px);
overflow:hidden;border-radius:10px;
border:1px solid var(--frontdesk-line,#d5dddb);background:var(--frontdesk-surface,#fff);`,
  phone: `top:0;left:0;right:0;bottom:auto;
width:100%;max-width:none;height:100%;height:100dvh;max-height:none;border:0;border-radius:0;
padding:env(safe-area-inset-top,0px) env(safe-area-inset-right,0px) env(safe-area-inset-bottom,0px) env(safe-area-inset-left,0px);`,
  away: 'visibility:hidden;pointer-events:none;animation:none;',
  frame: 'display:block;width:100%;height:100%;border:0;',
  card: `${CORNER(side, 88)}${SHADOW}
max-width:calc(100vw - 40px);padding:12px 16px;border-radius:10px;
border:1px solid var(--frontdesk-line,#d5dddb);
font:14px/1.5 ${FONT};
color:var(--frontdesk-body,#14201f);background:var(--frontdesk-surface,#fff);`,
  link: 'display:inline-block;padding:4px 0;color:inherit;font-weight:600;text-underline-offset:2px;',
  heard: 'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;',
  none: 'display:none;',
});

const EXTRAS = `@media(prefers-color-scheme:dark){:host{
--frontdesk-surface:#171d1d;--frontdesk-line:#36403f;--frontdesk-body:#e6ecea}}
.panel{max-height:calc(100dvh - 108px)}
.phone{max-height:none}
.launcher:hover{filter:brightness(.94)}
.launcher:focus-visible,.link:focus-visible{outline:2px solid #fff;outline-offset:0;box-shadow:0 0 0 4px #14201f}
.link:focus-visible{border-radius:6px}
@media(prefers-reduced-motion:no-preference){
.panel:not(.away){animation:rise .16s ease-out}
.card{animation:rise .16s ease-out}
[aria-busy=true] .icon{animation:wait 1.2s ease-in-out infinite}
@keyframes rise{from{opacity:0;transform:translateY(8px)}}
@keyframes wait{50%{opacity:.35}}}
@media print{:host{display:none!important}}`;

/** Gives elements under one shadow root their looks, by class names. */
export type Dress = (element: HTMLElement | SVGElement, classes: string) => void;

/** Styles `host` and answers how to dress what is inside `root`. */
export function dresser(host: HTMLElement, root: ShadowRoot, side: string): Dress {
  const looks = parts(side);
  const adopted = adopt(root, looks);
  if (!adopted) host.style.cssText = HOST;
  return (element, classes) => {
    element.setAttribute('class', classes);
    element.style.cssText = adopted ? '' : classes.split(' ').map((name) => looks[name]).join('');
  };
}

function adopt(root: ShadowRoot, looks: Record<string, string>): boolean {
  const rules = Object.keys(looks).map((name) => `.${name}{${looks[name]}}`);
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`:host{${HOST}}${rules.join('')}${EXTRAS}`);
    root.adoptedStyleSheets = [sheet];
    return true;
  } catch {
    return false;
  }
}
