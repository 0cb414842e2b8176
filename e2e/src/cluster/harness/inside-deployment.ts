import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, root } from '../../harness/folder.ts';
import { aDeployment, type DeploymentParts } from './manifests.ts';

/** A program of `e2e/src/inside` as the only container of a pod. */
export function insideDeployment(
  name: string,
  script: string,
  args: readonly string[],
  parts: DeploymentParts = {},
): Manifest {
  const source = readFileSync(join(root, 'e2e', 'src', 'inside', script), 'utf8');
  // The dash stands where a script's name would: Node counts none for -e.
  const command = ['node', '--input-type=module', '-e', source, '-', ...args];
  return aDeployment(name, '', { ...parts, container: { ...parts.container, command } });
}
