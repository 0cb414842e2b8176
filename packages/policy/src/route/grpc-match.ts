import type { HeaderMatch } from './http-match.ts';

/** All of it must hold, and the method be POST. */
export interface GrpcMatch {
  /** null: any. */
  readonly service: string | null;
  readonly method: string | null;
  readonly headers: readonly HeaderMatch[];
}
