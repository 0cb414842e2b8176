import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'weft-control-plane-';

/** What tells a process from a later one of the same number: when it began, in clock ticks since boot. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
}

/** A temporary folder of this process; those of processes that were killed are removed on the way. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  for (const name of readdirSync(tmpdir())) {
    const [, boot, pid, start] = /^weft-control-plane-(\w+)-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || (boot === bootId() && startOf(Number(pid)) === start)) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  const owner = `${PREFIX}${bootId()}-${process.pid}-${startOf(process.pid)}-`;
  mkdirSync(tmpdir(), { recursive: true });
  const path = mkdtempSync(join(tmpdir(), owner));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
