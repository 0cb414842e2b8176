import type { ComparedWorld } from './compared-world.builder.ts';
import { http1, type Observed } from './observed.builder.ts';
import { type Probe, probe } from './probe.builder.ts';

const at = (world: ComparedWorld) => ({ ip: world.pod.podIp, port: world.proxy.adminPort });

const asked = (method: string, path: string, headers: Record<string, string> = {}): Probe =>
  probe(`${method} ${path}`, (world) =>
    http1(at(world), { path, method, headers: { host: 'admin', ...headers } }),
  );

/** The size of a page of numbers is never the same twice. */
const withoutBody = async (observed: Promise<Observed>): Promise<Observed> => {
  const { body: _, 'header content-length': __, ...rest } = await observed;
  return rest;
};

/** What is asked of the proxy itself, not from loopback. */
export const adminProbes: Probe[] = [
  asked('GET', '/live'),
  asked('HEAD', '/live'),
  asked('POST', '/live'),
  asked('GET', '/ready'),
  asked('GET', '/nothing'),
  asked('GET', '/shutdown'),
  asked('POST', '/shutdown'),
  asked('GET', '/proxy-log-level'),
  asked('PUT', '/proxy-log-level'),
  asked('GET', '/env.json?NOBODY'),
  asked('POST', '/env.json'),
  probe('GET /metrics', (world) => withoutBody(http1(at(world), { path: '/metrics' }))),
  probe('GET /metrics, compressed', (world) =>
    withoutBody(
      http1(at(world), { path: '/metrics', headers: { host: 'admin', 'accept-encoding': 'gzip' } }),
    ),
  ),
];
