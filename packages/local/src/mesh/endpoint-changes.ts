import { type ResourceSource, serviceNameOf } from '@weft/kubernetes';

/** An address behind a service, with the pod it belongs to. */
export interface Endpoint {
  /** `namespace/name`. */
  readonly service: string;
  readonly address: string;
  readonly pod: string;
}

/** Tells which ready endpoints have gone since it was last asked. */
export class EndpointChanges {
  #last = new Map<string, Endpoint>();

  gone(source: ResourceSource): readonly Endpoint[] {
    const now = readyEndpoints(source);
    const gone = [...this.#last].filter(([key]) => !now.has(key)).map(([, endpoint]) => endpoint);
    this.#last = now;
    return gone;
  }
}

function readyEndpoints(source: ResourceSource): Map<string, Endpoint> {
  const ready = new Map<string, Endpoint>();
  for (const slice of source.list('EndpointSlice')) {
    const service = `${slice.metadata.namespace}/${serviceNameOf(slice) ?? ''}`;
    for (const { addresses, conditions, targetRef } of slice.endpoints) {
      if (conditions.ready === false) continue;
      for (const address of addresses) {
        ready.set(`${service} ${address}`, { service, address, pod: targetRef?.name ?? '' });
      }
    }
  }
  return ready;
}
