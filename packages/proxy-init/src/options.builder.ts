import { defaultOptions, type Options } from './options.ts';

/** Options as an injected pod has them: both proxy ports and the proxy's user. */
export function options(overrides: Partial<Options> = {}): Options {
  return {
    ...defaultOptions,
    incomingProxyPort: 4143,
    outgoingProxyPort: 4140,
    proxyUid: 2102,
    mode: 'nft',
    ipv6: false,
    ...overrides,
  };
}
