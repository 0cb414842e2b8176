import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

/** More processes than this do not stand between npm and its script. */
const MAX_ANCESTORS = 6;

/** What stands between this script and its user, npm included: when any of it is killed, so is the mesh. */
function ancestorsToNpm() {
  const pids = [];
  let pid = process.ppid;
  try {
    while (process.env.npm_lifecycle_event !== undefined && pids.length < MAX_ANCESTORS) {
      pids.push(pid);
      if (/^npm(\s|\0)|npm-cli/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return pids;
      pid = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
    }
  } catch {
    // Nobody above could be read: the script itself is all there is to watch.
  }
  return [];
}

try {
  const env = await prepare();
  const weft = join(root, 'packages', 'cli', 'bin', 'weft');
  const child = spawn(
    weft,
    ['local', 'run', join(root, 'deploy', 'examples', 'shop'), ...process.argv.slice(2)],
    {
      stdio: 'inherit',
      env: { ...env, WEFT_ENDS_WITH: [process.pid, ...ancestorsToNpm()].join(',') },
    },
  );
  // Ctrl-C reaches the mesh by itself; this process waits for its orderly end.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (status) => process.exit(status ?? 1));
} catch (error) {
  console.error(`npm start: ${error.message}`);
  process.exit(1);
}
