import { isApiError } from '../../api/api-error.ts';
import type { Log } from '../../api/log.ts';
import type { Kind } from '../../kinds.ts';
import type { DocumentProblem } from '../../manifests/problem.ts';
import { keyText, type ResourceKey } from '../source.ts';
import type { ApiServerMetrics } from './metrics.ts';
import type { ReflectorObserver, RestartReason } from './reflector-observer.ts';

/** Objects whose problems are remembered, so that each is said once; beyond this they are said again. */
const MAX_REMEMBERED = 1000;

/** Counts what happens to the mirrors and says what an operator wants to know, once. */
export class ApiServerReporter implements ReflectorObserver {
  readonly #log: Log;
  readonly #metrics: ApiServerMetrics;
  /** Kinds whose failure has been said and whose recovery has not. */
  readonly #failing = new Set<Kind>();
  readonly #said = new Map<string, string>();

  constructor(log: Log, metrics: ApiServerMetrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  absent(kind: Kind): void {
    this.#log.info('the API server does not know this kind; it is watched when it appears', { kind });
  }

  listed(kind: Kind, objects: number, seconds: number): void {
    this.#metrics.listed(kind);
    this.#log.debug('listed', { kind, objects, seconds });
  }

  restarted(kind: Kind, reason: RestartReason): void {
    this.#metrics.restarted(kind, reason);
    if (reason === 'expired') this.#log.info('a watch was too far behind: listing anew', { kind });
  }

  stalled(kind: Kind, changes: number): void {
    this.#metrics.stalled(kind);
    this.#log.warn('a watch had stalled: changes are known late', { kind, changes });
  }

  failed(kind: Kind, error: unknown, failures: number): void {
    if (failures > 1) {
      this.#log.debug('the API server is still not followed', { kind, failures, error });
      return;
    }
    this.#failing.add(kind);
    const remedy = isApiError(error, 'forbidden')
      ? 'grant list and watch of this kind to the service account'
      : 'what is known stays in force; trying again';
    this.#log.warn('the API server cannot be followed', { kind, error, remedy });
  }

  recovered(kind: Kind): void {
    if (this.#failing.delete(kind)) this.#log.info('the API server is followed again', { kind });
  }

  malformed(kind: Kind, key: ResourceKey | undefined, problems: readonly DocumentProblem[]): void {
    this.#metrics.malformed(kind);
    const name = key === undefined ? `${kind} without a name` : keyText(key);
    const text = problems.map(({ message }) => message).join('; ');
    if (this.#said.get(name) === text) return;
    if (this.#said.size >= MAX_REMEMBERED) this.#said.clear();
    this.#said.set(name, text);
    this.#log.warn('an object is not in force as written', { object: name, problem: text });
  }

  mended(_kind: Kind, key: ResourceKey, how: 'changed' | 'deleted'): void {
    const name = keyText(key);
    if (this.#said.delete(name) && how === 'changed')
      this.#log.info('an object is in force as written again', { object: name });
  }
}
