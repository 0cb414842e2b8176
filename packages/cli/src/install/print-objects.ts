import type { JsonObject } from '../manifest/json.ts';
import { renderJson, renderYaml } from '../manifest/yaml.ts';

/** Objects as kubectl takes them: a stream of YAML documents, or a line of JSON each. */
export function printedObjects(objects: readonly JsonObject[], format: 'yaml' | 'json'): string {
  return objects
    .map((object) => (format === 'json' ? renderJson(object) : `---\n${renderYaml(object)}`))
    .join('');
}
