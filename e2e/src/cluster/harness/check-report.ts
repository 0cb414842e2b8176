import { tryWeft } from './weft.ts';

/** One thing that `weft check` has looked at. */
export interface Finding {
  readonly description: string;
  readonly result: 'success' | 'warning' | 'error';
  readonly error?: string;
  readonly remedy?: string;
}

export interface CheckReport {
  /** Of the program. */
  readonly status: number;
  readonly success: boolean;
  readonly findings: readonly Finding[];
  /** What is not in order. */
  readonly problems: readonly Finding[];
}

/** Runs `weft check -o json`, with a short wait: what is looked at is as it is. */
export async function weftCheck(...args: readonly string[]): Promise<CheckReport> {
  const { status, stdout, stderr } = await tryWeft(['check', '-o', 'json', '--wait', '1s', ...args]);
  if (stdout === '') throw new Error(`weft check said nothing: ${stderr}`);
  const { success, categories } = JSON.parse(stdout) as {
    success: boolean;
    categories: readonly { readonly categoryName: string; readonly checks: readonly Finding[] }[];
  };
  const findings = categories.flatMap(({ checks }) => checks);
  return { status, success, findings, problems: findings.filter(({ result }) => result !== 'success') };
}

/** The cluster of these tests has no Gateway API, and that is all that may be missing. */
export const NO_GATEWAY_API = 'Gateway API CRDs are installed';

export function descriptionsOf(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ description }) => description);
}
