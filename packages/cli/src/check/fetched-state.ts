import { type Cluster, getObject, listObjects } from '../cluster/cluster.ts';
import { type JsonObject, memberAt, textAt } from '../manifest/json.ts';
import { fetchProxyMetrics } from '../mesh/proxy-metrics.ts';
import type { AccessQuestion, ClusterState } from './cluster-state.ts';

/** The state of a live cluster. */
export class FetchedState implements ClusterState {
  readonly #cluster: Cluster;
  readonly #signal: AbortSignal;
  readonly #remembered = new Map<string, Promise<unknown>>();

  constructor(cluster: Cluster, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#signal = signal;
  }

  get server(): string {
    return this.#cluster.server;
  }

  get(path: string): Promise<JsonObject | undefined> {
    return this.#once(`get ${path}`, () => getObject(this.#cluster, path, this.#signal));
  }

  list(path: string): Promise<readonly JsonObject[]> {
    return this.#once(`list ${path}`, () => listObjects(this.#cluster, path, this.#signal));
  }

  may(question: AccessQuestion): Promise<boolean> {
    return this.#once(`may ${JSON.stringify(question)}`, async () => {
      const { body } = await this.#cluster.call({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { ...question } },
        },
        signal: this.#signal,
      });
      return memberAt(body, 'status', 'allowed') === true;
    });
  }

  serverClockAhead(): Promise<number> {
    return this.#once('clock', async () => {
      const asked = Date.now();
      const { serverTime } = await this.#cluster.call({ path: '/version', signal: this.#signal });
      if (serverTime === undefined) throw new Error(`${this.server} does not tell its time`);
      // The header has whole seconds: what it says was true up to a second ago.
      return serverTime + 500 - (asked + Date.now()) / 2;
    });
  }

  proxyMetrics(pod: JsonObject): Promise<string> {
    return this.#once(`metrics ${textAt(pod, 'metadata', 'uid')}`, () =>
      fetchProxyMetrics(this.#cluster, pod, this.#signal),
    );
  }

  #once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#remembered.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const reading = read();
    this.#remembered.set(key, reading);
    reading.catch(() => {});
    return reading;
  }
}
