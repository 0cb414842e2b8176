import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../manifest/json.ts';
import { contextOf, NOW, outcomeOf } from '../state.builder.ts';
import { isNewEnough } from './api-checks.ts';
import { canInitialize } from './client-check.ts';
import { clocks, nodeSkews } from './clocks.ts';
import { preInstall } from './pre-install.ts';

const at = (ms: number) => new Date(NOW + ms).toISOString();
const node = (name: string, ready = 'True', heartbeatMs = 0): JsonObject => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: at(heartbeatMs) }] },
});
const lease = (name: string, renewedMs: number): JsonObject => ({
  metadata: { name },
  spec: { renewTime: at(renewedMs) },
});

describe('checks of Kubernetes', () => {
  it.each([
    ['v1.31.0', true],
    ['v1.34.4', true],
    ['1.31+', true],
    ['v2.0.0-rc1', true],
    ['v1.30.15+k3s1', false],
  ])('judges version %s', (version, isEnough) => {
    expect(isNewEnough(version)).toBe(isEnough);
  });

  it('says why there is no client', async () => {
    const [check] = canInitialize(new Error('no kubeconfig')).checks;
    expect(await outcomeOf(check!, contextOf())).toEqual({ kind: 'failed', problem: 'no kubeconfig' });
  });

  it('compares the clock of this machine with that of the API server', async () => {
    const [check] = clocks.checks;
    const judge = (clockAheadMs: number, values: JsonObject = { a: 1 }) =>
      outcomeOf(check!, contextOf({ clockAheadMs, values }));
    expect(await judge(19_000)).toEqual({ kind: 'passed' });
    expect(await judge(25_000)).toMatchObject({
      problem: 'this machine is 25.0 s behind the API server; 20.0 s are tolerated',
    });
    expect(await judge(-25_000)).toMatchObject({
      problem: expect.stringMatching(/is 25\.0 s ahead of the API server/),
    });
    const patient = { identity: { issuer: { clockSkewAllowance: '1m' } } };
    expect(await judge(-25_000, patient)).toEqual({ kind: 'passed' });
  });

  it('compares the clocks of nodes by the leases they renew', () => {
    const nodes = ['ok', 'ahead', 'behind'].map((name) => node(name)).concat(node('gone', 'Unknown'));
    const leases = [
      lease('ok', -14_000),
      lease('ahead', 30_000),
      lease('behind', -50_000),
      lease('gone', -90_000),
    ];
    expect(nodeSkews(nodes, leases, NOW, 20_000)).toEqual([
      'node ahead is 30.0 s ahead of the API server',
      'node behind is at least 35.0 s behind the API server',
    ]);
    expect(nodeSkews(nodes, leases, NOW, 40_000)).toEqual([]);
  });

  it('judges nodes by the clock of the API server, not by this machine’s', async () => {
    const lists = {
      '/api/v1/nodes': [node('n')],
      '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases': [lease('n', 100_000)],
    };
    expect(await outcomeOf(clocks.checks[1]!, contextOf({ lists, clockAheadMs: 100_000 }))).toEqual({
      kind: 'passed',
    });
  });
});

describe('checks before an installation', () => {
  const look = (description: string, context: ReturnType<typeof contextOf>) =>
    outcomeOf(preInstall.checks.find((one) => one.description === description)!, context);

  it('asks for every right that is needed', async () => {
    const context = contextOf({ may: ({ resource }) => !['clusterroles', 'secrets'].includes(resource) });
    expect(await look('can create non-namespaced resources', context)).toMatchObject({
      problem: 'not allowed to create clusterroles.rbac.authorization.k8s.io',
    });
    expect(await look('can create Services', context)).toEqual({ kind: 'passed' });
    expect(await look('can read Secrets', context)).toMatchObject({ problem: 'not allowed to get secrets' });
  });

  it('wants a namespace that is not there yet', async () => {
    const objects = { '/api/v1/namespaces/linkerd': {} };
    expect(
      await look('control plane namespace does not already exist', contextOf({ objects })),
    ).toMatchObject({
      problem: 'the namespace "linkerd" exists already',
    });
  });

  it('names nodes that have not been heard of', async () => {
    const lists = {
      '/api/v1/nodes': [
        node('ok', 'True', -200_000),
        node('silent', 'True', -400_000),
        node('off', 'False', -900_000),
      ],
    };
    expect(await look('no clock skew detected', contextOf({ lists }))).toMatchObject({
      problem: 'node silent was last heard of at 2025-12-31T23:53:20.000Z',
    });
  });
});
