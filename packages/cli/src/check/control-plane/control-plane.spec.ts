import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../manifest/json.ts';
import type { Category, CheckContext } from '../engine/check.ts';
import { paths } from '../objects.ts';
import { contextOf, outcomeOf, testPod } from '../state.builder.ts';
import { config } from './config.ts';
import { crds, missingCrds } from './crds.ts';
import { existence } from './existence.ts';
import { haChecks } from './high-availability.ts';
import { controlPlaneVersion } from './version.ts';

const passed = { kind: 'passed' };
const look = ({ checks }: Category, description: string, context: CheckContext) =>
  outcomeOf(checks.find((one) => one.description === description)!, context);

const component = (name: string, ready: boolean, more: JsonObject = {}) =>
  testPod({
    namespace: 'linkerd',
    name: `linkerd-${name}`,
    labels: { 'linkerd.io/control-plane-component': name },
    proxy: false,
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }], ...more },
  });

describe('checks of the control plane', () => {
  it('wants one ready pod of each component, and says why others are not', async () => {
    const description = 'control plane pods are ready';
    const pods = (...list: JsonObject[]) => contextOf({ lists: { '/api/v1/pods': list } });
    const ready = ['destination', 'identity', 'proxy-injector'].map((name) => component(name, true));
    expect(await look(existence, description, pods(...ready, component('identity', false)))).toEqual(passed);
    const waiting = {
      containerStatuses: [
        { name: 'identity', state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } } },
      ],
    };
    expect(
      await look(existence, description, pods(ready[0]!, component('identity', false, waiting))),
    ).toMatchObject({
      problem:
        'pod linkerd-identity is not ready: identity: CrashLoopBackOff: back-off\nno pods of proxy-injector',
    });
  });

  it('shows pods that no node can take', async () => {
    const stuck = component('identity', false, {
      conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
    });
    expect(
      await look(existence, 'no unschedulable pods', contextOf({ lists: { '/api/v1/pods': [stuck] } })),
    ).toMatchObject({
      problem: 'linkerd-identity: 0/3 nodes are available',
    });
  });

  it('wants every address of the cluster in clusterNetworks', async () => {
    const state = {
      values: { clusterNetworks: '10.0.0.0/8,fd00::/8' },
      lists: {
        '/api/v1/nodes': [{ metadata: { name: 'n1' }, spec: { podCIDR: '172.16.0.0/24' } }],
        '/api/v1/pods': [
          testPod({ ip: '10.9.9.9' }),
          testPod({ name: 'six', ip: 'fd00::1' }),
          testPod({ name: 'far', ip: '11.0.0.1' }),
          testPod({ name: 'host', ip: '11.0.0.1', spec: { hostNetwork: true } }),
        ],
        '/api/v1/services': [
          { metadata: { namespace: 'shop', name: 'web' }, spec: { clusterIP: '12.0.0.1' } },
          { metadata: { namespace: 'shop', name: 'headless' }, spec: { clusterIP: 'None' } },
        ],
      },
    };
    const outside = async (what: string) =>
      look(existence, `cluster networks contains all ${what}`, contextOf(state));
    expect(await outside('node podCIDRs')).toMatchObject({
      problem: '172.16.0.0 of node n1 is not in 10.0.0.0/8,fd00::/8',
    });
    expect(await outside('pods')).toMatchObject({
      problem: '11.0.0.1 of pod shop/far is not in 10.0.0.0/8,fd00::/8',
    });
    expect(await outside('services')).toMatchObject({
      problem: '12.0.0.1 of service shop/web is not in 10.0.0.0/8,fd00::/8',
    });
  });

  it('says that there is no control plane, and where it looked', async () => {
    expect(await look(existence, "'linkerd-config' config map exists", contextOf())).toEqual({
      kind: 'failed',
      problem: 'ConfigMap linkerd-config is missing in namespace "linkerd"',
    });
  });

  it('wants every CRD in the version that is spoken', async () => {
    const names = (await missingCrds(contextOf())).map((line) => line.replace('missing ', ''));
    expect(names).toHaveLength(10);
    const serving = (version: string) =>
      names.map((name) => ({ metadata: { name }, spec: { versions: [{ name: version, served: true }] } }));
    const all = ['v1alpha1', 'v1alpha2', 'v1beta1', 'v1beta3'].map((name) => ({ name, served: true }));
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const complete = serving('x').map((crd) => ({ ...crd, spec: { versions: all } }));
    const description = 'control plane CustomResourceDefinitions exist';
    expect(await look(crds, description, contextOf({ lists: { [path]: complete } }))).toEqual(passed);
    expect(
      await look(crds, description, contextOf({ lists: { [path]: serving('v1alpha1') } })),
    ).toMatchObject({
      problem: expect.stringMatching(/^externalworkloads\.workload\.linkerd\.io does not serve v1beta1\n/),
    });
  });

  it('names the object that is missing', async () => {
    const lists = {
      '/apis/rbac.authorization.k8s.io/v1/clusterroles': [{ metadata: { name: 'linkerd-linkerd-identity' } }],
    };
    expect(await look(config, 'control plane ClusterRoles exist', contextOf({ lists }))).toMatchObject({
      problem: 'missing ClusterRoles: linkerd-linkerd-proxy-injector',
    });
  });

  it('compares versions', async () => {
    const context = (linkerdVersion: string) => contextOf({ values: { linkerdVersion } });
    const description = 'control plane and cli versions match';
    expect(await look(controlPlaneVersion, description, context('v1'))).toEqual(passed);
    expect(await look(controlPlaneVersion, description, context('v2'))).toMatchObject({
      problem: 'control plane running v2 but cli running v1',
    });
  });

  it('wants two replicas of everything where the installation is to be highly available', async () => {
    const path = '/apis/apps/v1/namespaces/linkerd/deployments';
    const deployment = (name: string, availableReplicas: number) => ({
      metadata: { name, labels: { 'linkerd.io/control-plane-component': name } },
      status: { availableReplicas },
    });
    const lists = { [path]: [deployment('a', 3), deployment('b', 1)] };
    const description = 'multiple replicas of control plane pods';
    expect(
      await look(haChecks, description, contextOf({ values: { highAvailability: true }, lists })),
    ).toMatchObject({
      problem: 'not enough replicas available for b',
    });
    expect(await look(haChecks, description, contextOf({ values: { a: 1 }, lists }))).toEqual({
      kind: 'skipped',
    });
  });

  it('wants a node for each replica where replicas do not share nodes', async () => {
    const node = (status: string, spec = {}) => ({
      spec,
      status: { conditions: [{ type: 'Ready', status }] },
    });
    const description = 'a node for each replica of control plane pods';
    const values = { enablePodAntiAffinity: true, controllerReplicas: 3 };
    const one = [node('True'), node('False'), node('True', { unschedulable: true })];
    const at = (nodes: JsonObject[], chosen: JsonObject = values) =>
      look(existence, description, contextOf({ values: chosen, lists: { [paths.nodes]: nodes } }));
    expect(await at(one)).toMatchObject({
      problem: expect.stringContaining('3 replicas of each service need 3 nodes, and 1 takes pods'),
    });
    expect(await at([node('True'), node('True'), node('True')])).toEqual({ kind: 'passed' });
    expect(await at(one, { controllerReplicas: 3 })).toEqual({ kind: 'skipped' });
  });
});
