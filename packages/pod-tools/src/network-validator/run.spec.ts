import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { run } from './run.ts';

const servers: Server[] = [];
const clients: Socket[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const client of clients.splice(0)) client.destroy();
});

/** A server that tells everybody the same. */
async function aStranger(text: string | undefined): Promise<string> {
  const server = createServer((socket) => {
    clients.push(socket);
    socket.on('error', () => {});
    if (text !== undefined) socket.end(text);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address that nobody listens on. */
async function freeAddress(): Promise<string> {
  const address = await aStranger('');
  const server = servers.pop()!;
  server.close();
  await once(server, 'close');
  return address;
}

async function validate(args: readonly string[], signal = new AbortController().signal) {
  const lines: string[] = [];
  const code = await run(args, { env: {}, write: (line) => lines.push(line), signal });
  return { code, log: lines.join('\n') };
}

describe('the network validator', () => {
  it('is content when its connection comes back to itself', async () => {
    const address = await freeAddress();
    const args = ['--listen-addr', address, '--connect-addr', address, '--log-level', 'debug'];
    const { code, log } = await validate(args);
    expect(log).toContain('the network is validated');
    expect(code).toBe(0);
  });

  it('ends with 95 when somebody else answers', async () => {
    const listen = await freeAddress();
    for (const text of ['hello', 'x'.repeat(100_000), `${'a'.repeat(63)}\n`]) {
      const connect = await aStranger(text);
      const { code, log } = await validate(['--listen-addr', listen, '--connect-addr', connect]);
      expect(code).toBe(95);
      expect(log).toContain(`${connect} answered for itself: traffic is not redirected to ${listen}`);
    }
  });

  it('ends with 95 when nobody answers, or nothing comes in time', async () => {
    const [listen, nobody, mute] = [await freeAddress(), await freeAddress(), await aStranger(undefined)];
    const refused = await validate(['--listen-addr', listen, '--connect-addr', nobody]);
    expect(refused).toMatchObject({ code: 95, log: expect.stringContaining(`cannot connect to ${nobody}`) });
    const late = await validate(['--listen-addr', listen, '--connect-addr', mute, '--timeout', '50ms']);
    expect(late).toMatchObject({ code: 95, log: expect.stringContaining('nothing was proved within 50 ms') });
  });

  it('ends with 95 when its own address is taken, and when it is told to end', async () => {
    const [taken, listen, mute] = [await aStranger(''), await freeAddress(), await aStranger(undefined)];
    expect((await validate(['--listen-addr', taken])).log).toContain(`cannot listen on ${taken}`);
    const ended = AbortSignal.abort(new Error('ended by SIGTERM'));
    const result = await validate(['--listen-addr', listen, '--connect-addr', mute], ended);
    expect(result).toMatchObject({ code: 95, log: expect.stringContaining('ended by SIGTERM') });
  });

  it.each([
    [['--listen-addr', 'nowhere'], '--listen-addr is "nowhere", not ip:port'],
    [['--connect-addr', '1.2.3.4:99999'], '--connect-addr is "1.2.3.4:99999", not ip:port'],
    [['--timeout', '10'], '--timeout is "10", not a duration'],
    [['--log-level', 'loud'], '--log-level is "loud"'],
    [['--what'], '--what'],
  ])('ends with 95 when it is called wrongly: %j', async (args, message) => {
    expect(await validate(args)).toMatchObject({ code: 95, log: expect.stringContaining(message) });
  });

  it('writes JSON when asked', async () => {
    const address = await freeAddress();
    const { log } = await validate([
      '--listen-addr',
      address,
      '--connect-addr',
      address,
      '--log-format',
      'json',
    ]);
    expect(JSON.parse(log)).toMatchObject({ level: 'INFO', message: 'the network is validated' });
  });
});
