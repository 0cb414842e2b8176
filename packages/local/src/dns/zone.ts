import type { Answer, RecordType } from 'dns-packet';

/** What DNS must know about one service. */
export interface DnsService {
  readonly namespace: string;
  readonly name: string;
  /** Undefined for a headless service. */
  readonly clusterIp: string | undefined;
  /** Set for a service that only stands for another name. */
  readonly externalName: string | undefined;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
  readonly endpoints: readonly DnsEndpoint[];
}

export interface DnsEndpoint {
  readonly ip: string;
  /** The pod's hostname where it stands under this service, else undefined. */
  readonly hostname: string | undefined;
  /** The endpoint's port for each service port, by the port's name. */
  readonly ports: ReadonlyMap<string, number>;
}

/** Seconds a resolver may keep an answer. */
const TTL = 5;

export type ZoneAnswer =
  | { readonly kind: 'found'; readonly answers: readonly Answer[] }
  | { readonly kind: 'no-data' }
  | { readonly kind: 'no-such-name' };

interface Srv {
  readonly port: number;
  readonly target: string;
}

interface Records {
  a: string[];
  srv: Srv[];
  cname?: string;
  ptr?: string;
}

const dashed = (ip: string) => ip.replaceAll('.', '-');
const reversed = (ip: string) => `${ip.split('.').reverse().join('.')}.in-addr.arpa`;

/** The names of a cluster, by the Kubernetes DNS specification; a value, replaced as a whole on every change. */
export class Zone {
  readonly #domain: string;
  readonly #records = new Map<string, Records>();

  constructor(domain: string, services: readonly DnsService[], podIps: readonly string[]) {
    this.#domain = domain;
    this.#at(`dns-version.${domain}`);
    for (const service of services) this.#addService(service);
    for (const ip of podIps) this.#at(reversed(ip)).ptr ??= `${dashed(ip)}.pod.${domain}`;
  }

  /** The name that negative answers name as their authority. */
  get domain(): string {
    return this.#domain;
  }

  resolve(queryName: string, type: RecordType | 'ANY'): ZoneAnswer {
    const name = queryName.toLowerCase().replace(/\.$/, '');
    const records = this.#records.get(name) ?? this.#podRecords(name);
    if (records === undefined) return { kind: this.#isBranch(name) ? 'no-data' : 'no-such-name' };
    const answers = this.#answers(queryName, records, type);
    return answers.length > 0 ? { kind: 'found', answers } : { kind: 'no-data' };
  }

  #answers(name: string, { a, srv, cname, ptr }: Records, type: RecordType | 'ANY'): Answer[] {
    if (cname !== undefined) return [{ type: 'CNAME', name, ttl: TTL, data: cname }];
    const answers: Answer[] = [];
    const wants = (wanted: RecordType) => type === wanted || type === 'ANY';
    if (wants('A')) answers.push(...a.map((data): Answer => ({ type: 'A', name, ttl: TTL, data })));
    if (wants('SRV')) {
      const weight = Math.max(1, Math.floor(100 / Math.max(1, srv.length)));
      answers.push(
        ...srv.map(
          (data): Answer => ({ type: 'SRV', name, ttl: TTL, data: { priority: 0, weight, ...data } }),
        ),
      );
    }
    if (wants('PTR') && ptr !== undefined) answers.push({ type: 'PTR', name, ttl: TTL, data: ptr });
    return answers;
  }

  #addService({ namespace, name, clusterIp, externalName, ports, endpoints }: DnsService): void {
    const host = `${name}.${namespace}.svc.${this.#domain}`;
    const own = this.#at(host);
    if (externalName !== undefined) {
      own.cname = externalName;
      return;
    }
    if (clusterIp !== undefined) {
      own.a.push(clusterIp);
      this.#at(reversed(clusterIp)).ptr = host;
      for (const port of ports) this.#addSrv(host, port, { port: port.port, target: host });
      return;
    }
    for (const endpoint of endpoints) {
      const target = `${endpoint.hostname ?? dashed(endpoint.ip)}.${host}`;
      own.a.push(endpoint.ip);
      this.#at(target).a.push(endpoint.ip);
      this.#at(reversed(endpoint.ip)).ptr = target;
      for (const port of ports) {
        const number = endpoint.ports.get(port.name);
        if (number !== undefined) this.#addSrv(host, port, { port: number, target });
      }
    }
  }

  /** A service's own name answers for all its ports, as proxies look up their control plane. */
  #addSrv(host: string, { name, protocol }: { name: string; protocol: string }, srv: Srv): void {
    this.#at(host).srv.push(srv);
    if (name !== '') this.#at(`_${name}._${protocol.toLowerCase()}.${host}`).srv.push(srv);
  }

  #at(name: string): Records {
    let records = this.#records.get(name);
    if (records === undefined) {
      records = { a: [], srv: [] };
      this.#records.set(name, records);
    }
    return records;
  }

  /** `10-42-0-17.<namespace>.pod.<domain>` is its address written in the name. */
  #podRecords(name: string): Records | undefined {
    const suffix = `.pod.${this.#domain}`;
    if (!name.endsWith(suffix)) return undefined;
    const ip = /^(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(\.[^.]+)?$/.exec(name.slice(0, -suffix.length));
    return ip ? { a: [ip.slice(1, 5).join('.')], srv: [] } : undefined;
  }

  /** Whether names below this one exist: such a name is empty, not unknown. */
  #isBranch(name: string): boolean {
    if (name === this.#domain) return true;
    for (const known of this.#records.keys()) if (known.endsWith(`.${name}`)) return true;
    return false;
  }
}
