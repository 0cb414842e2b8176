import { describe, expect, it } from '@jest/globals';
import { defaultMeta } from '@weft/policy';
import { serverPolicy } from '../policy/server.builder.ts';
import { meshed, plain } from './inbound.builder.ts';
import {
  authorizationLabels,
  headerLabels,
  labels,
  parentLabels,
  routeLabels,
  serverLabels,
  targetLabels,
  tlsLabels,
} from './labels.ts';

const policy = serverPolicy();

describe('inbound labels', () => {
  it.each([
    [{ ip: '10.0.0.5', port: 8080 }, 'target_addr="10.0.0.5:8080",target_ip="10.0.0.5",target_port="8080"'],
    [{ ip: 'fd00::5', port: 80 }, 'target_addr="[fd00::5]:80",target_ip="fd00::5",target_port="80"'],
  ])('of the target %j', (target, expected) => {
    expect(labels(targetLabels(target))).toBe(expected);
  });

  it.each([
    [meshed('web.shop'), 'tls="true",client_id="web.shop"'],
    [meshed(null), 'tls="true",client_id=""'],
    [plain, 'tls="no_identity",no_tls_reason="no_tls_from_remote"'],
    [{ kind: 'none', reason: 'loopback' }, 'tls="no_identity",no_tls_reason="loopback"'],
    [{ kind: 'none', reason: 'port_skipped' }, 'tls="no_identity",no_tls_reason="port_skipped"'],
    [{ kind: 'opaque', sni: 'api.example' }, 'tls="opaque",sni="api.example"'],
  ] as const)('of a client with %j', (tls, expected) => {
    expect(labels(tlsLabels(tls))).toBe(expected);
  });

  it('of the server, with the port the client meant', () => {
    expect(labels(serverLabels(policy.meta, 8080))).toBe(
      'srv_group="policy.linkerd.io",srv_kind="server",srv_name="web",srv_port="8080"',
    );
    expect(labels(serverLabels(defaultMeta('all-unauthenticated'), 80))).toBe(
      'srv_group="",srv_kind="default",srv_name="all-unauthenticated",srv_port="80"',
    );
  });

  it('of the route and the authorization', () => {
    expect(labels(routeLabels(defaultMeta('default')), authorizationLabels(policy.authorizations[0]))).toBe(
      'route_group="",route_kind="default",route_name="default",' +
        'authz_group="policy.linkerd.io",authz_kind="authorizationpolicy",authz_name="everyone"',
    );
  });

  it('of the server as the parent of a route', () => {
    expect(labels(parentLabels(policy.meta, 8080, defaultMeta('probe')))).toBe(
      'parent_group="policy.linkerd.io",parent_kind="server",parent_name="web",parent_port="8080",' +
        'route_group="",route_kind="default",route_name="probe"',
    );
  });

  it.each([
    [{ port: 8080, name: null, session: null }, 'session_protocol="",target_port="8080",target_name=""'],
    [
      { port: 80, name: 'orders.shop', session: 'http/2' },
      'session_protocol="http/2",target_port="80",target_name="orders.shop"',
    ],
  ] as const)('of the transport header %j', (header, expected) => {
    expect(headerLabels(header, 'web.shop')).toBe(`${expected},client_id="web.shop"`);
  });
});
