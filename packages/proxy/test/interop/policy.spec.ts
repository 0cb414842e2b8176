import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AuthzInit,
  detect,
  identities,
  opaque,
  routeTo,
  server,
} from '../../src/policy/server.builder.ts';
import { eventually, ORDERS } from '../proxy-process.builder.ts';
import { get } from '../traffic.builder.ts';
import { type Apps, startApps } from './apps.builder.ts';
import { Call } from './grpc-peer.builder.ts';
import { Http2Caller } from './http2-peer.builder.ts';
import { pairs } from './makes.builder.ts';
import { addMeshed, MeshPair, meshed, type Way, WEB } from './mesh-pair.builder.ts';
import { dial, exchange } from './tcp-peer.builder.ts';

const ways: Way[] = ['TLS', 'HTTP/2', 'transport header'];
const ADMIN = 'admin.shop.serviceaccount.identity.linkerd.cluster.local';
const GREETING = 'this is not in the least HTTP\n';

const admins = identities('admins', ADMIN);
const callers = identities('callers', WEB);
const onlyAdmin = server({ name: 'orders', authorizations: [admins] });
const onlyWeb = server({ name: 'orders', authorizations: [callers] });
const clientId = `client_id="${WEB}"`;

describe.each(pairs)('policy $title', (makes) => {
  let pair: MeshPair;
  let app: Apps['app'];
  let rpc: Apps['rpc'];
  let echo: Apps['echo'];

  beforeAll(async () => {
    pair = await MeshPair.start(makes);
    ({ app, rpc, echo } = await startApps(pair.server.pod.hostIp));
  });
  afterAll(async () => {
    for (const each of [app, rpc, echo]) each.close();
    await pair.stop();
  });

  it.each(ways)('lets in whom it names and nobody else, over %s', async (way) => {
    const { controlPlane, proxy } = pair.server;
    const { ip, port } = pair.serve(app.port, way);
    const answers = async () => (await get(ip, port)).status;
    const denials = () => proxy.metric('inbound_http_authz_deny_total', clientId, 'tls="true"');
    controlPlane.policy(app.port).set(onlyWeb);
    await eventually('it is let in by name', async () => {
      await answers();
      return (await proxy.metric('inbound_http_authz_allow_total', clientId, 'authz_name="callers"')) > 0;
    });
    const [asked, denied] = [app.asked.length, await denials()];
    controlPlane.policy(app.port).set(onlyAdmin);
    await eventually('it is refused', async () => (await answers()) === 403);
    expect(await denials()).toBeGreaterThan(denied);
    // Until the new policy arrived, requests were let in.
    expect(app.asked.length - asked).toBeLessThan(50);
  });

  it('refuses by route', async () => {
    const routes = [
      routeTo('/', { authorizations: [callers] }),
      routeTo('/admin', { authorizations: [admins] }),
    ];
    const policy = server({ name: 'orders', protocol: detect({ routes }), authorizations: [] });
    pair.server.controlPlane.policy(app.port).set(policy);
    const { ip, port } = pair.serve(app.port, 'HTTP/2');
    const admitted = async (path: string) => (await get(ip, port, { path })).status;
    await eventually('it is let in', async () => (await admitted('/')) === 200);
    expect(await admitted('/admin/1')).toBe(403);
    const denied = await pair.server.proxy.metric(
      'inbound_http_authz_deny_total',
      clientId,
      'route_name="admin"',
    );
    expect(denied).toBe(1);
  });

  it('refuses calls of gRPC in their own way', async () => {
    pair.server.controlPlane.policy(rpc.port).set(onlyAdmin);
    const { ip, port } = pair.serve(rpc.port, 'HTTP/2');
    const caller = await Http2Caller.open(ip, port);
    await eventually('it is refused', async () => {
      const { code } = await new Call(caller, 'Unary').send('hello').end().finish();
      return code === '7';
    });
    caller.close();
  });

  it.each(['TLS', 'opaque'] as const)('closes connections that are not HTTP, over %s', async (way) => {
    const { controlPlane, proxy } = pair.server;
    const policyOf = (authorization: AuthzInit) =>
      server({
        name: 'echo',
        ...(way === 'opaque' ? { protocol: opaque } : {}),
        authorizations: [authorization],
      });
    const { ip, port } = pair.serve(echo.port, way);
    controlPlane.policy(echo.port).set(policyOf(callers));
    await eventually(
      'it is let in',
      async () => (await exchange(ip, port, GREETING)).toString() === GREETING,
    );
    const open = (await dial(ip, port)).on('end', () => open.end());
    open.write(GREETING);
    await once(open, 'data');
    controlPlane.policy(echo.port).set(policyOf(admins));
    // What is open is cut, what comes is refused.
    await once(open.resume(), 'close');
    expect(await proxy.metric('inbound_tcp_authz_terminate_total', clientId)).toBeGreaterThan(0);
    expect((await exchange(ip, port, GREETING).catch(() => '')).toString()).toBe('');
    expect(await proxy.metric('inbound_tcp_authz_deny_total', clientId, 'tls="true"')).toBeGreaterThan(0);
  });

  it('does not reach a server that is somebody else', async () => {
    const { client, server: serving } = pair;
    const { ip, port, path } = pair.serve(app.port, 'TLS');
    const impostor = meshed(serving.pod.podIp, app.port, 'TLS', ADMIN);
    client.controlPlane.endpoints(path).set(addMeshed(impostor));
    app.asked.length = 0;
    expect([502, 504]).toContain((await get(ip, port)).status);
    expect(app.asked).toEqual([]);
  });

  it('requires who the application says is required', async () => {
    pair.server.controlPlane.policy(app.port).set(server({ name: 'orders' }));
    const { ip, port } = pair.serve(app.port, 'HTTP/2');
    const requiring = (id: string) => get(ip, port, { headers: { 'l5d-require-id': id } });
    await eventually('it is let in', async () => (await requiring(ORDERS)).status === 200);
    expect((await requiring(ADMIN)).status).toBe(502);
  });
});
