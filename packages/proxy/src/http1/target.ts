import type { TargetForm } from '../http/message.ts';
import { isHost } from './host.ts';

export interface Target {
  readonly form: TargetForm;
  readonly scheme: string;
  readonly authority: string | undefined;
  readonly path: string;
}

const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?]+)(.*)$/is;
const endsInPort = /:[0-9]+$/;

/**
 * Reads a request target in one of its forms (RFC 9112 section 3.2); null when method and form do not
 * belong together. Origin form, by far the most frequent, is the caller's to recognise by its slash.
 */
export function parseSpecialTarget(method: string, target: string): Target | null {
  if (method === 'CONNECT') {
    if (!isHost(target) || !endsInPort.test(target)) return null;
    return { form: 'authority', scheme: 'http', authority: target, path: '' };
  }
  if (target === '*') {
    return method === 'OPTIONS'
      ? { form: 'asterisk', scheme: 'http', authority: undefined, path: '*' }
      : null;
  }
  const match = absolute.exec(target);
  if (match === null || !isHost(match[2])) return null;
  const path = match[3];
  return {
    form: 'absolute',
    scheme: match[1].toLowerCase(),
    authority: match[2],
    path: path.startsWith('/') ? path : `/${path}`,
  };
}
