import { request } from 'node:http';
import { connect } from 'node:net';
import type { Container, Probe } from '../cluster/objects.ts';

/** Runs a command in the container; resolves with its exit status. */
export type RunInContainer = (command: readonly string[], signal: AbortSignal) => Promise<number>;

export interface ProbeTarget {
  readonly ip: string;
  readonly container: Container;
  readonly run: RunInContainer;
}

/** Asks once, as a kubelet does: from the node's address, within the probe's timeout. Never rejects. */
export async function probeOnce(probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<boolean> {
  const timeout = AbortSignal.any([signal, AbortSignal.timeout((probe.timeoutSeconds ?? 1) * 1000)]);
  try {
    if (probe.httpGet) return await httpProbe(probe.httpGet, target, timeout);
    if (probe.tcpSocket) return await tcpProbe(probe.tcpSocket, target, timeout);
    if (probe.exec) return (await target.run(probe.exec.command, timeout)) === 0;
    return true;
  } catch {
    return false; // An unanswered probe and a failed one are the same to a kubelet.
  }
}

/** The number of a port that a probe may give by its container's name for it. */
export function portNumber(port: number | string, { ports = [] }: Container): number {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

function httpProbe(
  { path = '/', port, host, httpHeaders = [] }: NonNullable<Probe['httpGet']>,
  { ip, container }: ProbeTarget,
  signal: AbortSignal,
): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const headers = { connection: 'close', 'user-agent': 'kube-probe/weft' };
  for (const { name, value } of httpHeaders) Object.assign(headers, { [name.toLowerCase()]: value });
  const asked = request({
    host: host ?? ip,
    port: portNumber(port, container),
    path,
    headers,
    agent: false,
    signal,
  });
  asked.on('response', (response) => {
    const status = response.statusCode ?? 0;
    response.resume();
    resolve(status >= 200 && status < 400);
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}

function tcpProbe(
  { port, host }: NonNullable<Probe['tcpSocket']>,
  { ip, container }: ProbeTarget,
  signal: AbortSignal,
): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const socket = connect({ host: host ?? ip, port: portNumber(port, container) });
  const abort = () => socket.destroy(new Error('timeout'));
  signal.addEventListener('abort', abort, { once: true });
  socket.on('connect', () => resolve(true));
  socket.on('error', reject);
  return promise.finally(() => {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  });
}
