import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Container } from '../cluster/objects.ts';
import { ContainerSupervisor } from './container-supervisor.ts';
import { LogFile } from './log-file.ts';
import { aContainer } from './pod.builder.ts';
import type { RestartPolicy } from './restart.ts';
import { sleep } from './sleep.ts';

let directory = '';
let events: string[] = [];
const running: ContainerSupervisor[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weft-supervisor-'));
  events = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((supervisor) => supervisor.stop(0)));
  rmSync(directory, { recursive: true });
});

/** Runs a shell script as a container would: it tells its own process number first. */
function supervise(
  script: string,
  policy: RestartPolicy,
  container: Partial<Container> = {},
): ContainerSupervisor {
  const pidFile = join(directory, 'pid');
  const supervisor = new ContainerSupervisor({
    container: aContainer(container),
    policy,
    ip: '127.0.0.1',
    prepare: async () => ({
      command: ['sh', '-c', `echo $$ >${pidFile}; ${script}`],
      env: { PATH: process.env.PATH ?? '' },
      log: new LogFile(join(directory, 'log')),
      pidFile,
    }),
    run: async () => 0,
    onChange: () => undefined,
    onEvent: (message) => events.push(message),
  });
  running.push(supervisor);
  return supervisor;
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; waited < 5000 && !condition(); waited += 20) await sleep(20);
  expect(condition()).toBe(true);
}

describe('a supervised container', () => {
  it('that is to run once ends with its status, and what it printed is kept', async () => {
    const supervisor = supervise('echo out; echo err >&2; exit 3', 'Never');
    expect(await supervisor.done).toEqual({ code: 3, signal: undefined });
    expect(supervisor.state).toMatchObject({ state: 'terminated', exit: { code: 3 } });
    const log = join(directory, 'log');
    await until(() => existsSync(log) && readFileSync(log, 'utf8').split('\n').length === 3);
  });

  it('that is to run on failure ends when it succeeds', async () => {
    const flag = join(directory, 'flag');
    const supervisor = supervise(`[ -e ${flag} ] || { touch ${flag}; exit 1; }`, 'OnFailure');
    expect(await supervisor.done).toEqual({ code: 0, signal: undefined });
    expect(supervisor.restarts).toBe(1);
    expect(events).toEqual(['web ended with 1; next start in 0.5 s']);
  });

  it('is told to end, and may do so in its own way', async () => {
    const supervisor = supervise('trap "exit 7" TERM; while :; do sleep 0.01; done', 'Always');
    await supervisor.running;
    await until(() => existsSync(join(directory, 'pid')));
    await sleep(50);
    expect(await supervisor.stop(5000)).toMatchObject({ code: 7 });
    expect(supervisor.restarts).toBe(0);
  });

  it('that does not listen is killed when its grace is over', async () => {
    const supervisor = supervise('trap "" TERM; while :; do sleep 0.01; done', 'Always');
    await until(() => supervisor.state.state === 'running');
    await sleep(100);
    expect(await supervisor.stop(100)).toMatchObject({ signal: 'SIGKILL', code: 137 });
  });

  describe('with probes', () => {
    let server: Server;
    let status = 503;
    let port = 0;
    beforeEach(async () => {
      status = 503;
      server = createServer((_request, response) => response.writeHead(status).end());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      port = (server.address() as { port: number }).port;
    });
    afterEach(() => {
      server.close();
    });

    it('is ready as soon as its probe says so, and no longer when it fails too often', async () => {
      const readinessProbe = { httpGet: { port }, periodSeconds: 0.05, failureThreshold: 2 };
      const supervisor = supervise('exec sleep 60', 'Always', { readinessProbe });
      const isReady = () => supervisor.state.state === 'running' && supervisor.state.ready;
      await sleep(300);
      expect(isReady()).toBe(false);
      status = 200;
      await until(isReady);
      status = 503;
      await until(() => !isReady());
    });

    it('counts as started when its startup probe passes', async () => {
      const startupProbe = { httpGet: { port }, periodSeconds: 1, failureThreshold: 10 };
      const supervisor = supervise('exec sleep 60', 'Always', { startupProbe });
      const started = supervisor.started.then(() => 'started');
      expect(await Promise.race([started, sleep(300).then(() => 'not yet')])).toBe('not yet');
      status = 200;
      expect(await started).toBe('started');
    });

    it('is started again when it does not start in time', async () => {
      const startupProbe = { httpGet: { port }, periodSeconds: 0.1, failureThreshold: 1 };
      const supervisor = supervise('exec sleep 60', 'Always', { startupProbe });
      await until(() => supervisor.restarts === 1);
      expect(events[0]).toBe('web fails its startup probe and is restarted');
    });
  });
});
