import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { silentLogger } from '../log/logger.ts';
import { AdminServer } from './admin-server.ts';
import { Readiness } from './readiness.ts';

let admin: AdminServer;
let readiness: Readiness;
let registry: Registry;
let base: string;

beforeEach(async () => {
  readiness = new Readiness();
  registry = new Registry();
  admin = new AdminServer({ registry, readiness, logger: silentLogger });
  const { port } = await admin.listen({ host: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${port}`;
});
afterEach(() => admin.close());

async function get(path: string, method = 'GET') {
  const response = await fetch(base + path, { method });
  return { status: response.status, text: await response.text() };
}

describe('the admin server', () => {
  it('is alive and answers pings as soon as it listens', async () => {
    readiness.gate('caches');
    expect(await get('/live')).toEqual({ status: 200, text: 'live\n' });
    expect(await get('/ping')).toEqual({ status: 200, text: 'pong\n' });
  });

  it('is ready once every gate is open', async () => {
    const caches = readiness.gate('caches');
    const serving = readiness.gate('serving');
    caches.open();
    expect(await get('/ready')).toEqual({ status: 500, text: 'not ready\n' });
    serving.open();
    expect(await get('/ready')).toEqual({ status: 200, text: 'ok\n' });
    caches.close();
    expect((await get('/ready')).status).toBe(500);
  });

  it('is not ready any more once a shutdown begins', async () => {
    readiness.gate('serving').open();
    readiness.drain();
    expect((await get('/ready')).status).toBe(500);
    expect(readiness.waitingFor).toEqual(['shutdown']);
  });

  it('shows the metrics of the registry', async () => {
    new Counter({ name: 'events_total', help: 'Events', registers: [registry] }).inc(3);
    const { status, text } = await get('/metrics?x=1');
    expect(status).toBe(200);
    expect(text).toContain('events_total 3');
  });

  it('refuses other methods and paths', async () => {
    expect((await get('/ready', 'POST')).status).toBe(405);
    expect((await get('/shutdown')).status).toBe(404);
  });

  it('answers a metrics request whose collection fails, and goes on', async () => {
    new Counter({
      name: 'broken_total',
      help: 'Broken',
      registers: [registry],
      collect: () => {
        throw new Error('broken');
      },
    });
    expect((await get('/metrics')).status).toBe(500);
    expect((await get('/live')).status).toBe(200);
  });
});

describe('readiness', () => {
  it('reports each flip once', () => {
    const flips: boolean[] = [];
    const gates = new Readiness();
    gates.onChange((ready) => flips.push(ready));
    const first = gates.gate('first');
    const second = gates.gate('second');
    first.open();
    second.open();
    second.open();
    gates.drain();
    expect(flips).toEqual([true, false]);
  });
});
