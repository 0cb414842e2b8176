import { createHash } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Logger } from '@weft/service';

export interface MountedFilesOptions<T> {
  /** What the files are, for log lines and metrics: `serving certificate`. */
  readonly name: string;
  readonly paths: readonly string[];
  /** Makes the value of the files' texts, in the order of `paths`. Throws where they cannot be used. */
  readonly load: (texts: readonly string[]) => T;
  readonly logger: Logger;
  readonly onResult?: (result: 'updated' | 'refused') => void;
  /** How often the files are looked at, in ms. */
  readonly intervalMs?: number;
}

/**
 * A value read from files that may change at any time. Kubernetes swaps a link several directories up, editors
 * rename, others write in place: what all of them have in common is that `stat` answers differently, so that
 * is what is asked, once a second. What cannot be read or used leaves the last good value in force.
 */
export class MountedFiles<T> {
  readonly #options: MountedFilesOptions<T>;
  readonly #listeners = new Set<(value: T) => void>();
  #current: { readonly value: T } | undefined;
  /** Digest of what was last tried, so that unchanged content is neither loaded nor complained of twice. */
  #tried: string | undefined;
  #reloading: Promise<void> = Promise.resolve();

  constructor(options: MountedFilesOptions<T>) {
    this.#options = options;
  }

  get current(): T | undefined {
    return this.#current?.value;
  }

  /** Calls back with the value in force, if there is one, and with every later one. */
  subscribe(listener: (value: T) => void): void {
    this.#listeners.add(listener);
    if (this.#current !== undefined) listener(this.#current.value);
  }

  /** Reads the files now, then follows them until `signal` is aborted. */
  async follow(signal: AbortSignal): Promise<void> {
    const onChange = () => void this.reload();
    const interval = this.#options.intervalMs ?? 1000;
    for (const path of this.#options.paths) watchFile(path, { interval, persistent: false }, onChange);
    const stop = () => {
      for (const path of this.#options.paths) unwatchFile(path, onChange);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    await this.reload();
  }

  /** Reads the files; one reading at a time. Never rejects. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reload());
    return this.#reloading;
  }

  async #reload(): Promise<void> {
    const { name, paths, load, logger, onResult } = this.#options;
    try {
      const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
      const digest = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
      if (digest === this.#tried) return;
      this.#tried = digest;
      this.#current = { value: load(texts) };
    } catch (error) {
      const inForce = this.#current === undefined ? 'none' : 'the last good one';
      logger.warn(`${name} refused`, { paths: paths.join(','), in_force: inForce, error });
      onResult?.('refused');
      return;
    }
    logger.info(`${name} loaded`, { paths: paths.join(',') });
    onResult?.('updated');
    for (const listener of this.#listeners) listener(this.#current.value);
  }
}
