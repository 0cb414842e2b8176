import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../harness/folder.ts';
import { type Output, runProgram } from '../../harness/run-program.ts';
import { clusterProgram } from './cluster.ts';
import { kubectl } from './kubectl.ts';

/**
 * The shell of somebody who works in one namespace: `kubectl`, and `weft` by both of its names, are found by name, and
 * the kubeconfig names that namespace.
 */
export class UserShell {
  readonly #folder: string;
  readonly #kubeconfig: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#kubeconfig = join(folder, 'kubeconfig');
  }

  static async open(namespace: string): Promise<UserShell> {
    const folder = mkdtempSync(join(tmpdir(), 'weft-shell-'));
    const shell = new UserShell(folder);
    writeFileSync(shell.#kubeconfig, await kubectl(['config', 'view', '--raw', '--flatten']), {
      mode: 0o600,
    });
    // The cluster's own kubectl may insist on a kubeconfig of its own; a flag counts more.
    const program = `#!/bin/sh\nexec "${clusterProgram()}" kubectl --kubeconfig "${shell.#kubeconfig}" "$@"\n`;
    writeFileSync(join(folder, 'kubectl'), program);
    chmodSync(join(folder, 'kubectl'), 0o755);
    const weft = join(root, 'packages', 'cli', 'bin', 'weft');
    for (const name of ['weft', 'linkerd']) symlinkSync(weft, join(folder, name));
    await shell.run(`kubectl config set-context --current --namespace=${namespace}`);
    return shell;
  }

  /** Runs a line as it is typed. */
  run(line: string): Promise<Output> {
    const environment = `export PATH="${this.#folder}:$PATH" KUBECONFIG="${this.#kubeconfig}"`;
    return runProgram('/bin/sh', ['-c', `${environment}\n${line}`]);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
