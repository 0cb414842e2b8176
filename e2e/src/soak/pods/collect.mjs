// Preloaded into proxies: collects garbage again and again, as thoroughly as V8 can, so that a look from outside sees
// what the process holds. Left to itself, a proxy under little load collects every ten minutes or so.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const EVERY_MS = 10_000;

// V8 throws away the code of functions that have not run for six collections, and this counts as up to seven: what
// runs every few seconds would be compiled again and again, each time a little elsewhere. In life it is not.
setFlagsFromString('--no-flush-bytecode');
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
setInterval(() => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }), EVERY_MS).unref();
