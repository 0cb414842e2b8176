import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { GrpcRouteMatchSchema } from '@weft/proto/grpc_route';
import { HostMatchSchema, HttpRouteMatchSchema } from '@weft/proto/http_route';
import { decodeGrpcMatch, decodeHost, decodeHttpMatch } from './decode-match.ts';
import type { GrpcMatch } from './grpc-match.ts';
import type { HostMatch } from './host-match.ts';
import type { HttpMatch } from './http-match.ts';
import { compileGrpcRoutes } from './match-grpc.ts';
import { compileHttpRoutes } from './match-http.ts';

export interface NamedRoute<Match> {
  readonly name: string;
  readonly hosts: readonly HostMatch[];
  readonly rules: readonly { readonly name: string; readonly matches: readonly Match[] }[];
}

/** `*.example.com` or `example.com`. */
export function host(pattern: string): HostMatch {
  const match = pattern.startsWith('*.')
    ? { case: 'suffix' as const, value: { reverseLabels: pattern.slice(2).split('.').reverse() } }
    : { case: 'exact' as const, value: pattern };
  return decodeHost(create(HostMatchSchema, { match }), 'host');
}

export function httpMatch(init: MessageInitShape<typeof HttpRouteMatchSchema>): HttpMatch {
  return decodeHttpMatch(create(HttpRouteMatchSchema, init), 'match');
}

export const exact = (value: string): HttpMatch => httpMatch({ path: { kind: { case: 'exact', value } } });
export const prefix = (value: string): HttpMatch => httpMatch({ path: { kind: { case: 'prefix', value } } });
export const regex = (value: string): HttpMatch => httpMatch({ path: { kind: { case: 'regex', value } } });

export function header(name: string, value: string): HttpMatch {
  return httpMatch({ headers: [{ name, value: { case: 'exact', value: Buffer.from(value) } }] });
}

/** Rules by name, in order, each with its matches. */
export function httpRoute(
  rules: Readonly<Record<string, readonly HttpMatch[]>>,
  ...hosts: string[]
): NamedRoute<HttpMatch> {
  const list = Object.entries(rules).map(([name, matches]) => ({ name, matches }));
  return { name: 'route', hosts: hosts.map(host), rules: list };
}

export const httpTable = (...routes: NamedRoute<HttpMatch>[]) => compileHttpRoutes(routes);

export function rpc(
  service: string,
  method: string,
  headers: Readonly<Record<string, string>> = {},
): GrpcMatch {
  const matches = Object.entries(headers).map(([name, value]) => ({
    name,
    value: { case: 'exact' as const, value: Buffer.from(value) },
  }));
  return decodeGrpcMatch(
    create(GrpcRouteMatchSchema, { rpc: { service, method }, headers: matches }),
    'match',
  );
}

export function grpcTable(rules: Readonly<Record<string, readonly GrpcMatch[]>>, ...hosts: string[]) {
  const list = Object.entries(rules).map(([name, matches]) => ({ name, matches }));
  const route: NamedRoute<GrpcMatch> = { name: 'route', hosts: hosts.map(host), rules: list };
  return compileGrpcRoutes([route]);
}
