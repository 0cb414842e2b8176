import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl } from './kubectl.ts';
import { weft } from './weft.ts';

/** Upgrades to other values of the chart; the function returned goes back to those before. */
export async function upgradeTo(values: Readonly<Record<string, string>>): Promise<() => Promise<void>> {
  const before = await kubectl(['get', 'secret', 'linkerd-config-overrides', '-n', 'linkerd', '-o', 'yaml']);
  const flags = Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  await weft(['upgrade', '--apply', ...flags]);
  return async () => {
    const directory = mkdtempSync(join(tmpdir(), 'weft-values-'));
    try {
      const file = join(directory, 'values.yaml');
      writeFileSync(file, before, { mode: 0o600 });
      await weft(['upgrade', '--apply', '--from-manifests', file]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };
}
