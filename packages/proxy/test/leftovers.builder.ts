import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'weft-proxy-test-';

/** What a test leaves in the system is named for the process that made it, so that others know what is left over. */
export const ownName = (rest: string | number): string => `${PREFIX}${process.pid}-${rest}`;

/** Whether something of this name was made by a test run that was killed. */
export function isLeftover(name: string): boolean {
  const [owner = ''] = name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-') : [];
  return owner !== '' && !existsSync(`/proc/${owner}`);
}

/** Removes the temporary directories of test runs that were killed. */
export function removeLeftoverDirectories(): void {
  for (const name of readdirSync(tmpdir()))
    if (isLeftover(name)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
}
