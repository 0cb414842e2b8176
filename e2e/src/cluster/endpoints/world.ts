import type { Manifest } from '../../harness/folder.ts';
import { aContainer, aDeployment, aService, IDLE, serverOn } from '../harness/manifests.ts';
import { aServiceProfile } from '../harness/policies.ts';
import type { TestNamespace } from '../harness/test-namespace.ts';

export const NAMESPACE = 'endpoints';
const OUTSIDE = { 'linkerd.io/inject': 'disabled' };
const OPAQUE = 'config.linkerd.io/opaque-ports';

/** A port of the node that nothing else has. */
export const NODE_PORT = 18_431;

const ports = (named: Readonly<Record<string, number>>) =>
  Object.entries(named).map(([name, containerPort]) => ({ name, containerPort }));
const readyAt = (path: string, port: number) => ({
  readinessProbe: { httpGet: { path, port }, periodSeconds: 1 },
});

/** Greets whoever connects, and then waits. */
const GREETER = `
  const { createServer } = require('node:net');
  for (const port of [3306, 9000]) createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('welcome to ' + port + '\\n');
  }).listen(port);
  process.on('SIGTERM', () => process.exit(0));`;

const H2C = `
  const { createServer } = require('node:http2');
  createServer((request, response) => response.end('by ' + request.httpVersion)).listen(8080);
  process.on('SIGTERM', () => process.exit(0));`;

/** Ready once it has heard from all others, by their names: members of a database that find each other. */
const MEMBER = `
  const { createServer } = require('node:http');
  const pod = require('node:os').hostname();
  const heard = new Set([pod]);
  createServer((request, response) => {
    if (request.url === '/ready') return response.writeHead(heard.size === 3 ? 200 : 503).end();
    const client = request.headers['l5d-client-id'] ?? '';
    response.end(JSON.stringify({ pod, port: 8080, path: request.url, client }));
  }).listen(8080);
  setInterval(async () => {
    for (const other of ['db-0', 'db-1', 'db-2']) {
      if (heard.has(other)) continue;
      const answer = await fetch('http://' + other + '.db:8080/').catch(() => undefined);
      if (answer?.ok) heard.add(other);
    }
  }, 300);
  process.on('SIGTERM', () => process.exit(0));`;

/** Takes its time on /slow, and fails every second request to /flaky. */
const MOODY = `
  const { createServer } = require('node:http');
  let flaky = 0;
  createServer((request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('at last'), 3000);
    else if (request.url === '/flaky' && flaky++ % 2 === 0) response.writeHead(503).end();
    else response.end('well');
  }).listen(8080);
  process.on('SIGTERM', () => process.exit(0));`;

/** What another container of the pod has found out before. */
const REPORTER = `
  const { readFileSync } = require('node:fs');
  const { createServer } = require('node:http');
  createServer((request, response) => response.end(readFileSync('/shared/answer'))).listen(8080);
  process.on('SIGTERM', () => process.exit(0));`;

const FIRST_CALL = `
  const { writeFileSync } = require('node:fs');
  const ask = () => fetch('http://web/from-init').then((answer) => answer.text());
  const again = () => new Promise((resolve) => setTimeout(resolve, 300)).then(attempt);
  const attempt = () => ask().then((text) => writeFileSync('/shared/answer', text), again);
  attempt();`;

const shared = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };

const POD_OF_MANY = {
  initContainers: [{ ...aContainer('first-call', FIRST_CALL), ...shared }],
  containers: [
    { ...aContainer('many', REPORTER), ...shared, ports: ports({ report: 8080 }) },
    { ...aContainer('side', serverOn(8081)), ports: ports({ side: 8081 }) },
  ],
  volumes: [{ name: 'shared', emptyDir: {} }],
};

function database(): Manifest {
  const selector = { app: 'db' };
  const { spec } = aDeployment('db', MEMBER, {
    container: { ports: ports({ db: 8080 }), ...readyAt('/ready', 8080) },
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      ...{ serviceName: 'db', replicas: 3, podManagementPolicy: 'Parallel' },
      ...{ selector: { matchLabels: selector }, template: spec.template },
    },
  };
}

const WEB = { app: 'web' };

/** Everything that has no need of other objects' addresses. */
export const WORLD: readonly Manifest[] = [
  aDeployment('client', IDLE),
  aDeployment('web', serverOn(8080, 8081, 8082), {
    replicas: 2,
    labels: { tier: 'named' },
    container: { ports: ports({ http: 8080, admin: 8081 }), ...readyAt('/', 8080) },
  }),
  aService('web', [
    { name: 'http', port: 80, targetPort: 'http' },
    { name: 'admin', port: 81, targetPort: 8081 },
  ]),
  aDeployment('other', serverOn(9090), {
    labels: { tier: 'named' },
    container: { ports: ports({ http: 9090 }), ...readyAt('/', 9090) },
  }),
  aService('other', [{ port: 80, targetPort: 9090 }]),
  aService('named', [{ port: 80, targetPort: 'http' }], { selector: { tier: 'named' } }),
  aDeployment('legacy', serverOn(8080), { annotations: OUTSIDE, container: readyAt('/', 8080) }),

  database(),
  aService('db', [{ name: 'db', port: 8080 }], { clusterIP: 'None', publishNotReadyAddresses: true }),
  aService('db-ready', [{ name: 'db', port: 8080 }], { clusterIP: 'None', selector: { app: 'db' } }),
  aDeployment('never', serverOn(8080), { container: readyAt('/', 8099) }),
  aService('never', [{ port: 80, targetPort: 8080 }]),
  aService('never-mind', [{ port: 80, targetPort: 8080 }], {
    ...{ selector: { app: 'never' }, publishNotReadyAddresses: true },
  }),

  aDeployment('greeter', GREETER, {
    annotations: { [OPAQUE]: '3306,9000' },
    container: { ports: ports({ mysql: 3306, greeting: 9000 }) },
  }),
  {
    ...aService('greeter', [
      { name: 'mysql', port: 3306 },
      { name: 'greeting', port: 9000 },
    ]),
    metadata: { name: 'greeter', annotations: { [OPAQUE]: '9000' } },
  } as Manifest,
  aService('greeter-by-default', [{ name: 'mysql', port: 3306 }], { selector: { app: 'greeter' } }),

  aDeployment('many', '', { spec: POD_OF_MANY }),
  aService('many', [
    { name: 'report', port: 80, targetPort: 'report' },
    { name: 'side', port: 81, targetPort: 'side' },
  ]),

  aDeployment('on-the-node', serverOn(NODE_PORT), {
    container: { ports: ports({ http: NODE_PORT }) },
    spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
  }),
  aService('on-the-node', [{ port: 80, targetPort: 'http' }]),

  aService('says-http', [{ port: 80, targetPort: 8080, appProtocol: 'http' }], { selector: WEB }),
  aService('says-opaque', [{ port: 80, targetPort: 8080, appProtocol: 'linkerd.io/opaque' }], {
    selector: WEB,
  }),
  aService('says-something', [{ port: 80, targetPort: 8080, appProtocol: 'example.com/own' }], {
    selector: WEB,
  }),
  aDeployment('h2c', H2C, { container: { ports: ports({ h2c: 8080 }) } }),
  aService('h2c', [{ port: 80, targetPort: 8080, appProtocol: 'kubernetes.io/h2c' }]),
  aService('h2c-unsaid', [{ port: 80, targetPort: 8080 }], { selector: { app: 'h2c' } }),

  aService('elsewhere', [], {
    ...{ type: 'ExternalName', selector: undefined, externalName: `web.${NAMESPACE}.svc.cluster.local` },
  }),
  aService('on-this-node', [{ port: 80, targetPort: 8080 }], {
    ...{ selector: WEB, internalTrafficPolicy: 'Local' },
  }),

  aDeployment('moody', MOODY, { container: readyAt('/', 8080) }),
  aService('moody', [{ port: 80, targetPort: 8080 }]),
  aServiceProfile(`moody.${NAMESPACE}.svc.cluster.local`, {
    routes: [
      { name: 'slow', condition: { pathRegex: '/slow', method: 'GET' }, timeout: '300ms' },
      { name: 'flaky', condition: { pathRegex: '/flaky' }, isRetryable: true },
    ],
    retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: '10s' },
  }),
  aService('split', [{ port: 80, targetPort: 8080 }], { selector: WEB }),
  aServiceProfile(`split.${NAMESPACE}.svc.cluster.local`, {
    dstOverrides: [
      { authority: `other.${NAMESPACE}.svc.cluster.local:80`, weight: '1' },
      { authority: `web.${NAMESPACE}.svc.cluster.local:81`, weight: '1' },
    ],
  }),
];

/** A service whose endpoints are written by hand: one outside of the mesh, one a pod of it. */
export async function byHand(namespace: TestNamespace): Promise<readonly Manifest[]> {
  const [legacy, web] = [await namespace.pod('legacy'), await namespace.pod('web')];
  const slice = (name: string, endpoint: object): Manifest => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `by-hand-${name}`, labels: { 'kubernetes.io/service-name': 'by-hand' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ conditions: { ready: true }, ...endpoint }],
  });
  const targetRef = { kind: 'Pod', namespace: NAMESPACE, name: web.metadata.name };
  return [
    aService('by-hand', [{ name: 'http', port: 80, targetPort: 1 }], { selector: undefined }),
    slice('outside', { addresses: [legacy.status.podIP] }),
    slice('meshed', { addresses: [web.status.podIP], targetRef }),
  ];
}
