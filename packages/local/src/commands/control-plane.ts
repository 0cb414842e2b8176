import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlPlane } from '../control-plane/names.ts';
import { buildDirectory } from '../mesh/paths.ts';
import { findProgram } from '../system/requirements.ts';
import { credentialsIn, mintToken } from './credentials-folder.ts';
import { findFolders } from './folders.ts';
import { scratchFolder } from './scratch-folder.ts';

export interface ControlPlaneCommand {
  /** Folder of manifests, followed live. */
  readonly directory: string;
  /** `host:port` of the three services. */
  readonly identityAddr: string;
  readonly destinationAddr: string;
  readonly policyAddr: string;
  readonly identityAdminAddr: string;
  readonly destinationAdminAddr: string;
  /** Serve with mesh TLS instead of plain text. */
  readonly tls: boolean;
  /** Folder that keeps the credentials; absent: new ones for this run. */
  readonly credentials?: string | undefined;
  readonly leafLifetime?: number | undefined;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;
const GRACE_MS = 10_000;

/** Runs identity and destination on this machine, for clients of their APIs; answers with the exit status. */
export async function runControlPlane(options: ControlPlaneCommand): Promise<number> {
  const { manifests } = await findFolders(options.directory);
  const scratch = scratchFolder();
  try {
    const directory = options.credentials ?? scratch.path;
    const { trustAnchors, tokenPublicKeys } = credentialsIn(directory);
    options.progress(`trust anchors: ${trustAnchors}`);
    options.progress(`tokens: weft local token --credentials ${directory} NAMESPACE SERVICE_ACCOUNT`);
    const token = options.tls ? destinationToken(scratch.path, directory) : '';
    const services = [
      start('identity', identityFlags(options, directory, tokenPublicKeys)),
      start('destination', destinationFlags(options, manifests, token, trustAnchors)),
    ];
    return await untilAllEnd(services, options.signal);
  } finally {
    scratch.remove();
  }
}

function destinationToken(scratch: string, credentials: string): string {
  const file = join(scratch, 'destination-token');
  const { namespace, destination } = controlPlane;
  writeFileSync(file, mintToken(credentials, namespace, destination.account, 365 * DAY_MS), { mode: 0o600 });
  return file;
}

function identityFlags(
  options: ControlPlaneCommand,
  directory: string,
  tokenPublicKeys: string,
): readonly string[] {
  const { issuerDirectory, trustAnchors } = credentialsIn(directory);
  return [
    `--addr=${options.identityAddr}`,
    `--admin-addr=${options.identityAdminAddr}`,
    `--mesh-tls=${options.tls}`,
    `--issuer-dir=${issuerDirectory}`,
    `--trust-anchors=${trustAnchors}`,
    `--token-public-keys=${tokenPublicKeys}`,
    '--identity-clock-skew-allowance=0s',
    ...(options.leafLifetime === undefined ? [] : [`--identity-issuance-lifetime=${options.leafLifetime}s`]),
  ];
}

function destinationFlags(
  options: ControlPlaneCommand,
  manifests: string,
  token: string,
  trustAnchors: string,
): readonly string[] {
  const identity = [
    `--identity-addr=${options.identityAddr}`,
    `--identity-token-file=${token}`,
    `--identity-trust-anchors-file=${trustAnchors}`,
  ];
  return [
    `--addr=${options.destinationAddr}`,
    `--policy-addr=${options.policyAddr}`,
    `--metrics-addr=${options.destinationAdminAddr}`,
    `--manifests=${manifests}`,
    ...(options.tls ? identity : []),
  ];
}

interface ServiceProcess {
  readonly ended: Promise<number>;
  signal(name: NodeJS.Signals): void;
}

/** A service that dies with this process, where the machine has the program for it. */
function start(name: 'identity' | 'destination', flags: readonly string[]): ServiceProcess {
  const main = join(buildDirectory(), 'packages', name, 'dist', 'main.js');
  const setpriv = findProgram('setpriv');
  const prefix = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
  const [program, ...args] = [...prefix, process.execPath, main, ...flags];
  const child = spawn(program!, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  return {
    ended: once(child, 'close').then(([status]) => (status as number | null) ?? 1),
    signal: (signalName) => void child.kill(signalName),
  };
}

/** One service is nothing without the other: when one ends, or the user asks, all end. */
async function untilAllEnd(services: readonly ServiceProcess[], signal: AbortSignal): Promise<number> {
  const asked = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([asked, ...services.map(({ ended }) => ended)]);
  for (const service of services) service.signal('SIGTERM');
  const late = setTimeout(() => {
    for (const service of services) service.signal('SIGKILL');
  }, GRACE_MS);
  const statuses = await Promise.all(services.map(({ ended }) => ended));
  clearTimeout(late);
  return signal.aborted ? 0 : Math.max(1, ...statuses);
}
