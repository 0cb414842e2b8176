import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ensureNamespaces, launchSandbox } from '../sandbox/launch.ts';
import { ensurePrograms } from '../system/requirements.ts';
import { findFolders } from './folders.ts';

export interface RunOptions {
  /** Folder of manifests, or one that holds them in `manifests/`. */
  readonly directory: string;
  /** Folder in which applications start; default: the package that the manifests are part of. */
  readonly app?: string;
  /** Milliseconds after which the mesh ends by itself; absent: it runs until it is stopped. */
  readonly forMs?: number;
  /** Prints one JSON document at the end in place of the live display. */
  readonly json?: boolean;
  /** Seconds a proxy's certificate lives. */
  readonly leafLifetime?: number;
  /** The version that injected pods are marked with. */
  readonly version?: string;
  /** Receives lines about preparations. */
  readonly progress: (line: string) => void;
  /** Aborted once, the mesh ends in order. */
  readonly signal: AbortSignal;
}

const MESH_PROGRAM = fileURLToPath(new URL('../mesh/main.js', import.meta.url));

/** Runs a mesh to its end and answers with its exit status. */
export async function runMesh(options: RunOptions): Promise<number> {
  const isRoot = process.getuid?.() === 0;
  const folders = await findFolders(options.directory, options.app);
  await ensurePrograms({ isRoot, progress: options.progress });
  await ensureNamespaces(isRoot);
  const meshId = randomBytes(3).toString('hex');
  const flags = [
    ...['--mesh', meshId, '--directory', folders.manifests, '--app', folders.app],
    ...(options.forMs === undefined ? [] : ['--for', String(options.forMs)]),
    ...(options.leafLifetime === undefined ? [] : ['--leaf-lifetime', String(options.leafLifetime)]),
    ...(options.json ? ['--json'] : []),
    ...['--version', options.version ?? 'dev'],
  ];
  const sandbox = launchSandbox({
    meshId,
    isRoot,
    command: [process.execPath, '--disable-warning=ExperimentalWarning', MESH_PROGRAM, ...flags],
    env: process.env,
  });
  const stop = () => sandbox.stop();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  return sandbox.ended.finally(() => options.signal.removeEventListener('abort', stop));
}
