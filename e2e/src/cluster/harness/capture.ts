import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Packet, readPackets } from '../../harness/pcap.ts';
import { pause } from '../../harness/wait-for.ts';
import { clusterProgram } from './cluster.ts';
import type { TestNamespace } from './test-namespace.ts';

/** Prints its own process number, which tcpdump inherits, and writes what it records to standard output. */
const RECORD = 'echo "pid $$" >&2; exec tcpdump -Z root -i eth0 -s 0 -B 16384 --immediate-mode -U -w - tcp';

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
  const { metadata } = await namespace.pod(workload);
  const command = ['exec', '-n', namespace.name, metadata.name, '-c', container, '--', 'sh', '-c', RECORD];
  const tcpdump = spawn(clusterProgram(), ['kubectl', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const recorded: Buffer[] = [];
  let told = '';
  tcpdump.stdout.on('data', (part: Buffer) => recorded.push(part));
  tcpdump.stderr.on('data', (part: Buffer) => {
    told += part.toString();
  });
  const ended = once(tcpdump, 'close');
  while (!told.includes('listening on')) {
    if (tcpdump.exitCode !== null) throw new Error(`tcpdump in ${metadata.name}: ${told}`);
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
  return readPackets(Buffer.concat(recorded));
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
