import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';

const main = fileURLToPath(new URL('../../dist/await/main.js', import.meta.url));
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** The admin server of a proxy that is ready from the n-th question on. */
async function aProxy({ readyFrom = 1 } = {}) {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.method} ${request.url}`);
    const ready = asked.length >= readyFrom;
    response.writeHead(ready ? 200 : 503).end(ready ? 'ready\n' : 'not ready\n');
  });
  servers.push(server);
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, asked };
}

async function run(
  args: readonly string[],
  env: Record<string, string> = {},
  onOutput = (_pid: number) => {},
) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += String(chunk);
    onOutput(child.pid!);
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, pid: child.pid, ...output };
}

describe('linkerd-await', () => {
  it('ends with 0 once the proxy is ready', async () => {
    const { port, asked } = await aProxy({ readyFrom: 3 });
    expect(await run([`--port=${port}`, '-b', '10ms', '--timeout=2m'])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(asked).toEqual(['GET /ready', 'GET /ready', 'GET /ready']);
  });

  it('becomes the command: the same process, its arguments and its exit code', async () => {
    const { port, asked } = await aProxy();
    const script = 'echo $$ "$1" "$2"; exit 7';
    const { code, pid, stdout } = await run([
      `-p${port}`,
      '--',
      'sh',
      '-c',
      script,
      'sh',
      '-p',
      '--shutdown',
    ]);
    expect({ code, stdout }).toEqual({ code: 7, stdout: `${pid} -p --shutdown\n` });
    expect(asked).toEqual(['GET /ready']);
  });

  it('shuts the proxy down after the command with --shutdown', async () => {
    const { port, asked } = await aProxy();
    expect(await run(['-S', '-p', String(port), 'sh', '-c', 'exit 3'])).toMatchObject({ code: 3 });
    expect(asked).toEqual(['GET /ready', 'POST /shutdown']);
  });

  it('hands SIGTERM on and shuts the proxy down all the same', async () => {
    const { port, asked } = await aProxy();
    const script = 'trap "exit 9" TERM; echo up; while :; do sleep 0.02; done';
    const result = await run(['-S', `-p${port}`, 'sh', '-c', script], {}, (pid) =>
      process.kill(pid, 'SIGTERM'),
    );
    expect(result.code).toBe(9);
    expect(asked).toContain('POST /shutdown');
  });

  it('ends with 71 when a signal ended the command or it cannot be run', async () => {
    const { port, asked } = await aProxy();
    expect((await run(['-S', `-p${port}`, 'sh', '-c', 'kill -9 $$'])).code).toBe(71);
    const absent = await run([`-p${port}`, '/nonexistent/program']);
    expect(absent).toMatchObject({ code: 71, stderr: expect.stringContaining('/nonexistent/program') });
    expect((await run(['-S', `-p${port}`, '/nonexistent/program'])).code).toBe(71);
    expect(asked.filter((what) => what === 'POST /shutdown')).toHaveLength(2);
  });

  it('ends with 69 when the proxy is not ready in time, or runs the command when told to', async () => {
    const { port } = await aProxy({ readyFrom: 10_000 });
    const late = await run([`-p${port}`, '-b10ms', '-t100ms', 'echo', 'ran']);
    expect(late).toMatchObject({ code: 69, stdout: '', stderr: expect.stringContaining('within 100 ms') });
    const anyway = await run([`-p${port}`, '-b10ms', '-t100ms', '--timeout-fatal=false', 'echo', 'ran']);
    expect(anyway).toMatchObject({ code: 0, stdout: 'ran\n' });
  });

  it('waits for a proxy that does not listen yet, and says so when asked', async () => {
    const result = await run(['-p', '1', '-b10ms', '-t100ms'], { LINKERD_AWAIT_VERBOSE: 'true' });
    expect(result).toMatchObject({ code: 69, stderr: expect.stringContaining('no answer') });
  });

  it('neither waits nor shuts down when it is disabled', async () => {
    const { port, asked } = await aProxy();
    for (const name of ['LINKERD_AWAIT_DISABLED', 'LINKERD_DISABLED'])
      expect(await run(['-S', `-p${port}`, 'echo', 'ran'], { [name]: 'testing' })).toMatchObject({
        code: 0,
        stdout: 'ran\n',
        stderr: expect.stringContaining(`${name} is testing`),
      });
    expect(asked).toEqual([]);
  });

  it.each([
    [['--wait'], '--wait is not an option'],
    [['--port', 'x'], '--port cannot be "x"'],
    [['-t', '5'], '-t cannot be "5"'],
    [['--backoff'], '--backoff needs a value'],
    [['--shutdown'], '--shutdown needs a command'],
    [['--timeout-fatal'], '--timeout-fatal needs a command'],
    [['-S=yes', 'true'], '-S takes no value'],
  ])('ends with 2 when it is called wrongly: %j', async (args, message) => {
    expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});
