import { readFile } from 'node:fs/promises';
import { isJsonObject, type Json, type JsonObject } from '../manifest/json.ts';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import { imageAt } from '../proxy-flags/registry.ts';
import { type ControlPlaneFlags, chartFlags } from './flags.ts';

/** Sets a value by its path, making mappings on the way. */
function setAt(values: JsonObject, path: readonly string[], value: Json): void {
  let node = values;
  for (const name of path.slice(0, -1)) {
    if (!isJsonObject(node[name])) node[name] = {};
    node = node[name] as JsonObject;
  }
  node[path.at(-1)!] = value;
}

/** The images of an installation: where their names stand, and what they are by default. */
const IMAGES = [
  [['proxy', 'image', 'name'], 'proxy'],
  [['controllerImage'], 'controller'],
  [['debugContainer', 'image', 'name'], 'debug'],
] as const;

/** The values that options of the command line stand for. Files are read. */
export async function flagValues(flags: ControlPlaneFlags & FlagValues): Promise<JsonObject> {
  const values: JsonObject = {};
  if (flags.registry !== undefined) {
    for (const [path, name] of IMAGES) setAt(values, path, imageAt(flags.registry, name));
  }
  for (const { option, path, value } of chartFlags) {
    const given = flags[option.attributeName()];
    if (given !== undefined) setAt(values, path, (value ?? given) as Json);
  }
  if (flags.registry !== undefined && typeof flags.proxyImage === 'string') {
    setAt(values, ['proxy', 'image', 'name'], imageAt(flags.registry, flags.proxyImage));
  }
  const files = [
    [flags.identityTrustAnchorsFile, ['identityTrustAnchorsPEM']],
    [flags.identityIssuerCertificateFile, ['identity', 'issuer', 'tls', 'crtPEM']],
    [flags.identityIssuerKeyFile, ['identity', 'issuer', 'tls', 'keyPEM']],
  ] as const;
  for (const [file, path] of files) {
    if (file !== undefined) setAt(values, path, await readFile(file, 'utf8'));
  }
  return values;
}
