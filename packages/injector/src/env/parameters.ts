import type { EnvVar } from '../env-var.ts';
import type { ParameterTree } from '../values.ts';
import { setting } from './entries.ts';

/** `keepAliveInterval` becomes `KEEP_ALIVE_INTERVAL`, `http2` becomes `HTTP2`. */
function upperSnakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

/** Flattens a tree of parameters: each path is a variable, every level sorted by name. */
export function parameters(path: string, tree: ParameterTree): readonly EnvVar[] {
  return Object.keys(tree)
    .sort()
    .flatMap((name) => {
      const value = tree[name]!;
      const variable = `${path}_${upperSnakeCase(name)}`;
      return typeof value === 'object' ? parameters(variable, value) : [setting(variable, value)];
    });
}
