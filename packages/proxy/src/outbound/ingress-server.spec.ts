import { afterEach, describe, expect, it } from '@jest/globals';
import { type Destination, formatDestination } from '../discovery/destination.ts';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { listenLoopback, socketPair } from '../transport/socket-pair.builder.ts';
import {
  backendAt,
  FakeDiscovered,
  httpPolicy,
  opaqueRoute,
  outboundWorld,
  policyOf,
} from './outbound.builder.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** A service that answers every request with its name. */
async function service(name: string) {
  const listener = await listenLoopback();
  open.push(listener);
  const heard: string[] = [];
  listener.accept((connection) => {
    open.push({ close: () => connection.destroy() });
    connection.handler = {
      onData(chunk) {
        heard.push(chunk.toString());
        connection.write(Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${name.length}\r\n\r\n${name}`));
      },
      onEnd: () => connection.end(),
      onDrain() {},
      onClose() {},
    };
  });
  return { backend: backendAt(listener.address), heard };
}

/** An ingress proxy that knows these destinations, and a client of it on its way to 10.0.0.1:80. */
async function ingress(known: Record<string, FakeDiscovered>) {
  const world = outboundWorld();
  const asked: string[] = [];
  const server = world.server(async (destination: Destination) => {
    const name = formatDestination(destination);
    asked.push(name);
    const found = known[name];
    if (found === undefined) throw new Error(`${name}: nothing is known of it`);
    return found;
  }, 'ingress');
  const pair = await socketPair();
  open.push(pair);
  const client = new RecordingHandler();
  pair.client.handler = client;
  const done = server.accept(pair.server, { ip: '10.0.0.1', port: 80 });
  const send = async (headers: string, answer: string) => {
    pair.client.write(Buffer.from(`GET / HTTP/1.1\r\nhost: x\r\n${headers}\r\n`));
    await client.when(({ text }) => text.endsWith(answer));
  };
  return { ...world, pair, client, send, asked, done };
}

const web = 'web.shop.svc.cluster.local';

describe('an ingress proxy', () => {
  it('sends each request to the service it names, without the name', async () => {
    const [first, second] = [await service('first'), await service('second')];
    const { send, asked } = await ingress({
      [`${web}:80`]: new FakeDiscovered(httpPolicy(first.backend)),
      [`${web}:8080`]: new FakeDiscovered(httpPolicy(second.backend)),
    });
    await send(`l5d-dst-override: ${web}\r\n`, 'first');
    await send(`l5d-dst-override: ${web}:8080\r\n`, 'second');
    await send(`l5d-dst-override: ${web}\r\n`, 'first');
    expect(asked).toEqual([`${web}:80`, `${web}:8080`]);
    expect(first.heard.join()).not.toContain('l5d-dst-override');
  });

  it('sends requests without a name where they were going', async () => {
    const origin = await service('origin');
    const { send } = await ingress({ '10.0.0.1:80': new FakeDiscovered(httpPolicy(origin.backend)) });
    await send('', 'origin');
    expect(origin.heard).toHaveLength(1);
  });

  it('refuses a name that is none, and asks nobody about it', async () => {
    const { send, client, asked } = await ingress({});
    await send('l5d-dst-override: not a name\r\n', '\r\n\r\n');
    expect(client.text).toMatch(/^HTTP\/1.1 400 /);
    expect(client.text).toContain('l5d-dst-override');
    expect(asked).toEqual([]);
  });

  it('says what is not known, and asks again for the next request', async () => {
    const { send, client, asked } = await ingress({});
    await send(`l5d-dst-override: ${web}\r\n`, '\r\n\r\n');
    expect(client.text).toMatch(/^HTTP\/1.1 500 /);
    expect(client.text).toContain(`l5d-proxy-error: ${web}:80: nothing is known of it`);
    expect(asked).toEqual([`${web}:80`]);
  });

  it('carries what is not HTTP to where it was going', async () => {
    const origin = await service('origin');
    const route = opaqueRoute('all', origin.backend);
    const { pair, client, registry } = await ingress({
      '10.0.0.1:80': new FakeDiscovered(policyOf({ kind: 'opaque', route })),
    });
    pair.client.write(Buffer.from('\x00\x01binary for sure'));
    await client.when(({ text }) => text.endsWith('origin'));
    expect(origin.heard).toEqual(['\x00\x01binary for sure']);
    expect(registry.render(0)).toMatch(
      /outbound_tcp_detect_http_results_total\{result="not_http".*parent_name="ingress".*\} 1/,
    );
  });

  it('lets go of a target when the request is over', async () => {
    const first = await service('first');
    const discovered = new FakeDiscovered(httpPolicy(first.backend));
    const { send, clock } = await ingress({ [`${web}:80`]: discovered });
    await send(`l5d-dst-override: ${web}\r\n`, 'first');
    clock.advance(4999);
    expect(discovered.released).toBe(false);
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(discovered.released).toBe(true);
  });
});
