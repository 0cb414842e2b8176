import type { Endpoint } from '../endpoint/endpoint.ts';
import { defaultMeta, type Meta } from '../meta.ts';
import type { Profile } from '../profile/profile.ts';
import { compileHttpRoutes } from '../route/match-http.ts';
import type { Backend, Distribution, Queue } from './backend.ts';
import { makeBackend } from './decode-backend.ts';
import type { HttpProtocol, OutboundPolicy } from './outbound-policy.ts';

/**
 * The policy for a destination of which the policy service knows nothing: forward to the endpoint that the
 * profile names, or else to where the connection was going.
 *
 * @param queue the proxy's own settings
 */
export function synthesizeOutbound(
  profile: Profile | null,
  original: { readonly ip: string; readonly port: number },
  queue: Queue,
): OutboundPolicy {
  const named = profile?.endpoint ?? null;
  const endpoint = named ?? plainEndpoint(original.ip, original.port);
  const meta = defaultMeta(profile === null ? 'fallback' : 'endpoint');
  const backend = makeBackend({
    meta: endpointMeta(endpoint, defaultMeta('unknown')),
    dispatcher: { kind: 'forward', endpoint },
    queue,
  });
  return everythingTo(backend, meta);
}

/**
 * The policy for a name of which only the profile is known: its endpoint, or the service balanced over;
 * null when the profile names neither.
 */
export function synthesizeNamed(profile: Profile, port: number, queue: Queue): OutboundPolicy | null {
  if (profile.endpoint !== null) return synthesizeOutbound(profile, profile.endpoint, queue);
  if (profile.fqn === null) return null;
  const meta = defaultMeta('service');
  const path = `${profile.fqn}:${port}`;
  const load = { kind: 'peak-ewma', defaultRttMs: 30, decayMs: 10_000 } as const;
  return everythingTo(makeBackend({ meta, dispatcher: { kind: 'balancer', path, load }, queue }), meta);
}

/** An address of which nothing is known: plain text, no hints. */
export function plainEndpoint(ip: string, port: number): Endpoint {
  return {
    ip,
    port,
    tls: null,
    protocolHint: null,
    inboundPort: null,
    authorityOverride: null,
    http2: null,
    labels: new Map(),
    zoneLocality: 'unknown',
  };
}

/** Names the pod behind an endpoint, where its labels tell. */
export function endpointMeta(endpoint: Endpoint, fallback: Meta): Meta {
  const name = endpoint.labels.get('dst_pod');
  const namespace = endpoint.labels.get('dst_namespace');
  if (name === undefined || namespace === undefined) return fallback;
  return { group: 'core', kind: 'Pod', namespace, name, section: '', port: endpoint.port };
}

function everythingTo(backend: Backend, meta: Meta): OutboundPolicy {
  const http = toHttp(meta, backend);
  const route = { meta, filters: [], distribution: to(backend) };
  return { meta, protocol: { kind: 'detect', opaque: { route }, http1: http, http2: http } };
}

function toHttp(meta: Meta, backend: Backend): HttpProtocol {
  const rule = {
    matches: [],
    filters: [],
    distribution: to(backend),
    timeouts: { requestMs: null, responseMs: null, idleMs: null },
    retry: null,
    allowL5dHeaders: false,
  };
  return { routes: compileHttpRoutes([{ meta, hosts: [], rules: [rule] }]), failureAccrual: null };
}

function to(backend: Backend): Distribution<never> {
  return { kind: 'first-available', backends: [{ backend, filters: [] }] };
}
