import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../manifest/json.ts';
import { parseYaml } from '../manifest/yaml.ts';
import { chartFolder } from './charts.ts';

/** A file of values of the control plane's chart: its defaults, or those for high availability. */
export async function chartValues(file: 'values.yaml' | 'values-ha.yaml'): Promise<JsonObject> {
  const path = join(chartFolder('weft-control-plane'), file);
  return parseYaml(await readFile(path, 'utf8'), path) as JsonObject;
}
