// A client for a clinic's receptionist: for sites, apps and scripts that draw
// their own chat or booking page. It needs fetch and nothing else.

/** A refusal, with the code that says why (RFC 9457). */
export class ReceptionistError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | null;
  readonly errors: FieldError[];
  /** Whole seconds after which to try again, with `rate_limited`. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Partial<Problem>, retryAfter: number | null) {
    super(problem.detail ?? 'The receptionist did not answer.');
    this.name = 'ReceptionistError';
    this.status = status;
    this.code = problem.code ?? 'unavailable';
    this.requestId = problem.request_id ?? null;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

export interface FieldError {
  field: string;
  message: string;
}

interface Problem {
  code: string;
  detail: string;
  request_id: string | null;
  errors: FieldError[];
}

export interface Session {
  token: string;
  session_id: string;
  expires_at: string;
}

export interface Named {
  id: string;
  name: string;
}

export interface TypeRef extends Named {
  slug: string;
}

export interface Slot {
  slot: string;
  starts_at: string;
  ends_at: string;
  practitioner: Named;
  appointment_type: TypeRef;
  verified: boolean;
}

export interface Hold {
  hold_id: string;
  starts_at: string;
  ends_at: string;
  time_zone: string;
  practitioner: Named;
  appointment_type: TypeRef;
  expires_at: string;
}

export interface Appointment {
  id: string;
  status: string;
  starts_at: string;
  ends_at: string;
  time_zone: string;
  practitioner: Named;
  appointment_type: TypeRef;
  confirmation_code: string;
  created_at: string;
}

export interface Message {
  id: string;
  role: 'patient' | 'receptionist' | 'member';
  text: string;
  cards: unknown[];
  created_at: string;
}

export interface PushEvent {
  id: string;
  kind: string;
  payload: Record<string, unknown>;
  created_at: string;
}

export interface Config {
  clinic_id: string;
  name: string;
  slug: string;
  time_zone: string;
  languages: string[];
  greeting: string;
}

export interface Availability {
  time_zone: string;
  slots: Slot[];
  degraded: boolean;
}

export interface Wanted {
  appointmentType: string;
  practitioner?: string;
  /** Dates in the clinic's zone, `2026-11-24`. */
  from?: string;
  to?: string;
  /** The first so many days that have free times. */
  days?: number;
  limit?: number;
}

export interface NewPatient {
  name: string;
  phone?: string;
  email?: string;
}

export interface Options {
  /** Where Frontdesk is, for example `https://desk.example.com`. */
  baseUrl: string;
  /** The clinic's short name. */
  clinic: string;
  /** A session that was kept, to go on with it. */
  session?: Session;
  /** Told of every new session and token, to keep it. */
  onSession?: (session: Session) => void;
  /** A hint for the staff, never proof of who somebody is. */
  email?: string;
  phone?: string;
  fetch?: typeof fetch;
}

/** How long before its end a session's token is made anew. */
const EARLY = 60_000;

export class ReceptionistClient {
  private readonly base: string;
  private readonly options: Options;
  private session: Session | null;
  private opening: Promise<Session> | null = null;
  private known: Promise<Config> | null = null;

  constructor(options: Options) {
    this.options = options;
    this.base = options.baseUrl.replace(/\/+$/, '');
    this.session = options.session ?? null;
  }

  /** What the clinic is called and how it greets. */
  config(): Promise<Config> {
    this.known ??= this.ask<Config>('GET', `/config?clinic=${encodeURIComponent(this.options.clinic)}`).catch((error) => {
      this.known = null;
      throw error;
    });
    return this.known;
  }

  /** The session, opened or kept going as need be. */
  async open(): Promise<Session> {
    const left = this.session ? Date.parse(this.session.expires_at) - Date.now() : 0;
    if (this.session && left > EARLY) return this.session;
    this.opening ??= (left > 0 ? this.refresh() : this.start()).finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  /** Says something to the receptionist; the same id again is answered once. */
  async send(message: string, clientMessageId: string = newId()): Promise<{ message_id: string; reply: { text: string; cards: unknown[] } }> {
    return this.inClinic('POST', 'chat', { message, client_message_id: clientMessageId });
  }

  /** What was said after the message `after`, oldest first. */
  async messages(after?: string): Promise<{ messages: Message[]; next: string | null }> {
    const { session_id } = await this.open();
    return this.signed('GET', `/sessions/${session_id}/messages${query({ after })}`);
  }

  /** What happened after the event `after`, oldest first. */
  async pushEvents(after?: string): Promise<PushEvent[]> {
    const { session_id } = await this.open();
    const { events } = await this.signed<{ events: PushEvent[] }>('GET', `/sessions/${session_id}/push-events${query({ after })}`);
    return events;
  }

  /** Calls back with everything that happens, until the function it returns is called. */
  listen(heard: (event: PushEvent) => void, options: { after?: string; everyMs?: number } = {}): () => void {
    let after = options.after;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        for (const event of await this.pushEvents(after)) {
          if (stopped) return;
          after = event.id;
          heard(event);
        }
      } catch {
        // The next look may find it answering again.
      }
      if (!stopped) timer = setTimeout(look, options.everyMs ?? 5_000);
    };
    void look();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }

  async appointmentTypes(): Promise<TypeRef[]> {
    return (await this.inClinic<{ appointment_types: TypeRef[] }>('GET', 'appointment-types')).appointment_types;
  }

  async practitioners(): Promise<Named[]> {
    return (await this.inClinic<{ practitioners: Named[] }>('GET', 'practitioners')).practitioners;
  }

  /** Times that are free, each signed for this session. */
  async availability(wanted: Wanted): Promise<Availability> {
    const { appointmentType, ...rest } = wanted;
    return this.inClinic('GET', `availability${query({ appointment_type: appointmentType, ...rest })}`);
  }

  /** Keeps a slot for some minutes. */
  async hold(slot: string, idempotencyKey: string = newId()): Promise<Hold> {
    return this.inClinic('POST', 'holds', { slot }, idempotencyKey);
  }

  async release(holdId: string): Promise<void> {
    await this.inClinic('DELETE', `holds/${holdId}`);
  }

  /** Books what is held. Confirming the same hold again is the same visit. */
  async confirm(holdId: string, patient: NewPatient, note?: string): Promise<{ appointment: Appointment; confirmation_code: string; sms_status: string }> {
    return this.inClinic('POST', 'appointments/confirm', { hold_id: holdId, patient, note });
  }

  /** The visit that has this code; from then on this session may change it. */
  async lookup(code: string): Promise<Appointment | null> {
    const { appointments } = await this.inClinic<{ appointments: Appointment[] }>('GET', `appointments/lookup${query({ code })}`);
    return appointments[0] ?? null;
  }

  async reschedule(appointmentId: string, slot: string, idempotencyKey: string = newId()): Promise<{ appointment: Appointment; replaces: unknown }> {
    return this.inClinic('POST', `appointments/${appointmentId}/reschedule`, { slot }, idempotencyKey);
  }

  async cancel(appointmentId: string, reason?: string, idempotencyKey: string = newId()): Promise<Appointment> {
    const { appointment } = await this.inClinic<{ appointment: Appointment }>('POST', `appointments/${appointmentId}/cancel`, { reason }, idempotencyKey);
    return appointment;
  }

  private async start(): Promise<Session> {
    const { clinic_id } = await this.config();
    const { email, phone } = this.options;
    return this.keep(await this.ask<Session>('POST', '/auth/session', { clinic_id, email, phone }));
  }

  private async refresh(): Promise<Session> {
    const old = this.session as Session;
    try {
      const fresh = await this.ask<{ token: string; expires_at: string }>('POST', '/auth/refresh', { token: old.token });
      return this.keep({ ...old, ...fresh });
    } catch (error) {
      if (error instanceof ReceptionistError && error.code === 'unauthenticated') return this.start();
      throw error;
    }
  }

  private keep(session: Session): Session {
    this.session = session;
    this.options.onSession?.(session);
    return session;
  }

  private async inClinic<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
    const { clinic_id } = await this.config();
    return this.signed(method, `/clinics/${clinic_id}/${path}`, body, key);
  }

  private async signed<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
    const { token } = await this.open();
    return this.ask(method, path, body, { authorization: `Bearer ${token}`, ...(key ? { 'idempotency-key': key } : {}) });
  }

  private async ask<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const call = this.options.fetch ?? globalThis.fetch;
    const sent = body === undefined ? headers : { ...headers, 'content-type': 'application/json' };
    const response = await call(`${this.base}/api/v1${path}`, {
      method,
      headers: sent,
      body: body === undefined ? null : JSON.stringify(body),
      // A token says who this is; cookies have no part in it.
      credentials: 'omit',
    });
    const answer = response.status === 204 ? undefined : await response.json().catch(() => ({}));
    if (response.ok) return answer as T;
    const wait = Number(response.headers.get('retry-after'));
    throw new ReceptionistError(response.status, (answer ?? {}) as Partial<Problem>, wait > 0 ? wait : null);
  }
}

function query(parameters: Record<string, string | number | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

function newId(): string {
  const random = globalThis.crypto?.randomUUID?.bind(globalThis.crypto);
  // Pages that are not secure have no randomUUID.
  return random ? random() : `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}-${Math.random().toString(36).slice(2)}`;
}
