import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { environment } from './environment.builder.ts';
import { readConfig } from './read-config.ts';

const document = readFileSync(new URL('../../../../docs/proxy-configuration.md', import.meta.url), 'utf8');

/** Every name in the first cell of a row of a table. */
function documented(): string[] {
  const rows = document.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => (row.split('|')[1] ?? '').match(/(?<=`)[A-Z0-9_]+(?=`)/g) ?? []);
}

/** Ways to configure the proxy that between them have every variable read. */
const configurations: readonly Record<string, string | undefined>[] = [
  {},
  {
    IDENTITY_SPIRE_SOCKET: '/run/spire/agent.sock',
    IDENTITY_SERVER_ID: 'spiffe://cluster.local/orders',
    IDENTITY_SERVER_NAME: 'orders.cluster.local',
  },
  { TRACE_COLLECTOR_SVC_ADDR: 'localhost.:4317' },
];

/** Every variable that is asked for, without the prefix where it has one. */
function read(): string[] {
  const names = new Set<string>();
  for (const changes of configurations) {
    const recording = new Proxy(environment(changes), {
      get(variables, name: string) {
        names.add(name.replace(/^LINKERD2_PROXY_/, ''));
        return variables[name];
      },
    });
    readConfig(recording, () => 'token');
  }
  return [...names];
}

describe('docs/proxy-configuration.md', () => {
  it('has every variable that the proxy reads, once, and no other', () => {
    expect(documented().toSorted()).toEqual(read().toSorted());
  });

  it('tells what each of them is for, and what holds without it', () => {
    const rows = document.split('\n').filter((line) => line.startsWith('| `'));
    const bare = rows.filter((row) => {
      const cells = row.split(/(?<!\\)\|/).slice(1, -1);
      return cells.length !== 4 || cells.some((cell, index) => index < 3 && cell.trim() === '');
    });
    expect(bare).toEqual([]);
  });
});
