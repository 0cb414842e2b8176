import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { PROXY_UID } from './processes.ts';

const PREFIX = 'weft-bench';

/** Ports of the application in the server's pod. Clients without a proxy of their own use `plain`. */
export const PORTS = { http: 8080, http2: 8081, grpc: 8082, plain: 8083, echo: 9000, source: 9001 } as const;

/** A redirection: the application's port and the proxy's port that takes its connections. */
export interface Redirect {
  port: number;
  /** null: the client's proxy leaves it alone. */
  outboundPort: number | null;
  inboundPort: number;
}

/** Two pods, each a network namespace, joined by one link. */
export interface PodPair {
  client: string;
  server: string;
  clientAddress: string;
  serverAddress: string;
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function inNamespace(namespace: string, ...command: string[]): void {
  execFileSync('ip', ['netns', 'exec', namespace, ...command], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** New connections are counted by the ten thousand: closed ones must not use up the ports. */
const SYSCTLS = [
  'net.ipv4.ip_local_port_range=2000 65535',
  'net.ipv4.tcp_tw_reuse=1',
  'net.ipv4.tcp_max_syn_backlog=8192',
  'net.core.somaxconn=8192',
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait=1',
];

function redirect(pair: PodPair, redirects: readonly Redirect[]): void {
  const nat = (namespace: string, ...rule: string[]) =>
    inNamespace(namespace, 'iptables', '-t', 'nat', '-A', ...rule);
  nat(pair.client, 'OUTPUT', '-m', 'owner', '--uid-owner', String(PROXY_UID), '-j', 'RETURN');
  nat(pair.client, 'OUTPUT', '-o', 'lo', '-j', 'RETURN');
  for (const { port, outboundPort, inboundPort } of redirects) {
    const to = (target: number) => [
      '-p',
      'tcp',
      '--dport',
      String(port),
      '-j',
      'REDIRECT',
      '--to-ports',
      String(target),
    ];
    if (outboundPort !== null) nat(pair.client, 'OUTPUT', ...to(outboundPort));
    nat(pair.server, 'PREROUTING', ...to(inboundPort));
  }
}

/** Makes the pods of contender number `index`, their traffic redirected the way a mesh does. */
export function createPodPair(index: number, redirects: readonly Redirect[]): PodPair {
  const name = `${PREFIX}-${process.pid}-${index}`;
  const pair = {
    client: `${name}c`,
    server: `${name}s`,
    clientAddress: `10.88.${index}.1`,
    serverAddress: `10.88.${index}.2`,
  };
  for (const namespace of [pair.client, pair.server]) {
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    inNamespace(namespace, 'sysctl', '-qw', ...SYSCTLS);
  }
  ip('-n', pair.client, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pair.server);
  for (const [namespace, address, gateway] of [
    [pair.client, pair.clientAddress, pair.serverAddress],
    [pair.server, pair.serverAddress, pair.clientAddress],
  ] as const) {
    ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    // A service's address is on no link; without a route the kernel would refuse it before redirecting it.
    ip('-n', namespace, 'route', 'add', 'default', 'via', gateway);
  }
  redirect(pair, redirects);
  return pair;
}

function destroyNamespace(namespace: string): void {
  const pids = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean);
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
  spawnSync('ip', ['netns', 'del', namespace]);
}

/** Removes this run's namespaces, and those of runs that were killed. */
export function destroyPodPairs(): void {
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  for (const namespace of namespaces) {
    const [, pid] = new RegExp(`^${PREFIX}-(\\d+)-\\d+[cs]$`).exec(namespace) ?? [];
    if (pid === undefined) continue;
    if (Number(pid) === process.pid || !existsSync(`/proc/${pid}`)) destroyNamespace(namespace);
  }
}
