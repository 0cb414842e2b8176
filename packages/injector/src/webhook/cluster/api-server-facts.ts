import { type ApiClient, fetchMetadata, type OwnerReference, type ResourceSource } from '@weft/kubernetes';
import { ServiceError } from '@weft/service';
import type { ClusterFacts } from './cluster-facts.ts';

/**
 * Namespaces are followed; an owner is asked for when a pod of it comes. So memory grows neither with pods nor
 * with workloads.
 */
export class ApiServerFacts implements ClusterFacts {
  readonly #api: ApiClient;
  readonly #namespaces: ResourceSource;

  constructor(api: ApiClient, namespaces: ResourceSource) {
    this.#api = api;
    this.#namespaces = namespaces;
  }

  async namespaceAnnotations(name: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const known = this.#namespaces.get('Namespace', '', name);
    if (known !== undefined) return known.metadata.annotations;
    // It may be younger than what has been seen of the cluster.
    const metadata = await fetchMetadata(this.#api, { kind: 'Namespace', namespace: '', name }, signal);
    if (metadata === undefined) throw new ServiceError('not_found', `there is no namespace ${name}`);
    return metadata.annotations;
  }

  async ownersOf(
    kind: 'ReplicaSet' | 'Job',
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<readonly OwnerReference[]> {
    const metadata = await fetchMetadata(this.#api, { kind, namespace, name }, signal);
    return metadata?.ownerReferences ?? [];
  }
}
