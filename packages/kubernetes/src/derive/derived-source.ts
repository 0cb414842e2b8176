import { allKinds, type Kind, type ResourceByKind } from '../kinds.ts';
import { ZONE_LABEL } from '../resources/cluster.ts';
import { type EndpointSlice, serviceNameOf } from '../resources/endpoint-slice.ts';
import { hasLabels } from '../resources/label-selector.ts';
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
    for (const event of events) if (event.kind === 'Service') this.#claim(event, batch);
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
    const { namespace, labels } = event.object.metadata;
    const before = event.type === 'modified' ? event.previous.metadata.labels : labels;
    for (const service of this.#inner.list('Service', { namespace })) {
      const { selector } = service.spec;
      if (selector !== undefined && (hasLabels(selector, labels) || hasLabels(selector, before)))
        batch.services.add(idOf(service));
    }
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
    const { selector, type } = service.spec;
    if (selector === undefined || Object.keys(selector).length === 0 || type === 'ExternalName') return [];
    if (this.#written.get(id).length > 0) return [];
    const pods = this.#inner
      .list('Pod', { namespace: service.metadata.namespace })
      .filter(({ metadata }) => hasLabels(selector, metadata.labels));
    return endpointSlicesFor(
      service,
      pods,
      (node) => this.#inner.get('Node', '', node)?.metadata.labels[ZONE_LABEL],
    );
  }
}

const isAddress = (clusterIP: string): boolean => clusterIP !== '' && clusterIP !== 'None';

/** Addresses are given out in the order of names, so that the order of files decides nothing. */
const byName = (a: ResourceEvent, b: ResourceEvent): number => {
  const left = idText(a);
  const right = idText(b);
  return left < right ? -1 : left > right ? 1 : 0;
};
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
