import { Destination, type Update } from '@weft/proto/destination';
import { GrpcClient } from '@weft/service';

/** Streams to one connection: a client of many names. */
const PER_CONNECTION = 100;

/** Readers of one name, each with a stream of its own, that keep up with what they are told. */
export class DiscoveryReaders {
  readonly #clients: GrpcClient[] = [];
  readonly #ending = new AbortController();
  readonly #known: Set<string>[] = [];

  constructor(target: string, path: string, count: number) {
    for (let opened = 0; opened < count; opened += PER_CONNECTION) {
      const client = new GrpcClient({ target });
      this.#clients.push(client);
      for (let n = opened; n < Math.min(count, opened + PER_CONNECTION); n++) void this.#read(client, path);
    }
  }

  /** How many readers know this address. */
  knowing(ip: string): number {
    return this.#known.filter((addresses) => addresses.has(ip)).length;
  }

  close(): void {
    this.#ending.abort();
    for (const client of this.#clients) client.close();
  }

  async #read(client: GrpcClient, path: string): Promise<void> {
    const addresses = new Set<string>();
    this.#known.push(addresses);
    const { signal } = this.#ending;
    try {
      for await (const update of client.stream(Destination.method.get, { path }, { signal }))
        learn(addresses, update);
    } catch (error) {
      addresses.clear(); // A stream that broke knows nothing, which the test then sees.
      if (!signal.aborted) console.error(error);
    }
  }
}

function learn(addresses: Set<string>, { update }: Update): void {
  switch (update.case) {
    case 'add':
      for (const { addr } of update.value.addrs) addresses.add(textOf(addr?.ip?.ip));
      break;
    case 'remove':
      for (const { ip } of update.value.addrs) addresses.delete(textOf(ip?.ip));
      break;
    case 'noEndpoints':
      addresses.clear();
      break;
  }
}

function textOf(ip: { case: string | undefined; value?: unknown } | undefined): string {
  if (ip?.case !== 'ipv4') return '';
  const number = Number(ip.value);
  return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255].join('.');
}
