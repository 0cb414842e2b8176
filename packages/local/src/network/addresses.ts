import { LocalError } from '../errors.ts';

/**
 * The address plan of a mesh. Meshes never meet, as each has its own router namespace, so the plan is the same for
 * all; it lies inside 10.0.0.0/8, which Linkerd counts among the cluster's networks.
 */
export const addressPlan = {
  /** The router, as pods see it: source of probes and scrapes. */
  node: '10.42.0.1',
  /** The first hop of every pod; link-local, so that no pod address is spent. */
  gateway: '169.254.1.1',
  pods: '10.42.0.0/16',
  services: '10.43.0.0/16',
  dns: '10.43.0.10',
} as const;

function toNumber(ip: string): number {
  return ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function toText(ip: number): string {
  return [ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255].join('.');
}

/** Hands out the addresses of one network; the first 16 and the last are kept for the mesh. */
export class AddressPool {
  readonly #first: number;
  readonly #size: number;
  readonly #cidr: string;
  readonly #taken = new Set<number>();
  #next = 0;

  constructor(cidr: string) {
    const [base, bits] = cidr.split('/');
    this.#cidr = cidr;
    this.#first = toNumber(base!) + 16;
    this.#size = 2 ** (32 - Number(bits)) - 17;
  }

  /** The next address in turn, so that a freed one rests before its next use. */
  claim(): string {
    for (let step = 0; step < this.#size; step++) {
      const index = (this.#next + step) % this.#size;
      if (this.#taken.has(index)) continue;
      this.#taken.add(index);
      this.#next = (index + 1) % this.#size;
      return toText(this.#first + index);
    }
    throw new LocalError('addresses_exhausted', `no address is left in ${this.#cidr}`, { cidr: this.#cidr });
  }

  release(ip: string): void {
    this.#taken.delete(toNumber(ip) - this.#first);
  }
}
