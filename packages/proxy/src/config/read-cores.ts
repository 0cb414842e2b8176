import type { CoresConfig } from './config.ts';
import type { Environment, Parse } from './environment.ts';
import { parseCount, parseDecimal } from './values/scalar.ts';

/** On how many cores the proxy works. As in Linkerd's proxy, a value that cannot be used is left out. */
export function readCores(env: Environment): CoresConfig {
  return {
    min: readOr(env, 'CORES_MIN', parseCores) ?? readOr(env, 'CORES', parseCores) ?? 1,
    max: readOr(env, 'CORES_MAX', parseCores),
    maxRatio: readOr(env, 'CORES_MAX_RATIO', parseRatio),
  };
}

/** undefined, with a warning, for what `parse` refuses. */
function readOr<T>(env: Environment, name: string, parse: Parse<T>): T | undefined {
  const text = env.text(name);
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    env.warn(name, `${JSON.stringify(text)} is ignored: ${reason}`);
    return undefined;
  }
}

function parseCores(text: string): number {
  const cores = parseCount(text);
  if (cores === 0) throw new Error('must not be zero');
  return cores;
}

function parseRatio(text: string): number {
  const ratio = parseDecimal(text);
  if (ratio === 0 || ratio > 1) throw new Error('not above 0 and up to 1');
  return ratio;
}
