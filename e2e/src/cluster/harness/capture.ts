import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Packet, readPackets } from '../../harness/pcap.ts';
import { pause } from '../../harness/wait-for.ts';
import { clusterProgram } from './cluster.ts';
import type { TestNamespace } from './test-namespace.ts';

/** Writes what passes the pod's interface to standard output, as a capture file. */
const RECORD = 'tcpdump -Z root -i eth0 -s 0 -B 16384 --immediate-mode -U -w - tcp';

/** By which tcpdump and tshark say that they miss nothing from now on. */
const LISTENING = /listening on|Capture started/;

/** How long packets may be on their way to the recording, in ms. */
const SETTLES_MS = 500;

/**
 * Records all TCP that passes the interface of a workload's first ready pod while `during` runs, by tcpdump in one of
 * its containers: the debug sidecar, unless another is named. What stays inside the pod is not recorded.
 */
export async function capture(
  namespace: TestNamespace,
  workload: string,
  during: () => Promise<unknown>,
  container = 'linkerd-debug',
): Promise<readonly Packet[]> {
  return readPackets(await watch(namespace, workload, RECORD, during, container));
}

/** What a call of tcpdump or tshark prints in a pod while `during` runs. */
export async function watch(
  namespace: TestNamespace,
  workload: string,
  program: string,
  during: () => Promise<unknown>,
  container = 'linkerd-debug',
): Promise<Buffer> {
  const { metadata } = await namespace.pod(workload);
  // The shell tells its process number, which the program inherits.
  const script = `echo "pid $$" >&2; exec ${program}`;
  const command = ['exec', '-n', namespace.name, metadata.name, '-c', container, '--', 'sh', '-c', script];
  const running = spawn(clusterProgram(), ['kubectl', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  let told = '';
  running.stdout.on('data', (part: Buffer) => printed.push(part));
  running.stderr.on('data', (part: Buffer) => {
    told += part.toString();
  });
  const ended = once(running, 'close');
  while (!LISTENING.test(told)) {
    if (running.exitCode !== null) throw new Error(`${program} in ${metadata.name}: ${told}`);
    await pause(20);
  }
  try {
    await during();
    await pause(SETTLES_MS);
  } finally {
    const pid = /^pid (\d+)$/m.exec(told)?.[1] ?? '';
    await namespace.exec(metadata.name, container, ['sh', '-c', `kill -INT ${pid}`]);
  }
  await ended;
  return Buffer.concat(printed);
}

/** Whether a text passed the interface for everybody to read. */
export function isReadable(packets: readonly Packet[], text: string): boolean {
  return packets.some(({ payload }) => payload.includes(text));
}

/** The ports of one address to which another has sent something. */
export function portsReached(packets: readonly Packet[], from: string, to: string): readonly number[] {
  const sent = packets.filter((packet) => packet.from === from && packet.to === to);
  return [...new Set(sent.map(({ toPort }) => toPort))];
}
