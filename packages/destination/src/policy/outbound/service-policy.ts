import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Service } from '@weft/kubernetes';
import { type OutboundPolicy, OutboundPolicySchema, type ProxyProtocolSchema } from '@weft/proto/outbound';
import type { AnswerContext } from '../../answer-context.ts';
import type { ServiceAddress } from '../../endpoints/candidates.ts';
import { encodeDuration } from '../../wire/duration.ts';
import { isOpaqueServicePort, servicePort } from '../../workload/service-ports.ts';
import { type Annotations, InvalidAnnotationError } from './annotations.ts';
import { balancedService, serviceMetadata } from './backend.ts';
import { forbiddenRoute, httpRoute, opaqueRoute } from './default-routes.ts';
import { failureAccrual } from './failure-accrual.ts';
import { latencyLoad, loadOf } from './load.ts';
import { httpRetry } from './retries.ts';
import { timeouts } from './timeouts.ts';

/** How long a proxy waits for the first bytes that tell the protocol, in milliseconds. */
export const DETECT_TIMEOUT_MS = 10_000;

type Protocol = 'detect' | 'http1' | 'http2' | 'opaque';

/** The protocol of a service port: what it says itself, else whether it is opaque. */
function protocolOf(context: AnswerContext, service: Service | undefined, port: number): Protocol {
  const declared = service === undefined ? undefined : servicePort(service, port)?.appProtocol?.toLowerCase();
  switch (declared) {
    case undefined:
      return isOpaqueServicePort(context.config, service, port) ? 'opaque' : 'detect';
    case 'http':
      return 'http1';
    case 'kubernetes.io/h2c':
      return 'http2';
    default:
      return 'opaque';
  }
}

/** Reads one feature from a service's annotations; a mistake in them turns only this feature off. */
function feature<T>(
  { reporter }: AnswerContext,
  service: Service | undefined,
  read: (annotations: Annotations) => T,
  otherwise: T,
): T {
  if (service === undefined) return otherwise;
  try {
    return read(service.metadata.annotations);
  } catch (error) {
    if (!(error instanceof InvalidAnnotationError)) throw error;
    reporter.unusableObject(service, error.message);
    return otherwise;
  }
}

function protocolInit(
  context: AnswerContext,
  target: ServiceAddress,
  service: Service | undefined,
): MessageInitShape<typeof ProxyProtocolSchema> {
  const protocol = protocolOf(context, service, target.port);
  const load = protocol === 'opaque' ? latencyLoad : feature(context, service, loadOf, latencyLoad);
  const backend = balancedService(context.config, target, load);
  const opaque = { routes: [opaqueRoute(backend, 'opaq')] };
  const accrual = feature(context, service, failureAccrual, undefined);
  const http = {
    routes: [
      httpRoute(backend, {
        name: 'http',
        prefix: '/',
        timeouts: feature(context, service, timeouts, {}),
        retry: feature(context, service, httpRetry, undefined),
      }),
    ],
    ...(accrual === undefined ? {} : { failureAccrual: accrual }),
  };
  switch (protocol) {
    case 'opaque':
      return { kind: { case: 'opaque', value: opaque } };
    case 'http1':
      return { kind: { case: 'http1', value: http } };
    case 'http2':
      return { kind: { case: 'http2', value: http } };
    case 'detect': {
      const timeout = encodeDuration(DETECT_TIMEOUT_MS);
      return { kind: { case: 'detect', value: { timeout, opaque, http1: http, http2: http } } };
    }
  }
}

/** How clients reach a service port, whether the service exists or not. */
export function servicePolicy(
  context: AnswerContext,
  target: ServiceAddress,
  service: Service | undefined,
): OutboundPolicy {
  return create(OutboundPolicySchema, {
    metadata: serviceMetadata(target),
    protocol: protocolInit(context, target, service),
  });
}

/** For a port that the service of a cluster IP does not have: nobody can be meant, so nothing is let through. */
export function undefinedPortPolicy(target: ServiceAddress): OutboundPolicy {
  return create(OutboundPolicySchema, {
    metadata: serviceMetadata(target),
    protocol: { kind: { case: 'opaque', value: { routes: [forbiddenRoute('undefined-port')] } } },
  });
}
