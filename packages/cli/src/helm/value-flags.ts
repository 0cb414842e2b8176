import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { JsonObject } from '../manifest/json.ts';
import { parseYaml } from '../manifest/yaml.ts';
import { collect } from '../options/parsers.ts';
import { runHelm } from './run-helm.ts';

/** Values as helm takes them on its command line. */
export interface ValueFlags {
  readonly values?: readonly string[];
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly setFile?: readonly string[];
}

export function addValueFlags(command: Command): Command {
  return command
    .option('-f, --values <file>', 'file or URL of values; may be given several times', collect)
    .option('--set <key=value>', 'values, separated by commas; may be given several times', collect)
    .option('--set-string <key=value>', 'the same, every value being text', collect)
    .option('--set-file <key=path>', 'the same, every value being what a file holds', collect);
}

function helmArgs({ values = [], set = [], setString = [], setFile = [] }: ValueFlags): string[] {
  return [
    ...values.flatMap((file) => ['--values', file]),
    ...set.flatMap((text) => ['--set', text]),
    ...setString.flatMap((text) => ['--set-string', text]),
    ...setFile.flatMap((text) => ['--set-file', text]),
  ];
}

/**
 * The values that the flags amount to. Helm itself reads and merges them, by rendering a chart that prints what
 * it was given.
 */
export async function readValueFlags(flags: ValueFlags, signal: AbortSignal): Promise<JsonObject> {
  const args = helmArgs(flags);
  if (args.length === 0) return {};
  const chart = await mkdtemp(join(tmpdir(), 'weft-values-'));
  try {
    await mkdir(join(chart, 'templates'));
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: values\nversion: 0.0.0\n');
    await writeFile(join(chart, 'templates', 'values.yaml'), '{{ toYaml .Values }}\n');
    const printed = await runHelm({ args: ['template', 'values', chart, ...args], signal });
    const { global: _, ...values } = (parseYaml(printed, 'the values') ?? {}) as JsonObject;
    return values;
  } finally {
    await rm(chart, { recursive: true });
  }
}
