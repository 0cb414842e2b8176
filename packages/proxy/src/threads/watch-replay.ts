import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { decodeTcpAddress } from '@weft/policy';
import { type Update, UpdateSchema, type WeightedAddr } from '@weft/proto/destination';

/** What a stream has told so far, in as few messages as it takes to tell it to somebody who comes later. */
export interface WatchReplay {
  /** `first`: of a stream, so that it stands for the whole state. */
  apply(message: MessageShape<DescMessage>, first: boolean): void;
  messages(): MessageShape<DescMessage>[];
}

/** Of streams whose every message is the whole state. */
export class LastMessage implements WatchReplay {
  #last: MessageShape<DescMessage> | null = null;

  apply(message: MessageShape<DescMessage>): void {
    this.#last = message;
  }

  messages(): MessageShape<DescMessage>[] {
    return this.#last === null ? [] : [this.#last];
  }
}

interface Known {
  readonly addr: WeightedAddr;
  /** Of the set in which it came. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Of `Destination.Get`, whose messages are differences. Addresses beyond `capacity` are left out. */
export class EndpointReplay implements WatchReplay {
  readonly #capacity: number;
  readonly #known = new Map<string, Known>();
  #told = false;
  #fresh = true;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  apply(message: MessageShape<DescMessage>, first: boolean): void {
    if (first) this.#fresh = true;
    const { update } = message as Update;
    switch (update.case) {
      case 'add':
        this.#add(update.value.addrs, update.value.metricLabels);
        return;
      case 'remove':
        if (!this.#fresh) for (const addr of update.value.addrs) this.#known.delete(keyOf(addr));
        return;
      case 'noEndpoints':
        this.#reset();
        return;
    }
  }

  /** Addresses by their common labels. */
  messages(): MessageShape<DescMessage>[] {
    if (!this.#told) return [];
    if (this.#known.size === 0) {
      return [create(UpdateSchema, { update: { case: 'noEndpoints', value: { exists: true } } })];
    }
    const sets = new Map<string, { metricLabels: Record<string, string>; addrs: WeightedAddr[] }>();
    for (const { addr, labels } of this.#known.values()) {
      const key = JSON.stringify(labels);
      const set = sets.get(key);
      if (set === undefined) sets.set(key, { metricLabels: { ...labels }, addrs: [addr] });
      else set.addrs.push(addr);
    }
    return Array.from(sets.values(), (value) => create(UpdateSchema, { update: { case: 'add', value } }));
  }

  #add(addrs: readonly WeightedAddr[], labels: Readonly<Record<string, string>>): void {
    const readable = addrs.filter(({ addr }) => keyOf(addr) !== '');
    if (readable.length === 0) return;
    if (this.#fresh) this.#reset();
    for (const addr of readable) {
      const key = keyOf(addr.addr);
      if (this.#known.size < this.#capacity || this.#known.has(key)) this.#known.set(key, { addr, labels });
    }
  }

  #reset(): void {
    this.#known.clear();
    this.#told = true;
    this.#fresh = false;
  }
}

/** '' for what is no address. */
function keyOf(addr: Parameters<typeof decodeTcpAddress>[0] | undefined): string {
  const address = addr === undefined ? null : decodeTcpAddress(addr);
  return address === null ? '' : `${address.ip} ${address.port}`;
}
