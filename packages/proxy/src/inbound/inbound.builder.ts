import type { ClientTls, ServerPolicy } from '@weft/policy';
import { FakeClock } from '../balance/balancer.builder.ts';
import { Value } from '../discovery/watch/value.ts';
import { FakeClient, FakeDownstream, requestHead, responseHead } from '../exchange/exchange.builder.ts';
import { getHeader } from '../http/headers.ts';
import type { RequestHead } from '../http/message.ts';
import { HttpMetrics } from '../metrics/http.ts';
import { Registry } from '../metrics/registry.ts';
import { serverPolicy } from '../policy/server.builder.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { ConnectionProfiles } from './connection-profiles.ts';
import { type InboundConnection, InboundExchange } from './inbound-exchange.ts';
import type { AccessLog } from './layers/access-log.ts';
import { LocalTargets, type LocalVersion } from './local-targets.ts';
import { InboundMetrics } from './metrics.ts';
import type { InboundProfiles, Passage } from './ports.ts';
import { Scope } from './scope.ts';
import { inboundGatewayStack, inboundStack, toLocalTarget } from './stack.ts';

export const WEB = 'web.shop.serviceaccount.identity.linkerd.cluster.local';

export const GATEWAY = 'gateway.linkerd.serviceaccount.identity.linkerd.cluster.local';

export const plain: ClientTls = { kind: 'none', reason: 'no_tls_from_remote' };
export const meshed = (id: string | null = WEB): ClientTls => ({
  kind: 'mutual',
  id,
  idKind: id === null ? null : 'dns',
});

export interface InboundBenchOptions {
  readonly policy?: ServerPolicy;
  readonly tls?: ClientTls;
  readonly peerIp?: string;
  readonly maxInFlight?: number;
  readonly authorityLabels?: boolean;
  readonly profiles?: InboundProfiles;
  readonly accessLog?: AccessLog;
  /** The connection is for another service; the proxy is GATEWAY. */
  readonly passage?: Passage;
}

/** One connection of a client, the whole stack for its requests, and the application at the end of it. */
export class InboundBench {
  readonly clock = new FakeClock();
  readonly log = new RecordingLogger('info');
  readonly registry = new Registry(1000);
  readonly policy: Value<ServerPolicy>;
  /** The applications' clients, by the version they are spoken to in. */
  readonly app = { http1: new FakeClient(), http2: new FakeClient() } as const;
  readonly #stack;
  readonly #connection: InboundConnection;

  constructor(options: InboundBenchOptions = {}) {
    const { clock, log, registry } = this;
    const metrics = new InboundMetrics(registry);
    const http = new HttpMetrics(registry, '');
    const now = () => clock.now();
    this.policy = new Value(options.policy ?? serverPolicy());
    const target = { ip: '10.0.0.5', port: 8080 };
    const tls = options.tls ?? plain;
    const peer = { ip: options.peerIp ?? '10.0.0.9', port: 40_000 };
    const targets = new LocalTargets(
      (_target, version) => this.app[version],
      { queueCapacity: 10, failFastTimeoutMs: 1000, idleMs: 90_000 },
      clock,
    );
    this.#connection = {
      peer,
      client: { ip: peer.ip, tls },
      target,
      policy: this.policy,
      scope: new Scope(metrics, http, target, tls),
      profiles: options.profiles === undefined ? null : new ConnectionProfiles(options.profiles),
      passage: options.passage ?? null,
      localTarget: (version: LocalVersion) => targets.acquire(target, version),
    };
    const stackOptions = {
      maxInFlight: options.maxInFlight ?? 100,
      authorityLabels: options.authorityLabels ?? false,
      metrics,
      log,
      accessLog: options.accessLog ?? null,
      now,
      random: clock.random,
    };
    this.#stack =
      options.passage === undefined
        ? inboundStack(stackOptions, toLocalTarget(now))
        : inboundGatewayStack(stackOptions, GATEWAY);
  }

  /** Sends a request; its head is, afterwards, as the application gets it. */
  send(over: Partial<RequestHead> = {}, ended = true): InboundRequest {
    const downstream = new FakeDownstream();
    const head = requestHead({ headers: ['host', 'web'], ...over });
    const exchange = new InboundExchange(
      this.#stack,
      this.#connection,
      head,
      ended,
      downstream,
      this.clock.now(),
    );
    exchange.proceed();
    return new InboundRequest(exchange, downstream);
  }

  /** As `send`, with an answer of the application. */
  exchange(over: Partial<RequestHead> = {}, status = 200): InboundRequest {
    const request = this.send(over);
    request.exchange.onResponseHead(responseHead(status), true);
    return request;
  }

  /** The series of one family: labels, and after a blank the value. */
  series(name: string): string[] {
    return this.registry
      .render(0)
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`))
      .map((line) => line.slice(name.length + 1).replace('}', ''));
  }
}

export class InboundRequest {
  readonly exchange: InboundExchange;
  readonly downstream: FakeDownstream;

  constructor(exchange: InboundExchange, downstream: FakeDownstream) {
    this.exchange = exchange;
    this.downstream = downstream;
  }

  get status(): number | undefined {
    return this.downstream.head?.status;
  }

  /** A field of the request as the application gets it. */
  forwarded(name: string): string | undefined {
    return getHeader(this.exchange.request.headers, name);
  }

  /** A field of the answer. */
  answered(name: string): string | undefined {
    return getHeader(this.downstream.head?.headers ?? [], name);
  }
}
