import type { Server } from '@weft/proto/inbound';
import {
  detect,
  everyone,
  grpc as grpcProtocol,
  type HttpRouteInit,
  http1 as http1Protocol,
  identities,
  opaque,
  routeTo,
  server,
} from '../../../src/policy/server.builder.ts';
import { dialDirect, readAll } from '../../mesh-client.builder.ts';
import { WEB } from '../mesh-pair.builder.ts';
import type { ComparedWorld } from './compared-world.builder.ts';
import { bytes, grpc, http1, http2, type Observed, overTls, type Place, raw } from './observed.builder.ts';
import { type Probe, probe, together } from './probe.builder.ts';

const ADMIN = 'admin.shop.serviceaccount.identity.linkerd.cluster.local';
const INBOUND_PORT = 4143;

/** Asks the application once the proxy has this policy: its name shows in a metric. */
async function under(
  world: ComparedWorld,
  port: number,
  policy: Server,
  ask: (place: Place) => Promise<Observed>,
): Promise<Observed> {
  // What the proxy still does for the one before is none of this one's.
  await new Promise((resolve) => setTimeout(resolve, 50));
  world.controlPlane.policy(port).set(policy);
  // The stream is local; what is sent arrives long before this is over.
  await new Promise((resolve) => setTimeout(resolve, 150));
  return ask({ ip: world.pod.podIp, port });
}

const app = (
  name: string,
  policy: () => Server,
  ask: (place: Place, world: ComparedWorld) => Promise<Observed>,
) => probe(name, (world) => under(world, world.app.port, policy(), (at) => ask(at, world)));
const rpc = (
  name: string,
  policy: () => Server,
  ask: (place: Place, world: ComparedWorld) => Promise<Observed>,
) => probe(name, (world) => under(world, world.rpc.port, policy(), (at) => ask(at, world)));
const echo = (
  name: string,
  policy: () => Server,
  ask: (place: Place, world: ComparedWorld) => Promise<Observed>,
) => probe(name, (world) => under(world, world.echo.port, policy(), (at) => ask(at, world)));

/** As a client of the mesh, plain HTTP/1 in TLS. */
const meshed = ({ ip, port }: Place, world: ComparedWorld, path = '/', headers = {}, identity = WEB) =>
  overTls({ ...world.meshClient(identity), host: ip, port, path, headers: { host: 'app', ...headers } });

const routed = (...routes: HttpRouteInit[]) =>
  server({ name: 'routed', protocol: detect({ routes }), authorizations: [everyone()] });

const open = () => server({ name: 'open' });
const closed = () => server({ name: 'closed', authorizations: [] });
const forAdmins = () => server({ name: 'admins', authorizations: [identities('admins', ADMIN)] });
const forWeb = () => server({ name: 'callers', authorizations: [identities('callers', WEB)] });
const always = { numerator: 1, denominator: 1 };
const headers = (name: string, value: string) => ({ headers: [{ name, value: Buffer.from(value) }] });

const requests: Probe[] = [
  app('a plain client', open, (at) => http1(at, { path: '/a?b=c' })),
  app('a plain client that makes up who it is', open, (at) =>
    http1(at, { headers: { host: 'app', 'l5d-client-id': 'forged' } }),
  ),
  app('a meshed client', open, (at, world) => meshed(at, world)),
  app('HTTP/1.0', open, (at) => raw(at, 'GET / HTTP/1.0\r\n\r\n')),
  app('an absolute target', open, (at) => raw(at, 'GET http://elsewhere/x HTTP/1.1\r\nhost: app\r\n\r\n')),
  app('hop-by-hop fields', open, (at) =>
    http1(at, { path: '/hop', headers: { host: 'app', connection: 'x-gone', 'x-gone': '1' } }),
  ),
  app('HTTP/1 carried in HTTP/2', open, (at) =>
    http2(at, { ':path': '/', host: 'app', 'l5d-orig-proto': 'HTTP/1.1' }),
  ),
  app('HTTP/1.0 carried in HTTP/2', open, (at) =>
    http2(at, { ':path': '/', 'l5d-orig-proto': 'HTTP/1.0; absolute-form' }),
  ),
  app('a name that no profile is known of', open, (at) =>
    http1(at, { headers: { host: 'app.shop.svc.cluster.local' } }),
  ),
  app('an application at fault', open, (at) => http1(at, { path: '/status?code=500' })),
  probe('an application that does not listen', async (world) => {
    const at = { ip: world.pod.podIp, port: 9 };
    return together({
      plain: await http1(at),
      meshed: await meshed(at, world),
      h2: await http2(at, { ':path': '/' }),
    });
  }),
];

const policies: Probe[] = [
  app('a server closed to all', closed, async (at, world) =>
    together({
      plain: await http1(at),
      meshed: await meshed(at, world),
      h2: await http2(at, { ':path': '/' }),
    }),
  ),
  app('a server for others', forAdmins, async (at, world) =>
    together({ plain: await http1(at), meshed: await meshed(at, world) }),
  ),
  app('a server for this client', forWeb, async (at, world) =>
    together({ plain: await http1(at), meshed: await meshed(at, world) }),
  ),
  app(
    'a probe of a server for others',
    () =>
      server({
        name: 'probed',
        protocol: detect({
          routes: [routeTo('/live', { authorizations: [everyone('probe')] }), routeTo('/')],
        }),
        authorizations: [identities('admins', ADMIN)],
      }),
    async (at) =>
      together({ probe: await http1(at, { path: '/live' }), other: await http1(at, { path: '/x' }) }),
  ),
  app(
    'no route',
    () => routed(routeTo('/only')),
    async (at, world) =>
      together({ plain: await http1(at, { path: '/x' }), meshed: await meshed(at, world, '/x') }),
  ),
  app(
    'a route of a method',
    () =>
      routed({
        ...routeTo('/get'),
        rules: [{ matches: [{ method: { type: { case: 'registered', value: 0 } } }] }],
      }),
    async (at) => together({ get: await http1(at), post: await http1(at, { method: 'POST', body: 'x' }) }),
  ),
  app(
    'a redirect',
    () =>
      routed(
        routeTo('/', {
          name: 'moved',
          rules: [{ filters: [{ kind: { case: 'redirect', value: { host: 'new.example', status: 302 } } }] }],
        }),
      ),
    async (at, world) => together({ plain: await http1(at), meshed: await meshed(at, world) }),
  ),
  app(
    'a failure made on purpose',
    () =>
      routed(
        routeTo('/', {
          name: 'failing',
          rules: [
            {
              filters: [
                {
                  kind: { case: 'failureInjector', value: { status: 418, message: 'teapot', ratio: always } },
                },
              ],
            },
          ],
        }),
      ),
    async (at, world) => together({ plain: await http1(at), meshed: await meshed(at, world) }),
  ),
  app(
    'fields changed',
    () =>
      routed(
        routeTo('/', {
          name: 'changed',
          rules: [
            {
              filters: [
                {
                  kind: {
                    case: 'requestHeaderModifier',
                    value: { add: headers('x-add', '1'), remove: ['x-gone'] },
                  },
                },
              ],
            },
          ],
        }),
      ),
    (at) => http1(at, { headers: { host: 'app', 'x-gone': '1' } }),
  ),
  app(
    'a rate that is exceeded',
    () =>
      server({
        name: 'limited',
        protocol: detect({
          rateLimit: {
            metadata: {
              kind: {
                case: 'resource',
                value: { group: 'policy.linkerd.io', kind: 'HTTPLocalRateLimitPolicy', name: 'limit' },
              },
            },
            total: { requestsPerSecond: 1 },
          },
        }),
      }),
    async (at, world) => together({ first: await meshed(at, world), second: await meshed(at, world) }),
  ),
  app(
    'a server of HTTP/1 that is spoken to in HTTP/1',
    () => server({ name: 'h1', protocol: http1Protocol }),
    (at) => http1(at),
  ),
];

const rpcs: Probe[] = [
  rpc('a call', open, (at) => grpc(at, 'Unary')),
  rpc('a call that fails', open, (at) => grpc(at, 'FailLate')),
  rpc('a call to a server closed to all', closed, (at) => grpc(at, 'Unary')),
  rpc(
    'a call to a server of gRPC',
    () => server({ name: 'grpc', protocol: grpcProtocol }),
    (at) => grpc(at, 'FailAtOnce'),
  ),
  probe('a call to an application that does not listen', (world) =>
    grpc({ ip: world.pod.podIp, port: 9 }, 'Unary'),
  ),
];

const connections: Probe[] = [
  echo('bytes', open, (at) => bytes(at, 'this is not in the least HTTP')),
  echo('bytes too few to tell', open, (at) => bytes(at, 'hello')),
  echo('bytes to a server closed to all', closed, (at) => bytes(at, 'this is not in the least HTTP')),
  echo(
    'bytes to an opaque server',
    () => server({ name: 'opaque', protocol: opaque }),
    (at) => bytes(at, 'hello'),
  ),
  echo('silence', open, (at) => raw(at, '', 1500)),
  probe('bytes to an application that does not listen', (world) =>
    bytes({ ip: world.pod.podIp, port: 9 }, 'this is not in the least HTTP'),
  ),
  probe('a header of the mesh', async (world) => {
    world.controlPlane.policy(world.app.port).set(open());
    const { app } = world;
    const header = { port: app.port, name: '', session: 'http/1' as const };
    const socket = await dialDirect(world.controlPlane, world.pod.podIp, INBOUND_PORT, {
      identity: WEB,
      header,
    });
    socket.write('GET / HTTP/1.1\r\nhost: app\r\nconnection: close\r\n\r\n');
    return { answer: (await readAll(socket)).replace(/\r\ndate: [^\r]*/i, '') };
  }),
  probe('a header of the mesh with a name, where no gateway is', async (world) => {
    const header = { port: 80, name: 'mail.shop.svc.cluster.local', session: 'http/1' as const };
    const socket = await dialDirect(world.controlPlane, world.pod.podIp, INBOUND_PORT, {
      identity: WEB,
      header,
    });
    socket.write('GET / HTTP/1.1\r\nhost: app\r\nconnection: close\r\n\r\n');
    return { answer: await readAll(socket) };
  }),
  probe('plain bytes to the port of the proxy', (world) =>
    bytes({ ip: world.pod.podIp, port: INBOUND_PORT }, 'GET / HTTP/1.1\r\n\r\n'),
  ),
];

/** What a client of the pod sees. */
export const inboundProbes: Probe[] = [...requests, ...policies, ...rpcs, ...connections];

/** What is counted differently, because it is answered differently. */
export const inboundProbesApart: Probe[] = [
  app('no Host', open, (at) => raw(at, 'GET / HTTP/1.1\r\n\r\n')),
  app('an application that hangs up', open, (at, world) => meshed(at, world, '/hang-up')),
];
