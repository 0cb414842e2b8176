import type { ApiClient } from '../../api/api-client.ts';
import { ApiError, isApiError } from '../../api/api-error.ts';
import { acceptFor, apiResources, apiVersionOf, resourcePath } from '../../api/api-resources.ts';
import { backoffMs } from '../../api/backoff.ts';
import { pause } from '../../api/pause.ts';
import type { Kind } from '../../kinds.ts';
import type { KindMirror } from './kind-mirror.ts';
import { listPages } from './list-pages.ts';
import { firstStep, nextStep, type Outcome, type Step } from './reflection.ts';
import type { ReflectorObserver } from './reflector-observer.ts';
import type { ReflectorTiming } from './reflector-timing.ts';
import { type WatchEvent, watchEvents } from './watch-events.ts';

export interface ReflectorOptions {
  readonly api: ApiClient;
  readonly kind: Kind;
  readonly mirror: KindMirror;
  readonly timing: ReflectorTiming;
  readonly observer: ReflectorObserver;
  /** Called once: the first list is complete, or the kind is absent. */
  readonly onSynced: () => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** The longest wait that a server may ask for, in ms. */
const MAX_RETRY_AFTER_MS = 30_000;

/** So soon after a watch was accepted an event tells of what had happened before, in ms. */
const AT_ONCE_MS = 500;

/** Lists one kind and watches it, for ever: `reflection.ts` says what follows what. */
export class Reflector {
  readonly #options: Required<ReflectorOptions>;
  #step: Step = firstStep;
  #synced = false;
  #version: string;
  #freshAt: number | undefined;
  #retryAfterMs = 0;
  #renewsSilence = false;
  #openedAt = 0;

  constructor(options: ReflectorOptions) {
    this.#options = { now: Date.now, random: Math.random, ...options };
    this.#version = apiResources[options.kind].versions[0];
  }

  /** When the index was last known to be up to date, in ms since the epoch; undefined before the first list. */
  get freshAt(): number | undefined {
    return this.#freshAt;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const outcome = await this.#attempt(signal);
      if (signal.aborted) return;
      this.#settle(outcome);
      await pause(this.#waitMs(), signal);
    }
  }

  async #attempt(signal: AbortSignal): Promise<Outcome> {
    const { reflection } = this.#step;
    return reflection.type === 'watching'
      ? this.#watch(reflection.resourceVersion, signal)
      : this.#list(signal);
  }

  #settle(outcome: Outcome): void {
    const { kind, observer, mirror } = this.#options;
    const before = this.#step;
    this.#step = nextStep(before, outcome);
    this.#renewsSilence = outcome.type === 'silent';
    if (outcome.type === 'absent') {
      // A server that is starting up may deny for a moment that it knows a kind: only the second time is believed.
      if (before.reflection.type === 'absent') mirror.clear();
      else observer.absent(kind);
      this.#touch();
    }
    if (outcome.type === 'listed' || outcome.type === 'absent') this.#markSynced();
    else observer.restarted(kind, outcome.type);
    if (outcome.type === 'listed' && before.failures > 0) observer.recovered(kind);
  }

  async #list(signal: AbortSignal): Promise<Outcome> {
    const { kind, mirror, observer, now } = this.#options;
    const resource = apiResources[kind];
    const started = now();
    for (const version of resource.versions) {
      try {
        const resourceVersion = await this.#listVersion(version, signal);
        this.#version = version;
        mirror.endListing();
        this.#touch();
        observer.listed(kind, mirror.size, (now() - started) / 1000);
        return { type: 'listed', resourceVersion };
      } catch (error) {
        if (isApiError(error, 'not_found')) continue;
        // The place in the list has become too old while it was read: from the beginning.
        if (isApiError(error, 'expired')) return { type: 'expired' };
        return this.#failed(error, { type: 'failed' }, signal);
      }
    }
    return { type: 'absent' };
  }

  async #listVersion(version: string, signal: AbortSignal): Promise<string> {
    const { api, kind, mirror, timing } = this.#options;
    const resource = apiResources[kind];
    const path = resourcePath(apiVersionOf(kind, version), resource.plural);
    const request = { path, accept: acceptFor(resource, 'list'), pageSize: timing.pageSize };
    let resourceVersion = '';
    mirror.beginListing();
    for await (const page of listPages(api, request, signal)) {
      mirror.addPage(version, page.items);
      resourceVersion = page.resourceVersion;
    }
    return resourceVersion;
  }

  async #watch(from: string, signal: AbortSignal): Promise<Outcome> {
    const { api, kind, mirror, timing, random } = this.#options;
    const resource = apiResources[kind];
    const request = {
      path: resourcePath(apiVersionOf(kind, this.#version), resource.plural),
      accept: acceptFor(resource, 'watch'),
      resourceVersion: from,
      lifetimeSeconds: timing.lifetimeSeconds * (1 + random()),
      silenceMs: timing.silenceMs,
    };
    let resourceVersion = from;
    let useful = false;
    try {
      const listener = {
        opened: () => this.#opened(),
        events: (events: readonly WatchEvent[]) => {
          this.#checkStall(events);
          mirror.change(this.#version, events);
          resourceVersion = events.at(-1)?.resourceVersion || resourceVersion;
          useful = true;
          this.#touch();
        },
      };
      await watchEvents(api, request, listener, signal);
      return { type: 'ended', resourceVersion, useful };
    } catch (error) {
      if (isApiError(error, 'expired')) return { type: 'expired' };
      if (isApiError(error, 'not_found')) return { type: 'failed' };
      if (isApiError(error, 'timeout')) return { type: 'silent', resourceVersion };
      return this.#failed(error, { type: 'failed', resourceVersion, useful }, signal);
    }
  }

  #failed(error: unknown, outcome: Outcome, signal: AbortSignal): Outcome {
    if (signal.aborted) return outcome;
    const { kind, observer } = this.#options;
    this.#retryAfterMs = error instanceof ApiError ? (error.data.retryAfterMs ?? 0) : 0;
    observer.failed(kind, error, this.#step.failures + 1);
    return outcome;
  }

  /** The server has our version and talks to us; whether the watch is of any use has to be seen. */
  #opened(): void {
    this.#openedAt = this.#options.now();
    this.#touch();
    if (this.#step.failures > 0) this.#options.observer.recovered(this.#options.kind);
  }

  /** What a renewed watch tells at once has happened while the one before was silent. */
  #checkStall(events: readonly WatchEvent[]): void {
    const isFirst = this.#renewsSilence;
    this.#renewsSilence = false;
    if (!isFirst || this.#options.now() - this.#openedAt > AT_ONCE_MS) return;
    const changes = events.filter(({ type }) => type !== 'BOOKMARK').length;
    if (changes > 0) this.#options.observer.stalled(this.#options.kind, changes);
  }

  #waitMs(): number {
    const { timing, random } = this.#options;
    const asked = Math.min(this.#retryAfterMs, MAX_RETRY_AFTER_MS);
    this.#retryAfterMs = 0;
    switch (this.#step.wait) {
      case 'none':
        return 0;
      case 'backoff':
        return Math.max(
          asked,
          backoffMs(this.#step.failures + this.#step.expiries, timing.backoff, random()),
        );
      case 'poll':
        return timing.pollMs * (0.75 + random() / 2);
    }
  }

  #markSynced(): void {
    if (this.#synced) return;
    this.#synced = true;
    this.#options.onSynced();
  }

  #touch(): void {
    this.#freshAt = this.#options.now();
  }
}
