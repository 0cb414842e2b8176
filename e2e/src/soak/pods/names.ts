import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Known = Parameters<Parameters<LookupFunction>[2]>;

const known = new Map<string, Known>();

/**
 * Finds a name once and then remembers it: the cluster IP of a Service does not change. Each search takes a thread of
 * the few that there are, for 5 s when one datagram is lost, and would be counted as a failure of the proxy.
 */
export const lookup: LookupFunction = (name, options, found) => {
  const key = `${name} ${options.family ?? ''} ${options.all ?? false}`;
  const answer = known.get(key);
  if (answer !== undefined) {
    process.nextTick(() => found(...answer));
    return;
  }
  systemLookup(name, options, (...all: Known) => {
    if (all[0] === null) known.set(key, all);
    found(...all);
  });
};
