/** Programs the mesh needs, and the package that holds each with every package manager. */
export interface PackageManager {
  /** The program whose presence tells which manager a machine has. */
  readonly program: string;
  readonly refresh?: readonly string[];
  readonly install: readonly string[];
  readonly packageOf: Readonly<Record<RequiredProgram, string>>;
}

export type RequiredProgram =
  | 'ip'
  | 'iptables'
  | 'iptables-restore'
  | 'iptables-save'
  | 'unshare'
  | 'nsenter'
  | 'setpriv'
  | 'mount'
  | 'pivot_root'
  | 'newuidmap'
  | 'tcpdump';

const common = {
  iptables: 'iptables',
  'iptables-restore': 'iptables',
  'iptables-save': 'iptables',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  pivot_root: 'util-linux',
  tcpdump: 'tcpdump',
} as const;

const debian = { ...common, ip: 'iproute2', mount: 'mount', newuidmap: 'uidmap' };
const fedora = { ...common, ip: 'iproute', mount: 'util-linux', newuidmap: 'shadow-utils' };

export const packageManagers: readonly PackageManager[] = [
  {
    program: 'apt-get',
    refresh: ['apt-get', 'update', '-qq'],
    install: ['apt-get', 'install', '-y', '-qq', '--no-install-recommends'],
    packageOf: debian,
  },
  { program: 'dnf', install: ['dnf', 'install', '-y', '-q'], packageOf: fedora },
  { program: 'yum', install: ['yum', 'install', '-y', '-q'], packageOf: fedora },
  {
    program: 'apk',
    install: ['apk', 'add', '--no-progress'],
    packageOf: {
      ...common,
      ip: 'iproute2',
      mount: 'mount',
      newuidmap: 'shadow-uidmap',
      setpriv: 'setpriv',
      pivot_root: 'util-linux-misc',
      unshare: 'util-linux-misc',
    },
  },
  {
    program: 'pacman',
    install: ['pacman', '-S', '--noconfirm', '--needed'],
    packageOf: { ...common, ip: 'iproute2', mount: 'util-linux', newuidmap: 'shadow' },
  },
  {
    program: 'zypper',
    install: ['zypper', '--non-interactive', '--quiet', 'install'],
    packageOf: { ...common, ip: 'iproute2', mount: 'util-linux', newuidmap: 'shadow' },
  },
];

/** The command that installs what `missing` names. */
export function installCommand(
  manager: PackageManager,
  missing: readonly RequiredProgram[],
): readonly string[] {
  const packages = [...new Set(missing.map((program) => manager.packageOf[program]))].sort();
  return [...manager.install, ...packages];
}
