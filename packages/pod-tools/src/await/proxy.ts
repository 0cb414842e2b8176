import { type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** How long the proxy may take for one answer, in ms. */
const ANSWER_MS = 5_000;

/** Sends a request to the proxy's admin server; undefined when there is no answer. */
async function ask(
  method: string,
  port: number,
  path: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const outgoing = request({
    ...{ host: 'localhost', port, path, method, agent: false },
    signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
  });
  outgoing.once('response', (response: IncomingMessage) => {
    response.resume();
    response.once('error', () => {});
    resolve(response.statusCode);
  });
  outgoing.on('error', () => resolve(undefined));
  outgoing.end();
  return await promise;
}

/** Asks until the proxy says that it is ready. Rejects with the signal's reason when that is aborted first. */
export async function untilReady(
  { port, backoffMs }: { readonly port: number; readonly backoffMs: number },
  onWaiting: (status: number | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const status = await ask('GET', port, '/ready', signal);
    signal.throwIfAborted();
    if (status !== undefined && status >= 200 && status < 300) return;
    onWaiting(status);
    await delay(backoffMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Tells the proxy to shut down, if it is there and lets itself be told. */
export async function shutDown(port: number): Promise<void> {
  await ask('POST', port, '/shutdown');
}
