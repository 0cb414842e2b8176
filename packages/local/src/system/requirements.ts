import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { installCommand, packageManagers, type RequiredProgram } from './packages.ts';
import { runProgram } from './run-program.ts';

const ADMIN_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** PATH with the administrator's directories, which the shells of ordinary users leave out. */
export function systemPath(path: string | undefined): string {
  const directories = (path ?? '/usr/local/bin:/usr/bin:/bin').split(':');
  return [...directories, ...ADMIN_DIRECTORIES.filter((directory) => !directories.includes(directory))].join(
    ':',
  );
}

/** The absolute path of a program, or undefined when PATH holds none that can be run. */
export function findProgram(program: string, path = systemPath(process.env.PATH)): string | undefined {
  for (const directory of path.split(':')) {
    const file = join(directory, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here: the next directory of PATH may have it.
    }
  }
  return undefined;
}

const ALWAYS: readonly RequiredProgram[] = [
  'ip',
  'iptables',
  'iptables-restore',
  'iptables-save',
  'unshare',
  'nsenter',
  'setpriv',
  'mount',
  'pivot_root',
];

/**
 * Makes sure that the programs the mesh runs are there. As root what is missing is installed with the machine's
 * package manager; else the error names the packages and the command.
 * @param progress receives one line before anything is installed.
 */
export async function ensurePrograms({
  isRoot,
  progress,
  programs = isRoot ? ALWAYS : [...ALWAYS, 'newuidmap'],
}: {
  isRoot: boolean;
  progress: (line: string) => void;
  programs?: readonly RequiredProgram[];
}): Promise<void> {
  const missing = () => programs.filter((program) => findProgram(program) === undefined);
  const absent = missing();
  if (absent.length === 0) return;
  const manager = packageManagers.find(({ program }) => findProgram(program) !== undefined);
  if (manager === undefined) {
    throw new LocalError(
      'missing_programs',
      `install ${absent.join(', ')}: no known package manager is here`,
      {
        absent,
      },
    );
  }
  const command = installCommand(manager, absent);
  if (!isRoot) {
    throw new LocalError(
      'missing_programs',
      `missing: ${absent.join(', ')}; install with \`sudo ${command.join(' ')}\``,
      { absent, command },
    );
  }
  progress(`installing what is missing (${absent.join(', ')}): ${command.join(' ')}`);
  if (manager.refresh) await runProgram(manager.refresh[0]!, manager.refresh.slice(1));
  await runProgram(command[0]!, command.slice(1));
  const still = missing();
  if (still.length > 0) {
    throw new LocalError('missing_programs', `\`${command.join(' ')}\` did not bring ${still.join(', ')}`, {
      absent: still,
    });
  }
}
