import { compileNetworks, decodeIp, parseCidr } from '@weft/policy';
import type {
  ObserveRequest_Match,
  ObserveRequest_Match_Http,
  ObserveRequest_Match_Http_StringMatch,
  ObserveRequest_Match_Tcp,
} from '@weft/proto/tap';
import type { LabelPairs } from '../metrics/labels.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { methodOf, schemeOf } from './http-types.ts';
import { authorityOf, pathOf, type TapSubject } from './subject.ts';

export type Predicate = (subject: TapSubject) => boolean;

/** A match with the price of asking it. */
export interface CompiledMatch {
  readonly matches: Predicate;
  /** Conditions in it: what each request pays at most. */
  readonly conditions: number;
}

/** A match that makes no sense, or too much of it. */
export class InvalidMatch extends Error {}

/** Conditions of one match; no tool of Linkerd's comes near it. */
const maxConditions = 64;
const maxDepth = 16;

/** Throws an InvalidMatch that says what is wrong. */
export function compileMatch(match: ObserveRequest_Match | undefined): CompiledMatch {
  const compiler = new Compiler();
  return { matches: compiler.compile(match, 0), conditions: compiler.conditions };
}

class Compiler {
  conditions = 0;

  compile(match: ObserveRequest_Match | undefined, depth: number): Predicate {
    this.conditions += 1;
    if (this.conditions > maxConditions) throw new InvalidMatch(`more than ${maxConditions} conditions`);
    if (depth > maxDepth) throw new InvalidMatch(`conditions more than ${maxDepth} deep`);
    const kind = match?.match;
    switch (kind?.case) {
      case 'all': {
        const all = kind.value.matches.map((each) => this.compile(each, depth + 1));
        return (subject) => all.every((matches) => matches(subject));
      }
      case 'any': {
        const any = kind.value.matches.map((each) => this.compile(each, depth + 1));
        return (subject) => any.some((matches) => matches(subject));
      }
      case 'not': {
        const negated = this.compile(kind.value, depth + 1);
        return (subject) => !negated(subject);
      }
      case 'source': {
        const matches = addressMatch(kind.value);
        return ({ source }) => matches(source);
      }
      case 'destination': {
        const matches = addressMatch(kind.value);
        return ({ destination }) => matches(destination);
      }
      case 'destinationLabel': {
        const has = labelMatch('destination_label', kind.value);
        return (subject) => has(subject.destinationLabels());
      }
      case 'routeLabel': {
        const has = labelMatch('route_label', kind.value);
        return (subject) => has(subject.routeLabels());
      }
      case 'http':
        return httpMatch(kind.value);
      default:
        throw new InvalidMatch('match is missing or of an unknown kind');
    }
  }
}

function labelMatch(
  field: string,
  { key, value }: { readonly key: string; readonly value: string },
): (labels: LabelPairs) => boolean {
  if (key === '' || value === '') throw new InvalidMatch(`${field} needs a key and a value`);
  return (labels) => labels.some(([name, text]) => name === key && text === value);
}

function addressMatch({ match }: ObserveRequest_Match_Tcp): (address: SocketAddress) => boolean {
  switch (match.case) {
    case 'ports': {
      // One of the bounds alone is a single port.
      const min = match.value.min || match.value.max;
      const max = match.value.max || match.value.min;
      if (min === 0 || min > max || max > 65_535) throw new InvalidMatch(`ports ${min}-${max} are no range`);
      return ({ port }) => port >= min && port <= max;
    }
    case 'netmask': {
      const { ip, mask } = match.value;
      const text = decodeIp(ip);
      const net = text === null || mask === 0 ? null : parseCidr(`${text}/${mask}`);
      if (net === null)
        throw new InvalidMatch(`netmask ${text ?? 'without an address'}/${mask} is no network`);
      const networks = compileNetworks([{ net, except: [] }]);
      return (address) => networks.contains(address.ip);
    }
    default:
      throw new InvalidMatch('an address is matched by ports or netmask');
  }
}

function httpMatch({ match }: ObserveRequest_Match_Http): Predicate {
  switch (match.case) {
    case 'scheme': {
      const scheme = schemeOf(match.value);
      if (scheme === null) throw new InvalidMatch('http.scheme is empty');
      return ({ request }) => request.scheme === scheme;
    }
    case 'method': {
      const method = methodOf(match.value);
      if (method === null) throw new InvalidMatch('http.method is empty');
      return ({ request }) => request.method === method;
    }
    case 'authority': {
      const matches = textMatch('http.authority', match.value);
      return ({ request }) => matches(authorityOf(request));
    }
    case 'path': {
      const matches = textMatch('http.path', match.value);
      return ({ request }) => matches(pathOf(request));
    }
    default:
      throw new InvalidMatch('http is matched by scheme, method, authority or path');
  }
}

function textMatch(
  field: string,
  { match }: ObserveRequest_Match_Http_StringMatch,
): (text: string) => boolean {
  const { value } = match;
  switch (match.case) {
    case 'exact':
      return (text) => text === value;
    case 'prefix':
      return (text) => text.startsWith(match.value);
    default:
      throw new InvalidMatch(`${field} needs exact or prefix`);
  }
}
