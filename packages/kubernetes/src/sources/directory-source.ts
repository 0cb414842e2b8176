import { readFile } from 'node:fs/promises';
import type { Kind, ResourceByKind } from '../kinds.ts';
import { emptyManifestFile, type ManifestFile, readManifestFile } from '../manifests/manifest-file.ts';
import type { ManifestProblem } from '../manifests/problem.ts';
import { DirectoryWatcher } from './directory-watcher.ts';
import { MemorySource } from './memory-source.ts';
import { type DirectoryScan, type FileStamp, scanDirectory } from './scan-directory.ts';
import {
  keyOf,
  keyText,
  type ListOptions,
  type ResourceListener,
  type ResourceSource,
  type Typed,
} from './source.ts';

export interface DirectorySourceOptions {
  readonly directory: string;
  /** Called with all present problems whenever they change; empty when the last one is mended. */
  readonly onProblems?: (problems: readonly ManifestProblem[]) => void;
  /** How often to look without being told, in milliseconds. Default 1000. */
  readonly rescanMs?: number;
  /** How long to wait for the rest of a change, in milliseconds. Default 20. */
  readonly debounceMs?: number;
  /** A larger file is refused. Default 32 MiB. */
  readonly maxFileBytes?: number;
  /** More files than this are not read. Default 20000. */
  readonly maxFiles?: number;
}

interface KnownFile {
  readonly stamp: string;
  readonly content: ManifestFile;
  /** The file as a whole could not be read; its content is the last good one. */
  readonly problem?: ManifestProblem;
}

/**
 * A file younger than this may still be in the middle of being written, and its time stamp may be too coarse
 * to show the next write: it is read again, and one that is suddenly empty is not believed yet.
 */
const SETTLE_MS = 100;

/** Looking without being told takes at most a twentieth of the time, however large the directory is. */
const REST_PER_SCAN = 19;

const unchangedProblems = (a: readonly ManifestProblem[], b: readonly ManifestProblem[]): boolean =>
  a.length === b.length && JSON.stringify(a) === JSON.stringify(b);

/** The manifests of a directory and all below it, followed live. What breaks keeps its last good state. */
export class DirectorySource implements ResourceSource {
  readonly #options: Required<DirectorySourceOptions>;
  readonly #store = new MemorySource();
  readonly #watcher = new DirectoryWatcher(() => this.#hint());
  #files = new Map<string, KnownFile>();
  #problems: readonly ManifestProblem[] = [];
  /** Whether the directory has been read, and was readable when it was last looked at. */
  #scanned = false;
  #hinted = false;
  #wake: () => void = () => {};

  constructor(options: DirectorySourceOptions) {
    this.#options = {
      onProblems: () => {},
      rescanMs: 1000,
      debounceMs: 20,
      maxFileBytes: 32 * 1024 * 1024,
      maxFiles: 20_000,
      ...options,
    };
  }

  get problems(): readonly ManifestProblem[] {
    return this.#problems;
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceByKind[K] | undefined {
    return this.#store.get(kind, namespace, name);
  }

  list<K extends Kind>(kind: K, options?: ListOptions): readonly ResourceByKind[K][] {
    return this.#store.list(kind, options);
  }

  watch(kinds: readonly Kind[], listener: ResourceListener): () => void {
    return this.#store.watch(kinds, listener);
  }

  /** Follows the directory until the signal is aborted; resolves then. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const begun = performance.now();
        const settled = await this.#scan();
        const rest = (performance.now() - begun) * REST_PER_SCAN;
        const pause = Math.max(settled ? this.#options.rescanMs : SETTLE_MS, rest);
        if (!signal.aborted) await this.#nextReason(pause, signal);
      }
    } finally {
      this.#watcher.close();
    }
  }

  #hint(): void {
    this.#hinted = true;
    this.#wake();
  }

  /** Waits for a hint or the time to look again, and then for the rest of the change. */
  async #nextReason(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#hinted) await this.#pause(timeoutMs, signal, true);
    if (!this.#hinted) return;
    await this.#pause(this.#options.debounceMs, signal, false);
    this.#hinted = false;
  }

  async #pause(ms: number, signal: AbortSignal, untilHint: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const stop = () => resolve();
    signal.addEventListener('abort', stop, { once: true });
    if (untilHint) this.#wake = resolve;
    if (!signal.aborted) await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    this.#wake = () => {};
  }

  /** Brings the store up to date. False when a file is too young to be trusted. */
  async #scan(): Promise<boolean> {
    const { directory, maxFiles } = this.#options;
    let scan: DirectoryScan;
    try {
      scan = await scanDirectory(directory, maxFiles);
    } catch (error) {
      this.#report([
        this.#problem(directory, 'unreadable', `the directory cannot be read: ${String(error)}`),
      ]);
      this.#store.markSynced();
      this.#scanned = false;
      return true;
    }
    this.#watcher.follow(scan.directories);
    const now = Date.now();
    const files = new Map<string, KnownFile>();
    let settled = true;
    let changed = false;
    for (const file of scan.files) {
      const young = Math.abs(now - file.modifiedMs) < SETTLE_MS;
      settled &&= !young;
      const known = this.#files.get(file.path);
      const current = known?.stamp === file.stamp ? known : await this.#read(file, young, known);
      if (current !== undefined) files.set(file.path, current);
      changed ||= current !== known;
    }
    const extra = scan.truncated
      ? [this.#problem(directory, 'too_large', `more than ${maxFiles} files: the rest is not read`)]
      : [];
    if (changed || files.size !== this.#files.size || extra.length > 0 || !this.#scanned)
      this.#accept(files, extra);
    this.#scanned = true;
    return settled;
  }

  async #read(file: FileStamp, young: boolean, known: KnownFile | undefined): Promise<KnownFile | undefined> {
    const last = known?.content ?? emptyManifestFile;
    const stamp = young ? '' : file.stamp;
    if (file.bytes > this.#options.maxFileBytes) {
      const message = `${file.bytes} bytes are more than the ${this.#options.maxFileBytes} allowed`;
      return { stamp, content: last, problem: this.#problem(file.path, 'too_large', message) };
    }
    try {
      const text = await readFile(file.path, 'utf8');
      if (young && text.trim() === '' && known !== undefined) return { ...known, stamp: '' };
      return { stamp, content: readManifestFile(file.path, text, last) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      return { stamp: '', content: last, problem: this.#problem(file.path, 'unreadable', String(error)) };
    }
  }

  /** Puts in force what the files say together; of equal names the one in the last file. */
  #accept(files: Map<string, KnownFile>, extra: readonly ManifestProblem[]): void {
    const wanted = new Map<string, Typed>();
    const problems = [...extra];
    for (const [path, { content, problem }] of files) {
      if (problem !== undefined) problems.push(problem);
      problems.push(...content.problems);
      for (const typed of content.resources) {
        const id = keyText(keyOf(typed.kind, typed.object));
        if (wanted.has(id))
          problems.push(
            this.#problem(path, 'duplicate', `${id} is also in an earlier file: this one is in force`),
          );
        wanted.set(id, typed);
      }
    }
    const gone = [...this.#files.values()]
      .flatMap(({ content }) => content.resources)
      .map(({ kind, object }) => keyOf(kind, object))
      .filter((key) => !wanted.has(keyText(key)));
    this.#files = files;
    this.#store.apply({ set: [...wanted.values()], delete: gone });
    this.#store.markSynced();
    this.#report(problems);
  }

  #report(problems: readonly ManifestProblem[]): void {
    if (unchangedProblems(this.#problems, problems)) return;
    this.#problems = problems;
    this.#options.onProblems(problems);
  }

  #problem(file: string, code: ManifestProblem['code'], message: string): ManifestProblem {
    return { file, document: undefined, line: undefined, field: '', code, message };
  }
}
