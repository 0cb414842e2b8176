import { execFileSync, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** Programs of the operating system and the Debian packages that have them. */
const PACKAGES: Readonly<Record<string, string>> = {
  curl: 'curl',
  gcc: 'gcc libc6-dev',
  haproxy: 'haproxy',
  h2load: 'nghttp2-client',
  ip: 'iproute2',
  iptables: 'iptables',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  taskset: 'util-linux',
  openssl: 'openssl',
  sysctl: 'procps',
};

function isMissing(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0;
}

function install(packages: readonly string[], log: (line: string) => void): void {
  log(`installing ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: [...stdio] });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    env,
    stdio: [...stdio],
  });
}

/** @throws Error that names what is missing and how to get it. */
export function ensurePrerequisites(log: (line: string) => void): void {
  if (process.platform !== 'linux')
    throw new Error('the benchmark needs Linux: network namespaces and iptables');
  if (process.getuid?.() !== 0) throw new Error('the benchmark makes network namespaces; run it as root');
  if (cpus().length < 2)
    throw new Error('the benchmark needs two CPUs: one for the proxies, one for the load');
  const missing = Object.keys(PACKAGES).filter(isMissing);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((program) => PACKAGES[program]!.split(' ')))];
  if (isMissing('apt-get')) {
    throw new Error(
      `missing: ${missing.join(', ')}; install the packages that have them (Debian: ${packages.join(' ')})`,
    );
  }
  install(packages, log);
  const still = missing.filter(isMissing);
  if (still.length > 0)
    throw new Error(`missing even after installing ${packages.join(' ')}: ${still.join(', ')}`);
}
