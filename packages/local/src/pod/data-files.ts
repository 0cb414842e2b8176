import type { DataObject, KeyToPath } from '../cluster/objects.ts';

/** The entries of a Secret or ConfigMap as bytes, by key. */
export function dataBytes(object: DataObject): Readonly<Record<string, Buffer>> {
  const encoding = object.kind === 'Secret' ? 'base64' : 'utf8';
  return Object.fromEntries([
    ...entries(object.data, encoding),
    ...entries(object.binaryData, 'base64'),
    ...entries(object.stringData, 'utf8'),
  ]);
}

export function dataText(object: DataObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(dataBytes(object)).map(([key, bytes]) => [key, bytes.toString('utf8')]),
  );
}

/** The files of a volume made of the object: all keys, or the chosen items at their paths. */
export function dataFiles(object: DataObject, items?: readonly KeyToPath[]): ReadonlyMap<string, Buffer> {
  const bytes = dataBytes(object);
  if (items === undefined) return new Map(Object.entries(bytes));
  return new Map(items.flatMap(({ key, path }) => (bytes[key] ? [[path, bytes[key]] as const] : [])));
}

function entries(data: Readonly<Record<string, string>> = {}, encoding: BufferEncoding): [string, Buffer][] {
  return Object.entries(data).map(([key, value]) => [key, Buffer.from(value, encoding)]);
}
