import type { AdminDeps } from '../admin/admin-handler.ts';
import { adminListener } from '../admin/admin-listener.ts';
import type { Config } from '../config/config.ts';
import { describeConnections } from '../debug-state/describe-connections.ts';
import { InboundServer } from '../inbound/inbound-server.ts';
import { LocalTargets } from '../inbound/local-targets.ts';
import type { InboundPolicies } from '../inbound/ports.ts';
import { inboundStack, toListener } from '../inbound/stack.ts';
import { parseFilter } from '../log/filter.ts';
import { formatJson } from '../log/format.ts';
import { LocalClient } from '../server/local-client.ts';
import type { Credentials } from '../tls/credentials.ts';
import { HandshakeGate } from '../tls/handshake-gate.ts';
import { connectTcp } from '../transport/connect-tcp.ts';
import { httpServerOptions } from './http-server-options.ts';
import { type Runtime, version } from './runtime.ts';

/** Detection of TLS, and then of HTTP, on the admin port. */
const detectTimeoutMs = 1000;

export interface AdminControls {
  isReady(): boolean;
  shutdown(): void;
  /** null: this is the only thread. */
  readonly workers: AdminWorkers | null;
}

/** The other threads, as far as the admin port speaks for them. */
export interface AdminWorkers {
  /** The metrics of all threads. */
  renderMetrics(): Promise<string>;
  /** What all threads believe. */
  debugState(): Promise<unknown>;
  setLogFilter(text: string): void;
  /** Lines of theirs until the returned function is called. */
  streamLogs(filter: string, onLine: (line: string) => void): () => void;
}

/** Assembles the admin port: an inbound server whose application is inside the proxy. */
export function createAdmin(
  config: Config,
  runtime: Runtime,
  credentials: Credentials,
  policies: InboundPolicies,
  controls: AdminControls,
): InboundServer {
  const { inbound } = config;
  const { clock, drain, logs, metrics } = runtime;
  const log = logs.logger('linkerd_app_admin');
  const deps = adminDeps(config, runtime, controls);
  describeProcess(runtime, controls);
  return new InboundServer({
    listenPort: config.admin.listen.port,
    ownIps: new Set(),
    serverName: config.identity.serverName,
    detectTimeoutMs,
    policies,
    profiles: null,
    gateway: null,
    credentials,
    handshakes: new HandshakeGate(64),
    connectLocal: (target) => connectTcp(target, inbound.connect),
    targets: new LocalTargets(
      () => new LocalClient(adminListener(deps, '')),
      { queueCapacity: 0, failFastTimeoutMs: 0, idleMs: 0 },
      clock,
    ),
    stack: inboundStack(
      {
        maxInFlight: inbound.maxInFlight,
        authorityLabels: false,
        metrics: metrics.inbound,
        log,
        now: clock.now,
        random: clock.random,
      },
      toListener((peer) => adminListener(deps, peer.ip), clock.now),
    ),
    http: httpServerOptions('admin', inbound.http2Server, config.peerLimits, runtime),
    metrics: metrics.inbound,
    httpMetrics: metrics.http,
    transport: metrics.transport,
    failedHandshakes: metrics.handshakes,
    drain,
    log,
    now: clock.now,
  });
}

function adminDeps(
  { admin, log }: Config,
  { debugState, logs, registry }: Runtime,
  { isReady, shutdown, workers }: AdminControls,
): AdminDeps {
  return {
    isReady,
    shutdown,
    shutdownEnabled: admin.shutdownEndpoint,
    renderMetrics: () => workers?.renderMetrics() ?? registry.render(Date.now()),
    logLevel: isOff(log.filter)
      ? null
      : {
          get: () => logs.filter.text,
          set: (text) => {
            logs.setFilter(strictFilter(text));
            workers?.setLogFilter(text);
          },
        },
    subscribeLogs: (text, onLine) => {
      const filter = strictFilter(text);
      const stop = logs.subscribe((record) => {
        if (filter.enabled(record.target, record.level)) onLine(formatJson(record));
      });
      const stopWorkers = workers?.streamLogs(text, onLine);
      return () => {
        stop();
        stopWorkers?.();
      };
    },
    env: process.env,
    debugState: () => workers?.debugState() ?? debugState.describe(),
  };
}

function describeProcess(runtime: Runtime, { isReady }: AdminControls): void {
  const { clock, connections, debugState, drain, metrics } = runtime;
  debugState.section('proxy', () => ({
    version: version.version,
    pid: process.pid,
    uptimeSeconds: Math.round(process.uptime()),
    ready: isReady(),
    draining: drain.started,
    openWork: drain.size,
    openTaps: metrics.tap.open.value,
  }));
  debugState.section('connections', () => describeConnections(connections, clock.now()));
}

/** Switched off as a whole, logging cannot be switched on while the proxy runs. */
const isOff = (filter: string): boolean => filter.trim().toLowerCase() === 'off';

/** Throws, unlike at start, for what cannot be read. */
function strictFilter(text: string) {
  const { filter, rejected } = parseFilter(text);
  if (rejected.length > 0) throw new Error(`invalid filter directive: ${rejected.join(', ')}`);
  return filter;
}
