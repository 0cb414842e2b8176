import type {
  DestinationProfile,
  RequestMatch as RequestMatchMessage,
  ResponseMatch as ResponseMatchMessage,
  RetryBudget as RetryBudgetMessage,
  Route,
  WeightedDst,
} from '@weft/proto/destination';
import { decodeTimeout } from '../duration.ts';
import { decodeEndpoint, decodeMetricLabels } from '../endpoint/decode-endpoint.ts';
import { InvalidPolicyError } from '../invalid-policy.ts';
import { compileRegex } from '../regex/regex.ts';
import { decodeMethod } from '../route/decode-match.ts';
import type {
  Profile,
  ProfileRoute,
  ProfileTarget,
  RequestMatch,
  ResponseClass,
  ResponseMatch,
  RetryBudget,
} from './profile.ts';

/** Matches nested deeper are dropped, like everything else in a profile that cannot be used. */
const maxDepth = 32;

/** A profile has no invalid state: parts that cannot be used are left out, as stock does. Never throws. */
export function decodeProfile(message: DestinationProfile): Profile {
  const fqn = message.fullyQualifiedName.replace(/\.$/, '');
  return {
    fqn: fqn === '' ? null : fqn,
    opaque: message.opaqueProtocol,
    endpoint: message.endpoint === undefined ? null : decodeEndpoint(message.endpoint),
    routes: message.routes.map(decodeRoute).filter((route) => route !== null),
    retryBudget: decodeRetryBudget(message.retryBudget),
    targets: message.dstOverrides.map(decodeTarget).filter((target) => target !== null),
  };
}

function decodeRoute(message: Route): ProfileRoute | null {
  const condition = decodeRequestMatch(message.condition, 0);
  if (condition === null) return null;
  const responseClasses: ResponseClass[] = [];
  for (const { condition, isFailure } of message.responseClasses) {
    const match = decodeResponseMatch(condition, 0);
    if (match !== null) responseClasses.push({ condition: match, failure: isFailure });
  }
  return {
    condition,
    responseClasses,
    labels: decodeMetricLabels('rt_', message.metricsLabels),
    retryable: message.isRetryable,
    timeoutMs: orNull(() => decodeTimeout(message.timeout, 'timeout')),
  };
}

function decodeRequestMatch(message: RequestMatchMessage | undefined, depth: number): RequestMatch | null {
  const match = message?.match;
  if (match === undefined || depth > maxDepth) return null;
  switch (match.case) {
    case 'all':
    case 'any': {
      const of = match.value.matches.map((part) => decodeRequestMatch(part, depth + 1));
      return { kind: match.case, of: of.filter((part) => part !== null) };
    }
    case 'not': {
      const of = decodeRequestMatch(match.value, depth + 1);
      return of === null ? null : { kind: 'not', of };
    }
    case 'path': {
      const compiled = compileRegex(match.value.regex.trim());
      return 'problem' in compiled ? null : { kind: 'path', regex: compiled.regex };
    }
    case 'method': {
      const method = orNull(() => decodeMethod(match.value, 'method'));
      return method === null ? null : { kind: 'method', method };
    }
    default:
      return null;
  }
}

function decodeResponseMatch(message: ResponseMatchMessage | undefined, depth: number): ResponseMatch | null {
  const match = message?.match;
  if (match === undefined || depth > maxDepth) return null;
  switch (match.case) {
    case 'all':
    case 'any': {
      const parts = match.value.matches.map((part) => decodeResponseMatch(part, depth + 1));
      const of = parts.filter((part) => part !== null);
      return of.length === 0 ? null : { kind: match.case, of };
    }
    case 'not': {
      const of = decodeResponseMatch(match.value, depth + 1);
      return of === null ? null : { kind: 'not', of };
    }
    case 'status': {
      const { min, max } = match.value;
      return isStatus(min) && isStatus(max) ? { kind: 'status', min, max } : null;
    }
    default:
      return null;
  }
}

function decodeRetryBudget(message: RetryBudgetMessage | undefined): RetryBudget | null {
  if (message?.ttl === undefined) return null;
  const ttlMs = Number(message.ttl.seconds) * 1000 + message.ttl.nanos / 1e6;
  const { retryRatio: ratio, minRetriesPerSecond } = message;
  const valid = ttlMs >= 1000 && ttlMs <= 60_000 && ratio >= 0 && ratio <= 1000;
  return valid && minRetriesPerSecond <= 0x7fff_ffff ? { ratio, minRetriesPerSecond, ttlMs } : null;
}

function decodeTarget({ authority, weight }: WeightedDst): ProfileTarget | null {
  const colon = authority.lastIndexOf(':');
  const port = Number(authority.slice(colon + 1));
  const host = authority.slice(0, Math.max(0, colon)).replace(/\.$/, '');
  if (weight === 0 || host === '' || !(Number.isInteger(port) && port >= 1 && port <= 65535)) return null;
  return { host, port, weight };
}

function isStatus(status: number): boolean {
  return status >= 100 && status <= 999;
}

function orNull<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof InvalidPolicyError) return null;
    throw error;
  }
}
