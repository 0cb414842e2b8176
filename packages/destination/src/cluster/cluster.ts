import {
  allContainers,
  clusterIps,
  type EndpointSlice,
  hostIps,
  type Kind,
  keyOf,
  type Pod,
  podIps,
  type ResourceByKind,
  type ResourceEvent,
  ResourceIndex,
  type ResourceSource,
  type Service,
  serviceNameOf,
} from '@weft/kubernetes';

/** Questions that are not "which object has this name". */
export interface ClusterIndexes {
  /** By cluster IP. */
  readonly serviceByIp: Service;
  /** By pod IP, pods in the network of their node excepted. */
  readonly podByIp: Pod;
  /** By `hostIP:hostPort`. */
  readonly podByHostPort: Pod;
  /** By `namespace/service`. */
  readonly sliceByService: EndpointSlice;
}

/** The cluster as answers are computed from it. */
export interface ClusterReader {
  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceByKind[K] | undefined;
  inNamespace<K extends Kind>(kind: K, namespace: string): readonly ResourceByKind[K][];
  by<I extends keyof ClusterIndexes>(index: I, key: string): readonly ClusterIndexes[I][];
}

/** Names one read, so that a change can be matched with the answers that depend on it. */
export type ReadKey = string;

export const readKeys = {
  get: (kind: Kind, namespace: string, name: string): ReadKey => `${kind} ${namespace}/${name}`,
  inNamespace: (kind: Kind, namespace: string): ReadKey => `${kind} ${namespace}/`,
  by: (index: keyof ClusterIndexes, key: string): ReadKey => `${index}=${key}`,
};

/** The kinds that answers are computed from. */
export const watchedKinds = [
  'Node',
  'Pod',
  'Service',
  'EndpointSlice',
  'ReplicaSet',
  'Job',
  'ServiceProfile',
  'Server',
  'AuthorizationPolicy',
  'MeshTLSAuthentication',
  'NetworkAuthentication',
  'ServerAuthorization',
] as const satisfies readonly Kind[];

const hostPorts = (pod: Pod): readonly string[] =>
  allContainers(pod)
    .flatMap(({ ports }) => ports)
    .flatMap(({ hostPort }) => (hostPort ? hostIps(pod).map((ip) => `${ip}:${hostPort}`) : []));

/** Reads a source and keeps the indexes that it lacks. */
export class Cluster implements ClusterReader {
  readonly #source: ResourceSource;
  readonly #serviceByIp = new ResourceIndex<'Service'>(clusterIps);
  readonly #podByIp = new ResourceIndex<'Pod'>((pod) => (pod.spec.hostNetwork ? [] : podIps(pod)));
  readonly #podByHostPort = new ResourceIndex<'Pod'>(hostPorts);
  readonly #sliceByService = new ResourceIndex<'EndpointSlice'>((slice) => {
    const service = serviceNameOf(slice);
    return service === undefined ? [] : [`${slice.metadata.namespace}/${service}`];
  });
  readonly #indexes = {
    serviceByIp: this.#serviceByIp,
    podByIp: this.#podByIp,
    podByHostPort: this.#podByHostPort,
    sliceByService: this.#sliceByService,
  };

  constructor(source: ResourceSource) {
    this.#source = source;
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceByKind[K] | undefined {
    return this.#source.get(kind, namespace, name);
  }

  inNamespace<K extends Kind>(kind: K, namespace: string): readonly ResourceByKind[K][] {
    return this.#source.list(kind, { namespace });
  }

  by<I extends keyof ClusterIndexes>(index: I, key: string): readonly ClusterIndexes[I][] {
    return this.#indexes[index].get(key) as readonly ClusterIndexes[I][];
  }

  /** Follows the source; `onChange` is told which reads would now answer differently. */
  follow(onChange: (keys: ReadonlySet<ReadKey>) => void, onSynced: () => void): () => void {
    return this.#source.watch(watchedKinds, {
      changed: (events) => {
        const keys = new Set<ReadKey>();
        for (const event of events) this.#note(event, keys);
        onChange(keys);
      },
      synced: onSynced,
    });
  }

  #note(event: ResourceEvent, keys: Set<ReadKey>): void {
    const { kind, namespace, name } = keyOf(event.kind, event.object);
    keys.add(readKeys.get(kind, namespace, name));
    keys.add(readKeys.inNamespace(kind, namespace));
    const note = (index: keyof ClusterIndexes, touched: readonly string[]) => {
      for (const key of touched) keys.add(readKeys.by(index, key));
    };
    switch (event.kind) {
      case 'Service':
        note('serviceByIp', this.#serviceByIp.update(event));
        break;
      case 'Pod':
        note('podByIp', this.#podByIp.update(event));
        note('podByHostPort', this.#podByHostPort.update(event));
        break;
      case 'EndpointSlice':
        note('sliceByService', this.#sliceByService.update(event));
        break;
    }
  }
}

/** Reads on behalf of one answer and remembers what was read. */
export class TrackedReader implements ClusterReader {
  readonly #reader: ClusterReader;
  readonly reads = new Set<ReadKey>();

  constructor(reader: ClusterReader) {
    this.#reader = reader;
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceByKind[K] | undefined {
    this.reads.add(readKeys.get(kind, namespace, name));
    return this.#reader.get(kind, namespace, name);
  }

  inNamespace<K extends Kind>(kind: K, namespace: string): readonly ResourceByKind[K][] {
    this.reads.add(readKeys.inNamespace(kind, namespace));
    return this.#reader.inNamespace(kind, namespace);
  }

  by<I extends keyof ClusterIndexes>(index: I, key: string): readonly ClusterIndexes[I][] {
    this.reads.add(readKeys.by(index, key));
    return this.#reader.by(index, key);
  }
}
