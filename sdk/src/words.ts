// What the launcher says, in the page's language where we speak it.

export interface Words {
  lang: string;
  open: string;
  close: string;
  title: string;
  opening: string;
  failed: string;
  link: string;
  unread: (count: number) => string;
}

const ENGLISH: Words = {
  lang: 'en',
  open: 'Open chat with the clinic',
  close: 'Close chat',
  title: 'Chat with the clinic',
  opening: 'Opening chat…',
  failed: 'Chat did not open on this page.',
  link: 'Open chat in a new tab',
  unread: (count) => (count === 1 ? '1 unread message' : `${count} unread messages`),
};

const SPANISH: Words = {
  lang: 'es',
  open: 'Abrir el chat con la clínica',
  close: 'Cerrar el chat',
  title: 'Chat con la clínica',
  opening: 'Abriendo el chat…',
  failed: 'El chat no se abrió en esta página.',
  link: 'Abrir el chat en otra pestaña',
  unread: (count) => (count === 1 ? '1 mensaje sin leer' : `${count} mensajes sin leer`),
};

/** The words for a page whose `lang` is `lang`; English unless it is Spanish. */
export function wordsFor(lang: string): Words {
  return /^es\b/i.test(lang) ? SPANISH : ENGLISH;
}
