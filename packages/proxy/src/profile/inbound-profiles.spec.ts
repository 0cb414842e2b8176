import { describe, expect, it } from '@jest/globals';
import { DestinationProfileSchema } from '@weft/proto/destination';
import { fakeWatches } from '../discovery/watch/watch.builder.ts';
import { HttpMetrics } from '../metrics/http.ts';
import { WatchedInboundProfiles } from './inbound-profiles.ts';

const web = { kind: 'name', host: 'web.shop.svc.cluster.local', port: 8080 } as const;
const api = { kind: 'name', host: 'api.shop.svc.cluster.local', port: 80 } as const;

function profiles({ capacity = 10 } = {}) {
  const fakes = fakeWatches();
  const watched = new WatchedInboundProfiles(
    fakes.watches,
    { contextToken: 'token', suffixes: ['svc.cluster.local.'], waitMs: 500, idleMs: 90_000, capacity },
    new HttpMetrics(fakes.registry, 'route_'),
  );
  const tell = (path: string, labels: Record<string, string>) =>
    fakes.client.last('GetProfile').send(DestinationProfileSchema, {
      fullyQualifiedName: web.host,
      routes: [{ condition: { match: { case: 'path', value: { regex: path } } }, metricsLabels: labels }],
    });
  return { ...fakes, watched, tell };
}

describe('the profile of an inbound request', () => {
  it('is asked for once, by name and port, for names under the suffixes', () => {
    const { watched, client } = profiles();
    const first = watched.acquire(web);
    expect(watched.acquire(web)?.value).toBe(first?.value);
    expect(watched.acquire({ ...web, host: 'example.com' })).toBeNull();
    expect(client.streams.map(({ request }) => request)).toEqual([
      { path: 'web.shop.svc.cluster.local:8080', contextToken: 'token' },
    ]);
  });

  it('is awaited until it comes', () => {
    const { watched, tell } = profiles();
    const profile = watched.acquire(web)!.value;
    const settled: string[] = [];
    profile.whenSettled(() => settled.push('first'));
    expect(profile.awaited).toBe(true);
    tell('/a', { route: 'A' });
    expect([profile.awaited, settled]).toEqual([false, ['first']]);
    expect(profile.match('GET', '/a')?.route.labels.get('rt_route')).toBe('A');
    expect(profile.match('GET', '/b')).toBeNull();
  });

  it('is awaited half a second, and used when it comes later', () => {
    const { watched, clock, tell } = profiles();
    const profile = watched.acquire(web)!.value;
    const settled: string[] = [];
    profile.whenSettled(() => settled.push('first'));
    clock.advance(499);
    expect(settled).toEqual([]);
    clock.advance(1);
    expect([profile.awaited, settled]).toEqual([false, ['first']]);
    expect(profile.match('GET', '/a')).toBeNull();
    tell('/a', { route: 'A' });
    expect(profile.match('GET', '/a')).not.toBeNull();
  });

  it.each([3, 9])('is not there when the control plane refuses with %d', (code) => {
    const { watched, client } = profiles();
    const profile = watched.acquire(web)!.value;
    client.last('GetProfile').end(code);
    expect([profile.awaited, profile.match('GET', '/a')]).toEqual([false, null]);
  });

  it('is followed, and its series are those of the service it names', () => {
    const { watched, registry, tell } = profiles();
    const profile = watched.acquire(web)!.value;
    tell('/a', { route: 'A' });
    const before = profile.match('GET', '/a');
    before?.counts.request();
    expect(profile.match('GET', '/a')).toEqual(before);
    tell('/.*', { route: 'B' });
    profile.match('GET', '/a')?.counts.request();
    const labels = 'direction="inbound",dst="web.shop.svc.cluster.local:8080"';
    expect(registry.render(0)).toContain(`route_request_total{${labels},rt_route="A"} 1`);
    expect(registry.render(0)).toContain(`route_request_total{${labels},rt_route="B"} 1`);
  });

  it('is forgotten some time after its last use', () => {
    const { watched, client, clock } = profiles();
    const lease = watched.acquire(web);
    clock.advance(100_000);
    expect(client.last('GetProfile').open).toBe(true);
    lease?.release();
    clock.advance(90_000);
    expect(client.last('GetProfile').open).toBe(false);
  });

  it('is done without when too many are in use', () => {
    const { watched, registry } = profiles({ capacity: 1 });
    watched.acquire(web);
    expect(watched.acquire(api)).toBeNull();
    expect(registry.render(0)).toContain('control_watch_refused_total{kind="profile"} 1');
  });

  it('lets waiting requests go on when the proxy stops', () => {
    const { watched, client } = profiles();
    const profile = watched.acquire(web)!.value;
    const settled: string[] = [];
    profile.whenSettled(() => settled.push('first'));
    watched.close();
    expect(settled).toEqual(['first']);
    expect(client.last('GetProfile').open).toBe(false);
  });
});
