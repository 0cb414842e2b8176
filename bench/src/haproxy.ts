import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority } from './certificates.ts';
import type { Contender } from './contender.ts';
import { createPodPair, PORTS, type Redirect } from './pod-pair.ts';
import { type Daemon, PROXY_CPU, PROXY_UID, placed, startDaemon, waitUntil } from './processes.ts';

const CLIENT = 'client.bench';
const SERVER = 'server.bench';

/** haproxy does not go by the original destination, so each of the application's ports has its own listeners. */
const REDIRECTS: readonly Redirect[] = Object.values(PORTS).map((port, index) => ({
  port,
  outboundPort: port === PORTS.plain ? null : 14_140 + index,
  inboundPort: 24_143 + index,
}));

const COMMON = `
global
  nbthread 1
  maxconn 5000
  ssl-default-bind-options ssl-min-ver TLSv1.3
  ssl-default-server-options ssl-min-ver TLSv1.3
defaults
  timeout connect 5s
  timeout client 10m
  timeout server 10m
  http-reuse always
`;

interface Sides {
  serverAddress: string;
  alpn: string;
  clientPem: string;
  serverPem: string;
  anchors: string;
}

const modeOf = ({ port }: Redirect) => (port === PORTS.echo || port === PORTS.source ? 'tcp' : 'http');
const isHttp2 = ({ port }: Redirect) => port === PORTS.http2 || port === PORTS.grpc;

function outboundConfig({ serverAddress, alpn, clientPem, anchors }: Sides): string {
  const tls = `ssl crt ${clientPem} ca-file ${anchors} verify required sni str(${SERVER}) verifyhost ${SERVER}`;
  return (
    COMMON +
    REDIRECTS.filter(({ outboundPort }) => outboundPort !== null)
      .map((redirect) => {
        const mode = modeOf(redirect);
        return `
listen outbound-${redirect.port}
  mode ${mode}
  bind 127.0.0.1:${redirect.outboundPort}
  server peer ${serverAddress}:${redirect.port} ${tls} ${mode === 'http' ? `alpn ${alpn}` : ''}
`;
      })
      .join('')
  );
}

function inboundConfig({ serverPem, anchors, alpn }: Sides): string {
  return (
    COMMON +
    REDIRECTS.map((redirect) => {
      const mode = modeOf(redirect);
      const tls = `ssl crt ${serverPem} ca-file ${anchors} verify required ${mode === 'http' ? `alpn ${alpn}` : ''}`;
      return `
listen inbound-${redirect.port}
  mode ${mode}
  bind 0.0.0.0:${redirect.inboundPort} ${redirect.port === PORTS.plain ? '' : tls}
  server app 127.0.0.1:${redirect.port} ${isHttp2(redirect) ? 'proto h2' : ''}
`;
    }).join('')
  );
}

/** Whether anything listens on the port in the network namespace of the process (proc(5), state 0A). */
function isListening(pid: number, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return new RegExp(`:${hex} [0-9A-F:]+ 0A `).test(readFileSync(`/proc/${pid}/net/tcp`, 'utf8'));
}

/** A pair of haproxies with mutual TLS between them, over one version of HTTP. */
export async function startHaproxyPair(
  name: 'haproxy-h1' | 'haproxy-h2',
  index: number,
  authority: Authority,
  directory: string,
): Promise<Contender> {
  const pods = createPodPair(index, REDIRECTS);
  const sides: Sides = {
    serverAddress: pods.serverAddress,
    alpn: name === 'haproxy-h1' ? 'http/1.1' : 'h2',
    clientPem: authority.issue(`${CLIENT}`),
    serverPem: authority.issue(`${SERVER}`),
    anchors: authority.certificateFile,
  };
  const start = async (namespace: string, config: string, port: number): Promise<Daemon> => {
    const file = join(directory, `${namespace}.cfg`);
    writeFileSync(file, config);
    const command = placed(['haproxy', '-db', '-f', file], { namespace, cpu: PROXY_CPU, uid: PROXY_UID });
    const daemon = startDaemon(name, command, { logFile: join(directory, `${namespace}.log`) });
    await waitUntil(daemon, 'listening', async () => isListening(daemon.pid, port));
    return daemon;
  };
  const [first] = REDIRECTS as [Redirect & { outboundPort: number }];
  const proxies = [
    await start(pods.server, inboundConfig(sides), first.inboundPort),
    await start(pods.client, outboundConfig(sides), first.outboundPort),
  ];
  return { name, pods, address: pods.serverAddress, pids: proxies.map(({ pid }) => pid), startMs: null };
}
