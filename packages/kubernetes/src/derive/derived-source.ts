import { allKinds, type Kind, type ResourceByKind } from '../kinds.ts';
import { ZONE_LABEL } from '../resources/cluster.ts';
import { type EndpointSlice, serviceNameOf } from '../resources/endpoint-slice.ts';
import { hasLabels } from '../resources/label-selector.ts';
import type { ObjectMeta } from '../resources/metadata.ts';
import type { Service } from '../resources/service.ts';
import { MemorySource } from '../sources/memory-source.ts';
import { ResourceIndex } from '../sources/resource-index.ts';
import {
  keyOf,
  type ListOptions,
  type ResourceEvent,
  type ResourceKey,
  type ResourceListener,
  type ResourceSource,
  type Typed,
} from '../sources/source.ts';
import { ClusterIpAllocator } from './cluster-ip-allocator.ts';
import { endpointSlicesFor } from './endpoint-slices.ts';

export interface DerivedSourceOptions {
  /** Where services without a cluster IP get theirs. Default 10.96.0.0/16. */
  readonly serviceCidr?: string;
}

interface Batch {
  readonly set: Typed[];
  readonly gone: ResourceKey[];
  /** Services whose slices may be other ones now, as `namespace/name`. */
  readonly services: Set<string>;
}

const idOf = ({ metadata }: Service | EndpointSlice): string => `${metadata.namespace}/${metadata.name}`;

/**
 * What a cluster's controllers add, for sources where none run: cluster IPs of services, and endpoint slices
 * of services with a selector. A service with written slices keeps exactly those.
 */
export class DerivedSource implements ResourceSource {
  readonly #inner: ResourceSource;
  readonly #output = new MemorySource();
  readonly #allocator: ClusterIpAllocator;
  readonly #written = new ResourceIndex<'EndpointSlice'>((slice) => {
    const service = serviceNameOf(slice);
    return service === undefined ? [] : [`${slice.metadata.namespace}/${service}`];
  });
  readonly #pods = new ResourceIndex<'Pod'>(({ metadata }) =>
    Object.entries(metadata.labels).map((pair) => pairKey(metadata.namespace, pair)),
  );
  /** By one pair of the selector, which every pod that it picks must have. */
  readonly #services = new ResourceIndex<'Service'>(({ metadata, spec }) => {
    const [pair] = Object.entries(spec.selector ?? {});
    return pair === undefined ? [] : [pairKey(metadata.namespace, pair)];
  });
  readonly #derived = new Map<string, readonly EndpointSlice[]>();
  readonly #stop: () => void;

  /** Throws `InvalidCidrError` when the network is none. */
  constructor(inner: ResourceSource, options: DerivedSourceOptions = {}) {
    this.#inner = inner;
    this.#allocator = new ClusterIpAllocator(options.serviceCidr ?? '10.96.0.0/16');
    this.#stop = inner.watch(allKinds, {
      changed: (events) => this.#derive(events),
      synced: () => this.#output.markSynced(),
    });
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceByKind[K] | undefined {
    return this.#output.get(kind, namespace, name);
  }

  list<K extends Kind>(kind: K, options?: ListOptions): readonly ResourceByKind[K][] {
    return this.#output.list(kind, options);
  }

  watch(kinds: readonly Kind[], listener: ResourceListener): () => void {
    return this.#output.watch(kinds, listener);
  }

  close(): void {
    this.#stop();
  }

  #derive(events: readonly ResourceEvent[]): void {
    const batch: Batch = { set: [], gone: [], services: new Set() };
    for (const event of events) {
      if (event.kind === 'Pod') this.#pods.update(event);
      if (event.kind !== 'Service') continue;
      this.#services.update(event);
      this.#claim(event, batch);
    }
    for (const event of [...events].sort(byName)) this.#passOn(event, batch);
    for (const id of batch.services) this.#deriveSlices(id, batch);
    this.#output.apply({ set: batch.set, delete: batch.gone });
  }

  /** Written addresses are noted before any is given out. */
  #claim(event: ResourceEvent<'Service'>, batch: Batch): void {
    const previous =
      event.type === 'modified' ? event.previous : event.type === 'deleted' ? event.object : undefined;
    if (previous !== undefined && isAddress(previous.spec.clusterIP))
      this.#allocator.unclaim(previous.spec.clusterIP);
    if (event.type === 'deleted') {
      this.#allocator.release(idOf(event.object));
      return;
    }
    const { clusterIP } = event.object.spec;
    if (clusterIP !== '') this.#allocator.release(idOf(event.object));
    if (!isAddress(clusterIP)) return;
    const evicted = this.#allocator.claim(clusterIP);
    const [namespace = '', name = ''] = evicted?.split('/') ?? [];
    const service = this.#inner.get('Service', namespace, name);
    if (service !== undefined) batch.set.push({ kind: 'Service', object: this.#withClusterIp(service) });
  }

  #passOn(event: ResourceEvent, batch: Batch): void {
    switch (event.kind) {
      case 'Service':
        batch.services.add(idOf(event.object));
        break;
      case 'EndpointSlice':
        for (const id of this.#written.update(event)) batch.services.add(id);
        break;
      case 'Pod':
        this.#addServicesOf(event, batch);
        break;
      case 'Node':
        if (zoneChanged(event)) for (const id of this.#derived.keys()) batch.services.add(id);
        break;
    }
    if (event.type === 'deleted') batch.gone.push(keyOf(event.kind, event.object));
    else if (event.kind === 'Service')
      batch.set.push({ kind: 'Service', object: this.#withClusterIp(event.object) });
    else batch.set.push({ kind: event.kind, object: event.object } as Typed);
  }

  #addServicesOf(event: ResourceEvent<'Pod'>, batch: Batch): void {
    this.#addSelecting(event.object.metadata, batch);
    if (event.type === 'modified') this.#addSelecting(event.previous.metadata, batch);
  }

  #addSelecting({ namespace, labels }: ObjectMeta, batch: Batch): void {
    for (const pair of Object.entries(labels))
      for (const service of this.#services.get(pairKey(namespace, pair)))
        if (hasLabels(service.spec.selector ?? {}, labels)) batch.services.add(idOf(service));
  }

  #withClusterIp(service: Service): Service {
    const { spec, metadata } = service;
    if (spec.clusterIP !== '' || spec.clusterIPs.length > 0 || spec.type === 'ExternalName') return service;
    const clusterIP = this.#allocator.allocate(idOf(service));
    if (clusterIP === undefined) return service;
    return {
      ...service,
      metadata: { ...metadata, resourceVersion: `${metadata.resourceVersion}-${clusterIP}` },
      spec: { ...spec, clusterIP, clusterIPs: [clusterIP] },
    };
  }

  #deriveSlices(id: string, batch: Batch): void {
    const [namespace = '', name = ''] = id.split('/');
    const service = this.#inner.get('Service', namespace, name);
    const slices = service === undefined ? [] : this.#slicesOf(service, id);
    const names = new Set(slices.map((slice) => slice.metadata.name));
    for (const old of this.#derived.get(id) ?? [])
      if (!names.has(old.metadata.name)) batch.gone.push(keyOf('EndpointSlice', old));
    for (const object of slices) batch.set.push({ kind: 'EndpointSlice', object });
    if (slices.length > 0) this.#derived.set(id, slices);
    else this.#derived.delete(id);
  }

  #slicesOf(service: Service, id: string): readonly EndpointSlice[] {
    const { selector = {}, type } = service.spec;
    const [pair] = Object.entries(selector);
    if (pair === undefined || type === 'ExternalName' || this.#written.get(id).length > 0) return [];
    const pods = this.#pods
      .get(pairKey(service.metadata.namespace, pair))
      .filter(({ metadata }) => hasLabels(selector, metadata.labels))
      .sort((a, b) => compare(a.metadata.name, b.metadata.name));
    return endpointSlicesFor(
      service,
      pods,
      (node) => this.#inner.get('Node', '', node)?.metadata.labels[ZONE_LABEL],
    );
  }
}

const pairKey = (namespace: string, [key, value]: readonly [string, string]): string =>
  `${namespace} ${key}=${value}`;

const isAddress = (clusterIP: string): boolean => clusterIP !== '' && clusterIP !== 'None';

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Addresses are given out in the order of names, so that the order of files decides nothing. */
const byName = (a: ResourceEvent, b: ResourceEvent): number => compare(idText(a), idText(b));
const idText = ({ object }: ResourceEvent): string => `${object.metadata.namespace}/${object.metadata.name}`;

function zoneChanged(event: ResourceEvent<'Node'>): boolean {
  const now = event.type === 'deleted' ? undefined : event.object.metadata.labels[ZONE_LABEL];
  const before =
    event.type === 'modified'
      ? event.previous.metadata.labels[ZONE_LABEL]
      : event.type === 'deleted'
        ? event.object.metadata.labels[ZONE_LABEL]
        : undefined;
  return now !== before;
}
