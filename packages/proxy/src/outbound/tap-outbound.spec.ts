import { describe, expect, it } from '@jest/globals';
import { type Endpoint, plainEndpoint } from '@weft/policy';
import { FakeClient } from '../exchange/exchange.builder.ts';
import type { HttpClient } from '../http/stream.ts';
import type { TapSubject } from '../tap/subject.ts';
import type { Taps } from '../tap/taps.ts';
import { OutboundBench } from './outbound-bench.builder.ts';
import type { OutboundExchange } from './outbound-exchange.ts';
import { tapOutbound } from './tap-outbound.ts';

/** What the taps see of a request. */
function seen(x: OutboundExchange): TapSubject {
  const subjects: TapSubject[] = [];
  const over = (subject: TapSubject, client: HttpClient) => {
    subjects.push(subject);
    return client;
  };
  tapOutbound({ active: true, over } as unknown as Taps)(x, new FakeClient());
  return subjects[0]!;
}

/** The request as it is sent to an endpoint that is not quite what it was. */
function sentTo(over: Partial<Endpoint>, meshed: boolean): TapSubject {
  const { exchange } = new OutboundBench().send();
  const endpoint = exchange.endpoint!;
  const info = { ...endpoint.info, endpoint: { ...endpoint.info.endpoint, ...over }, meshed };
  Object.assign(exchange, { endpoint: { info } });
  return seen(exchange);
}

const tls = { serverId: { kind: 'dns', name: 'orders' }, serverName: 'orders' } as const;

describe('taps of the outbound side', () => {
  it('are not asked while there are none', () => {
    const { exchange } = new OutboundBench().send();
    const client = new FakeClient();
    expect(tapOutbound({ active: false } as unknown as Taps)(exchange, client)).toBe(client);
  });

  it('see who asks, and the endpoint that was chosen', () => {
    const { exchange } = new OutboundBench().send({ path: '/a' });
    const subject = seen(exchange);
    expect(subject).toMatchObject({ direction: 'outbound', source: { ip: '10.0.0.9', port: 40_000 } });
    expect(subject.destination).toMatchObject({ ip: '10.1.0.1', port: 8080 });
    expect(subject.request.path).toBe('/a');
    expect(subject.sourceLabels()).toEqual([
      ['tls', 'no_identity'],
      ['no_tls_reason', 'loopback'],
    ]);
  });

  it('see the labels of the endpoint as discovery gave them', () => {
    const labels = new Map([['dst_pod', 'p9']]);
    expect(sentTo({ ...plainEndpoint('10.1.0.1', 80), labels }, false).destinationLabels()).toEqual([
      ['pod', 'p9'],
    ]);
  });

  it.each([
    ['a meshed endpoint', { tls }, true, 'true orders'],
    [
      'an endpoint that cannot be meshed',
      { tls: null },
      false,
      'no_identity not_provided_by_service_discovery',
    ],
    ['this very pod', { tls }, false, 'no_identity loopback'],
  ])('see how %s is secured', (_what, endpoint, meshed, expected) => {
    const labels = sentTo(endpoint, meshed).destinationTls();
    expect(labels.map(([, value]) => value).join(' ')).toBe(expected);
  });

  it('see the version that was asked in, whatever the request travels as', () => {
    const { exchange } = new OutboundBench().send();
    exchange.request.version = '2';
    expect(seen(exchange).version).toBe('1.1');
  });

  it('see the route: of the profile where one is in charge, else of the policy', () => {
    const { exchange } = new OutboundBench().send();
    expect(seen(exchange).routeLabels()).toContainEqual(['route_name', 'route']);
    const route = { labels: new Map([['rt_route', 'GET /']]) };
    Object.assign(exchange, { profileRoute: route });
    expect(seen(exchange).routeLabels()).toEqual([['route', 'GET /']]);
    Object.assign(exchange, { profileRoute: null, routeMeta: null });
    expect(seen(exchange).routeLabels()).toEqual([]);
  });
});
