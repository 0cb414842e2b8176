import { tokenLower } from './bytes.ts';

/** Fields the codec itself reads come first: their index says which they are. */
export const CONTENT_LENGTH = 0;
export const TRANSFER_ENCODING = 1;
export const CONNECTION = 2;
export const HOST = 3;
export const UPGRADE = 4;
export const EXPECT = 5;

/** Names met often enough to be kept as one string each, which later comparisons see by its address. */
export const knownNames: readonly string[] = [
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
  'upgrade',
  'expect',
  'accept',
  'accept-encoding',
  'accept-language',
  'accept-ranges',
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'age',
  'allow',
  'authorization',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-range',
  'content-security-policy',
  'content-type',
  'cookie',
  'date',
  'dnt',
  'etag',
  'expires',
  'forwarded',
  'from',
  'grpc-encoding',
  'grpc-message',
  'grpc-status',
  'grpc-timeout',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'keep-alive',
  'l5d-client-id',
  'l5d-dst-canonical',
  'l5d-dst-override',
  'l5d-orig-proto',
  'l5d-proxy-connection',
  'l5d-proxy-error',
  'l5d-require-id',
  'last-modified',
  'link',
  'location',
  'origin',
  'pragma',
  'proxy-connection',
  'range',
  'referer',
  'retry-after',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'server',
  'set-cookie',
  'strict-transport-security',
  'te',
  'traceparent',
  'tracestate',
  'trailer',
  'upgrade-insecure-requests',
  'user-agent',
  'vary',
  'via',
  'www-authenticate',
  'x-b3-flags',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-spanid',
  'x-b3-traceid',
  'x-content-type-options',
  'x-correlation-id',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-frame-options',
  'x-real-ip',
  'x-request-id',
  'x-requested-with',
  'x-xss-protection',
];

const BUCKETS = 1024;
const EMPTY = -1;

/** Length and three bytes are enough to tell these names apart nearly always. */
function bucketOf(length: number, first: number, middle: number, last: number): number {
  return (length * 37 + first * 97 + middle * 193 + last * 389) & (BUCKETS - 1);
}

const buckets = new Int16Array(BUCKETS).fill(EMPTY);
knownNames.forEach((name, index) => {
  const length = name.length;
  let bucket = bucketOf(
    length,
    name.charCodeAt(0),
    name.charCodeAt(length >> 1),
    name.charCodeAt(length - 1),
  );
  while (buckets[bucket] !== EMPTY) bucket = (bucket + 1) & (BUCKETS - 1);
  buckets[bucket] = index;
});

/** The index in `knownNames` of the token at `start`, whatever its case; -1 when it is none of them. */
export function findKnownName(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  let bucket = bucketOf(
    length,
    tokenLower[bytes[start]],
    tokenLower[bytes[start + (length >> 1)]],
    tokenLower[bytes[end - 1]],
  );
  for (;;) {
    const index = buckets[bucket];
    if (index === EMPTY) return -1;
    const name = knownNames[index];
    if (name.length === length) {
      let i = 0;
      while (i < length && name.charCodeAt(i) === tokenLower[bytes[start + i]]) i++;
      if (i === length) return index;
    }
    bucket = (bucket + 1) & (BUCKETS - 1);
  }
}
