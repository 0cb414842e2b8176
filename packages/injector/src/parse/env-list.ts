import type { EnvVar } from '../env-var.ts';
import { type Parsed, parsed, unparsable } from './parsed.ts';

const PROBLEM = 'a JSON list of {"name", "value"} or {"name", "valueFrom"} entries';

function isEnvVar(entry: unknown): entry is EnvVar {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return false;
  const { name, value } = entry as Partial<EnvVar>;
  return typeof name === 'string' && name !== '' && (value === undefined || typeof value === 'string');
}

/** A JSON list of Kubernetes environment variables. */
export function parseEnvList(text: string): Parsed<readonly EnvVar[]> {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    return unparsable(PROBLEM);
  }
  return Array.isArray(entries) && entries.every(isEnvVar) ? parsed(entries) : unparsable(PROBLEM);
}
