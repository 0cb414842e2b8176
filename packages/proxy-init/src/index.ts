export { parseArguments } from './command-line.ts';
export { ProxyInitError, type ProxyInitErrorCode } from './errors.ts';
export type { Invocation } from './invocation.ts';
export { defaultOptions, type Mode, type Options } from './options.ts';
export { type Command, planRules } from './plan.ts';
export { type RunOptions, run } from './run.ts';
