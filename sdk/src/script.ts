// The script line on the clinic's page, and what it asks for.

export interface ScriptLine {
  origin: string;
  clinic: string;
  side: 'left' | 'right';
  label: string;
}

/** Reads the line that loaded us, or logs why it cannot and returns nothing. */
export function readScriptLine(): ScriptLine | undefined {
  const script = findScript();
  const { clinic = '', position, label = '' } = script ? script.dataset : {};
  if (!script || !isSlug(clinic)) {
    console.error(
      'Frontdesk: no chat was drawn. The script line needs data-clinic="your-clinic": lower-case letters, digits and hyphens.',
    );
    return undefined;
  }
  return {
    origin: new URL(script.src).origin,
    clinic,
    side: position === 'left' ? 'left' : 'right',
    label: label.trim(),
  };
}

/** Whether `clinic` can stand in an address as it is. */
export function isSlug(clinic: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/.test(clinic);
}

// `currentScript` is empty when a bundler or tag manager runs us as a module.
function findScript(): HTMLScriptElement | null {
  const current = document.currentScript as HTMLScriptElement | null;
  return current && current.src
    ? current
    : document.querySelector('script[data-clinic][src*="/widget.js"]');
}
