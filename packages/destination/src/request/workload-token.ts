import { ServiceError } from '@weft/service';

/** The workload a proxy belongs to, as the policy APIs name it. */
export type Workload =
  | { readonly type: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly type: 'external_workload'; readonly namespace: string; readonly name: string };

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';

function fromJson(token: string): Workload | undefined {
  try {
    const value = JSON.parse(token) as Record<string, unknown>;
    const { ns, pod, external_workload: external } = value;
    if (isName(ns) && isName(pod)) return { type: 'pod', namespace: ns, name: pod };
    if (isName(ns) && isName(external)) return { type: 'external_workload', namespace: ns, name: external };
  } catch {
    // Not JSON: no token either.
  }
  return undefined;
}

function fromText(token: string): Workload | undefined {
  const [namespace, name, ...rest] = token.split(':');
  if (!isName(namespace) || !isName(name) || rest.length > 0) return undefined;
  return { type: 'pod', namespace, name };
}

/**
 * Reads `{"ns":…,"pod":…}`, `{"ns":…,"external_workload":…}` or the older `ns:pod`.
 * @throws ServiceError invalid_argument for anything else.
 */
export function parseWorkload(token: string): Workload {
  const workload = token.startsWith('{') ? fromJson(token) : fromText(token.trim());
  if (workload !== undefined) return workload;
  throw new ServiceError('invalid_argument', `Invalid workload: ${token.trim()}`);
}

/** @throws ServiceError invalid_argument unless it is 1–65535. */
export function checkPort(port: number): number {
  if (port >= 1 && port <= 65_535) return port;
  throw new ServiceError('invalid_argument', `Invalid port: ${port} is not between 1 and 65535`);
}
