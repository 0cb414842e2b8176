/**
 * A timeout that looks at the sockets once more before it strikes. After a stall of the event loop (a busy
 * machine, a collection) timers run before what has arrived in the meantime is read, and what was in time
 * would be taken for late. Returns how to cancel it.
 */
export function patientTimeout(callback: () => void, ms: number): () => void {
  let immediate: NodeJS.Immediate | null = null;
  const timer = setTimeout(() => {
    // The check phase follows the poll phase.
    immediate = setImmediate(callback);
  }, ms);
  return () => {
    clearTimeout(timer);
    if (immediate !== null) clearImmediate(immediate);
  };
}
