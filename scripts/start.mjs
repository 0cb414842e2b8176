import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

/** The npm that runs this script: when it is killed, so is the mesh. */
function npmAbove() {
  if (process.env.npm_lifecycle_event === undefined) return [];
  try {
    const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${process.ppid}/stat`, 'utf8'));
    const isNpm = (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('npm');
    return [process.ppid, Number(parent)].filter(isNpm).slice(0, 1);
  } catch {
    return [];
  }
}

try {
  const env = await prepare();
  const weft = join(root, 'packages', 'cli', 'bin', 'weft');
  const child = spawn(
    weft,
    ['local', 'run', join(root, 'deploy', 'examples', 'shop'), ...process.argv.slice(2)],
    {
      stdio: 'inherit',
      env: { ...env, WEFT_ENDS_WITH: [process.pid, ...npmAbove()].join(',') },
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
