import { isIPv4, isIPv6 } from 'node:net';
import { fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { ClusterIpAllocator } from '@weft/kubernetes';
import { type Http2ClientParams, Http2ClientParamsSchema } from '@weft/proto/destination';
import { z } from 'zod';
import { type DefaultPolicy, defaultPolicies, parseDefaultPolicy } from '../policy/inbound/policy-name.ts';
import { type PortSet, parsePortSet } from '../workload/port-set.ts';

/** Reads the text of a setting with a function that returns undefined for what it cannot read. */
function parsed<T>(parse: (text: string) => T | undefined, expected: (text: string) => string) {
  return z.string().transform((text, context): T => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected(text) });
    return z.NEVER;
  });
}

function isCidr(text: string): boolean {
  const [ip = '', prefix = '', ...rest] = text.split('/');
  const bits = isIPv4(ip) ? 32 : isIPv6(ip) ? 128 : -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

const parts = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** CIDRs, comma-separated. */
export const networkList = parsed<readonly string[]>(
  (text) => (parts(text).every(isCidr) ? parts(text) : undefined),
  (text) =>
    `expected networks such as 10.0.0.0/8,fd00::/8; ${parts(text).find((part) => !isCidr(part))} is none`,
);

/** An IPv4 network to give addresses out of. */
export const serviceNetwork = parsed<string>(
  (text) => {
    try {
      void new ClusterIpAllocator(text);
      return text;
    } catch {
      return undefined;
    }
  },
  () => 'expected an IPv4 network such as 10.96.0.0/16',
);

/** Ports and ranges, comma-separated. */
export const portSet = parsed<PortSet>(
  (text) => {
    const ports = parsePortSet(text);
    return ports.rejected.length === 0 && !/[a-z]/i.test(text) ? ports : undefined;
  },
  () => 'expected ports and ranges such as 25,587,3000-3100',
);

export const defaultPolicy = parsed<DefaultPolicy>(
  parseDefaultPolicy,
  () => `expected one of ${defaultPolicies.join(', ')}`,
);

/** Durations as charts write them, `{"seconds":10}`, in the form protobuf's JSON has, `"10s"`. */
function withDurations(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withDurations);
  if (typeof value !== 'object' || value === null) return value;
  const { seconds = 0, nanos = 0, ...rest } = value;
  const isDuration = Object.keys(value).length > 0 && Object.keys(rest).length === 0;
  if (isDuration) return `${Number(seconds) + Number(nanos) / 1e9}s`;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withDurations(field)]));
}

function parseHttp2Params(text: string): Http2ClientParams | null | undefined {
  if (text === '' || text === '{}') return null;
  try {
    const params = fromJson(Http2ClientParamsSchema, withDurations(JSON.parse(text) as JsonValue));
    toBinary(Http2ClientParamsSchema, params);
    return params;
  } catch {
    return undefined;
  }
}

/** The JSON of an `Http2ClientParams`; null for none. */
export const http2Params = parsed<Http2ClientParams | null>(
  parseHttp2Params,
  () => 'expected JSON such as {"keep_alive":{"interval":"10s","timeout":"3s","while_idle":true}}',
);

/** Paths, separated as in PATH. */
export const pathList = parsed<readonly string[]>(
  (text) => text.split(':').filter((part) => part !== ''),
  () => 'expected directories',
);
