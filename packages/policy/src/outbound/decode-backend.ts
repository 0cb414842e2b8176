import type { Backend_BalanceP2c, Backend as BackendMessage } from '@weft/proto/outbound';
import { decodeFullMeta } from '../decode-meta.ts';
import { decodeDuration } from '../duration.ts';
import { decodeEndpoint } from '../endpoint/decode-endpoint.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { invalid, required } from '../invalid-policy.ts';
import type { Backend, Dispatcher, Distribution, LoadParams, RouteBackend } from './backend.ts';

interface RouteBackendMessage<FilterMessage> {
  readonly backend?: BackendMessage | undefined;
  readonly filters: readonly FilterMessage[];
}

/** The distributions of all kinds of route have the same shape. */
interface DistributionMessage<FilterMessage> {
  readonly kind:
    | { readonly case: 'empty' }
    | {
        readonly case: 'firstAvailable';
        readonly value: { readonly backends: readonly RouteBackendMessage<FilterMessage>[] };
      }
    | {
        readonly case: 'randomAvailable';
        readonly value: {
          readonly backends: readonly {
            readonly backend?: RouteBackendMessage<FilterMessage> | undefined;
            readonly weight: number;
          }[];
        };
      }
    | { readonly case: undefined };
}

export function decodeDistribution<FilterMessage, Filter>(
  message: DistributionMessage<FilterMessage> | undefined,
  decodeFilter: (message: FilterMessage, field: string) => Filter,
  field: string,
): Distribution<Filter> {
  const decodeRouteBackend = (
    backend: RouteBackendMessage<FilterMessage> | undefined,
    at: string,
  ): RouteBackend<Filter> => ({
    backend: decodeBackend(required(backend?.backend, at), at),
    filters: required(backend, at).filters.map((filter, i) => decodeFilter(filter, `${at}.filters[${i}]`)),
  });

  const kind = message?.kind;
  switch (kind?.case) {
    case 'empty':
      return { kind: 'empty' };
    case 'firstAvailable': {
      const { backends } = kind.value;
      if (backends.length === 0) invalid(`${field}.first_available`, 'has no backends');
      return {
        kind: 'first-available',
        backends: backends.map((backend, i) => decodeRouteBackend(backend, `${field}.first_available[${i}]`)),
      };
    }
    case 'randomAvailable': {
      const { backends } = kind.value;
      if (backends.length === 0) invalid(`${field}.random_available`, 'has no backends');
      return {
        kind: 'random-available',
        backends: backends.map(({ backend, weight }, i) => ({
          ...decodeRouteBackend(backend, `${field}.random_available[${i}]`),
          weight,
        })),
      };
    }
    default:
      return invalid(field, 'has no kind');
  }
}

export function decodeBackend(message: BackendMessage, field: string): Backend {
  const failfastTimeoutMs = decodeDuration(message.queue?.failfastTimeout, `${field}.queue.failfast_timeout`);
  return makeBackend({
    meta: decodeFullMeta(message.metadata, `${field}.metadata`),
    dispatcher: decodeDispatcher(message, field),
    queue: {
      capacity: message.queue?.capacity ?? 0,
      failfastTimeoutMs: failfastTimeoutMs ?? invalid(`${field}.queue.failfast_timeout`, 'is missing'),
    },
  });
}

export function makeBackend(backend: Omit<Backend, 'key'>): Backend {
  const { meta, dispatcher } = backend;
  return { ...backend, key: JSON.stringify([meta, describe(dispatcher)]) };
}

/** Everything by which two dispatchers differ, as JSON can hold it. */
function describe(dispatcher: Dispatcher): unknown {
  if (dispatcher.kind !== 'forward') return dispatcher;
  const endpoint: Endpoint = dispatcher.endpoint;
  return ['forward', { ...endpoint, labels: [...endpoint.labels] }];
}

function decodeDispatcher({ kind }: BackendMessage, field: string): Dispatcher {
  switch (kind.case) {
    case 'balancer': {
      const { discovery } = kind.value;
      const dst = discovery?.kind.case === 'dst' ? discovery.kind.value : undefined;
      return {
        kind: 'balancer',
        path: required(dst, `${field}.balancer.discovery.dst`).path,
        load: decodeLoad(kind.value, `${field}.balancer`),
      };
    }
    case 'forward': {
      const endpoint = decodeEndpoint(kind.value);
      if (endpoint === null) return invalid(`${field}.forward.addr`, 'is not an address');
      return { kind: 'forward', endpoint };
    }
    default:
      return { kind: 'fail', message: 'no backend' };
  }
}

/** No load without a round trip: an estimate of 0 would draw everything to one endpoint. */
const minRttMs = 1;
/** Nothing fades in no time. */
const minDecayMs = 1;

function decodeLoad({ load }: Backend_BalanceP2c, field: string): LoadParams {
  switch (load.case) {
    case 'peakEwma': {
      const at = `${field}.peak_ewma`;
      const defaultRttMs = decodeDuration(load.value.defaultRtt, `${at}.default_rtt`);
      const decayMs = decodeDuration(load.value.decay, `${at}.decay`);
      return {
        kind: 'peak-ewma',
        defaultRttMs: Math.max(minRttMs, defaultRttMs ?? invalid(`${at}.default_rtt`, 'is missing')),
        decayMs: Math.max(minDecayMs, decayMs ?? invalid(`${at}.decay`, 'is missing')),
      };
    }
    case 'penaltyPeakEwma': {
      const at = `${field}.penalty_peak_ewma`;
      const { defaultRtt, decay, penalty, penaltyDecay, maxRetryAfter } = load.value;
      return {
        kind: 'penalty-peak-ewma',
        defaultRttMs: Math.max(minRttMs, decodeDuration(defaultRtt, `${at}.default_rtt`) ?? 30),
        decayMs: Math.max(minDecayMs, decodeDuration(decay, `${at}.decay`) ?? 10_000),
        penaltyMs: decodeDuration(penalty, `${at}.penalty`) ?? 5000,
        penaltyDecayMs: Math.max(minDecayMs, decodeDuration(penaltyDecay, `${at}.penalty_decay`) ?? 10_000),
        maxRetryAfterMs: decodeDuration(maxRetryAfter, `${at}.max_retry_after`) ?? 300_000,
      };
    }
    default:
      return invalid(`${field}.load`, 'is missing');
  }
}
