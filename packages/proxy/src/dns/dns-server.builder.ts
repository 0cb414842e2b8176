import dgram from 'node:dgram';
import { once } from 'node:events';

export interface SrvRecord {
  readonly port: number;
  readonly target: string;
  readonly ttl: number;
}

export interface AddressRecord {
  readonly ip: string;
  readonly ttl: number;
}

const types = { A: 1, AAAA: 28, SRV: 33 } as const;

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.of(0),
  ]);
}

function word(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

/** A name server on loopback with the records it is given; any other question is answered with NXDOMAIN. */
export class DnsServer {
  readonly srv = new Map<string, SrvRecord[]>();
  readonly a = new Map<string, AddressRecord[]>();
  /** Sixteen bytes each, in hexadecimal. */
  readonly aaaa = new Map<string, AddressRecord[]>();
  readonly questions: string[] = [];
  readonly #socket = dgram.createSocket('udp4');

  /** Returns the address to ask, `ip:port`. */
  async listen(): Promise<string> {
    this.#socket.on('message', (query, from) =>
      this.#socket.send(this.#answer(query), from.port, from.address),
    );
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  close(): void {
    this.#socket.close();
  }

  #answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at]!; length > 0; length = query[at]!) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1);
    const question = query.subarray(12, at + 5);
    const name = labels.join('.').toLowerCase();
    const records = this.#records(name, type);
    this.questions.push(`${Object.entries(types).find(([, value]) => value === type)?.[0]} ${name}`);
    const header = Buffer.concat([
      query.subarray(0, 2),
      word(records.length > 0 ? 0x8180 : 0x8183, 2),
      ...[1, records.length, 0, 0].map((count) => word(count, 2)),
    ]);
    const answers = records.map(({ ttl, data }) =>
      Buffer.concat([word(0xc00c, 2), word(type, 2), word(1, 2), word(ttl, 4), word(data.length, 2), data]),
    );
    return Buffer.concat([header, question, ...answers]);
  }

  #records(name: string, type: number): { ttl: number; data: Buffer }[] {
    switch (type) {
      case types.SRV:
        return (this.srv.get(name) ?? []).map(({ port, target, ttl }) => ({
          ttl,
          data: Buffer.concat([word(0, 2), word(100, 2), word(port, 2), encodeName(target)]),
        }));
      case types.A:
        return (this.a.get(name) ?? []).map(({ ip, ttl }) => ({
          ttl,
          data: Buffer.from(ip.split('.').map(Number)),
        }));
      case types.AAAA:
        return (this.aaaa.get(name) ?? []).map(({ ip, ttl }) => ({ ttl, data: Buffer.from(ip, 'hex') }));
      default:
        return [];
    }
  }
}
