import { collectDefaultMetrics, Registry } from 'prom-client';

export { Registry };

/** A registry of its own for one process, with the process's own metrics (memory, CPU, event loop) in it. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
