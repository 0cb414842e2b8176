import type { Container, PodSpec } from '../cluster/objects.ts';
import { namespacePath } from '../network/router.ts';

/** Where a container finds the built project, and the folder of the Node.js that runs it. */
export const BUILD_MOUNT = '/weft/build';
export const NODE_MOUNT = '/weft/node';
/** Where an application's folder outside the project is found. */
export const APP_MOUNT = '/weft/app';

/** What the machine gives to every container. */
export interface MachinePaths {
  readonly build: string;
  readonly nodeDirectory: string;
  /** The folder in which applications start. */
  readonly app: string;
}

export interface ContainerLaunch {
  readonly networkNamespace: string;
  readonly hostname: string;
  readonly machine: MachinePaths;
  /** The pod's folder: `volumes/NAME`, `etc/resolv.conf`, `etc/hosts`, `pids/`. */
  readonly podDirectory: string;
  readonly container: Container;
  readonly podSpec: PodSpec;
  readonly command: readonly string[];
}

/** What a container's root user may do, as container runtimes grant it. */
const CAPABILITIES = [
  ...['chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid', 'setpcap', 'net_bind_service'],
  ...['net_raw', 'sys_chroot', 'mknod', 'audit_write', 'setfcap'],
];

/**
 * Builds a container's file system and becomes its program: the machine's folders, but `/run` and `/tmp` of its own,
 * its volumes, and nothing the machine would keep. A volume given by an absolute path is a folder of the machine. It is the first process of the container's PID namespace.
 * Arguments: pod folder, container name, hostname, working directory, number of mounts, then for each mount its
 * volume's path and its target, then the command.
 */
const BECOME_CONTAINER = `
set -eu
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"
pod=$1 name=$2 host=$3 directory=$4 build=$5 node=$6 app=$7 mounts=$8; shift 8
reach_host_folders() {
  number=0
  while [ "$number" -lt "$mounts" ]; do
    case $1 in /*) mkdir -p "weft/host/$number" && mount --rbind "$1" "weft/host/$number" ;; esac
    number=$((number + 1)); shift 2
  done
}
read -r pid rest </proc/self/stat
echo "$pid" >"$pod/pids/$name"
hostname "$host" 2>/dev/null || echo "$host" 2>/dev/null >/proc/sys/kernel/hostname || :
root=$pod/root
mount -t tmpfs -o mode=755 root "$root"
cd "$root"
for entry in /* /.[!.]*; do
  case $entry in /proc | /run | /tmp | /weft) continue ;; esac
  if [ -L "$entry" ]; then cp -P "$entry" ".$entry"
  elif [ -d "$entry" ]; then mkdir ".$entry" && mount --rbind "$entry" ".$entry"
  fi
done
mkdir -p proc run/lock tmp weft/build weft/node weft/app weft/pod
chmod 1777 tmp run/lock
mount -t proc proc proc
mount --rbind "$build" weft/build
mount --bind "$node" weft/node
mount --rbind "$app" weft/app
mount --rbind "$pod" weft/pod
reach_host_folders "$@"
pivot_root . .
umount -l .
cd /
for file in resolv.conf hosts; do
  target=$(readlink -m "/etc/$file")
  [ -e "$target" ] || { mkdir -p "\${target%/*}" && : >"$target"; }
  mount --bind "/weft/pod/etc/$file" "$target"
done
number=0
while [ "$number" -lt "$mounts" ]; do
  case $1 in
    /*) source=/weft/host/$number ;;
    *) source=/weft/pod/$1 ;;
  esac
  target=$(readlink -m "$2")
  if [ ! -e "$target" ]; then
    parent=$target
    while [ ! -e "$parent" ]; do parent=\${parent%/*}; [ -n "$parent" ] || parent=/; done
    case $(stat -f -c %T "$parent") in
      tmpfs) ;;
      *) echo "cannot mount a volume at $2: $parent is a folder of this machine, which stays untouched" >&2; exit 125 ;;
    esac
    if [ -d "$source" ]; then mkdir -p "$target"; else mkdir -p "\${target%/*}"; : >"$target"; fi
  fi
  mount --bind "$source" "$target"
  number=$((number + 1)); shift 2
done
umount -l /weft/pod
cd "$directory"
exec "$@"
`;

/** The command that runs a container in its pod's network namespace. */
export function launchCommand(launch: ContainerLaunch): readonly string[] {
  const { machine, podDirectory, container, podSpec, hostname, command } = launch;
  const hostPaths = new Map(podSpec.volumes?.map(({ name, hostPath }) => [name, hostPath?.path]));
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, subPath }) => {
    const volume = hostPaths.get(name) ?? `volumes/${name}`;
    return [subPath === undefined ? volume : `${volume}/${subPath}`, mountPath];
  });
  return [
    ...['nsenter', `--net=${namespacePath(launch.networkNamespace)}`],
    ...['unshare', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child=KILL'],
    ...['sh', '-c', BECOME_CONTAINER, 'container', podDirectory, container.name, hostname],
    ...[container.workingDir ?? workingDirectory(machine), machine.build, machine.nodeDirectory, machine.app],
    ...[String(mounts.length), ...mounts.flat()],
    ...['setpriv', ...privileges(container, podSpec), '--', ...command],
  ];
}

/** Applications start in their folder, as if it were their image's; inside the project its libraries are found. */
export function workingDirectory({ build, app }: MachinePaths): string {
  if (app === build) return BUILD_MOUNT;
  return app.startsWith(`${build}/`) ? BUILD_MOUNT + app.slice(build.length) : APP_MOUNT;
}

function privileges({ securityContext }: Container, spec: PodSpec): readonly string[] {
  const uid = securityContext?.runAsUser ?? spec.securityContext?.runAsUser ?? 0;
  const gid = securityContext?.runAsGroup ?? spec.securityContext?.runAsGroup ?? uid;
  const bounds = ['-all', ...CAPABILITIES.map((capability) => `+${capability}`)].join(',');
  return [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--bounding-set=${bounds}`,
    '--inh-caps=-all',
  ];
}
