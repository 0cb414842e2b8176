import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The release that the charts are tested with. */
const version = 'v3.22.0';
const directory = fileURLToPath(new URL(`../../node_modules/.cache/helm-${version}`, import.meta.url));

function works(program) {
  try {
    return execFileSync(program, ['version', '--short'], { encoding: 'utf8', stdio: 'pipe' }).startsWith(
      'v3',
    );
  } catch {
    return false;
  }
}

/** Finds helm on PATH or builds it once by Go. @throws Error that says what is missing. */
export function findHelm() {
  if (works('helm')) return 'helm';
  const program = join(directory, 'helm');
  if (existsSync(program)) return program;
  console.error(`building helm ${version} (once; a few minutes)`);
  execFileSync('go', ['install', `helm.sh/helm/v3/cmd/helm@${version}`], {
    env: { ...process.env, GOBIN: directory },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return program;
}
