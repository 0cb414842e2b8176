import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identityOf } from '../harness/credentials.ts';
import { sumOf } from '../harness/metrics.ts';
import { waitFor } from '../harness/wait-for.ts';
import { byHand, NAMESPACE, NODE_PORT, WORLD } from './endpoints/world.ts';
import { installed } from './harness/installation.ts';
import { get } from './harness/kubectl.ts';
import { isMeshed, TestNamespace } from './harness/test-namespace.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

/** What `serverOn` says. */
interface Said {
  readonly pod: string;
  readonly port: number;
  readonly path: string;
  readonly client: string;
}

/** Whom a server sees when a client's request came over mesh TLS and was understood. */
const CLIENT = identityOf('default', NAMESPACE);
const NOBODY = '';

describe('services and pods of every kind', () => {
  let world: TestNamespace;

  beforeAll(async () => {
    await installed();
    world = await TestNamespace.create(NAMESPACE, 'enabled');
    // The one that is never ready comes last: nobody waits for it.
    const [never, others] = [WORLD.filter(isNever), WORLD.filter((manifest) => !isNever(manifest))];
    await world.apply(...others);
    await world.ready(240);
    await world.kubectl(['rollout', 'status', 'statefulset/db', '--timeout=120s']);
    await world.apply(...never, ...(await byHand(world)));
    await waitFor('a pod that is never ready runs', 60_000, async () => {
      const [pod] = await world.pods('never');
      return pod?.status.phase === 'Running';
    });
  });
  afterAll(() => world?.delete());

  const isNever = ({ kind, metadata }: { kind: string; metadata: { name: string } }) =>
    kind === 'Deployment' && metadata.name === 'never';

  async function ask(from: string, ...urls: readonly string[]): Promise<readonly Answer[]> {
    return JSON.parse(await world.inside(from, 'ask.mjs', ...urls)) as readonly Answer[];
  }

  /** What servers say who are asked; all must answer. */
  async function hear(from: string, ...urls: readonly string[]): Promise<readonly Said[]> {
    const answers = await ask(from, ...urls);
    expect(answers.map(({ status, body }) => (status === 200 ? 200 : `${status} ${body}`))).toEqual(
      urls.map(() => 200),
    );
    return answers.map(({ body }) => JSON.parse(body) as Said);
  }

  const times = (count: number, url: string) => Array.from({ length: count }, () => url);

  /** The proxy's counters of a workload. */
  async function proxyMetric(workload: string, name: string, labels: Record<string, string>) {
    const { metadata } = await world.pod(workload);
    return sumOf(await world.metrics(metadata.name, workload), name, labels);
  }

  it('several ports, by number and by name', async () => {
    const [page, admin] = await hear('client', 'http://web/a', 'http://web:81/b');
    expect(page).toMatchObject({ port: 8080, path: '/a', client: CLIENT });
    expect(admin).toMatchObject({ port: 8081, path: '/b', client: CLIENT });
  });

  it('a port that no service declares leads nowhere, as without the mesh', async () => {
    const [answer] = await ask('client', 'http://web:8082/');
    expect(answer!.status).not.toBe(200);
  });

  it('a named port that is another number in other pods', async () => {
    const said = await hear('client', ...times(30, 'http://named/'));
    expect(new Set(said.map(({ port, pod }) => `${pod.split('-')[0]} ${port}`))).toEqual(
      new Set(['web 8080', 'other 9090']),
    );
    expect(new Set(said.map(({ client }) => client))).toEqual(new Set([CLIENT]));
  });

  it('members of a StatefulSet by their names, which have found each other before they were ready', async () => {
    const names = [0, 1, 2].flatMap((n) => [`db-${n}.db`, `db-${n}.db.${NAMESPACE}.svc.cluster.local`]);
    const said = await hear('client', ...names.map((name) => `http://${name}:8080/`));
    expect(said.map(({ pod }) => pod)).toEqual(['db-0', 'db-0', 'db-1', 'db-1', 'db-2', 'db-2']);
    expect(new Set(said.map(({ client }) => client))).toEqual(new Set([CLIENT]));
  });

  it('a headless service by its own name', async () => {
    const said = await hear('client', ...times(20, 'http://db-ready:8080/'));
    for (const { pod, client } of said)
      expect([pod, client]).toEqual([expect.stringMatching(/^db-/), CLIENT]);
  });

  it('a pod that is never ready only where the service says that this does not matter', async () => {
    const [refused] = await ask('client', 'http://never/');
    expect([502, 503, 504]).toContain(refused!.status);
    const [said] = await hear('client', 'http://never-mind/');
    expect(said!.pod).toMatch(/^never-/);
  });

  it('ports of servers that speak first, declared by service, and those that everybody knows', async () => {
    for (const [host, port] of [
      ['greeter', '9000'],
      ['greeter-by-default', '3306'],
    ] as const) {
      const { text, ms } = JSON.parse(await world.inside('client', 'greeting.mjs', host, port));
      expect(text).toBe(`welcome to ${port}`);
      expect(ms).toBeLessThan(1000);
    }
    const opened = await proxyMetric('greeter', 'tcp_open_total', { direction: 'inbound', tls: 'true' });
    expect(opened).toBeGreaterThan(0);
  });

  it('endpoints written by hand, in the mesh and outside', async () => {
    const said = await waitFor('both are used', 20_000, async () => {
      const all = await hear('client', ...times(30, 'http://by-hand/'));
      return new Set(all.map(({ pod }) => pod)).size === 2 && all;
    });
    const who = new Set(said.map(({ pod, client }) => `${pod.split('-')[0]} ${client}`));
    expect(who).toEqual(new Set([`web ${CLIENT}`, `legacy ${NOBODY}`]));
  });

  it('another name of a service', async () => {
    const [said] = await hear('client', 'http://elsewhere/');
    expect(said).toMatchObject({ port: 8080, client: CLIENT });
  });

  it('a service that keeps to the node', async () => {
    const [said] = await hear('client', 'http://on-this-node/');
    expect(said).toMatchObject({ port: 8080, client: CLIENT });
  });

  it('pods on the network of their node, as servers and as clients', async () => {
    const pod = await world.pod('on-the-node');
    expect(isMeshed(pod)).toBe(false);
    const [said] = await hear('client', 'http://on-the-node/');
    expect(said).toMatchObject({ port: NODE_PORT, client: NOBODY });
    const [asked] = await hear('on-the-node', 'http://web/');
    expect(asked).toMatchObject({ port: 8080, client: NOBODY });
  });

  it('pods of several containers, of which the first has asked the mesh before the others began', async () => {
    const [report, side] = await hear('client', 'http://many/', 'http://many:81/');
    expect(report).toMatchObject({ port: 8080, path: '/from-init', client: CLIENT });
    expect(side).toMatchObject({ port: 8081, client: CLIENT });
  });

  it('ports that say what they speak', async () => {
    const [http, opaque, own] = await hear(
      'client',
      'http://says-http/',
      'http://says-opaque/',
      'http://says-something/',
    );
    expect(http).toMatchObject({ port: 8080, client: CLIENT });
    // A server's proxy finds out by itself, whatever the client's was told.
    expect([opaque!.port, own!.port]).toEqual([8080, 8080]);
    for (const host of ['h2c', 'h2c-unsaid'])
      expect(await world.inside('client', 'h2c.mjs', `http://${host}`, '/')).toBe('200 by 2.0\n');
  });

  it('pods by their address, on ports they declare and others', async () => {
    const { metadata, status } = await world.pod('web');
    const urls = [8080, 8082].map((port) => `http://${status.podIP}:${port}/`);
    for (const said of await hear('client', ...urls))
      expect(said).toMatchObject({ pod: metadata.name, client: CLIENT });
  });

  it('pods that ask themselves, by service, by address and by loopback', async () => {
    const pod = await world.pod('many');
    const [service, address, loopback] = await hear(
      'many',
      'http://many:81/',
      `http://${pod.status.podIP}:8081/`,
      'http://localhost:8081/',
    );
    for (const said of [service, address, loopback]) expect(said).toMatchObject({ port: 8081 });
  });

  it('the API server, whose TLS is its own', async () => {
    const { metadata } = await world.pod('client');
    const script = `
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      fetch('https://kubernetes.default.svc/version').then((answer) => console.log(answer.status));`;
    const { stdout } = await world.exec(metadata.name, 'client', ['node', '-e', script]);
    expect(stdout).toBe('200\n');
  });

  it('routes of a ServiceProfile: a timeout, retries, and a metric of each', async () => {
    const [slow, ...flaky] = await ask('client', 'http://moody/slow', ...times(6, 'http://moody/flaky'));
    expect(slow!.status).toBe(504);
    expect(slow!.ms).toBeLessThan(2000);
    expect(flaky.map(({ status }) => status)).toEqual(flaky.map(() => 200));
    const routed = (route: string) =>
      proxyMetric('client', 'route_response_total', { direction: 'outbound', rt_route: route });
    expect(await routed('slow')).toBe(1);
    expect(await routed('flaky')).toBe(6);
  });

  it('a ServiceProfile that leads elsewhere, by weight', async () => {
    const said = await hear('client', ...times(30, 'http://split/'));
    expect(new Set(said.map(({ port }) => port))).toEqual(new Set([9090, 8081]));
  });

  it('a service that comes to be, changes its port and goes', async () => {
    const service = (targetPort: number) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'changing' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort }] },
    });
    await world.apply(service(8080));
    const { spec } = await get<{ spec: { clusterIP: string } }>('service', 'changing', '-n', NAMESPACE);
    const portOf = async () => (await hear('client', `http://${spec.clusterIP}/`))[0]!.port;
    await waitFor('the service is known', 10_000, async () => (await portOf()) === 8080);
    await world.apply(service(8081));
    await waitFor('the new port is known', 10_000, async () => (await portOf()) === 8081);
    await world.kubectl(['delete', 'service', 'changing']);
  });
});
