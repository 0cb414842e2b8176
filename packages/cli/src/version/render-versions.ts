/** What `weft version` has found out. */
export interface Versions {
  readonly client: string;
  /** `unavailable` where the control plane does not say; undefined where it was not asked. */
  readonly server?: string;
  /** Pods by the version of their proxy; undefined where nobody asked. */
  readonly proxies?: ReadonlyMap<string, number>;
}

export function renderVersions({ client, server, proxies }: Versions, short: boolean): string {
  const line = (name: string, value: string) => (short ? `${value}\n` : `${name} version: ${value}\n`);
  let text = line('Client', client);
  if (server !== undefined) text += line('Server', server);
  if (proxies === undefined) return text;
  if (proxies.size === 0) return `${text}Proxy versions: unavailable\n`;
  const counted = [...proxies].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = counted.map(([version, pods]) => `\t${version} (${pods} ${pods === 1 ? 'pod' : 'pods'})\n`);
  return `${text}Proxy versions:\n${lines.join('')}`;
}
