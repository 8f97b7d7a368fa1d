// What the chat frame and the page around it say to each other.
//
// Every message is `{frontdesk: 1, type: …}`. Either side first checks who sent
// it (`event.origin` and `event.source`), then reads it here; anything else on
// the wire belongs to someone else's script and is ignored.

/** Said by the frame to the page. */
export type FrameMessage =
  | { frontdesk: 1; type: 'ready' }
  | { frontdesk: 1; type: 'close' }
  | { frontdesk: 1; type: 'unread'; count: number }
  | { frontdesk: 1; type: 'theme'; accent: string };

/** Said by the page to the frame, only after `ready`. */
export type HostMessage =
  | { frontdesk: 1; type: 'hello'; page_title?: string }
  | { frontdesk: 1; type: 'open' }
  | { frontdesk: 1; type: 'closed' };

type Fields = Record<string, unknown>;

/** Reads what a frame said, or nothing if it is not ours or not well formed. */
export function readFrameMessage(value: unknown): FrameMessage | undefined {
  const said = ours(value);
  if (!said) return undefined;
  const { type, count, accent } = said;
  if (type === 'ready' || type === 'close') return { frontdesk: 1, type };
  if (type === 'unread' && isCount(count)) return { frontdesk: 1, type, count };
  if (type === 'theme' && isColour(accent)) return { frontdesk: 1, type, accent };
  return undefined;
}

/** Reads what a page said, or nothing if it is not ours or not well formed. */
export function readHostMessage(value: unknown): HostMessage | undefined {
  const said = ours(value);
  if (!said) return undefined;
  const { type, page_title } = said;
  if (type === 'open' || type === 'closed') return { frontdesk: 1, type };
  if (type !== 'hello') return undefined;
  if (page_title === undefined) return { frontdesk: 1, type };
  return typeof page_title === 'string' ? { frontdesk: 1, type, page_title } : undefined;
}

function ours(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Fields;
  return fields.frontdesk === 1 ? fields : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

// The accent ends up in a style, so nothing but six hex digits may pass.
function isColour(value: unknown): value is string {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value);
}
