/** What a piece of policy is named after: the Kubernetes resource it came from, or a built-in default. */
export interface Meta {
  /** '' for defaults; the core group is written 'core'. */
  readonly group: string;
  /** 'default' for defaults. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly section: string;
  /** 0 where the resource has no port. */
  readonly port: number;
}

/** The name of something no resource stands for, such as a default policy or a synthesized route. */
export function defaultMeta(name: string): Meta {
  return { group: '', kind: 'default', namespace: '', name, section: '', port: 0 };
}

/** How logs and errors write it: `default.NAME`, or `KIND.NAMESPACE.NAME` with `:PORT` where there is one. */
export function formatMeta(meta: Meta): string {
  if (meta.kind === 'default') return `default.${meta.name}`;
  const port = meta.port === 0 ? '' : `:${meta.port}`;
  return `${meta.kind}.${meta.namespace}.${meta.name}${port}`;
}
