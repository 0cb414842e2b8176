import { expect, it } from '@jest/globals';
import { json, ScriptedApiServer } from '../api/scripted-api-server.builder.ts';
import { aResource } from '../resource.builder.ts';
import { patchStatus } from './patch-status.ts';

it('a status is written to the subresource of the version the object was read in', async () => {
  const server = await ScriptedApiServer.start();
  const written = aResource('Server', 'web', { spec: { podSelector: {}, port: 80 } });
  const served = { ...written, apiVersion: 'policy.linkerd.io/v1beta1' };
  const target = 'PATCH /apis/policy.linkerd.io/v1beta1/namespaces/shop/servers/web/status';
  server.on(target, json({}));
  const { signal } = new AbortController();
  const status = { conditions: [{ type: 'Accepted', status: 'True' }] };
  const options = { fieldManager: 'linkerd.io/policy-controller', signal };
  await patchStatus(server.client(), 'Server', served, status, options);
  const [request] = server.seen(target);
  expect(request?.body).toEqual({ status });
  expect(request?.query).toEqual({ fieldManager: 'linkerd.io/policy-controller' });
  expect(request?.headers['content-type']).toBe('application/merge-patch+json');
  await server.close();
});
