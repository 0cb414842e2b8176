import type { Distribution, OutboundPolicy } from '@weft/policy';

export function addBackendKeys(keys: Set<string>, distribution: Distribution<unknown>): void {
  if (distribution.kind !== 'empty') for (const { backend } of distribution.backends) keys.add(backend.key);
}

/** The keys of the backends that a policy's routes lead to. */
export function backendKeys({ protocol }: OutboundPolicy): Set<string> {
  const keys = new Set<string>();
  const add = (distribution: Distribution<unknown>): void => addBackendKeys(keys, distribution);
  const addRules = (
    routes: readonly { readonly rules: readonly { readonly distribution: Distribution<unknown> }[] }[],
  ) => {
    for (const route of routes) for (const rule of route.rules) add(rule.distribution);
  };
  switch (protocol.kind) {
    case 'detect':
      if (protocol.opaque.route !== null) add(protocol.opaque.route.distribution);
      addRules(protocol.http1.routes.routes);
      addRules(protocol.http2.routes.routes);
      break;
    case 'http1':
    case 'http2':
    case 'grpc':
      addRules(protocol.routes.routes);
      break;
    case 'opaque':
      if (protocol.route !== null) add(protocol.route.distribution);
      break;
    case 'tls':
      for (const route of protocol.routes) add(route.distribution);
      break;
    case 'invalid':
      break;
  }
  return keys;
}
