import { describe, expect, it } from '@jest/globals';
import { aPod, aResource, aService, typed } from '../resource.builder.ts';
import { MemorySource } from '../sources/memory-source.ts';
import { recorded } from '../sources/recorder.builder.ts';
import { DerivedSource } from './derived-source.ts';

function cluster() {
  const input = new MemorySource();
  const source = new DerivedSource(input, { serviceCidr: '10.96.0.0/29' });
  const endpoints = (service: string) =>
    source
      .list('EndpointSlice')
      .filter(({ metadata }) => metadata.labels['kubernetes.io/service-name'] === service)
      .flatMap((slice) => slice.endpoints.flatMap(({ addresses }) => addresses));
  return { input, source, endpoints };
}

describe('a source with derived objects', () => {
  it('has slices in the same batch as the pod that changes them', () => {
    const { input, source, endpoints } = cluster();
    input.apply({ set: [typed('Service', aService('web')), typed('Pod', aPod('a'))] });
    expect(endpoints('web')).toEqual(['10.1.0.1']);
    const { batches } = recorded(source, ['Pod', 'EndpointSlice']);
    input.apply({ set: [typed('Pod', aPod('b', { ip: '10.1.0.2' }))] });
    expect(batches.at(-1)).toEqual(['added Pod b', expect.stringMatching(/^modified EndpointSlice web-/)]);
    expect(endpoints('web')).toEqual(['10.1.0.1', '10.1.0.2']);
  });

  it('follows labels and selectors', () => {
    const { input, endpoints } = cluster();
    input.apply({ set: [typed('Service', aService('web')), typed('Pod', aPod('a'))] });
    input.apply({ set: [typed('Pod', aPod('a', { labels: { app: 'api' } }))] });
    expect(endpoints('web')).toEqual([]);
    input.apply({ set: [typed('Service', aService('web', { selector: { app: 'api' } }))] });
    expect(endpoints('web')).toEqual(['10.1.0.1']);
    input.apply({ delete: [{ kind: 'Service', namespace: 'shop', name: 'web' }] });
    expect(endpoints('web')).toEqual([]);
  });

  it('leaves written slices alone, and takes over when they go', () => {
    const { input, endpoints } = cluster();
    const slice = aResource('EndpointSlice', 'web-x', {
      labels: { 'kubernetes.io/service-name': 'web' },
      endpoints: [{ addresses: ['10.9.9.9'] }],
    });
    input.apply({ set: [typed('Service', aService('web')), typed('Pod', aPod('a'))] });
    input.apply({ set: [typed('EndpointSlice', slice)] });
    expect(endpoints('web')).toEqual(['10.9.9.9']);
    input.apply({ delete: [{ kind: 'EndpointSlice', namespace: 'shop', name: 'web-x' }] });
    expect(endpoints('web')).toEqual(['10.1.0.1']);
  });

  it('updates zones when a node gets one', () => {
    const { input, source } = cluster();
    input.apply({ set: [typed('Service', aService('web')), typed('Pod', aPod('a'))] });
    const labels = { 'topology.kubernetes.io/zone': 'east' };
    input.apply({ set: [typed('Node', aResource('Node', 'n1', { labels }))] });
    expect(source.list('EndpointSlice')[0]?.endpoints[0]?.zone).toBe('east');
  });

  it('gives every service one address of its own, keeping what is written', () => {
    const { input, source } = cluster();
    const ips = () => source.list('Service').map(({ spec }) => spec.clusterIP);
    input.apply({ set: ['a', 'b', 'c'].map((name) => typed('Service', aService(name))) });
    const taken = source.get('Service', 'shop', 'a')?.spec.clusterIP ?? '';
    expect(taken).toMatch(/^10\.96\.0\.[1-6]$/);
    input.apply({
      set: [
        typed('Service', aService('d', { clusterIP: taken })),
        typed('Service', aService('headless', { clusterIP: 'None' })),
        typed('Service', aService('outside', { type: 'ExternalName', externalName: 'example.com' })),
      ],
    });
    expect(source.get('Service', 'shop', 'd')?.spec.clusterIP).toBe(taken);
    const given = ips().filter((ip) => ip !== 'None' && ip !== '');
    expect(given).toHaveLength(4);
    expect(new Set(given).size).toBe(4);
  });
});
