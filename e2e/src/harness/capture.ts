import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrograms } from '@weft/local';
import type { Mesh } from './mesh.ts';
import { type Packet, readPackets } from './pcap.ts';
import { childrenOf } from './processes.ts';
import { pause } from './wait-for.ts';

/** Records all TCP that passes the router while `during` runs: everything that pods say to each other. */
export async function capture(mesh: Mesh, during: () => Promise<void>): Promise<readonly Packet[]> {
  const isRoot = process.getuid?.() === 0;
  await ensurePrograms({ isRoot, progress: console.log, programs: ['tcpdump'] });
  const file = join(mesh.folder.path, '.capture');
  const [program, ...args] = mesh.onRouter([
    'tcpdump',
    '-Z',
    'root',
    '-i',
    'any',
    '-s',
    '0',
    '-B',
    '16384',
    '--immediate-mode',
    '-U',
    '-w',
    file,
    'tcp',
  ]);
  const tcpdump = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(tcpdump.stderr, 'data'); // It says that it listens.
  await during();
  await pause(1000);
  // nsenter passes no signals on: its child is told.
  const ended = once(tcpdump, 'close');
  for (const pid of childrenOf(tcpdump.pid!)) process.kill(pid, 'SIGINT');
  await ended;
  return readPackets(readFileSync(file));
}
