import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';

export class InvalidCidrError extends Error {
  readonly code = 'invalid_cidr';
  readonly cidr: string;

  constructor(cidr: string) {
    super(`${cidr} is not an IPv4 network such as 10.96.0.0/16 with a prefix of 8 to 30`);
    this.name = 'InvalidCidrError';
    this.cidr = cidr;
  }
}

const toNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (ip: number): string => [ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255].join('.');

/**
 * Gives services without a cluster IP one of a network. An address depends on the service's name alone unless
 * two names want the same one, and never changes while the service has it; written addresses have the first
 * claim.
 */
export class ClusterIpAllocator {
  readonly #base: number;
  /** Usable addresses: neither the network's own nor its broadcast address. */
  readonly #size: number;
  readonly #owners = new Map<string, string>();
  readonly #addresses = new Map<string, string>();
  readonly #written = new Map<string, number>();

  constructor(cidr: string) {
    const [ip = '', prefix = ''] = cidr.split('/');
    const bits = Number(prefix);
    if (!isIPv4(ip) || !/^\d+$/.test(prefix) || bits < 8 || bits > 30) throw new InvalidCidrError(cidr);
    const hosts = 2 ** (32 - bits);
    this.#base = Math.floor(toNumber(ip) / hosts) * hosts;
    this.#size = hosts - 2;
  }

  /** The address of a service, given out now if it has none; undefined when the network is full. */
  allocate(service: string): string | undefined {
    const known = this.#addresses.get(service);
    if (known !== undefined) return known;
    const start = createHash('sha256').update(service).digest().readUInt32BE(0);
    for (let i = 0; i < this.#size; i += 1) {
      const ip = toText(this.#base + 1 + ((start + i) % this.#size));
      if (this.#owners.has(ip) || this.#written.has(ip)) continue;
      this.#owners.set(ip, service);
      this.#addresses.set(service, ip);
      return ip;
    }
    return undefined;
  }

  release(service: string): void {
    const ip = this.#addresses.get(service);
    if (ip === undefined) return;
    this.#addresses.delete(service);
    this.#owners.delete(ip);
  }

  /** Notes that a manifest names this address. Returns the service that must give it up, if one had it. */
  claim(ip: string): string | undefined {
    this.#written.set(ip, (this.#written.get(ip) ?? 0) + 1);
    const owner = this.#owners.get(ip);
    if (owner !== undefined) this.release(owner);
    return owner;
  }

  unclaim(ip: string): void {
    const count = (this.#written.get(ip) ?? 0) - 1;
    if (count > 0) this.#written.set(ip, count);
    else this.#written.delete(ip);
  }
}
