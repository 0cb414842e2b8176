import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../harness/folder.ts';
import { pause, waitFor } from '../harness/wait-for.ts';
import { installed } from './harness/installation.ts';
import { aJob, aJobContainer, CLASSIC, completed, ended, endsOf } from './harness/job.ts';
import { list, tryKubectl } from './harness/kubectl.ts';
import { DEBUG_IMAGE, peer } from './harness/peer.ts';
import { type Pod, TestNamespace } from './harness/test-namespace.ts';

/** The guide's, but for image and pull policy, and for the restartPolicy that Kubernetes demands of a Job. */
const PRINTED = `
apiVersion: batch/v1
kind: CronJob
metadata:
  name: my-job
spec:
  concurrencyPolicy: Allow
  failedJobsHistoryLimit: 1
  jobTemplate:
    metadata:
      creationTimestamp: null
      name: my-job
    spec:
      template:
        metadata:
          creationTimestamp: null
        spec:
          containers:
          - command:
            - /bin/sh
            - -c
            - echo "john" && curl -XPOST http://localhost:4191/shutdown
            image: ${DEBUG_IMAGE}
            imagePullPolicy: IfNotPresent
            name: my-job
  schedule: "*/1 * * * *"
  successfulJobsHistoryLimit: 3
  suspend: false
status: {}
`;
const RUNNABLE = PRINTED.replace(
  '          containers:',
  '          restartPolicy: OnFailure\n          containers:',
);

const CALL = 'curl --fail --silent --show-error http://server:8080/from-a-job';
const SHUTDOWN = 'curl --fail --silent -XPOST http://localhost:4191/shutdown';
/** Waits for the file that the job leaves when it is done, then ends the proxy. */
const HOOK = `until [ -e /ended/job ]; do sleep 0.2; done; ${SHUTDOWN}`;
const shared = [{ name: 'ended', mountPath: '/ended' }];
const AWAIT = [{ name: 'await', mountPath: '/await' }];

/** Runs a command under linkerd-await, which an init container brings along from the proxy's image. */
function awaitingJob(name: string, command: string): Manifest {
  return aJob(name, '', {
    annotations: CLASSIC,
    spec: {
      volumes: [{ name: 'await', emptyDir: {} }],
      initContainers: [
        {
          ...{ name: 'await', image: 'weft/proxy:0.1.0', volumeMounts: AWAIT },
          command: ['cp', '/usr/lib/linkerd/linkerd-await', '/usr/lib/linkerd/package.json', '/await/'],
        },
      ],
      containers: [
        {
          ...aJobContainer(name, ''),
          command: ['/await/linkerd-await', '--shutdown', '--', 'sh', '-c', command],
          volumeMounts: AWAIT,
        },
      ],
    },
  });
}

/** Says that it wants no proxy where nobody looks for it: on the Job, not on its pods. */
function misplaced(name: string): Manifest {
  const job = aJob(name, 'true');
  const metadata = { ...job.metadata, annotations: { 'linkerd.io/inject': 'disabled' } };
  return { ...job, metadata };
}

const jobs: readonly Manifest[] = [
  aJob('not-injected', 'echo done', { annotations: { 'linkerd.io/inject': 'disabled' } }),
  misplaced('misplaced'),
  aJob('native', CALL),
  aJob('never-told', CALL, { annotations: CLASSIC }),
  aJob('hooked', '', {
    annotations: CLASSIC,
    spec: {
      volumes: [{ name: 'ended', emptyDir: {} }],
      containers: [
        {
          ...aJobContainer('hooked', `${CALL}; code=$?; touch /ended/job; exit $code`),
          volumeMounts: shared,
        },
        { ...aJobContainer('hook', HOOK), volumeMounts: shared },
      ],
    },
  }),
  awaitingJob('awaiting', CALL),
  awaitingJob('failing', 'exit 7'),
  aJob('refused', 'curl -XPOST http://localhost:4191/shutdown', {
    annotations: { ...CLASSIC, 'config.linkerd.io/proxy-admin-shutdown': 'disabled' },
  }),
];

/** A Job, as its controller sees it. */
interface Run {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly succeeded?: number;
    readonly startTime: string;
    readonly completionTime?: string;
  };
}

describe('Jobs, as the guide has them', () => {
  let mesh: TestNamespace;
  /** Where every proxy is an ordinary container, said once for the namespace. */
  let classic: TestNamespace;

  beforeAll(async () => {
    await installed();
    mesh = await TestNamespace.create('recipes-jobs', 'enabled');
    classic = await TestNamespace.create('recipes-jobs-classic', 'enabled');
    await classic.kubectl(['annotate', 'namespace', classic.name, ...toArguments(CLASSIC)]);
    for (const namespace of [mesh, classic]) await namespace.kubectl(['apply', '-f', '-'], RUNNABLE);
    await mesh.apply(...peer('server'));
    await mesh.ready();
    await mesh.apply(...jobs);
  });
  afterAll(() => Promise.all([mesh?.delete(), classic?.delete()]));

  const toArguments = (annotations: object) =>
    Object.entries(annotations).map(([key, value]) => `${key}=${value}`);
  const podOf = async (job: string) => (await mesh.pods(job))[0]!;

  it('a Job with injection disabled completes: it has no proxy', async () => {
    await completed(mesh, 'not-injected');
    expect(endsOf(await podOf('not-injected'))).toEqual({ 'not-injected': 0 });
  });

  it('a Job with the annotation on itself, not on its pods, is injected all the same', async () => {
    await completed(mesh, 'misplaced');
    expect(endsOf(await podOf('misplaced'))).toMatchObject({ misplaced: 0, 'linkerd-proxy': 0 });
  });

  it('a native-sidecar Job with nothing special completes, having talked through its proxy', async () => {
    await completed(mesh, 'native');
    expect(endsOf(await podOf('native'))).toEqual({ 'linkerd-init': 0, 'linkerd-proxy': 0, native: 0 });
    expect(JSON.parse(await mesh.logs((await podOf('native')).metadata.name, 'native'))).toMatchObject({
      client: 'default.recipes-jobs.serviceaccount.identity.linkerd.cluster.local',
      path: '/from-a-job',
    });
  });

  it('a Job with its own sidecar that calls the hook completes', async () => {
    await completed(mesh, 'hooked');
    expect(endsOf(await podOf('hooked'))).toEqual({
      ...{ 'linkerd-init': 0, 'linkerd-proxy': 0 },
      ...{ hooked: 0, hook: 0 },
    });
  });

  it('a Job under linkerd-await completes, and its exit code is that of its command', async () => {
    await completed(mesh, 'awaiting');
    expect(endsOf(await podOf('awaiting'))).toEqual({
      ...{ await: 0, 'linkerd-init': 0, 'linkerd-proxy': 0 },
      awaiting: 0,
    });
    await mesh.kubectl(['wait', '--for=condition=failed', 'job/failing', '--timeout=60s']);
    expect(endsOf(await podOf('failing'))).toMatchObject({ 'linkerd-proxy': 0, failing: 7 });
  });

  it('a Job whose proxy is an ordinary container and never told goes on for ever, as the guide warns', async () => {
    await ended(mesh, 'never-told');
    const pod = await podOf('never-told');
    expect(pod.status.phase).toBe('Running');
    expect(endsOf(pod)).toMatchObject({ 'never-told': 0, 'linkerd-proxy': 'running' });
  });

  it('the hook says so where an annotation has closed it', async () => {
    await ended(mesh, 'refused');
    const { metadata } = await podOf('refused');
    expect(await mesh.logs(metadata.name, 'refused')).toContain('shutdown endpoint is not enabled\n');
    expect(endsOf(await podOf('refused'))).toMatchObject({ 'linkerd-proxy': 'running' });
  });

  it('the CronJob as printed lacks a restartPolicy, and Kubernetes says so', async () => {
    const { status, stderr } = await tryKubectl(['apply', '--dry-run=server', '-f', '-'], PRINTED);
    expect(status).toBe(1);
    expect(stderr).toContain('restartPolicy: Required value: valid values: "OnFailure", "Never"');
  });

  it.each([
    ['a native sidecar', () => mesh],
    ['an ordinary container', () => classic],
  ])('the CronJob that posts to /shutdown completes every minute, its proxy %s', async (_, namespace) => {
    const [first, second] = await waitFor('two runs are complete', 200_000, async () => {
      await pause(1000);
      const runs = (await list<Run>('jobs', '-n', namespace().name, '-l', '!app')).filter(isComplete);
      return runs.length >= 2 && runs;
    });
    for (const run of [first!, second!]) await expectEnded(namespace(), run);
    expect(secondsBetween(first!.status.startTime, second!.status.startTime)).toBeCloseTo(60, -1);
  });

  const isComplete = ({ status }: Run) => status.succeeded === 1;

  async function expectEnded(namespace: TestNamespace, { metadata, status }: Run): Promise<void> {
    const [pod] = await list<Pod>('pods', '-n', namespace.name, '-l', `job-name=${metadata.name}`);
    expect(endsOf(pod!)).toEqual({ 'linkerd-init': 0, 'linkerd-proxy': 0, 'my-job': 0 });
    expect(await namespace.logs(pod!.metadata.name, 'my-job')).toMatch(/^john\n/);
    expect(secondsBetween(status.startTime, status.completionTime!)).toBeLessThan(40);
  }
});

function secondsBetween(earlier: string, later: string): number {
  return (Date.parse(later) - Date.parse(earlier)) / 1000;
}
