import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ProfileRequestMatch, ProfileResponseMatch } from '@weft/kubernetes';
import type { RequestMatchSchema, ResponseMatchSchema } from '@weft/proto/destination';
import { encodeMethod } from '../wire/http-method.ts';

type RequestInit = MessageInitShape<typeof RequestMatchSchema>;
type ResponseInit = MessageInitShape<typeof ResponseMatchSchema>;

/** Thrown for a condition that says nothing; the profile as a whole is then not used. */
export class UnusableConditionError extends Error {
  readonly code = 'unusable_condition';
}

const present = <T>(value: T | undefined): value is T => value !== undefined;

/** Several fields of one condition must all hold. */
function one<T>(matches: readonly T[], all: (matches: T[]) => T): T {
  const [only] = matches;
  if (only === undefined) throw new UnusableConditionError('a condition has no field');
  return matches.length === 1 ? only : all([...matches]);
}

export function requestMatch(condition: ProfileRequestMatch): RequestInit {
  const { all, any, method, not, pathRegex } = condition;
  const matches: (RequestInit | undefined)[] = [
    all && { match: { case: 'all', value: { matches: all.map(requestMatch) } } },
    any && { match: { case: 'any', value: { matches: any.map(requestMatch) } } },
    method ? { match: { case: 'method', value: encodeMethod(method) } } : undefined,
    not && { match: { case: 'not', value: requestMatch(not) } },
    pathRegex ? { match: { case: 'path', value: { regex: pathRegex } } } : undefined,
  ];
  return one(matches.filter(present), (matches) => ({ match: { case: 'all', value: { matches } } }));
}

/** Bounds of HTTP statuses; an open side is 0 on the wire. */
function statusRange({ min = 0, max = 0 }: NonNullable<ProfileResponseMatch['status']>): ResponseInit {
  const wrong = (bound: number) => bound !== 0 && (bound < 100 || bound > 599);
  if (wrong(min) || wrong(max) || (min === 0 && max === 0) || (max !== 0 && max < min))
    throw new UnusableConditionError(`status range ${min}–${max} is none within 100–599`);
  return { match: { case: 'status', value: { min, max } } };
}

export function responseMatch(condition: ProfileResponseMatch): ResponseInit {
  const { all, any, status, not } = condition;
  const matches: (ResponseInit | undefined)[] = [
    all && { match: { case: 'all', value: { matches: all.map(responseMatch) } } },
    any && { match: { case: 'any', value: { matches: any.map(responseMatch) } } },
    status && statusRange(status),
    not && { match: { case: 'not', value: responseMatch(not) } },
  ];
  return one(matches.filter(present), (matches) => ({ match: { case: 'all', value: { matches } } }));
}
