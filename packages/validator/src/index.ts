export { admit } from './admit.ts';
export type { Problem } from './problem.ts';
export { type Subject, type Validation, validate } from './validate.ts';
