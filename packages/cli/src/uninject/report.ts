import type { JsonObject } from '../manifest/json.ts';
import { kindOf, nameOf } from '../manifest/kinds.ts';

/** What became of one object; the kind is empty where there was none. */
export interface UninjectReport {
  readonly kind: string;
  readonly name: string;
  readonly uninjected: boolean;
}

export function reportOf(object: JsonObject | null, uninjected: boolean): UninjectReport {
  return { kind: kindOf(object), name: nameOf(object), uninjected };
}

/** What the user reads after the documents. */
export function renderReport(reports: readonly UninjectReport[]): string {
  const lines = reports.map(({ kind, name, uninjected }) =>
    kind === ''
      ? 'document missing "kind" field, skipped'
      : `${kind} "${name}" ${uninjected ? 'uninjected' : 'skipped'}`,
  );
  return `\n${lines.map((line) => `${line}\n`).join('')}\n`;
}
