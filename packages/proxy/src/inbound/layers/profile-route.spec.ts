import { describe, expect, it } from '@jest/globals';
import { DestinationProfileSchema } from '@weft/proto/destination';
import { fakeWatches } from '../../discovery/watch/watch.builder.ts';
import { HttpMetrics } from '../../metrics/http.ts';
import { WatchedInboundProfiles } from '../../profile/inbound-profiles.ts';
import { InboundBench } from '../inbound.builder.ts';

const host = 'web.shop.svc.cluster.local';
const labels = `direction="inbound",dst="${host}:80",rt_route="special"`;

function bench() {
  const { client, clock, registry, watches } = fakeWatches();
  const options = {
    contextToken: '',
    suffixes: ['svc.cluster.local.'],
    waitMs: 500,
    idleMs: 1000,
    capacity: 5,
  };
  const profiles = new WatchedInboundProfiles(watches, options, new HttpMetrics(registry, 'route_'));
  const inbound = new InboundBench({ profiles });
  const send = (path = '/special') => inbound.send({ path, headers: ['host', host] });
  const tell = () =>
    client.last('GetProfile').send(DestinationProfileSchema, {
      fullyQualifiedName: host,
      routes: [
        {
          condition: { match: { case: 'path', value: { regex: '/special' } } },
          metricsLabels: { route: 'special' },
          responseClasses: [
            { condition: { match: { case: 'status', value: { min: 200, max: 299 } } }, isFailure: true },
          ],
        },
      ],
    });
  return { inbound, clock, registry, send, tell };
}

describe('a request to a service with a profile', () => {
  it('waits for the profile, while others go on', () => {
    const { inbound, send, tell } = bench();
    send();
    inbound.send({ path: '/other', headers: ['host', 'example.com'] });
    expect(inbound.app.http1.events).toEqual(['GET /other ended']);
    tell();
    expect(inbound.app.http1.events).toEqual(['GET /other ended', 'GET /special ended']);
  });

  it('goes on without when that takes too long', () => {
    const { inbound, clock, send } = bench();
    send();
    clock.advance(500);
    send();
    expect(inbound.app.http1.events).toEqual(['GET /special ended', 'GET /special ended']);
  });

  it('is not sent any more when its client has left meanwhile', () => {
    const { inbound, send, tell } = bench();
    send().exchange.onRequestReset({ kind: 'reset', code: 8 });
    tell();
    expect(inbound.app.http1.events).toEqual([]);
  });

  it('is counted by route, and by what the route calls a failure', () => {
    const { inbound, registry, send, tell } = bench();
    send();
    tell();
    send('/special?q=1').exchange.onResponseHead(
      { status: 204, version: '1.1', headers: [], contentLength: 0 },
      true,
    );
    send('/other').exchange.onResponseHead(
      { status: 200, version: '1.1', headers: [], contentLength: 0 },
      true,
    );
    const text = registry.render(0);
    expect(text).toContain(`route_request_total{${labels}} 2`);
    expect(text).toContain(
      `route_response_total{${labels},status_code="204",classification="failure",grpc_status="",error=""} 1`,
    );
    expect(text).toContain(`route_response_latency_ms_count{${labels},status_code="204"} 1`);
    const own = inbound.series('response_total');
    expect(own.filter((line) => /status_code="204",classification="failure"/.test(line))).toHaveLength(1);
    expect(own.filter((line) => /status_code="200",classification="success"/.test(line))).toHaveLength(1);
  });
});
