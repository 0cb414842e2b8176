import type { AdminDeps, LogLevelControl } from './admin-handler.ts';
import type { AdminRequest } from './admin-message.ts';

/** A process as the admin port sees it, with what was done to it. */
export class AdminProcess implements AdminDeps {
  ready = true;
  metrics = 'request_total 1\n';
  shutdowns = 0;
  shutdownEnabled = true;
  filter = 'warn';
  readonly env = { HOME: '/root', EMPTY: '' };
  readonly readers = new Set<(line: string) => void>();
  logLevel: LogLevelControl | null = {
    get: () => this.filter,
    set: (filter: string) => {
      checkFilter(filter);
      this.filter = filter;
    },
  };

  debugState = () => ({ version: '0.1.0' });

  isReady(): boolean {
    return this.ready;
  }

  renderMetrics(): string {
    return this.metrics;
  }

  shutdown(): void {
    this.shutdowns++;
  }

  subscribeLogs = (filter: string, onLine: (line: string) => void) => {
    checkFilter(filter);
    this.readers.add(onLine);
    return () => {
      this.readers.delete(onLine);
    };
  };

  log(line: string): void {
    for (const reader of this.readers) reader(line);
  }
}

function checkFilter(filter: string): void {
  if (filter.includes('==')) throw new Error(`cannot read the filter ${JSON.stringify(filter)}`);
}

export function adminRequest(method: string, path: string, more: Partial<AdminRequest> = {}): AdminRequest {
  return { method, path, headers: [], peerIp: '127.0.0.1', body: '', ...more };
}
