import type { Metadata } from '@weft/proto/meta';
import { invalid } from './invalid-policy.ts';
import { defaultMeta, type Meta } from './meta.ts';

/** Inbound resources carry no namespace: only the kind of metadata is required. */
export function decodeMeta(message: Metadata | undefined, field: string): Meta {
  const kind = message?.kind;
  if (kind?.case === 'default') return defaultMeta(kind.value);
  if (kind?.case !== 'resource') return invalid(field, 'is missing');
  const { group, kind: resourceKind, namespace, name, section, port } = kind.value;
  return { group, kind: resourceKind, namespace, name, section, port };
}

/** As above, and a resource must have group, kind, namespace and name. */
export function decodeFullMeta(message: Metadata | undefined, field: string): Meta {
  const meta = decodeMeta(message, field);
  if (message?.kind.case === 'resource') {
    for (const part of ['group', 'kind', 'namespace', 'name'] as const) {
      if (meta[part] === '') invalid(`${field}.resource.${part}`, 'is empty');
    }
  }
  return meta;
}

/**
 * What controllers wrote before there was metadata: labels named `group`, `kind` and `name`, of which only
 * the name is required. A name of the form `default:NAME` is a default.
 */
export function decodeLabels(
  labels: Readonly<Record<string, string>>,
  absent: { readonly group: string; readonly kind: string },
  field: string,
): Meta {
  const name = labels.name || invalid(`${field}[name]`, 'is missing');
  if (name.startsWith('default:')) return defaultMeta(name.slice('default:'.length));
  const kind = labels.kind ?? absent.kind;
  if (kind === 'default') return defaultMeta(name);
  return { group: labels.group ?? absent.group, kind, namespace: '', name, section: '', port: 0 };
}
