import type { Difference } from './difference.builder.ts';

/** A difference that is meant. */
export interface Deliberate {
  /** By which docs/differences.md lists it. */
  readonly name: string;
  readonly covers: (difference: Difference) => boolean;
}

const labelled = ({ detail }: Difference, name: string, value: RegExp): boolean =>
  new RegExp(`[{,]${name}="(${value.source})"`).test(detail);

/** Whether two texts end with the same cause, or Linkerd's does not name one. */
function sameCause(linkerd: string, weft: string): boolean {
  const causeOf = (chain: string) => chain.split(': ').at(-1);
  if (causeOf(linkerd) === causeOf(weft)) return true;
  return /^(unexpected error|.*: client error \(Connect\)|client error \(Connect\)|.* has no dispatcher|.*required id .*|.*stream timeout: .*)$/.test(
    linkerd,
  );
}

const answers =
  (...[subject, detail]: [subject: RegExp, detail?: RegExp]) =>
  (each: Difference) =>
    each.of === 'answers' && subject.test(each.subject) && (detail?.test(each.detail) ?? true);

const families = (name: RegExp, only: 'linkerd' | 'weft') => (each: Difference) =>
  each.of === 'families' && each.detail === 'type' && each[only] !== null && name.test(each.subject);

const series =
  (name: RegExp, also: (each: Difference) => boolean = () => true) =>
  (each: Difference) =>
    each.of === 'series' && name.test(each.subject) && also(each);

/** A difference that none of these covers is a mistake, and one that covers nothing is no longer one. */
export const deliberate: readonly Deliberate[] = [
  {
    name: 'Texts of errors',
    covers: ({ of, detail, linkerd, weft }) =>
      of === 'answers' &&
      /header (l5d-proxy-error|grpc-message)$/.test(detail) &&
      linkerd !== null &&
      weft !== null &&
      sameCause(linkerd, weft),
  },
  {
    name: 'An application that hangs up before it has answered',
    covers: answers(
      /an application that hangs up|CONNECT that the application does not know/,
      /status|answer/,
    ),
  },
  {
    name: 'A time limit that passes within an answer of gRPC',
    covers: answers(/a call that takes too long/, /trailing header grpc-(status|message)/),
  },
  {
    name: 'HTTP/1.1 without Host',
    covers: answers(/no Host/),
  },
  {
    name: 'The connection of a request that is refused as malformed',
    covers: answers(/authority form without CONNECT/),
  },
  {
    name: 'Sentences and `allow` of the admin port',
    covers: answers(/^admin, /, /^(body|header content-length|header allow)$/),
  },
  {
    name: 'Backends that are not there, and forwards, in metrics',
    covers: series(/^outbound_(http|grpc)_route_backend_/, (each) =>
      labelled(each, 'backend_name', /fail|unknown|gone|internet/),
    ),
  },
  {
    name: 'Time limits of policies in metrics',
    covers: (each) =>
      (each.subject === 'route_actual_response_total' && each.detail === 'labels') ||
      series(/^outbound_http_errors_total$/, (of) => labelled(of, 'error', /response timeout|unexpected/))(
        each,
      ) ||
      series(/^(route_actual_)?response_total$/, (of) => labelled(of, 'error', /timeout|unclassified/))(each),
  },
  {
    name: 'Answers that a retry replaces, in metrics',
    covers: series(
      /^outbound_http_route_backend_response_(statuses|frame_size_bytes)$/,
      (each) => labelled(each, 'http_status', /50[03]/) || each.subject.includes('frame_size'),
    ),
  },
  {
    name: 'Balancers and connections',
    covers: (each) =>
      series(/^outbound_(http|tcp|tls)_balancer_/)(each) ||
      series(/^tcp_(open|close)_total$/, (of) => labelled(of, 'peer', /dst/))(each),
  },
  {
    name: 'Refused connections in metrics',
    covers: series(/^tcp_/, (each) => labelled(each, 'srv_name', /closed/)),
  },
  {
    name: 'The admin port in metrics',
    covers: (each) =>
      series(/^(inbound_|request_total|response_|tcp_)/)(each) && /port="4191"/.test(each.detail),
  },
  {
    name: 'Not shown',
    covers: families(/^(tokio_rt_|stack_|rustls_info$)/, 'linkerd'),
  },
  {
    name: 'More',
    covers: families(
      /^(proxy_peer_offences|tls_handshake_failures|proxy_tap|proxy_unexpected_errors|control_watch|control_identity_cert_next_refresh)/,
      'weft',
    ),
  },
  {
    name: '`proxy_build_info`',
    covers: series(/^proxy_build_info$/),
  },
];
