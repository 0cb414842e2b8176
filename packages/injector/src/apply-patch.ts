import { InjectError } from './errors.ts';
import type { PatchOperation } from './patch.ts';

type Mapping = Record<string, unknown>;

function notApplicable(path: string, why: string): InjectError {
  return new InjectError('patch_not_applicable', path, `cannot add ${JSON.stringify(path)}: ${why}`);
}

function membersOf(path: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw notApplicable(path, 'a JSON pointer begins with "/"');
  return path
    .slice(1)
    .split('/')
    .map((member) => member.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexIn(list: readonly unknown[], member: string, path: string): number {
  if (member === '-') return list.length;
  const index = /^(0|[1-9]\d*)$/.test(member) ? Number(member) : Number.NaN;
  if (!(index <= list.length)) {
    throw notApplicable(path, `"${member}" is no index of a list of ${list.length} items`);
  }
  return index;
}

function child(node: unknown, member: string, path: string): unknown {
  if (Array.isArray(node)) return node[indexIn(node, member, path)];
  if (typeof node === 'object' && node !== null && Object.hasOwn(node, member))
    return (node as Mapping)[member];
  throw notApplicable(path, `there is no member "${member}"`);
}

function addTo(parent: unknown, member: string, value: unknown, path: string): void {
  if (Array.isArray(parent)) {
    parent.splice(indexIn(parent, member, path), 0, value);
  } else if (typeof parent === 'object' && parent !== null) {
    // Defined, not assigned: a member named "__proto__" is data as well.
    Object.defineProperty(parent, member, { value, writable: true, enumerable: true, configurable: true });
  } else {
    throw notApplicable(path, 'its parent is neither a mapping nor a list');
  }
}

/**
 * Applies `add` operations (RFC 6902 §4.1) to a copy of `object`; neither argument is changed.
 * @throws InjectError `patch_not_applicable` where a pointer leads nowhere.
 */
export function applyPatch<T>(object: T, patch: readonly PatchOperation[]): T {
  let root: unknown = structuredClone(object);
  for (const { path, value } of patch) {
    const members = membersOf(path);
    const last = members.pop();
    const copy = structuredClone(value);
    if (last === undefined) {
      root = copy;
      continue;
    }
    let parent = root;
    for (const member of members) parent = child(parent, member, path);
    addTo(parent, last, copy, path);
  }
  return root as T;
}
