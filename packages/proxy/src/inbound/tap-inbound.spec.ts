import { describe, expect, it } from '@jest/globals';
import { FakeClient } from '../exchange/exchange.builder.ts';
import type { HttpClient } from '../http/stream.ts';
import type { TapSubject } from '../tap/subject.ts';
import type { Taps } from '../tap/taps.ts';
import { InboundBench, type InboundBenchOptions, meshed, WEB } from './inbound.builder.ts';
import { tapInbound } from './tap-inbound.ts';

/** What the taps see of a request that has come to its end. */
function seen(options: InboundBenchOptions = {}): TapSubject {
  const subjects: TapSubject[] = [];
  const over = (subject: TapSubject, client: HttpClient) => {
    subjects.push(subject);
    return client;
  };
  const { exchange } = new InboundBench(options).send({ path: '/a' });
  tapInbound({ active: true, over } as unknown as Taps)(exchange, new FakeClient());
  return subjects[0]!;
}

describe('taps of the inbound side', () => {
  it('are not asked while there are none', () => {
    const { exchange } = new InboundBench().send();
    const client = new FakeClient();
    expect(tapInbound({ active: false } as unknown as Taps)(exchange, client)).toBe(client);
  });

  it('see who asks whom for what', () => {
    expect(seen()).toMatchObject({
      direction: 'inbound',
      source: { ip: '10.0.0.9', port: 40_000 },
      destination: { ip: '10.0.0.5', port: 8080 },
      request: { path: '/a' },
      version: '1.1',
    });
  });

  it('see how the client is secured; the application is next door', () => {
    expect(seen({ tls: meshed() }).sourceLabels()).toEqual([
      ['tls', 'true'],
      ['client_id', WEB],
    ]);
    expect(seen().sourceLabels()).toContainEqual(['no_tls_reason', 'no_tls_from_remote']);
    expect(seen().destinationTls()).toContainEqual(['no_tls_reason', 'loopback']);
  });

  it('see the policy that admitted the request', () => {
    expect(Object.fromEntries(seen().destinationLabels())).toEqual({
      srv_group: 'policy.linkerd.io',
      srv_kind: 'server',
      srv_name: 'web',
      srv_port: '8080',
      route_group: '',
      route_kind: 'default',
      route_name: 'default',
      authz_group: 'policy.linkerd.io',
      authz_kind: 'authorizationpolicy',
      authz_name: 'everyone',
    });
    expect(seen().routeLabels()).toEqual([]);
  });
});
