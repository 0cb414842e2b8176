import type { ApiServer, Subject } from './api-server.ts';

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

/** Verbs that are no requests: what they allow is to become or to give more. */
const POWERS: readonly (readonly [verb: string, resource: string])[] = [
  ['impersonate', 'users'],
  ['impersonate', 'groups'],
  ['impersonate', 'serviceaccounts'],
  ['bind', 'clusterroles.rbac.authorization.k8s.io'],
  ['escalate', 'clusterroles.rbac.authorization.k8s.io'],
  ['approve', 'signers.certificates.k8s.io'],
  ['sign', 'signers.certificates.k8s.io'],
];

/** Reviews that are under way at a time. */
const AT_ONCE = 16;

interface Discovered {
  readonly groups: readonly {
    readonly name: string;
    readonly versions: readonly { readonly groupVersion: string }[];
  }[];
}

interface ResourceList {
  readonly resources: readonly { readonly name: string }[];
}

interface Review {
  readonly status: { readonly allowed: boolean };
}

/** Every resource that the API server knows, subresources too, as `pods/log` or `jobs.batch`. */
export async function allResources(api: ApiServer): Promise<readonly string[]> {
  const { groups } = (await api.ask('/apis')).body as Discovered;
  const named = [
    { path: '/api/v1', suffix: '' },
    ...groups.flatMap(({ name, versions }) =>
      versions.map(({ groupVersion }) => ({ path: `/apis/${groupVersion}`, suffix: `.${name}` })),
    ),
  ];
  const lists = await Promise.all(
    named.map(async ({ path, suffix }) => {
      const { resources } = (await api.ask(path)).body as ResourceList;
      return resources.map(({ name }) => resourceName(name, suffix));
    }),
  );
  return [...new Set(lists.flat())];
}

function resourceName(name: string, suffix: string): string {
  const [resource, ...sub] = name.split('/');
  return [`${resource}${suffix}`, ...sub].join('/');
}

/**
 * Everything that a service account may do with the resources named, by the API server's own word: as `list pods`.
 * Without a namespace it means all of them at once.
 */
export async function permissionsOf(
  api: ApiServer,
  as: Subject,
  resources: readonly string[],
  namespace = '',
): Promise<readonly string[]> {
  const asked = [
    ...resources.flatMap((resource) => VERBS.map((verb) => [verb, resource] as const)),
    ...POWERS,
  ];
  const allowed: string[] = [];
  const reviewer = async () => {
    for (let next = asked.pop(); next !== undefined; next = asked.pop())
      if (await mayDo(api, as, next, namespace)) allowed.push(next.join(' '));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reviewer));
  return allowed.sort();
}

async function mayDo(
  api: ApiServer,
  as: Subject,
  [verb, name]: readonly [string, string],
  namespace: string,
): Promise<boolean> {
  const [full = '', subresource] = name.split('/');
  const [resource, ...group] = full.split('.');
  const resourceAttributes = { verb, group: group.join('.'), resource, subresource, namespace };
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
  const answer = await api.ask('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { as, body });
  if (answer.status !== 201) throw new Error(`a review was answered ${JSON.stringify(answer)}`);
  return (answer.body as Review).status.allowed;
}
