import { describe, expect, it } from '@jest/globals';
import { aManifest } from '../resource.builder.ts';
import { decodeResource } from './decode-resource.ts';

const decoded = (document: unknown) => {
  const result = decodeResource(document);
  if (result.type !== 'resource') throw new Error(JSON.stringify(result));
  return result.resource.object;
};

describe('decoding a manifest', () => {
  it('fills in what an API server would, the same every time', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: {} };
    const { metadata } = decoded(pod);
    expect(metadata.namespace).toBe('default');
    expect(metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(metadata.creationTimestamp).toBe('1970-01-01T00:00:00Z');
    expect(decoded(pod).metadata).toEqual(metadata);
  });

  it('gives edited content another version, whatever version it claims', () => {
    const version = (value: string) =>
      decoded({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', resourceVersion: '7' },
        spec: { clusterIP: value },
      }).metadata.resourceVersion;
    expect(version('10.0.0.1')).not.toBe(version('10.0.0.2'));
  });

  it('keeps fields it does not know, and drops null ones', () => {
    const pod = decoded({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', labels: null },
      spec: { dnsPolicy: 'None', nodeName: null },
    });
    expect(pod).toMatchObject({ metadata: { labels: {} }, spec: { dnsPolicy: 'None' } });
    expect(pod).not.toHaveProperty('spec.nodeName');
  });

  it('has no namespace for a cluster-scoped kind', () => {
    const node = decoded({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', namespace: 'x' } });
    expect(node.metadata.namespace).toBe('');
  });

  it('tells the two kinds named HTTPRoute apart by their group', () => {
    const kindIn = (group: string) => {
      const result = decodeResource({
        apiVersion: `${group}/v1`,
        kind: 'HTTPRoute',
        metadata: { name: 'r' },
        spec: {},
      });
      return result.type === 'resource' ? result.resource.kind : result.type;
    };
    expect(kindIn('policy.linkerd.io')).toBe('PolicyHTTPRoute');
    expect(kindIn('gateway.networking.k8s.io')).toBe('HTTPRoute');
    expect(kindIn('example.com')).toBe('ignored');
  });

  it('names the field and the value of everything that is wrong', () => {
    const result = decodeResource(aManifest('Service', 'web', { spec: { ports: [{ port: 99999 }, {}] } }));
    expect(result).toMatchObject({
      type: 'invalid',
      problems: [
        { code: 'invalid_field', field: 'spec.ports[0].port', message: expect.stringContaining('99999') },
        {
          code: 'invalid_field',
          field: 'spec.ports[1].port',
          message: expect.stringContaining('is nothing'),
        },
      ],
    });
  });

  it.each([[null], ['text'], [[1]], [{ kind: 'Pod' }], [{ apiVersion: 1, kind: 'Pod' }]])(
    'refuses %j as no resource',
    (document) => {
      expect(decodeResource(document).type).toBe('invalid');
    },
  );

  it('refuses a name that could be taken for a path', () => {
    expect(decodeResource(aManifest('Pod', 'a/b')).type).toBe('invalid');
  });
});
