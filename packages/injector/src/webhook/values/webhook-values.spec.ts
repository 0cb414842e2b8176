import { describe, expect, it } from '@jest/globals';
import { defaultValues } from '../../default-values.ts';
import { readWebhookValues } from './webhook-values.ts';

const installation = { linkerdNamespace: 'mesh', trustAnchors: 'PEM' };
const read = (text: string) => readWebhookValues(text, installation);

describe('the values of an installation', () => {
  it('are the defaults, with the own namespace and anchors, where the file says nothing', () => {
    expect(read('')).toEqual({
      injector: { ...defaultValues, linkerdNamespace: 'mesh', identityTrustAnchorsPEM: 'PEM' },
      injectByDefault: { enabled: false, exceptNamespaces: [] },
    });
  });

  it('lie over the defaults, whatever else the file holds', () => {
    const { injector, injectByDefault } = read(`
      linkerdVersion: edge-1
      identityTrustAnchorsPEM: of another time
      controllerReplicas: 3
      proxy:
        image: {name: mine/proxy, version: null}
        resources: {cpu: {limit: 1, request: 100m}}
        runtime: {workers: {maximumCPURatio: 0.5}}
        outbound: {server: {http2: {keepAliveInterval: 20s}}}
        cores: 2
        additionalEnv: [{name: A, value: b}]
      proxyInjector: {injectByDefault: {enabled: true, exceptNamespaces: [monitoring]}}
    `);
    expect(injector).toMatchObject({ linkerdVersion: 'edge-1', identityTrustAnchorsPEM: 'PEM' });
    expect(injector).not.toHaveProperty('controllerReplicas');
    expect(injector.proxy).toMatchObject({
      image: { name: 'mine/proxy', version: '', pullPolicy: '' },
      resources: { cpu: { limit: '1', request: '100m' } },
      runtime: { workers: { minimum: 1, maximumCPURatio: 0.5 } },
      cores: 2,
      uid: 2102,
      additionalEnv: [{ name: 'A', value: 'b' }],
    });
    expect(injectByDefault).toEqual({ enabled: true, exceptNamespaces: ['monitoring'] });
  });

  it.each([
    ['proxy: {uid: root}', 'proxy.uid is "root": must be a number'],
    ['proxy: {await: 1}', 'proxy.await is 1: must be true or false'],
    ['proxy: {logLevel: {a: b}}', 'proxy.logLevel is {"a":"b"}: must be text'],
    ['proxy: 7', 'proxy is 7: must be a mapping'],
    ['proxy: {additionalEnv: x}', 'proxy.additionalEnv is "x": must be a list'],
    ['proxy: {cores: -1}', 'proxy.cores is -1: must be a number'],
    ['- a', 'the document is ["a"]: must be a mapping'],
    ['a: [', 'the values are not YAML'],
  ])('are refused with path and value: %s', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('are refused when they multiply themselves', () => {
    const bomb = [
      'a: &a [1,1,1,1,1,1,1,1,1,1]',
      ...'bcdefghi'.split('').map((name, index) => {
        const before = 'abcdefgh'[index];
        return `${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`;
      }),
    ].join('\n');
    expect(() => read(bomb)).toThrow();
  });
});
