import { describe, expect, it } from '@jest/globals';
import type { Answer } from 'dns-packet';
import { aHeadlessService, aService } from './zone.builder.ts';
import { Zone } from './zone.ts';

const zone = new Zone('cluster.local', [aService(), aHeadlessService()], ['10.42.0.30']);

const data = (name: string, type: 'A' | 'AAAA' | 'SRV' | 'PTR' | 'CNAME', from = zone) => {
  const result = from.resolve(name, type);
  return result.kind === 'found'
    ? result.answers.map((answer: Answer) => 'data' in answer && answer.data)
    : result.kind;
};

describe('the cluster’s names', () => {
  it('lead from a service to its cluster IP, in any case and with or without the last dot', () => {
    expect(data('web.shop.svc.cluster.local', 'A')).toEqual(['10.43.0.20']);
    expect(data('WEB.shop.svc.cluster.local.', 'A')).toEqual(['10.43.0.20']);
  });

  it('say of a service without IPv6 that it exists', () => {
    expect(data('web.shop.svc.cluster.local', 'AAAA')).toBe('no-data');
  });

  it('do not know what is not there', () => {
    expect(data('web.other.svc.cluster.local', 'A')).toBe('no-such-name');
    expect(data('example.com', 'A')).toBe('no-such-name');
  });

  it('are empty, not unknown, between the levels', () => {
    expect(data('shop.svc.cluster.local', 'A')).toBe('no-data');
    expect(data('svc.cluster.local', 'A')).toBe('no-data');
  });

  it('lead from a headless service to its ready pods', () => {
    expect(data('peers.shop.svc.cluster.local', 'A')).toEqual(['10.42.0.17', '10.42.0.18']);
  });

  it('name the pods of a headless service by hostname or address', () => {
    expect(data('peer-0.peers.shop.svc.cluster.local', 'A')).toEqual(['10.42.0.17']);
    expect(data('10-42-0-18.peers.shop.svc.cluster.local', 'A')).toEqual(['10.42.0.18']);
  });

  it('give ports by SRV, on the port’s name and on the service’s own as proxies ask for their control plane', () => {
    const srv = [
      { priority: 0, weight: 50, port: 8080, target: 'peer-0.peers.shop.svc.cluster.local' },
      { priority: 0, weight: 50, port: 8080, target: '10-42-0-18.peers.shop.svc.cluster.local' },
    ];
    expect(data('_http._tcp.peers.shop.svc.cluster.local', 'SRV')).toEqual(srv);
    expect(data('peers.shop.svc.cluster.local', 'SRV')).toEqual(srv);
  });

  it('read the address in a pod’s name', () => {
    expect(data('10-42-0-99.shop.pod.cluster.local', 'A')).toEqual(['10.42.0.99']);
  });

  it('lead back from addresses to names', () => {
    expect(data('20.0.43.10.in-addr.arpa', 'PTR')).toEqual(['web.shop.svc.cluster.local']);
    expect(data('30.0.42.10.in-addr.arpa', 'PTR')).toEqual(['10-42-0-30.pod.cluster.local']);
  });

  it('pass on an external name', () => {
    const external = new Zone('cluster.local', [aService({ externalName: 'db.example.com' })], []);
    expect(data('web.shop.svc.cluster.local', 'A', external)).toEqual(['db.example.com']);
  });
});
