import { describe, expect, it } from '@jest/globals';
import { aManifest } from '../../resource.builder.ts';
import { MemorySource } from '../memory-source.ts';
import { recorded } from '../recorder.builder.ts';
import { keyText } from '../source.ts';
import type { CheckObject } from './decode-object.ts';
import { KindMirror, type MirrorObserver } from './kind-mirror.ts';
import type { WatchEvent } from './watch-events.ts';

function service(name: string, version: string, spec: object = {}, uid = name): object {
  const manifest = aManifest('Service', name, { spec });
  return { ...manifest, metadata: { name, namespace: 'shop', uid, resourceVersion: version } };
}

const event = (type: WatchEvent['type'], object: object): WatchEvent => ({
  type,
  object,
  resourceVersion: '1',
});

function aMirror(check?: CheckObject) {
  const store = new MemorySource();
  const { batches } = recorded(store);
  const malformed: string[] = [];
  const mended: string[] = [];
  const observer: MirrorObserver = {
    malformed: (key) => malformed.push(key === undefined ? 'nameless' : keyText(key)),
    mended: (key, how) => mended.push(`${keyText(key)} ${how}`),
  };
  const mirror = new KindMirror('Service', store, observer, check);
  const list = (...items: readonly object[]) => {
    mirror.beginListing();
    for (const item of items) mirror.addPage('v1', [item]);
    mirror.endListing();
  };
  const change = (...events: readonly WatchEvent[]) => mirror.change('v1', events);
  const names = () => store.list('Service').map(({ metadata }) => metadata.name);
  return { store, batches, malformed, mended, mirror, list, change, names };
}

describe('the mirror of a kind', () => {
  it('finds out by a list what was deleted, changed and made while nobody watched', () => {
    const { list, batches } = aMirror();
    list(service('a', '1'), service('b', '1'), service('c', '1'));
    batches.length = 0;
    list(service('b', '2', { type: 'NodePort' }), service('c', '1'), service('d', '3'));
    expect(batches).toEqual([['modified Service b'], ['added Service d'], ['deleted Service a']]);
  });

  it('keeps everything when a list is not completed', () => {
    const { mirror, list, names } = aMirror();
    list(service('a', '1'), service('b', '1'));
    mirror.beginListing();
    mirror.addPage('v1', [service('b', '1')]);
    expect(names()).toEqual(['a', 'b']);
  });

  it('takes in events that came together as one change', () => {
    const { change, batches } = aMirror();
    change(event('ADDED', service('a', '1')), event('ADDED', service('b', '2')));
    expect(batches).toEqual([['added Service a', 'added Service b']]);
  });

  it('goes by the last of several events about one object', () => {
    const { change, batches, names, store } = aMirror();
    change(event('ADDED', service('a', '1')), event('DELETED', service('a', '2')));
    expect(names()).toEqual([]);
    change(event('ADDED', service('a', '3')));
    batches.length = 0;
    change(event('DELETED', service('a', '4')), event('ADDED', service('a', '5', {}, 'new')));
    expect(batches).toEqual([['modified Service a']]);
    expect(store.get('Service', 'shop', 'a')?.metadata.uid).toBe('new');
  });

  it('sees no change where nothing that is read has changed', () => {
    const { change, batches } = aMirror();
    change(event('ADDED', service('a', '1')));
    change(event('MODIFIED', { ...service('a', '2'), status: { loadBalancer: {} } }));
    expect(batches).toEqual([['added Service a']]);
  });

  it('keeps the last good version of an object that makes no sense, and says so', () => {
    const { change, list, malformed, names, store } = aMirror();
    change(event('ADDED', service('a', '1', { ports: [{ port: 80 }] })));
    change(event('MODIFIED', service('a', '2', { ports: [{ port: 'eighty' }] })));
    expect(malformed).toEqual(['Service shop/a']);
    expect(store.get('Service', 'shop', 'a')?.spec.ports[0]?.port).toBe(80);
    list(service('a', '3', { ports: 'none' }), { metadata: {} });
    expect(malformed.slice(1)).toEqual(['Service shop/a', 'nameless']);
    expect(names()).toEqual(['a']);
  });

  it('keeps nothing of an object that was deleted and made anew without sense', () => {
    const { change, names } = aMirror();
    change(event('ADDED', service('a', '1')));
    change(event('DELETED', service('a', '2')), event('ADDED', service('a', '3', { ports: 1 }, 'new')));
    expect(names()).toEqual([]);
  });

  describe('with a check of what can be read', () => {
    const noNodePorts: CheckObject = (_kind, { spec }) =>
      (spec as { type?: string } | undefined)?.type === 'NodePort'
        ? [{ code: 'invalid_field', field: 'spec.type', message: 'spec.type is "NodePort"' }]
        : [];
    const typeOf = (store: MemorySource) => store.get('Service', 'shop', 'a')?.spec.type;

    it('keeps the version before, and says why', () => {
      const { change, malformed, store } = aMirror(noNodePorts);
      change(event('ADDED', service('a', '1', { type: 'LoadBalancer' })));
      change(event('MODIFIED', service('a', '2', { type: 'NodePort' })));
      expect([typeOf(store), malformed]).toEqual(['LoadBalancer', ['Service shop/a']]);
      change(event('MODIFIED', service('a', '3', { type: 'ClusterIP' })));
      expect(typeOf(store)).toBe('ClusterIP');
    });

    it('takes what can be read where there is no version before, or only one of another object', () => {
      const { change, list, malformed, store } = aMirror(noNodePorts);
      change(event('ADDED', service('a', '1', { type: 'NodePort' })));
      expect([typeOf(store), malformed.length]).toEqual(['NodePort', 1]);
      list(service('a', '2', { type: 'ClusterIP' }));
      change(
        event('DELETED', service('a', '3')),
        event('ADDED', service('a', '4', { type: 'NodePort' }, 'new')),
      );
      expect(typeOf(store)).toBe('NodePort');
    });
  });

  it('tells when an object that made no sense does, or is gone, once', () => {
    const { change, list, mended } = aMirror();
    const broken = (version: string) => service('a', version, { ports: 1 });
    change(event('ADDED', broken('1')));
    change(event('MODIFIED', service('a', '2')));
    change(event('MODIFIED', service('a', '3')));
    change(event('MODIFIED', broken('4')));
    change(event('DELETED', broken('5')), event('ADDED', service('a', '6', { ports: 1 }, 'new')));
    expect(mended).toEqual(['Service shop/a changed', 'Service shop/a deleted']);
    list();
    list();
    expect(mended.slice(2)).toEqual(['Service shop/a deleted']);
  });

  it('passes over bookmarks', () => {
    const { change, batches, malformed } = aMirror();
    change(event('BOOKMARK', { metadata: { resourceVersion: '9' } }));
    expect([batches, malformed]).toEqual([[], []]);
  });
});
