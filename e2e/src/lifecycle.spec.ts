import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { down } from '@weft/local';
import { Folder, type Manifest } from './harness/folder.ts';
import { Mesh, runningIds } from './harness/mesh.ts';
import { runProgram } from './harness/run-program.ts';
import { pause, waitFor } from './harness/wait-for.ts';

/** A server in the mesh and a client outside it: enough to see all that a mesh makes on a machine. */
function aPair(): Folder {
  const folder = new Folder();
  const annotations = { 'linkerd.io/inject': 'enabled' };
  const server = `require('node:http').createServer((q, r) => r.end('hello\\n')).listen(8080)`;
  const workload = (name: string, replicas: number, script: string, meshed: boolean): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'pair' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations: meshed ? annotations : {} },
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name, command: ['node', '-e', script] }] },
      },
    },
  });
  folder.write(
    'pair.yaml',
    workload('server', 1, server, true),
    workload('client', 2, 'setInterval(() => {}, 1000)', false),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'server', namespace: 'pair' },
      spec: { selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  );
  return folder;
}

const folders = (path: string): readonly string[] => {
  try {
    return readdirSync(path);
  } catch {
    return []; // There is no such folder on this machine.
  }
};

/** The namespaces of a process; they tell whose it is when its parents are gone. */
function namespacesOf(pid: number | string): readonly string[] {
  try {
    return ['pid', 'net', 'mnt'].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    return []; // It has ended.
  }
}

/** Processes in a namespace of the mesh that are not of this machine itself. */
function processesIn(namespaces: ReadonlySet<string>): readonly string[] {
  return folders('/proc').filter(
    (pid) => /^\d+$/.test(pid) && namespacesOf(pid).some((ns) => namespaces.has(ns)),
  );
}

/** Temporary folders of other tests and commands of this project, which may run at the same time. */
const OF_OTHER_TESTS = /^weft-(e2e|cluster|shell|helm|witness|values|mount|install|identity|key|leaf)-/;

/** What a mesh of the pair could leave on the machine itself, besides processes. */
async function traces(): Promise<readonly string[]> {
  const lines = async (program: string, ...args: string[]) =>
    (await runProgram(program, args)).stdout.split('\n');
  return [
    ...(await lines('ip', '-o', 'link')).filter((line) => /^\d+: pod\d/.test(line)),
    ...(await lines('iptables-save')).filter((line) => /pair\/|proxy-init/.test(line)),
    ...folders('/run/netns').filter((name) => name.startsWith('pair.')),
    ...folders('/etc/netns').filter((name) => name.startsWith('pair.')),
    ...folders('/run').filter((name) => name.startsWith('weft')),
    ...folders(tmpdir()).filter((name) => /^weft-/.test(name) && !OF_OTHER_TESTS.test(name)),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes('/run/weft')),
  ];
}

describe('a mesh on a machine', () => {
  const folder = aPair();
  const meshes: Mesh[] = [];

  const start = async (...args: string[]) => {
    const mesh = await Mesh.start(folder, { args });
    meshes.push(mesh);
    await mesh.ready();
    return mesh;
  };

  /** Runs a mesh until `end` has ended it, and looks for whatever is left of it. */
  const leavesNothing = async (end: (mesh: Mesh) => Promise<void>, ...args: string[]) => {
    const mesh = await start(...args);
    const own = new Set(namespacesOf('self'));
    const pods = processesIn(new Set(namespacesOf(mesh.running.firstPid)));
    const all = pods.flatMap((pid) => namespacesOf(pid));
    const namespaces = new Set(all.filter((namespace) => !own.has(namespace)));
    expect(processesIn(namespaces).length).toBeGreaterThan(5);
    await end(mesh);
    await waitFor('no process of the mesh is left', 10_000, () => processesIn(namespaces).length === 0);
    expect(await traces()).toEqual([]);
  };

  afterEach(async () => {
    await Promise.all(meshes.splice(0).map((mesh) => mesh.stop('SIGKILL')));
  });
  afterAll(() => folder.delete());

  it('touches nothing of the machine while it runs', async () => {
    await start();
    expect(await traces()).toEqual([]);
  });

  it('leaves nothing behind after Ctrl-C', () =>
    leavesNothing(async (mesh) => {
      expect((await mesh.stop('SIGINT')).status).toBe(0);
    }));

  it('leaves nothing behind when its time is over', () =>
    leavesNothing(
      async (mesh) => {
        await waitFor('it ends by itself', 20_000, () => !runningIds().includes(mesh.running.id));
      },
      '--for',
      '12s',
    ));

  it('leaves nothing behind after weft local down', () =>
    leavesNothing(async (mesh) => {
      expect(await down(mesh.running.id)).toEqual([mesh.running.id]);
    }));

  it('leaves nothing behind when its parent is killed, even before the next start', () =>
    leavesNothing(async (mesh) => {
      process.kill(mesh.ownerPid, 'SIGKILL');
    }));

  it('leaves nothing behind when its own first process is killed', () =>
    leavesNothing(async (mesh) => {
      process.kill(mesh.running.firstPid, 'SIGKILL');
    }));

  it('runs beside another one, and neither sees the other', async () => {
    const [one, two] = [await start(), await start()];
    expect(one.running.id).not.toBe(two.running.id);
    for (const mesh of [one, two]) {
      const client = mesh.pod('client').name;
      expect(await mesh.inside(client, 'status.mjs', 'http://server.pair')).toBe('200\n');
    }
    await one.stop();
    expect(await two.inside(two.pod('client').name, 'status.mjs', 'http://server.pair')).toBe('200\n');
  });

  it('gives pods outside the mesh cluster DNS and cluster IPs, too', async () => {
    const mesh = await start();
    const client = mesh.pod('client').name;
    const node = (script: string) => mesh.exec(client, ['node', '-p', script]);
    const { stdout } = await mesh.exec(client, [
      'node',
      '-e',
      "require('node:dns').lookup('server.pair', (e, ip) => console.log(e ?? ip))",
    ]);
    expect(stdout.trim()).toMatch(/^10\.43\./);
    expect(await mesh.inside(client, 'status.mjs', `http://${stdout.trim()}/`)).toBe('200\n');
    expect((await node('require("node:os").hostname()')).stdout.trim()).toBe(client);
  });

  it('starts a container again that was killed', async () => {
    const mesh = await start();
    const [before] = mesh.pod('server').containers.filter(({ name }) => name === 'server');
    await mesh.kill('server', 'server');
    await waitFor('it runs again', 10_000, () =>
      mesh
        .pods('server')[0]
        ?.containers.some(
          ({ name, restarts, ready, pid }) =>
            name === 'server' && restarts === 1 && ready && pid !== before?.pid,
        ),
    );
    const client = mesh.pod('client').name;
    expect(await mesh.inside(client, 'status.mjs', 'http://server.pair')).toBe('200\n');
  });

  it('keeps a container’s files from the machine', async () => {
    const mesh = await start();
    await mesh.exec(mesh.pod('client').name, [
      'sh',
      '-c',
      'echo here >/tmp/weft-e2e-note; echo here >/run/weft-e2e-note',
    ]);
    await pause(100);
    expect(readdirSync(realpathSync('/tmp'))).not.toContain('weft-e2e-note');
    expect(readdirSync(realpathSync('/run'))).not.toContain('weft-e2e-note');
  });
});
