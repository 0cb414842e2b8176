import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Authority, writeIdentityDocuments } from './certificates.ts';
import type { Contender } from './contender.ts';
import { CONTROL_PLANE_PORT, IDENTITIES, PROXY_INBOUND_PORT, SERVICE } from './control-plane/topology.ts';
import { createPodPair, PORTS, type PodPair } from './pod-pair.ts';
import {
  capture,
  type Daemon,
  LOAD_CPU,
  PROXY_CPU,
  PROXY_UID,
  placed,
  startDaemon,
  waitUntil,
} from './processes.ts';

/** The proxy of this repository. */
export const WEFT_PROXY = join(import.meta.dirname, '../../packages/proxy/bin/weft-proxy');
const OUTBOUND_PORT = 4140;
const ADMIN_PORT = 4191;

/** A proxy that is built refuses to start without its configuration by exit code 64; one that is not, otherwise. */
export function isProxyBuilt(): boolean {
  return spawnSync(WEFT_PROXY, { env: { PATH: process.env.PATH ?? '' } }).status === 64;
}

interface Side {
  namespace: string;
  address: string;
  identity: string;
}

/** The environment that a cluster's injector gives a proxy, with the control plane on the pod's loopback. */
function proxyEnvironment(
  { address, identity }: Side,
  home: string,
  anchors: string,
): Record<string, string> {
  const controlPlane = `127.0.0.1:${CONTROL_PLANE_PORT}`;
  const settings: Record<string, string | number> = {
    LOG: 'warn,linkerd=info',
    LOG_FORMAT: 'plain',
    OUTBOUND_LISTEN_ADDRS: `127.0.0.1:${OUTBOUND_PORT}`,
    OUTBOUND_LISTEN_ADDR: `127.0.0.1:${OUTBOUND_PORT}`,
    INBOUND_LISTEN_ADDR: `0.0.0.0:${PROXY_INBOUND_PORT}`,
    CONTROL_LISTEN_ADDR: '0.0.0.0:4190',
    ADMIN_LISTEN_ADDR: `0.0.0.0:${ADMIN_PORT}`,
    DESTINATION_SVC_ADDR: controlPlane,
    POLICY_SVC_ADDR: controlPlane,
    IDENTITY_SVC_ADDR: controlPlane,
    POLICY_WORKLOAD: '{"ns":"bench","pod":"bench"}',
    DESTINATION_CONTEXT: '{"ns":"bench","nodeName":"bench"}',
    DESTINATION_PROFILE_SUFFIXES: 'svc.cluster.local.',
    DESTINATION_PROFILE_NETWORKS: '10.0.0.0/8',
    INBOUND_DEFAULT_POLICY: 'all-unauthenticated',
    POLICY_CLUSTER_NETWORKS: '10.0.0.0/8',
    INBOUND_IPS: address,
    INBOUND_PORTS: Object.values(PORTS).join(','),
    IDENTITY_DIR: join(home, 'identity'),
    IDENTITY_TRUST_ANCHORS: anchors,
    IDENTITY_TOKEN_FILE: join(home, 'token'),
    IDENTITY_LOCAL_NAME: identity,
    SHUTDOWN_ENDPOINT_ENABLED: 'true',
    CORES: 1,
  };
  const names = Object.entries(settings).map(([name, value]) => [`LINKERD2_PROXY_${name}`, String(value)]);
  return { PATH: process.env.PATH ?? '', HOME: home, HOSTNAME: 'bench', ...Object.fromEntries(names) };
}

async function startControlPlane(namespace: string, pods: PodPair, directory: string): Promise<void> {
  const script = join(import.meta.dirname, 'control-plane/main.ts');
  const command = [process.execPath, script, directory, pods.serverAddress];
  const logFile = join(directory, `${namespace}-control-plane.log`);
  const daemon = startDaemon('control plane', placed(command, { namespace, cpu: LOAD_CPU }), { logFile });
  await waitUntil(daemon, 'ready', async () => daemon.log().includes('ready'));
}

async function isReady(namespace: string): Promise<boolean> {
  const probe = ['curl', '-sf', '-m', '2', `http://127.0.0.1:${ADMIN_PORT}/ready`];
  return capture(placed(probe, { namespace, cpu: LOAD_CPU })).then(
    () => true,
    () => false,
  );
}

interface Started {
  daemon: Daemon;
  startMs: number;
}

async function startProxy(
  program: string,
  side: Side,
  pods: PodPair,
  authority: Authority,
  directory: string,
): Promise<Started> {
  await startControlPlane(side.namespace, pods, directory);
  const home = join(directory, side.namespace);
  mkdirSync(join(home, 'identity'), { recursive: true });
  writeFileSync(join(home, 'token'), 'token');
  if (program !== WEFT_PROXY) writeIdentityDocuments(join(home, 'identity'), side.identity);
  for (const path of [home, join(home, 'identity'), join(home, 'token')])
    chownSync(path, PROXY_UID, PROXY_UID);
  chmodSync(home, 0o755);
  const place = { namespace: side.namespace, cpu: PROXY_CPU, uid: PROXY_UID };
  const startedAt = performance.now();
  const daemon = startDaemon(basename(program), placed([program], place), {
    logFile: join(directory, `${side.namespace}.log`),
    env: proxyEnvironment(side, home, readFileSync(authority.certificateFile, 'utf8')),
  });
  await waitUntil(daemon, 'ready', () => isReady(side.namespace));
  return { daemon, startMs: performance.now() - startedAt };
}

/** A pair of a mesh's proxies with everything in the path: discovery, balancing, policy, metrics, headers. */
export async function startMeshPair(
  name: 'weft' | 'stock',
  program: string,
  index: number,
  authority: Authority,
  directory: string,
): Promise<Contender> {
  const redirects = Object.values(PORTS).map((port) => ({
    port,
    outboundPort: port === PORTS.plain ? null : OUTBOUND_PORT,
    inboundPort: PROXY_INBOUND_PORT,
  }));
  const pods = createPodPair(index, redirects);
  const server = { namespace: pods.server, address: pods.serverAddress, identity: IDENTITIES.server };
  const client = { namespace: pods.client, address: pods.clientAddress, identity: IDENTITIES.client };
  const proxies = [
    await startProxy(program, server, pods, authority, directory),
    await startProxy(program, client, pods, authority, directory),
  ];
  const pids = proxies.map(({ daemon }) => daemon.pid);
  const startMs = Math.max(...proxies.map((proxy) => proxy.startMs));
  return { name, pods, address: SERVICE.address, pids, startMs };
}
