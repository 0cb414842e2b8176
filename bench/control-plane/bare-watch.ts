import type { BenchCluster } from './cluster.ts';
import { withinLimit } from './timings.ts';

/**
 * A watch that only looks for bytes: what the API server itself takes to tell anybody. No discovery can be faster,
 * so a change's way to the last stream is to be read beside it.
 */
export class BareWatch {
  readonly #stop: AbortController;
  #unread = '';
  #awaited: { readonly text: string; readonly done: () => void } | undefined;

  private constructor(body: NodeJS.ReadableStream, stop: AbortController) {
    this.#stop = stop;
    body.setEncoding('utf8');
    body.on('data', (text: string) => this.#read(text));
  }

  /** Watches a list, such as `/apis/discovery.k8s.io/v1/namespaces/NAMESPACE/endpointslices`, from now on. */
  static async open(cluster: BenchCluster, path: string): Promise<BareWatch> {
    const stop = new AbortController();
    const { metadata } = (await cluster.get(path, { limit: 1 })) as { metadata: { resourceVersion: string } };
    const query = { watch: 'true', resourceVersion: metadata.resourceVersion };
    return new BareWatch(await cluster.open(path, query, stop.signal), stop);
  }

  /** Resolves when an object with this text has come. To be called before the change is made. */
  told(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#unread = '';
    this.#awaited = { text, done: resolve };
    return withinLimit(promise, 'the bare watch was not told of a change');
  }

  close(): void {
    this.#stop.abort(new Error('the benchmark is through'));
  }

  #read(text: string): void {
    if (this.#awaited === undefined) return;
    this.#unread += text;
    if (!this.#unread.includes(this.#awaited.text)) return;
    this.#awaited.done();
    this.#awaited = undefined;
  }
}
