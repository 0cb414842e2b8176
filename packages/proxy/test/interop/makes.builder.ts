import { type ProxyProgram, weft } from '../proxy-program.builder.ts';

const path = process.env.LINKERD2_PROXY_BIN;
if (path === undefined || path === '') throw new Error('LINKERD2_PROXY_BIN names no stock linkerd2-proxy');

/** The stock proxy. A program before it makes its key. */
export const linkerd: ProxyProgram = { name: 'linkerd', path, keyInFiles: true };

/** The makes of the client's and the server's proxy. */
export interface Makes {
  readonly client: ProxyProgram;
  readonly server: ProxyProgram;
}

/** Who talks to whom; a title for jest. */
export const pairs = [
  { title: 'from Weft to Linkerd', client: weft, server: linkerd },
  { title: 'from Linkerd to Weft', client: linkerd, server: weft },
] satisfies (Makes & { title: string })[];
