import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiServer } from './harness/api-server.ts';
import { installed } from './harness/installation.ts';
import { list, tryKubectl } from './harness/kubectl.ts';
import { allResources, permissionsOf } from './harness/permissions.ts';
import { witnessedDestination } from './harness/witnessed/destination.ts';
import { witnessedIdentity } from './harness/witnessed/identity.ts';
import { witnessedInjector } from './harness/witnessed/injector.ts';

const follow = (...resources: readonly string[]) =>
  resources.flatMap((resource) => [`list ${resource}`, `watch ${resource}`]);

/** What each service needs for its work. */
const SERVICES = {
  'linkerd-identity': [
    // Whose token is this? And what was issued, beside the service account that has it.
    'create tokenreviews.authentication.k8s.io',
    'create events',
    'patch events',
  ],
  'linkerd-destination': [
    ...follow('pods', 'services', 'nodes', 'endpointslices.discovery.k8s.io'),
    // Who owns a pod.
    ...follow('replicasets.apps', 'jobs.batch'),
    ...follow('serviceprofiles.linkerd.io', 'servers.policy.linkerd.io'),
    ...follow('authorizationpolicies.policy.linkerd.io', 'serverauthorizations.policy.linkerd.io'),
    ...follow('meshtlsauthentications.policy.linkerd.io', 'networkauthentications.policy.linkerd.io'),
  ],
  'linkerd-proxy-injector': [
    ...follow('namespaces'),
    'get namespaces',
    // The workload behind a pod, and what became of the pod, beside it.
    'get replicasets.apps',
    'get jobs.batch',
    'create events',
    'patch events',
  ],
} as const;

/** Whoever the API server knows may ask it who they are and what they may do. */
const EVERYBODY = [
  'create selfsubjectaccessreviews.authorization.k8s.io',
  'create selfsubjectreviews.authentication.k8s.io',
  'create selfsubjectrulesreviews.authorization.k8s.io',
];

const permitted = (own: readonly string[]) => [...own, ...EVERYBODY].sort();

interface Bound {
  readonly metadata: { readonly name: string };
  readonly subjects?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  }[];
}

describe('what service accounts may do', () => {
  let api: ApiServer;
  let resources: readonly string[];

  beforeAll(async () => {
    await installed();
    api = await ApiServer.open();
    resources = await allResources(api);
  });
  afterAll(() => api?.close());

  const inLinkerd = (account: string) => ({ namespace: 'linkerd', account });

  it.each(Object.entries(SERVICES))(
    '%s: what is listed here, of all verbs and resources',
    async (account, own) => {
      expect(resources).toEqual(expect.arrayContaining(['secrets', 'pods/exec', 'serviceaccounts/token']));
      expect(await permissionsOf(api, inLinkerd(account), resources)).toEqual(permitted(own));
    },
  );

  it.each(Object.entries(SERVICES))('%s: no more in its own namespace', async (account, own) => {
    expect(await permissionsOf(api, inLinkerd(account), resources, 'linkerd')).toEqual(permitted(own));
  });

  it.each([
    ['linkerd', 'default'],
    ['default', 'default'],
  ])('nothing, in %s: %s, which pods have that say nothing', async (namespace, account) => {
    expect(await permissionsOf(api, { namespace, account }, resources, 'linkerd')).toEqual(EVERYBODY);
  });

  it('is bound to the services by the chart and to nobody else', async () => {
    const bindings = [
      ...(await list<Bound>('clusterrolebindings')),
      ...(await list<Bound>('rolebindings', '-A')),
    ];
    const ours = bindings
      .flatMap(({ metadata, subjects = [] }) =>
        subjects.map((subject) => ({ ...subject, binding: metadata.name })),
      )
      .filter(({ kind, namespace }) => kind === 'ServiceAccount' && namespace === 'linkerd');
    expect(ours.map(({ name, binding }) => `${name}: ${binding}`).sort()).toEqual([
      'linkerd-destination: linkerd-destination-policy',
      'linkerd-destination: linkerd-linkerd-destination',
      'linkerd-identity: linkerd-linkerd-identity',
      'linkerd-proxy-injector: linkerd-linkerd-proxy-injector',
    ]);
  });

  it.each(Object.keys(SERVICES))('keeps %s from the keys of the mesh', async (account) => {
    const { status, stderr } = await tryKubectl([
      ...['get', 'secret', '-n', 'linkerd', 'linkerd-identity-issuer'],
      `--as=system:serviceaccount:linkerd:${account}`,
    ]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('Forbidden')]);
  });
});

describe('what services do', () => {
  let api: ApiServer;

  beforeAll(async () => {
    await installed();
    api = await ApiServer.open();
  });
  afterAll(() => api?.close());

  it.each([
    ['linkerd-identity', witnessedIdentity],
    ['linkerd-destination', witnessedDestination],
    ['linkerd-proxy-injector', witnessedInjector],
  ] as const)('%s: all that it may do, and nothing that it may not', async (account, witnessed) => {
    const service = await witnessed(api);
    try {
      await service.work();
      const { done, forbidden } = service.witness;
      expect(forbidden).toEqual([]);
      expect(done.filter((what) => !EVERYBODY.includes(what))).toEqual([...SERVICES[account]].sort());
    } finally {
      await service.stop();
    }
  });
});
