import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Where a command is, as a shell finds it: by its path, or by its name in the directories of PATH. */
export function findProgram(command: string, path = ''): string | undefined {
  const candidates = command.includes('/')
    ? [resolve(command)]
    : path.split(delimiter).map((directory) => join(resolve(directory), command));
  return candidates.find(isProgram);
}
