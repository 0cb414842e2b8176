import { timestampDate } from '@bufbuild/protobuf/wkt';
import { Identity } from '@weft/proto/identity';
import type { Config, ControlService } from '../config/config.ts';
import { Controller, controllerQueue } from '../control/controller.ts';
import { followName } from '../control/follow-name.ts';
import { LimitedWatchClient } from '../control/limited-watch.ts';
import { describeWatches } from '../debug-state/describe-watches.ts';
import { WatchMetrics } from '../discovery/watch/watch-metrics.ts';
import { directWatches, type Watches } from '../discovery/watch/watches.ts';
import { ControlResolver } from '../dns/resolver.ts';
import { GrpcClient } from '../grpc/client.ts';
import { Http2Client } from '../http2/client.ts';
import type { Certify } from '../identity/certify.ts';
import { BalancerFamilies, type BalancerSeries } from '../metrics/balancer.ts';
import { renderLabels } from '../metrics/labels.ts';
import { connectTls } from '../tls/connect-tls.ts';
import type { Credentials } from '../tls/credentials.ts';
import { type ConnectSocket, connectTcp } from '../transport/connect-tcp.ts';
import type { Connect, SocketAddress } from '../transport/connection.ts';
import type { Runtime } from './runtime.ts';

/** The control plane, as this process asks it: one client of each service, whatever the number of threads. */
export class ControlPlane {
  readonly destination: Watches;
  readonly policy: Watches;
  /** How well the proxy is informed, by the control plane and others. */
  readonly watches: WatchMetrics;
  readonly #config: Config;
  readonly #runtime: Runtime;
  readonly #credentials: Credentials;
  readonly #dns: ControlResolver;
  readonly #controllers: Controller[] = [];
  /** By the name of the service. */
  readonly #balancers = new Map<string, BalancerFamilies>();

  constructor(config: Config, runtime: Runtime, credentials: Credentials) {
    this.#config = config;
    this.#runtime = runtime;
    this.#credentials = credentials;
    this.#dns = createResolver(config, runtime);
    const { clock, debugState, registry } = runtime;
    this.watches = new WatchMetrics(registry, clock.now);
    this.destination = this.#watch('destination', config.destination.service);
    this.policy = this.#watch('policy', config.policy.service);
    debugState.section('discovery', () => describeWatches(this.watches.watches, clock.now()));
  }

  /** Asks over a connection of its own, so that each renewal proves who we are anew. */
  certifyAt(service: ControlService): Certify {
    return async ({ identity, token, csr }, signal) => {
      const controller = this.#controller('identity', service);
      try {
        const client = new GrpcClient(controller, authorityOf(service));
        const request = { identity, token, certificateSigningRequest: csr };
        const answer = await client.unary(Identity.method.certify, request, signal);
        return {
          leaf: answer.leafCertificate,
          intermediates: answer.intermediateCertificates,
          validUntil: answer.validUntil === undefined ? null : timestampDate(answer.validUntil),
        };
      } finally {
        controller.close();
      }
    };
  }

  /** Calls to where traces are collected, which is reached as the control plane is. */
  collector(service: ControlService): GrpcClient {
    const controller = this.#controller('opentelemetry', service);
    this.#controllers.push(controller);
    return new GrpcClient(controller, authorityOf(service));
  }

  close(): void {
    for (const controller of this.#controllers) controller.close();
  }

  #watch(name: string, service: ControlService): Watches {
    const controller = this.#controller(name, service);
    this.#controllers.push(controller);
    const { control } = this.#config;
    const limits = service.loopback
      ? { initialMs: undefined, idleMs: undefined, lifetimeMs: undefined }
      : {
          initialMs: control.streamInitialTimeoutMs,
          idleMs: control.streamIdleTimeoutMs,
          lifetimeMs: control.streamLifetimeMs,
        };
    const { clock, logs } = this.#runtime;
    const client = new GrpcClient(controller, authorityOf(service));
    return directWatches({
      client: new LimitedWatchClient(client, limits, clock),
      backoff: this.#settings(service).backoff,
      clock,
      log: logs.logger(`linkerd_proxy_${name}`),
      metrics: this.watches,
      onReachable: (listener) => controller.onReachable(listener),
    });
  }

  #controller(name: string, service: ControlService): Controller {
    const { clock, logs, metrics } = this.#runtime;
    const log = logs.logger(`linkerd_proxy_${name}`);
    const { backoff } = this.#settings(service);
    const http2 = this.#config.http2Client;
    return new Controller({
      name: `${name} at ${service.authority}`,
      makeClient: (address) =>
        new Http2Client(this.#connect(service, address), {
          backoff,
          http2,
          onFailure: (error) =>
            log.warn('Connection to the control plane failed', { service: service.authority, error }),
        }),
      follow: (listener) => {
        const fixed = fixedAddress(service);
        if (fixed === null) {
          return followName(() => this.#dns.resolve(service.host, service.port), listener, clock, log);
        }
        listener([fixed]);
        return () => {};
      },
      metrics: metrics.control.target(controlLabels(service)),
      balancer: this.#balancer(name, service),
      clock,
      log,
    });
  }

  #balancer(name: string, { authority }: ControlService): BalancerSeries {
    let families = this.#balancers.get(name);
    if (families === undefined) {
      const prefix = name === 'opentelemetry' ? name : `control_${name}`;
      families = new BalancerFamilies(this.#runtime.registry, `${prefix}_balancer`);
      this.#balancers.set(name, families);
    }
    return families.balancer(renderLabels([['addr', authority]]), controllerQueue.failFastTimeoutMs);
  }

  #connect(service: ControlService, address: SocketAddress): Connect {
    const options = this.#settings(service);
    const tcp = connectTcp(address, options);
    if (service.identity === null) return this.#listed(service, tcp);
    const tls = connectTls(tcp, this.#credentials, {
      timeoutMs: options.timeoutMs,
      serverId: service.identity,
      serverName: service.identity,
    });
    return this.#listed(service, async (signal) => (await tls(signal)).connection);
  }

  /** No metric counts connections to the control plane, but they are among those that are open. */
  #listed(service: ControlService, connect: ConnectSocket): Connect {
    return async (signal) => {
      const connection = await connect(signal);
      connection.observe(this.#runtime.connections.observer(controlLabels(service)));
      return connection;
    };
  }

  /** Loopback controllers are local, the others remote. */
  #settings(service: ControlService) {
    return service.loopback ? this.#config.inbound.connect : this.#config.outbound.connect;
  }
}

function createResolver({ control }: Config, { registry }: Runtime): ControlResolver {
  const resolutions = registry.counter(
    'registry',
    'control_dns_resolutions',
    'Lookups of control-plane names.',
  );
  return new ControlResolver(
    { minMs: control.dnsMinTtlMs, maxMs: control.dnsMaxTtlMs },
    {
      onResolution: (record, result) =>
        resolutions
          .with(
            renderLabels([
              ['client', 'control'],
              ['record_type', record],
              ['result', result],
            ]),
          )
          .inc(),
    },
  );
}

/** The address of a service that needs no resolution. */
function fixedAddress({ host, port }: ControlService): SocketAddress | null {
  if (host === 'localhost.') return { ip: '127.0.0.1', port };
  return /^[\d.]+$/.test(host) || host.includes(':') ? { ip: host, port } : null;
}

/** A name is written without the dot that makes it absolute. */
function authorityOf({ authority, host }: ControlService): string {
  return host.endsWith('.') ? authority.replace(/\.(?=:\d+$)/, '') : authority;
}

function controlLabels({ authority, identity }: ControlService): string {
  const tls: [string, string][] =
    identity === null
      ? [
          ['tls', 'no_identity'],
          ['no_tls_reason', 'loopback'],
        ]
      : [
          ['tls', 'true'],
          ['server_id', identity],
        ];
  return renderLabels([['addr', authority], ...tls]);
}
