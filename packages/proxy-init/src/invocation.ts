import type { Level } from './log.ts';
import type { Options } from './options.ts';

/** A command line, read: the rules and how to bring them about. */
export interface Invocation {
  options: Options;
  /** Only says what would be done. */
  simulate: boolean;
  /** Network namespace to work in, a path or the name of one below /run/netns; empty: the current one. */
  netns: string;
  /** Seconds that a half-closed connection is tracked; 0: the kernel's default stays. */
  closeWaitSeconds: number;
  logFormat: 'json' | 'plain';
  logLevel: Level;
}
