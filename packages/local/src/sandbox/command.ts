/** The name under which the first process of a mesh is found in the process table. */
export const MESH_MARK = 'weft-mesh';

/**
 * The first process of a mesh's PID namespace: it reaps orphans while it waits for the mesh itself. `/run` becomes
 * the mesh's own memory, so that nothing the mesh writes is ever on the machine's disk. Descriptor 3 stays open for
 * the mesh: it closes when the command that started the mesh is gone.
 */
const FIRST_PROCESS = `
mount -t tmpfs -o mode=755 tmpfs /run || exit 71
mkdir -p /run/netns /run/lock /run/weft || exit 71
ulimit -n 65536 2>/dev/null || :
shift
"$@" &
wait $!
`;

export interface SandboxOptions {
  readonly meshId: string;
  readonly isRoot: boolean;
  /** The mesh's program and arguments. */
  readonly command: readonly string[];
}

/**
 * The command that runs a mesh in namespaces of its own. When its first process ends, however it ends, the kernel
 * ends every other process in it, and with them go the network namespaces, links, rules and mounts.
 */
export function sandboxCommand({ meshId, isRoot, command }: SandboxOptions): readonly string[] {
  const user = isRoot ? [] : ['--user', '--map-root-user', '--map-auto'];
  return [
    ...['setpriv', '--pdeathsig', 'KILL'],
    ...['unshare', ...user, '--mount', '--propagation', 'private', '--net', '--pid', '--ipc', '--uts'],
    ...['--fork', '--kill-child=KILL', '--mount-proc'],
    ...['sh', '-c', FIRST_PROCESS, MESH_MARK, meshId, ...command],
  ];
}

/** The mesh whose first process has this command line, or undefined for any other process. */
export function meshOfCommandLine(argv: readonly string[]): string | undefined {
  return argv[0] === 'sh' && argv[1] === '-c' && argv[3] === MESH_MARK ? argv[4] : undefined;
}
