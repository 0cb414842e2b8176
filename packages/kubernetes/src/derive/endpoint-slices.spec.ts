import { describe, expect, it } from '@jest/globals';
import { aPod, aService } from '../resource.builder.ts';
import { endpointSlicesFor } from './endpoint-slices.ts';

const zoneOf = (node: string) => (node === 'n1' ? 'east' : undefined);
const slices = (service = aService('web'), ...pods: ReturnType<typeof aPod>[]) =>
  endpointSlicesFor(service, pods, zoneOf);

describe('endpoint slices of a service', () => {
  it('list ready and unready pods with node and zone', () => {
    const [slice] = slices(
      aService('web'),
      aPod('a'),
      aPod('b', { ip: '10.1.0.2', ready: false, node: 'n2' }),
    );
    expect(slice).toMatchObject({
      addressType: 'IPv4',
      metadata: { namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
      ports: [{ name: 'http', port: 8080 }],
      endpoints: [
        {
          addresses: ['10.1.0.1'],
          conditions: { ready: true },
          nodeName: 'n1',
          zone: 'east',
          targetRef: { name: 'a' },
        },
        { addresses: ['10.1.0.2'], conditions: { ready: false }, nodeName: 'n2', zone: undefined },
      ],
    });
  });

  it('leave out finished pods and pods without an address', () => {
    const waiting = { ...aPod('c'), status: { ...aPod('c').status, podIP: undefined, podIPs: [] } };
    expect(slices(aService('web'), aPod('a', { phase: 'Succeeded' }), waiting)).toEqual([]);
  });

  it('resolve a named target port for each pod', () => {
    const other = { containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 9090 }] }] };
    const found = slices(aService('web'), aPod('a'), aPod('b', { ip: '10.1.0.2', spec: other }));
    expect(found.map(({ ports }) => ports[0]?.port).sort()).toEqual([8080, 9090]);
    expect(new Set(found.map(({ metadata }) => metadata.name)).size).toBe(2);
  });

  it('use the service port when no target port is given', () => {
    const [slice] = slices(aService('web', { ports: [{ port: 81 }] }), aPod('a'));
    expect(slice?.ports).toEqual([expect.objectContaining({ name: '', port: 81 })]);
  });

  it('carry the hostname of a pod in the subdomain of the service only', () => {
    const hostnames = (subdomain: string) =>
      slices(aService('web'), aPod('a', { spec: { hostname: 'web-0', subdomain } }))[0]?.endpoints[0]
        ?.hostname;
    expect(hostnames('web')).toBe('web-0');
    expect(hostnames('other')).toBeUndefined();
  });

  it('separate address families', () => {
    const types = slices(aService('web'), aPod('a'), aPod('b', { ip: 'fd00::1' })).map((s) => s.addressType);
    expect(types.sort()).toEqual(['IPv4', 'IPv6']);
  });

  it('publish unready pods as ready when the service says so', () => {
    const [slice] = slices(aService('web', { publishNotReadyAddresses: true }), aPod('a', { ready: false }));
    expect(slice?.endpoints[0]?.conditions.ready).toBe(true);
  });

  it('have another version exactly when their content differs', () => {
    const version = (...pods: ReturnType<typeof aPod>[]) =>
      slices(aService('web'), ...pods)[0]?.metadata.resourceVersion;
    expect(version(aPod('a'))).toBe(version(aPod('a')));
    expect(version(aPod('a'))).not.toBe(version(aPod('a', { ready: false })));
  });
});
