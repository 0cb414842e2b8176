import { OVERRIDES_SECRET } from '../install/control-plane-objects.ts';
import { InstallError } from '../install/install-error.ts';
import { type JsonObject, textAt } from '../manifest/json.ts';
import { parseYaml } from '../manifest/yaml.ts';

/** The values that an installation was made with. @throws InstallError where they were not kept. */
export function storedValues(secret: JsonObject | undefined, namespace: string): JsonObject {
  const data = textAt(secret ?? null, 'data', OVERRIDES_SECRET);
  if (data === '') {
    throw new InstallError(
      'installed_by_helm',
      `Secret ${OVERRIDES_SECRET} is missing in namespace "${namespace}": if the control plane was installed by Helm, use helm upgrade`,
    );
  }
  const yaml = Buffer.from(data, 'base64').toString('utf8');
  return (parseYaml(yaml, `Secret ${OVERRIDES_SECRET}`) ?? {}) as JsonObject;
}

/** The Secret with these values among manifests, as `weft install -o yaml` has printed them. */
export function secretAmong(objects: readonly (JsonObject | null)[]): JsonObject | undefined {
  return (
    objects.find(
      (object) =>
        textAt(object, 'kind') === 'Secret' && textAt(object, 'metadata', 'name') === OVERRIDES_SECRET,
    ) ?? undefined
  );
}
