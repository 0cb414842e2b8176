import type {
  Backend,
  Distribution,
  FailureAccrual,
  GrpcProtocol,
  HttpProtocol,
  OutboundPolicy,
} from '@weft/policy';

/** Equal for what may share a balancer: endpoints that are judged differently are different endpoints. */
export const balancerKey = ({ key }: Backend, accrual: FailureAccrual | null): string =>
  accrual === null ? key : `${key} ${JSON.stringify(accrual)}`;

export function addBackendKeys(
  keys: Set<string>,
  distribution: Distribution<unknown>,
  accrual: FailureAccrual | null,
): void {
  if (distribution.kind === 'empty') return;
  for (const { backend } of distribution.backends) keys.add(balancerKey(backend, accrual));
}

/** The keys of the backends that a policy's routes lead to. */
export function backendKeys({ protocol }: OutboundPolicy): Set<string> {
  const keys = new Set<string>();
  const add = (distribution: Distribution<unknown>): void => addBackendKeys(keys, distribution, null);
  const addRules = ({ routes: { routes }, failureAccrual }: HttpProtocol | GrpcProtocol): void => {
    for (const route of routes)
      for (const rule of route.rules) addBackendKeys(keys, rule.distribution, failureAccrual);
  };
  switch (protocol.kind) {
    case 'detect':
      if (protocol.opaque.route !== null) add(protocol.opaque.route.distribution);
      addRules(protocol.http1);
      addRules(protocol.http2);
      break;
    case 'http1':
    case 'http2':
    case 'grpc':
      addRules(protocol);
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
