import { readFile } from 'node:fs/promises';
import type { EventLog } from '../mesh/event-log.ts';
import { CERTIFICATE_METRICS, type CertificateReport, certificateReport } from './certificates.ts';
import { CounterIncreases } from './counter-increases.ts';
import { DENIAL_METRICS, DenialLedger, denialsIn } from './denials.ts';
import { edgeReport, type MeshDocument, sortedEdges } from './document.ts';
import { parseSamples, type Sample } from './prometheus-text.ts';
import { Refusals } from './refusals.ts';
import { scrape } from './scrape.ts';
import { clientSockets } from './sockets.ts';
import { TRAFFIC_METRICS, TrafficLedger } from './traffic-ledger.ts';
import { UnseenClients } from './unseen-clients.ts';
import type { AddressBook, ObservedPod } from './workloads.ts';

/** A pod to look at, with the number of any of its processes. */
export interface ObservablePod extends ObservedPod {
  readonly adminPort: number;
  readonly pid: number | undefined;
}

export interface ObserverOptions {
  readonly pods: () => Promise<readonly ObservablePod[]>;
  readonly book: () => AddressBook;
  readonly events: EventLog;
}

const WANTED = new Set([...TRAFFIC_METRICS, ...CERTIFICATE_METRICS, ...DENIAL_METRICS]);

/** Sees what goes on in the mesh, from the proxies' metrics and the pods' sockets. */
export class Observer {
  readonly traffic = new TrafficLedger();
  readonly #options: ObserverOptions;
  readonly #denials = new DenialLedger();
  readonly #refusals = new Refusals();
  readonly #unseen = new UnseenClients();
  readonly #increases = new Map<string, CounterIncreases>();
  readonly #certificates = new Map<string, CertificateReport>();

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  get certificates(): readonly CertificateReport[] {
    return [...this.#certificates.values()].sort((a, b) => (a.pod < b.pod ? -1 : 1));
  }

  get document(): MeshDocument {
    return {
      edges: sortedEdges(this.traffic.entries.map(edgeReport)),
      certificates: this.certificates,
      denied: this.#denials.entries,
      events: this.#options.events.events,
    };
  }

  /** Looks once at everything. */
  async look(signal: AbortSignal): Promise<void> {
    const pods = await this.#options.pods();
    const book = this.#options.book();
    // Sockets first: they tell whose the plain requests are that the proxies have counted.
    await Promise.all(pods.map((pod) => this.#lookAtSockets(pod, book)));
    this.#unseen.endOfReading();
    await Promise.all(pods.filter(({ meshed }) => meshed).map((pod) => this.#lookAtProxy(pod, book, signal)));
    this.#forget(new Set(pods.map(nameOf)));
  }

  async #lookAtSockets(pod: ObservablePod, book: AddressBook): Promise<void> {
    if (pod.pid === undefined || (pod.meshed && pod.skippedOutbound.length === 0)) return;
    const table = (name: string) => readFile(`/proc/${pod.pid}/net/${name}`, 'utf8').catch(() => '');
    const sockets = clientSockets(await table('tcp'), await table('tcp6'));
    for (const edge of this.#unseen.add(pod, sockets, book)) this.traffic.addConnections(edge, 1);
  }

  async #lookAtProxy(pod: ObservablePod, book: AddressBook, signal: AbortSignal): Promise<void> {
    const samples = parseSamples(await scrape(pod.ip, pod.adminPort, signal), WANTED);
    if (samples.length === 0) return;
    const increases = this.#increasesOf(pod).read(
      samples.filter(({ name }) => !CERTIFICATE_METRICS.has(name)),
    );
    this.traffic.addOutbound(pod, increases, book);
    this.traffic.addUnmeshedInbound(pod, increases, (server, port) => this.#unseen.clientOf(server, port));
    this.#noteDenials(pod, increases);
    this.#noteCertificate(pod, samples);
  }

  #noteDenials(pod: ObservablePod, increases: readonly Sample[]): void {
    for (const denial of denialsIn(pod, increases)) {
      this.#denials.add(denial);
      const news = this.#refusals.tell(denial, performance.now());
      if (news !== undefined) this.#options.events.add('denied', denial.to, news);
    }
  }

  #noteCertificate(pod: ObservablePod, samples: readonly Sample[]): void {
    const report = certificateReport(pod, samples, Date.now());
    if (report === undefined) return;
    const before = this.#certificates.get(report.pod);
    this.#certificates.set(report.pod, report);
    if (before?.issuedAt === report.issuedAt && before.renewals === report.renewals) return;
    const type = before === undefined && report.renewals === 0 ? 'issued' : 'renewed';
    this.#options.events.add(type, report.pod, `${report.identity} until ${report.expiresAt}`);
  }

  #increasesOf(pod: ObservablePod): CounterIncreases {
    const known = this.#increases.get(nameOf(pod));
    if (known !== undefined) return known;
    const increases = new CounterIncreases();
    this.#increases.set(nameOf(pod), increases);
    return increases;
  }

  #forget(present: ReadonlySet<string>): void {
    for (const map of [this.#increases, this.#certificates]) {
      for (const name of map.keys()) if (!present.has(name)) map.delete(name);
    }
  }
}

const nameOf = ({ namespace, name }: ObservedPod) => `${namespace}/${name}`;
