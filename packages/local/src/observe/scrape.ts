import { request } from 'node:http';

const TIMEOUT_MS = 900;
const MAX_BYTES = 8 << 20;

/** Reads a page of metrics; empty when the proxy does not answer in time. */
export function scrape(ip: string, port: number, signal: AbortSignal): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const asked = request({ host: ip, port, path: '/metrics', agent: false, signal: limit }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      text += part;
      if (text.length > MAX_BYTES) response.destroy();
    });
    response.on('end', () => resolve(response.statusCode === 200 ? text : ''));
    response.on('error', () => resolve(''));
  });
  asked.on('error', () => resolve(''));
  asked.end();
  return promise;
}
