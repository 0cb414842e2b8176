import type { Listed } from '../debug-state/listed.ts';

type State = Readonly<Record<string, unknown>>;

/**
 * What all threads believe, in the form in which one would tell it. The main thread, the first of `threads`, answers
 * for the process; lists of what each has for itself are joined, and everything in them names its thread by the number
 * that it has in the log. What threads say of themselves (`thread`) becomes a part of what is said of the process.
 */
export function joinStates(threads: readonly State[]): State {
  const [{ thread: _, ...main } = {}] = threads;
  return {
    ...main,
    proxy: { ...asObject(main.proxy), threads: threads.map(({ thread }) => thread) },
    inbound: joinPorts(threads.map(({ inbound }) => inbound)),
    outbound: {
      targets: joinLists(threads.map(({ outbound }) => asObject(outbound).targets)),
      balancers: joinLists(threads.map(({ outbound }) => asObject(outbound).balancers)),
    },
    connections: joinLists(threads.map(({ connections }) => connections)),
  };
}

function joinLists(lists: readonly unknown[]): Listed<unknown> {
  const shown = lists.flatMap((list, thread) =>
    asList(list).shown.map((each) => ({ ...asObject(each), thread: thread + 1 })),
  );
  return { total: lists.reduce<number>((sum, list) => sum + asList(list).total, 0), shown };
}

/** All threads know the policies of the configured ports; others only where somebody has asked for them. */
function joinPorts(lists: readonly unknown[]): Listed<unknown> {
  const ports = new Map<unknown, unknown>();
  for (const list of lists) {
    for (const port of asList(list).shown) {
      const key = asObject(port).port;
      if (!ports.has(key)) ports.set(key, port);
    }
  }
  const longest = lists.reduce<number>((most, list) => Math.max(most, asList(list).total), 0);
  return { total: Math.max(longest, ports.size), shown: [...ports.values()] };
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** A part that could not tell is an empty list. */
function asList(value: unknown): Listed<unknown> {
  const { total, shown } = asObject(value);
  return { total: typeof total === 'number' ? total : 0, shown: Array.isArray(shown) ? shown : [] };
}
