import type { ClusterEvent } from './cluster-event.ts';

/** What becomes of an event. */
export type Correlation =
  | { readonly type: 'first'; readonly entry: EventEntry }
  /** The same again: the entry's count has gone up. */
  | { readonly type: 'repeated'; readonly entry: EventEntry }
  /** One object has had too many events. */
  | { readonly type: 'suppressed' };

/** One event on the server. */
export interface EventEntry {
  readonly event: ClusterEvent;
  readonly count: number;
  /** In ms since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Under which it is remembered, and named on the server. */
  readonly key: string;
}

export interface CorrelatorLimits {
  /** Entries, objects and groups remembered; of more the oldest is forgotten. */
  readonly remembered: number;
  /** Events about one object at once, and how many ms give back one. */
  readonly burst: number;
  readonly refillMs: number;
  /** Different messages of one reason about one object that are told apart, within so many ms. */
  readonly distinct: number;
  readonly windowMs: number;
}

/** As kubectl users know them: 25 at once and one in five minutes; ten messages in ten minutes. */
export const defaultLimits: CorrelatorLimits = {
  remembered: 4096,
  burst: 25,
  refillMs: 300_000,
  distinct: 10,
  windowMs: 600_000,
};

interface Group {
  readonly since: number;
  readonly messages: Set<string>;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Decides which events are new, which repeat others, and which are too many. */
export class EventCorrelator {
  readonly #limits: CorrelatorLimits;
  readonly #entries = new Map<string, EventEntry>();
  readonly #groups = new Map<string, Group>();
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: CorrelatorLimits = defaultLimits) {
    this.#limits = limits;
  }

  /** `now` in ms since the epoch. */
  correlate(event: ClusterEvent, now: number): Correlation {
    const { apiVersion, kind, namespace, name } = event.about;
    const object = `${apiVersion} ${kind} ${namespace}/${name}`;
    if (!this.#spend(object, now)) return { type: 'suppressed' };
    const group = `${object} ${event.type} ${event.reason}`;
    const isOneOfMany = this.#isOneOfMany(group, event.message, now);
    const key = isOneOfMany ? group : `${group} ${event.message}`;
    const message = isOneOfMany ? `(combined from similar events): ${event.message}` : event.message;
    const known = this.#entries.get(key);
    const entry: EventEntry = {
      event: { ...event, message },
      key,
      count: (known?.count ?? 0) + 1,
      firstAt: known?.firstAt ?? now,
      lastAt: now,
    };
    this.#remember(this.#entries, key, entry);
    return { type: known === undefined ? 'first' : 'repeated', entry };
  }

  /** The server does not have this one (any more). */
  forget({ key }: EventEntry): void {
    this.#entries.delete(key);
  }

  #spend(object: string, now: number): boolean {
    const { burst, refillMs } = this.#limits;
    const bucket = this.#buckets.get(object) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs);
    const isAllowed = tokens >= 1;
    this.#remember(this.#buckets, object, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    return isAllowed;
  }

  #isOneOfMany(key: string, message: string, now: number): boolean {
    const { distinct, windowMs } = this.#limits;
    const known = this.#groups.get(key);
    const group =
      known === undefined || now - known.since > windowMs
        ? { since: now, messages: new Set<string>() }
        : known;
    this.#remember(this.#groups, key, group);
    if (group.messages.has(message)) return false;
    if (group.messages.size >= distinct) return true;
    group.messages.add(message);
    return false;
  }

  /** Maps keep the order of insertion: the first is the one that was used longest ago. */
  #remember<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    const [oldest] = map.keys();
    if (map.size > this.#limits.remembered && oldest !== undefined) map.delete(oldest);
  }
}
