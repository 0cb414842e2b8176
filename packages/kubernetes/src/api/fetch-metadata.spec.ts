import { expect, it } from '@jest/globals';
import { fetchMetadata } from './fetch-metadata.ts';
import { json, ScriptedApiServer } from './scripted-api-server.builder.ts';

const { signal } = new AbortController();

it('an owner is found by its metadata alone, or is not there', async () => {
  const server = await ScriptedApiServer.start();
  const path = '/apis/apps/v1/namespaces/shop/replicasets/web-1';
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u' };
  server.on(`GET ${path}`, json({ metadata: { name: 'web-1', ownerReferences: [owner] } }));
  const key = { kind: 'ReplicaSet', namespace: 'shop', name: 'web-1' } as const;
  const metadata = await fetchMetadata(server.client(), key, signal);
  expect(metadata?.ownerReferences).toEqual([owner]);
  expect(server.requests[0]?.headers.accept).toContain('as=PartialObjectMetadata;');
  expect(await fetchMetadata(server.client(), { ...key, name: 'gone' }, signal)).toBeUndefined();
  await server.close();
});
