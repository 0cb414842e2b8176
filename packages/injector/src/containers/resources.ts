import type { Settings } from '../settings.ts';

type Entries = Record<string, string>;

function entries(settings: Settings, side: 'limit' | 'request'): Entries {
  const { cpu, memory, 'ephemeral-storage': storage } = settings.proxy.resources;
  const all = { cpu: cpu[side], memory: memory[side], 'ephemeral-storage': storage[side] };
  return Object.fromEntries(Object.entries(all).filter(([, amount]) => amount !== ''));
}

/** Limits and requests of the injected containers: the same for each, so that the pod's class stays what it is. */
export function resources(settings: Settings): { limits?: Entries; requests?: Entries } | null {
  const limits = entries(settings, 'limit');
  const requests = entries(settings, 'request');
  const some = {
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
  };
  return Object.keys(some).length > 0 ? some : null;
}
