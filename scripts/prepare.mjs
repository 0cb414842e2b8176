import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const cache = join(root, 'node_modules', '.cache', 'weft');

/** Progress goes to stderr: stdout is for what was asked for. */
const onStderr = { stdio: ['inherit', 2, 2] };

/** Runs a program with this terminal as its own; resolves with its exit status. */
export function run(program, args, { env = process.env, cwd = root, stdio = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio });
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
}

function capture(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', (status) =>
      status === 0 ? resolve(output.trim()) : reject(new Error(`${program} ended with ${status}`)),
    );
  });
}

/** Everything that decides what is installed: the lockfile and the manifests of all packages. */
function installStamp() {
  const folders = [
    'proto',
    'bench',
    'e2e',
    'deploy/examples/shop',
    ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`),
  ];
  const files = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    ...folders.map((folder) => `${folder}/package.json`),
  ];
  const hash = createHash('sha256').update(process.platform + process.arch);
  for (const file of files.map((name) => join(root, name)))
    if (existsSync(file)) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function remembered(name) {
  const file = join(cache, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function remember(name, text) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, name), text);
}

/** The folder of the pinned pnpm, which npm fetches on the first run. */
async function pnpmFolder() {
  const known = remembered('pnpm-folder');
  if (known !== undefined && existsSync(join(known, 'pnpm'))) return known;
  const program = await capture('npx', ['--yes', `--package=${packageManager}`, '-c', 'command -v pnpm']);
  return dirname(program);
}

/** The folder of the Node.js that the project pins, whatever the machine has. */
function nodeFolder() {
  const modules = join(root, 'node_modules');
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(modules, name, 'bin');
  if (existsSync(join(folder, 'node'))) return folder;
  throw new Error(
    `the package ${name} is not installed: there is no Node.js of the pinned version for this machine`,
  );
}

/**
 * Installs what is not installed yet and builds what has changed.
 * @returns the environment in which the project's programs run.
 */
export async function prepare() {
  if (process.platform !== 'linux')
    throw new Error('the local mesh needs Linux: its pods are network namespaces');
  const stamp = installStamp();
  const pnpm = await pnpmFolder();
  if (remembered('installed') !== stamp) {
    console.error('installing packages …');
    const status = await run(
      join(pnpm, 'pnpm'),
      ['install', '--frozen-lockfile', '--reporter=append-only'],
      onStderr,
    );
    if (status !== 0) throw new Error(`pnpm install ended with ${status}`);
    remember('installed', stamp);
  }
  remember('pnpm-folder', pnpm);
  const path = [nodeFolder(), join(root, 'node_modules', '.bin'), pnpm, process.env.PATH].join(delimiter);
  const env = {
    ...process.env,
    PATH: path,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  };
  console.error('building what has changed …');
  const status = await run('turbo', ['run', 'build', '--output-logs=errors-only'], { env, ...onStderr });
  if (status !== 0) throw new Error(`the build ended with ${status}`);
  return env;
}
