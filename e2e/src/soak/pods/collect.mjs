// Preloaded into proxies: collects garbage again and again, as thoroughly as V8 can, so that a look from outside sees
// what the process holds. Left to itself, a proxy under little load collects every ten minutes or so.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const EVERY_MS = 10_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
setInterval(() => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }), EVERY_MS).unref();
