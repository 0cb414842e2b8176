import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrograms } from '@weft/local';
import type { Mesh } from './mesh.ts';
import { type Packet, readPackets } from './pcap.ts';
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
    '-U',
    '-w',
    file,
    'tcp',
  ]);
  const tcpdump = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(tcpdump.stderr, 'data'); // It says that it listens.
  await during();
  await pause(500);
  // By its own number inside the mesh: nsenter passes no signals on.
  const [kill, ...rest] = mesh.onRouter(['pkill', '-INT', '-x', 'tcpdump']);
  const killer = spawn(kill!, rest, { stdio: 'ignore' });
  await Promise.all([once(tcpdump, 'close'), once(killer, 'close')]);
  return readPackets(readFileSync(file));
}
