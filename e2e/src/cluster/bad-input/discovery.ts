import { expect, it } from '@jest/globals';
import { Destination } from '@weft/proto/destination';
import { InboundServerPolicies } from '@weft/proto/inbound';
import type { Leaf } from '../../harness/control-plane.ts';
import { Authority } from '../../harness/credentials.ts';
import { logOf, metricOf } from '../harness/control-plane-pages.ts';
import { DESTINATION, type MeshCaller, POLICY } from '../harness/mesh-caller.ts';
import type { TestNamespace } from '../harness/test-namespace.ts';

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

export function discoveryScenario(namespace: () => TestNamespace, caller: () => MeshCaller): void {
  const get = (path: string, contextToken = '', leaf?: Leaf) =>
    caller().call(DESTINATION, Destination.method.get, { path, contextToken }, leaf);
  const ours = () => `web.${namespace().name}.svc.cluster.local:80`;
  const added = { code: 0, answer: { update: { case: 'add' } } };

  it('nothing bad: answered, also without a certificate', async () => {
    expect(await get(ours())).toMatchObject(added);
  });

  it('a certificate of another mesh: no connection, logged and counted', async () => {
    const since = new Date();
    const { certChainPem, keyPem } = new Authority().issuer();
    const count = () =>
      metricOf('destination', 'grpc_server_connections_refused_total', { reason: 'certificate' });
    const before = await count();
    const foreign = { certificate: certChainPem, key: keyPem };
    expect(await get(ours(), '', foreign)).toMatchObject({ code: -1 });
    expect(await count()).toBe(before + 1);
    const log = await logOf('destination', since);
    expect(log.find((line) => line.includes('connection refused'))).toContain('reason=certificate');
  });

  it.each([
    ['nobody.example.com:80', INVALID_ARGUMENT, 'Invalid authority: nobody.example.com:80'],
    [
      'web.shop.svc.cluster.local:http',
      INVALID_ARGUMENT,
      'Invalid authority: web.shop.svc.cluster.local:http',
    ],
    ['10.0.0.1:80', INVALID_ARGUMENT, 'IP queries not supported by Get API: host=10.0.0.1'],
    ['nobody.nowhere.svc.cluster.local:80', NOT_FOUND, 'Service nobody.nowhere not found'],
  ])('the authority %s: refused with %i, %s', async (path, code, message) => {
    expect(await get(path)).toEqual({ code, message });
  });

  it.each([
    ['half an object', '{', 1],
    ['a list', '[]', 1],
    ['ten thousand letters', 'x'.repeat(10_000), 1],
    ['an object with another type', '{"ns":7}', 0],
  ])('a context token that is %s: answered as if there were none', async (_what, token, malformed) => {
    const count = () => metricOf('destination', 'destination_context_tokens_malformed_total');
    const before = await count();
    expect(await get(ours(), token)).toMatchObject(added);
    expect(await count()).toBe(before + malformed);
  });

  it.each(['', '{', 'no-colon'])('the workload %j: refused by the policy API', async (workload) => {
    const method = InboundServerPolicies.method.getPort;
    expect(await caller().call(POLICY, method, { workload, port: 8080 })).toEqual({
      code: INVALID_ARGUMENT,
      message: `Invalid workload: ${workload}`,
    });
  });
}
