import { stringify } from 'yaml';
import type { Manifest } from '../../harness/folder.ts';
import { type Output, runProgram } from '../../harness/run-program.ts';
import { clusterProgram } from './cluster.ts';

/** Runs kubectl to its end, whatever the end. */
export function tryKubectl(args: readonly string[], input = ''): Promise<Output> {
  return runProgram(clusterProgram(), ['kubectl', ...args], input);
}

/** Runs kubectl, which must succeed, and answers with what it printed. */
export async function kubectl(args: readonly string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await tryKubectl(args, input);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** Objects as the API server has them. */
export async function get<T = Manifest>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl(['get', '-o', 'json', ...args])) as T;
}

export async function list<T = Manifest>(...args: readonly string[]): Promise<readonly T[]> {
  return (await get<{ items: readonly T[] }>(...args)).items;
}

export function apply(...manifests: readonly Manifest[]): Promise<string> {
  return kubectl(['apply', '-f', '-'], toYaml(manifests));
}

/** As kubectl reads it, to which `on` without quotes is a boolean. */
export function toYaml(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => stringify(manifest, { schema: 'yaml-1.1' })).join('---\n');
}
