import { ServiceError } from '@weft/service';

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function wrong(path: string, value: unknown, expected: string): ServiceError {
  return new ServiceError('invalid_argument', `${path} is ${JSON.stringify(value)}: ${expected}`);
}

function checkedLeaf(path: string, value: unknown, model: unknown): unknown {
  switch (typeof model) {
    case 'string':
      if (typeof value === 'object') throw wrong(path, value, 'must be text');
      return String(value);
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number))
        throw wrong(path, value, 'must be a number');
      return number;
    }
    case 'boolean':
      if (value === 'true' || value === 'false') return value === 'true';
      if (typeof value !== 'boolean') throw wrong(path, value, 'must be true or false');
      return value;
    default:
      if (!Array.isArray(value)) throw wrong(path, value, 'must be a list');
      return value;
  }
}

/**
 * Lays a tree of settings over a model that has every setting with its default: each takes its model's type,
 * what the model does not have is dropped, null means the default. The mappings at the paths in `open` have
 * members of their own and are merged as they are.
 * @throws ServiceError naming path and value.
 */
export function checkedTree<T>(value: unknown, model: T, open: ReadonlySet<string>, path = ''): T {
  if (value === undefined || value === null) return model;
  if (!isTree(model)) return checkedLeaf(path, value, model) as T;
  if (!isTree(value)) throw wrong(path || 'the document', value, 'must be a mapping');
  if (open.has(path)) return { ...model, ...value } as T;
  const members = Object.entries(model).map(([name, inner]) => {
    const below = path === '' ? name : `${path}.${name}`;
    return [name, checkedTree(Object.hasOwn(value, name) ? value[name] : undefined, inner, open, below)];
  });
  return Object.fromEntries(members) as T;
}
