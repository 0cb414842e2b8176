import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  disconnect,
  list,
  refusal,
  ScriptedApiServer,
  silence,
} from '../../api/scripted-api-server.builder.ts';
import { eventually } from '../../eventually.builder.ts';
import type { Kind } from '../../kinds.ts';
import { waitUntilSynced } from '../wait-until-synced.ts';
import { ApiServerSource } from './api-server-source.ts';
import { aRecordingObserver } from './reflector-observer.builder.ts';
import type { ReflectorTiming } from './reflector-timing.ts';

const PODS = '/api/v1/pods';
const NODES = '/api/v1/nodes';
const SERVERS = '/apis/policy.linkerd.io/v1beta3/servers';

const quick: ReflectorTiming = {
  pageSize: 2,
  backoff: { minMs: 5, maxMs: 20 },
  pollMs: 10,
  silenceMs: 5_000,
  lifetimeSeconds: 300,
};

const pod = (name: string, resourceVersion = '1', ip = '10.1.0.1') => ({
  metadata: { name, namespace: 'shop', uid: name, resourceVersion },
  status: { phase: 'Running', podIP: ip },
});

let server: ScriptedApiServer;
let stop: AbortController;
let finished: Promise<void>;

beforeEach(async () => {
  server = await ScriptedApiServer.start();
  stop = new AbortController();
  finished = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await finished;
  await server.close();
});

function follow(kinds: readonly Kind[] = ['Pod'], timing: Partial<ReflectorTiming> = {}) {
  const observer = aRecordingObserver();
  const source = new ApiServerSource({
    api: server.client(),
    kinds,
    observer,
    timing: { ...quick, ...timing },
  });
  finished = source.run(stop.signal);
  return {
    source,
    said: observer.said,
    names: () => source.list('Pod').map(({ metadata }) => metadata.name),
    synced: () => waitUntilSynced(source, stop.signal),
  };
}

describe('the first list', () => {
  it('comes in pages, and the watch goes on from its version', async () => {
    server.on(`LIST ${PODS}`, list([pod('a'), pod('b')], '7', 'page-2'), list([pod('c')], '7'));
    const { names, synced, said } = follow();
    await synced();
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(said).toEqual(['listed Pod 3']);
    expect(server.seen(`LIST ${PODS}`).map(({ query }) => query)).toEqual([
      { limit: '2' },
      { limit: '2', continue: 'page-2' },
    ]);
    const { request } = await server.watch(PODS);
    expect(request.query).toMatchObject({ resourceVersion: '7', allowWatchBookmarks: 'true' });
    expect(Number(request.query.timeoutSeconds)).toBeGreaterThanOrEqual(300);
  });

  it('gives objects the kind and version that items of a list lack', async () => {
    server.on(`LIST ${PODS}`, list([pod('a')]));
    const { source, synced } = follow();
    await synced();
    expect(source.get('Pod', 'shop', 'a')).toMatchObject({
      apiVersion: 'v1',
      kind: 'Pod',
      spec: { containers: [] },
    });
  });

  it('is complete only when that of every kind is', async () => {
    server.on(`LIST ${PODS}`, list([pod('a')])).on(`LIST ${NODES}`, silence, list([]));
    const { source } = follow(['Pod', 'Node']);
    await server.watch(PODS);
    await server.untilSeen(`LIST ${NODES}`);
    expect(source.waitingFor).toEqual(['Node']);
    expect(source.indexes().map(({ synced }) => synced)).toEqual([true, false]);
  });

  it('begins again when its place has become too old, and is tried for as long as it fails', async () => {
    server.on(
      `LIST ${PODS}`,
      list([pod('a')], '7', 'page-2'),
      refusal(410, 'Expired'),
      refusal(500, 'InternalError'),
      refusal(403, 'Forbidden'),
      list([pod('b')], '9'),
    );
    const { names, synced, said } = follow();
    await synced();
    expect(names()).toEqual(['b']);
    expect(said.filter((words) => words !== 'failed Pod')).toEqual([
      'expired Pod',
      'failed Pod 1 server_error',
      'failed Pod 2 forbidden',
      'listed Pod 1',
      'recovered Pod',
    ]);
  });

  it('asks for metadata alone where nobody reads more', async () => {
    const labels = { 'topology.kubernetes.io/zone': 'z1' };
    const partial = { kind: 'PartialObjectMetadata', metadata: { name: 'n1', labels } };
    server.on(`LIST ${NODES}`, list([partial])).on('LIST /apis/batch/v1/jobs', list([pod('nightly')]));
    const { source, synced } = follow(['Node', 'Job']);
    await synced();
    expect(source.get('Node', '', 'n1')).toMatchObject({ kind: 'Node', metadata: { labels } });
    expect(source.get('Job', 'shop', 'nightly')).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job' });
    const watch = await server.watch(NODES);
    expect(server.seen(`LIST ${NODES}`)[0]?.headers.accept).toContain('as=PartialObjectMetadataList');
    expect(watch.request.headers.accept).toContain('as=PartialObjectMetadata;');
  });
});

describe('a watch', () => {
  it('brings additions, changes and deletions', async () => {
    server.on(`LIST ${PODS}`, list([pod('a')], '7'));
    const { source, names } = follow();
    const watch = await server.watch(PODS);
    watch.send(['ADDED', pod('b', '8')], ['MODIFIED', pod('a', '9', '10.1.0.9')]);
    await eventually(() => names().length === 2);
    expect(source.get('Pod', 'shop', 'a')?.status.podIP).toBe('10.1.0.9');
    watch.send(['DELETED', pod('a', '10')]);
    await eventually(() => names().length === 1);
    expect(names()).toEqual(['b']);
  });

  it('goes on where it ended, a bookmark included, without a list', async () => {
    server.on(`LIST ${PODS}`, list([], '7'));
    const { said, names } = follow();
    const first = await server.watch(PODS);
    first.send(['BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '30' } }]);
    first.end();
    const second = await server.watch(PODS, 2);
    expect(second.request.query.resourceVersion).toBe('30');
    second.send(['ADDED', pod('a', '31')]);
    await eventually(() => names().length === 1);
    second.destroy();
    expect((await server.watch(PODS, 3)).request.query.resourceVersion).toBe('31');
    expect(server.seen(`LIST ${PODS}`)).toHaveLength(1);
    expect(said).toContain('ended Pod');
  });

  it.each([
    [
      'an error event',
      (watch: Awaited<ReturnType<ScriptedApiServer['watch']>>) => {
        watch.send(['ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }]);
        watch.end();
      },
    ],
    [
      'the answer to its request',
      (watch: Awaited<ReturnType<ScriptedApiServer['watch']>>) => {
        server.on(`WATCH ${PODS}`, refusal(410, 'Gone'));
        watch.destroy();
      },
    ],
  ])(
    'whose version is too old by %s is followed by a list that finds what was missed',
    async (_by, expire) => {
      server.on(`LIST ${PODS}`, list([pod('a'), pod('b')], '7'), list([pod('b'), pod('c')], '90'));
      const { names, said } = follow();
      const watch = await server.watch(PODS);
      expire(watch);
      await eventually(() => names().includes('c'));
      expect(names()).toEqual(['b', 'c']);
      expect(said).toContain('expired Pod');
    },
  );

  it('that is silent for too long is renewed, and said to have stalled if it had missed something', async () => {
    server.on(`LIST ${PODS}`, list([], '7'));
    const { said } = follow(['Pod'], { silenceMs: 40 });
    const second = await server.watch(PODS, 2);
    expect(second.request.query.resourceVersion).toBe('7');
    expect(said).toEqual(['listed Pod 0', 'silent Pod']);
    second.send(['ADDED', pod('a', '8')]);
    await eventually(() => said.includes('stalled Pod 1'));
  });

  it('that cannot be opened is tried again, until its version is given up and a list tells the truth', async () => {
    server.on(`LIST ${PODS}`, list([pod('a')], '7'), list([pod('b')], '9'));
    server.on(`WATCH ${PODS}`, refusal(504, 'Timeout', 'Too large resource version'));
    const { names, said } = follow();
    await eventually(() => names().includes('b'));
    expect(names()).toEqual(['b']);
    expect(server.seen(`WATCH ${PODS}`).length).toBeGreaterThanOrEqual(5);
    expect(said.filter((words) => words.startsWith('failed Pod 1'))).not.toEqual([]);
  });

  it.each([
    ['no JSON', '{"type":'],
    ['no event', '{"type":"SHOUTED","object":{}}'],
    ['nothing at all', 'null'],
  ])('that says %s begins again from where it made sense', async (_what, line) => {
    server.on(`LIST ${PODS}`, list([], '7'));
    const { said } = follow();
    const watch = await server.watch(PODS);
    watch.send(['ADDED', pod('a', '8')]);
    watch.write(`${line}\n`);
    expect((await server.watch(PODS, 2)).request.query.resourceVersion).toBe('8');
    await eventually(() => said.includes('failed Pod 1 malformed'));
  });

  it('takes everything but an object that makes no sense', async () => {
    server.on(`LIST ${PODS}`, list([{ ...pod('bad'), spec: { containers: 5 } }, pod('a')]));
    const { names, said, synced } = follow();
    await synced();
    expect(names()).toEqual(['a']);
    expect(said[0]).toBe('malformed Pod shop/bad: spec.containers');
  });

  it('waits for as long as the server asks', async () => {
    server.on(`LIST ${PODS}`, refusal(429, 'TooManyRequests', '', { 'retry-after': '0.2' }), list([]));
    const started = performance.now();
    await follow().synced();
    expect(performance.now() - started).toBeGreaterThanOrEqual(190);
  });
});

describe('a server that goes away', () => {
  it('leaves everything in force, and is followed again when it is back', async () => {
    server.on(`LIST ${PODS}`, list([pod('a')], '7'));
    const { names, said, source } = follow();
    const watch = await server.watch(PODS);
    server.on(`WATCH ${PODS}`, disconnect);
    watch.destroy();
    await eventually(() => said.some((words) => words.startsWith('failed Pod 3')));
    expect(names()).toEqual(['a']);
    const before = source.indexes()[0]?.freshAt ?? 0;
    server.on(`WATCH ${PODS}`);
    const again = await server.watch(PODS, 2);
    await eventually(() => said.includes('recovered Pod'));
    again.send(['ADDED', pod('b', '8')]);
    await eventually(() => names().length === 2);
    expect(source.indexes()[0]?.freshAt).toBeGreaterThan(before);
  });
});

describe('a kind that the server does not know', () => {
  const aServer = {
    apiVersion: 'policy.linkerd.io/v1beta3',
    kind: 'Server',
    metadata: { name: 'web', namespace: 'shop', uid: 's', resourceVersion: '5' },
    spec: { podSelector: {}, port: 80 },
  };

  it('holds nobody back, and is watched when it appears', async () => {
    const { source, synced, said } = follow(['Server']);
    await synced();
    expect(said).toEqual(['absent Server']);
    server.on(`LIST ${SERVERS}`, list([aServer]));
    await eventually(() => source.list('Server').length === 1);
    await server.watch(SERVERS);
  });

  it('is read in an older version that the server has', async () => {
    server.on('LIST /apis/policy.linkerd.io/v1beta1/servers', list([aServer]));
    const { source, synced } = follow(['Server']);
    await synced();
    expect(source.get('Server', 'shop', 'web')?.apiVersion).toBe('policy.linkerd.io/v1beta1');
    await server.watch('/apis/policy.linkerd.io/v1beta1/servers');
  });

  it('is believed to be gone when the server says so twice, and not when it only does while it starts', async () => {
    server.on(`LIST ${SERVERS}`, list([aServer], '5'), refusal(404, 'NotFound'), list([aServer], '6'));
    const { source, said } = follow(['Server']);
    const first = await server.watch(SERVERS);
    server.on(`WATCH ${SERVERS}`, refusal(404, 'NotFound'));
    first.destroy();
    await eventually(() => said.includes('absent Server'));
    await eventually(() => said.filter((words) => words === 'listed Server 1').length >= 2);
    expect(source.list('Server')).toHaveLength(1);
    server.on(`LIST ${SERVERS}`, refusal(404, 'NotFound'));
    await eventually(() => source.list('Server').length === 0);
  });
});

describe('stopping', () => {
  it('ends every watch, list and wait', async () => {
    server.on(`LIST ${PODS}`, list([])).on(`LIST ${NODES}`, silence);
    follow(['Pod', 'Node', 'Server'], { pollMs: 60_000 });
    await server.watch(PODS);
    await server.untilSeen(`LIST ${NODES}`);
    stop.abort(new Error('stopped'));
    await expect(finished).resolves.toBeUndefined();
  });
});
