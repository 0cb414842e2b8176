import { decodeEndpoint, decodeTcpAddress, type Endpoint } from '@weft/policy';
import type { Update } from '@weft/proto/destination';

export interface Address {
  readonly ip: string;
  readonly port: number;
}

/** What an update did to the set. */
export type EndpointChange =
  | { readonly kind: 'reset'; readonly endpoints: readonly Endpoint[] }
  | { readonly kind: 'add'; readonly endpoints: readonly Endpoint[] }
  | { readonly kind: 'remove'; readonly addresses: readonly Address[] }
  | { readonly kind: 'none' };

const none: EndpointChange = { kind: 'none' };

/** The endpoints of one service, as a stream of differences tells them. */
export class EndpointSet {
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #capacity: number;
  #known = false;
  #fresh = true;
  /** Endpoints left out because the set was full. */
  surplus = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** null until the first whole set has come. */
  get current(): readonly Endpoint[] | null {
    return this.#known ? [...this.#endpoints.values()] : null;
  }

  /** A new stream begins: what it says first stands for the whole set. */
  restart(): void {
    this.#fresh = true;
  }

  apply({ update }: Update): EndpointChange {
    switch (update.case) {
      case 'add': {
        const { addrs, metricLabels } = update.value;
        const decoded = addrs.map((addr) => decodeEndpoint(addr, metricLabels));
        return this.#add(decoded.filter((endpoint) => endpoint !== null));
      }
      case 'remove': {
        // Nothing has been added on this stream yet: there is nothing it could take away.
        if (this.#fresh) return none;
        const addresses = update.value.addrs.map(decodeTcpAddress).filter((address) => address !== null);
        const removed = addresses.filter((address) => this.#endpoints.delete(keyOf(address)));
        return removed.length === 0 ? none : { kind: 'remove', addresses: removed };
      }
      case 'noEndpoints':
        return this.#reset([]);
      default:
        return none;
    }
  }

  #add(endpoints: readonly Endpoint[]): EndpointChange {
    if (endpoints.length === 0) return none;
    if (this.#fresh) return this.#reset(endpoints);
    const added = endpoints.filter((endpoint) => this.#put(endpoint));
    return added.length === 0 ? none : { kind: 'add', endpoints: added };
  }

  #reset(endpoints: readonly Endpoint[]): EndpointChange {
    this.#known = true;
    this.#fresh = false;
    this.#endpoints.clear();
    for (const endpoint of endpoints) this.#put(endpoint);
    return { kind: 'reset', endpoints: [...this.#endpoints.values()] };
  }

  #put(endpoint: Endpoint): boolean {
    const key = keyOf(endpoint);
    if (this.#endpoints.size >= this.#capacity && !this.#endpoints.has(key)) {
      this.surplus += 1;
      return false;
    }
    this.#endpoints.set(key, endpoint);
    return true;
  }
}

function keyOf({ ip, port }: Address): string {
  return `${ip} ${port}`;
}
