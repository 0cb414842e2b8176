/** Who asks, as the injector wrote it into the proxy's environment. Every part may be missing. */
export interface ClientContext {
  readonly namespace: string;
  readonly nodeName: string;
  readonly pod: string;
}

const NOBODY: ClientContext = { namespace: '', nodeName: '', pod: '' };

export type ParsedContext =
  | { readonly type: 'context'; readonly context: ClientContext }
  /** Not a token: the client is then nobody in particular. */
  | { readonly type: 'malformed'; readonly context: ClientContext };

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads `{"ns":…,"nodeName":…,"pod":…}` or the older `ns:<namespace>`. An empty token is no context. */
export function parseContextToken(token: string): ParsedContext {
  const trimmed = token.trim();
  if (trimmed === '') return { type: 'context', context: NOBODY };
  const legacy = /^ns:([a-z0-9-]+)$/.exec(trimmed);
  if (legacy !== null) return { type: 'context', context: { ...NOBODY, namespace: legacy[1] ?? '' } };
  try {
    const value: unknown = JSON.parse(trimmed);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const { ns, nodeName, pod } = value as Record<string, unknown>;
      const context = { namespace: text(ns), nodeName: text(nodeName), pod: text(pod) };
      return { type: 'context', context };
    }
  } catch {
    // Said by the caller, who knows from whom it came.
  }
  return { type: 'malformed', context: NOBODY };
}
