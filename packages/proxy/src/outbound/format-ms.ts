/** `250ms`, `1.5s`. */
export const formatMs = (ms: number): string => (ms < 1000 ? `${ms}ms` : `${ms / 1000}s`);
