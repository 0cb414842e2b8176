import { type Cluster, getObject } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { isJsonObject, type JsonObject, listAt, memberAt, textAt } from '../manifest/json.ts';

interface KindPlace {
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/** Knows under which path the API server has an object, by asking it which kinds it serves. */
export class ApiPaths {
  readonly #cluster: Cluster;
  readonly #signal: AbortSignal;
  readonly #versions = new Map<string, Promise<ReadonlyMap<string, KindPlace>>>();

  constructor(cluster: Cluster, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#signal = signal;
  }

  /** The path of an object. @throws ClusterError `not_found` where its kind is not served. */
  async of(object: JsonObject): Promise<string> {
    const [apiVersion, kind] = [textAt(object, 'apiVersion'), textAt(object, 'kind')];
    const place = (await this.#kindsOf(apiVersion, kind)).get(kind);
    if (place === undefined) {
      throw new ClusterError(
        'not_found',
        `${kind} of ${apiVersion} is not served by ${this.#cluster.server}`,
      );
    }
    const namespace = textAt(object, 'metadata', 'namespace') || 'default';
    const scope = place.isNamespaced ? `/namespaces/${namespace}` : '';
    return `${rootOf(apiVersion)}${scope}/${place.plural}/${textAt(object, 'metadata', 'name')}`;
  }

  /** The kinds of a version. A kind that was not there before may have come since. */
  async #kindsOf(apiVersion: string, kind: string): Promise<ReadonlyMap<string, KindPlace>> {
    const known = this.#versions.get(apiVersion);
    if ((await known)?.has(kind)) return known!;
    // Somebody else has asked anew in the meantime.
    if (this.#versions.get(apiVersion) !== known) return this.#kindsOf(apiVersion, kind);
    const asked = this.#ask(apiVersion);
    this.#versions.set(apiVersion, asked);
    return asked;
  }

  async #ask(apiVersion: string): Promise<ReadonlyMap<string, KindPlace>> {
    const served = await getObject(this.#cluster, rootOf(apiVersion), this.#signal);
    return new Map(
      listAt(served, 'resources')
        .filter((one) => isJsonObject(one) && !textAt(one, 'name').includes('/'))
        .map((one) => [
          textAt(one, 'kind'),
          { plural: textAt(one, 'name'), isNamespaced: memberAt(one, 'namespaced') === true },
        ]),
    );
  }
}

function rootOf(apiVersion: string): string {
  return `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`;
}
