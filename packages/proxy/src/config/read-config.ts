import { readFileSync } from 'node:fs';
import { type DefaultPolicyWord, defaultPolicyWords } from '@weft/policy';
import type { AdminConfig, Config, InboundConfig, OutboundConfig, PolicyConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { Environment } from './environment.ts';
import { readControl, readControlService } from './read-control.ts';
import { readCores } from './read-cores.ts';
import { readClientWindows, readDirection, readQueue } from './read-direction.ts';
import { type ReadFile, readIdentity } from './read-identity.ts';
import { readPeerLimits } from './read-peer-limits.ts';
import { readLog, readTap, readTracing } from './read-process.ts';
import { readWithoutEffect } from './read-without-effect.ts';
import { parseListenAddresses, parseSocketAddress } from './values/addresses.ts';
import { parseDuration } from './values/duration.ts';
import { parseIps, parseNetworks } from './values/networks.ts';
import { parsePorts } from './values/ports.ts';
import { oneOf, parseBoolean, parseText } from './values/scalar.ts';
import { parseSuffixes } from './values/suffixes.ts';

const readText: ReadFile = (path) => readFileSync(path, 'utf8');

/**
 * Reads Linkerd's environment variables. Throws a ConfigError that lists every variable that cannot be
 * understood. Variables that are not its own are left alone.
 */
export function readConfig(environment: NodeJS.ProcessEnv, readFile: ReadFile = readText): Config {
  const env = new Environment(environment);
  const admin = readAdmin(env);
  const policy = readPolicy(env);
  const config: Config = {
    inbound: readInbound(env, admin, policy),
    outbound: readOutbound(env),
    admin,
    tap: readTap(env),
    identity: readIdentity(env, readFile),
    destination: {
      service: readControlService(env, 'DESTINATION_SVC'),
      context: env.text('DESTINATION_CONTEXT') ?? '',
      profileSuffixes: env.read('DESTINATION_PROFILE_SUFFIXES', parseSuffixes, ['svc.cluster.local.']),
      profileNetworks: env.read('DESTINATION_PROFILE_NETWORKS', parseNetworks, []),
    },
    policy,
    control: readControl(env),
    http2Client: readClientWindows(env),
    peerLimits: readPeerLimits(env),
    metrics: { retainIdleMs: env.read('METRICS_RETAIN_IDLE', parseDuration, 600_000) },
    log: readLog(env),
    tracing: readTracing(env, readFile),
    shutdown: { gracePeriodMs: env.read('SHUTDOWN_GRACE_PERIOD', parseDuration, 120_000) },
    cores: readCores(env),
    warnings: env.warnings,
  };
  readWithoutEffect(env);
  if (env.problems.length > 0) throw new ConfigError(env.problems);
  return config;
}

function readAdmin(env: Environment): AdminConfig {
  return {
    listen: env.read('ADMIN_LISTEN_ADDR', parseSocketAddress, { ip: '127.0.0.1', port: 4191 }),
    shutdownEndpoint: env.read('SHUTDOWN_ENDPOINT_ENABLED', parseBoolean, false),
  };
}

function readPolicy(env: Environment): PolicyConfig {
  return {
    service: readControlService(env, 'POLICY_SVC'),
    workload: env.required('POLICY_WORKLOAD', parseText, ''),
    clusterNetworks: env.read('POLICY_CLUSTER_NETWORKS', parseNetworks, []),
  };
}

/** These policies speak of the cluster's networks; `audit` too, as Linkerd has it. */
const needNetworks: ReadonlySet<DefaultPolicyWord> = new Set<DefaultPolicyWord>([
  'cluster-authenticated',
  'cluster-unauthenticated',
  'audit',
]);

function readInbound(env: Environment, admin: AdminConfig, policy: PolicyConfig): InboundConfig {
  const listen = env.read('INBOUND_LISTEN_ADDR', parseSocketAddress, { ip: '0.0.0.0', port: 4143 });
  const defaultPolicy = env.read('INBOUND_DEFAULT_POLICY', oneOf(defaultPolicyWords), 'all-unauthenticated');
  if (env.text('INBOUND_DEFAULT_POLICY') === undefined) {
    env.warn('INBOUND_DEFAULT_POLICY', 'not set, all clients are allowed');
  }
  if (needNetworks.has(defaultPolicy) && policy.clusterNetworks.length === 0) {
    env.reject(
      'POLICY_CLUSTER_NETWORKS',
      `required by LINKERD2_PROXY_INBOUND_DEFAULT_POLICY=${defaultPolicy}`,
    );
  }
  const gatewaySuffixes = env.read('INBOUND_GATEWAY_SUFFIXES', parseSuffixes, []);
  const ports = env.read('INBOUND_PORTS', parsePorts, new Set<number>());
  ports.add(admin.listen.port);
  if (gatewaySuffixes.length > 0) ports.add(listen.port);
  return {
    ...readDirection(env, 'INBOUND', {
      connectTimeoutMs: 300,
      backoff: { minMs: 100, maxMs: 10_000, jitter: 0.1 },
      failFastTimeoutMs: 1000,
      discoveryIdleTimeoutMs: 90_000,
      maxIdleName: 'MAX_IDLE_CONNS_PER_ENDPOINT',
    }),
    listen,
    defaultPolicy,
    ports,
    opaquePorts: env.read('INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION', parsePorts, new Set<number>()),
    ips: env.read('INBOUND_IPS', parseIps, new Set<string>()),
    gatewaySuffixes,
    authorityLabels: readAuthorityLabels(env),
    profileTimeoutMs: env.read('DESTINATION_PROFILE_INITIAL_TIMEOUT', parseDuration, 500),
  };
}

/** `unsafe`, because clients choose the label's values. */
function readAuthorityLabels(env: Environment): boolean {
  const text = (env.text('INBOUND_METRICS_AUTHORITY_LABELS') ?? '').toLowerCase();
  if (text !== '' && text !== 'unsafe')
    env.reject('INBOUND_METRICS_AUTHORITY_LABELS', 'neither empty nor unsafe');
  return text === 'unsafe';
}

function readOutbound(env: Environment): OutboundConfig {
  const single = env.read('OUTBOUND_LISTEN_ADDR', parseSocketAddress, { ip: '127.0.0.1', port: 4140 });
  const ingressMode = env.read('INGRESS_MODE', parseBoolean, false);
  return {
    ...readDirection(env, 'OUTBOUND', {
      connectTimeoutMs: 1000,
      backoff: { minMs: 100, maxMs: 60_000, jitter: 0.1 },
      failFastTimeoutMs: 3000,
      discoveryIdleTimeoutMs: 5000,
      maxIdleName: 'OUTBOUND_MAX_IDLE_CONNS_PER_ENDPOINT',
    }),
    listen: env.read('OUTBOUND_LISTEN_ADDRS', parseListenAddresses, [single]),
    tcpQueue: readQueue(env, 'OUTBOUND_TCP', 3000),
    ingressMode,
    informationalHeaders: !env.read('OUTBOUND_DISABLE_INFORMATIONAL_HEADERS', parseBoolean, ingressMode),
    hostnameLabels: env.read('OUTBOUND_METRICS_HOSTNAME_LABELS', parseBoolean, false),
  };
}
