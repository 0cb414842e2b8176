import { collectDefaultMetrics, Registry } from 'prom-client';

export { Registry };

/** How often the lag of the event loop is measured, in ms: each time wakes a process that may have nothing to do. */
const LAG_PRECISION_MS = 100;

/** A registry of its own for one process, with the process's own metrics (memory, CPU, event loop) in it. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  return registry;
}
