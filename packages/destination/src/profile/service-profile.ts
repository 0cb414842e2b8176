import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { ProfileRoute, Service, ServiceProfile } from '@weft/kubernetes';
import { DestinationProfileSchema, type RouteSchema, type WeightedDstSchema } from '@weft/proto/destination';
import { parseDuration } from '@weft/service';
import type { AnswerContext } from '../answer-context.ts';
import type { ClusterReader } from '../cluster/cluster.ts';
import type { ServiceAddress } from '../endpoints/candidates.ts';
import type { MeshConfig } from '../mesh-config.ts';
import type { Answer } from '../publish/topic.ts';
import { tellWhole, type WholeMessage, wholeMessage } from '../publish/whole-message.ts';
import { encodeDuration } from '../wire/duration.ts';
import { resourceMetadata } from '../wire/metadata.ts';
import { isOpaqueServicePort, servicePort } from '../workload/service-ports.ts';
import { requestMatch, responseMatch, UnusableConditionError } from './profile-match.ts';
import { retryBudget } from './retry-budget.ts';

function route({
  name,
  condition,
  responseClasses,
  isRetryable,
  timeout,
}: ProfileRoute): MessageInitShape<typeof RouteSchema> {
  const ms = parseDuration(timeout ?? '') ?? 0;
  return {
    condition: requestMatch(condition),
    responseClasses: responseClasses.map(({ condition: response, isFailure }) => ({
      condition: responseMatch(response),
      isFailure,
    })),
    metricsLabels: { route: name },
    isRetryable,
    ...(ms > 0 ? { timeout: encodeDuration(Math.round(ms)) } : {}),
  };
}

/** A Kubernetes quantity such as `500m` or `1.5`, in thousandths. */
function milliValue(quantity: string | number): number {
  const match = /^(\d+(?:\.\d+)?)(m|k)?$/.exec(String(quantity).trim());
  const factor = match?.[2] === 'm' ? 1 : match?.[2] === 'k' ? 1_000_000 : 1000;
  return match === null ? 0 : Math.ceil(Number(match[1]) * factor);
}

function override(
  { authority, weight }: ServiceProfile['spec']['dstOverrides'][number],
  port: number,
): MessageInitShape<typeof WeightedDstSchema> {
  const withPort = /:\d+$/.test(authority) ? authority : `${authority}:${port}`;
  return { authority: withPort, weight: milliValue(weight) * 10 };
}

function profileObject(
  cluster: ClusterReader,
  name: string,
  namespaces: readonly string[],
): ServiceProfile | undefined {
  for (const namespace of namespaces) {
    const profile = cluster.get('ServiceProfile', namespace, name);
    if (profile !== undefined) return profile;
  }
  return undefined;
}

/** @throws UnusableConditionError when a route of the profile cannot be told. */
function encodeProfile(
  config: MeshConfig,
  { namespace, service: name, port }: ServiceAddress,
  service: Service | undefined,
  profile: ServiceProfile | undefined,
): Uint8Array {
  const budget = retryBudget(profile?.spec.retryBudget);
  const message = create(DestinationProfileSchema, {
    fullyQualifiedName: qualifiedName(config, { namespace, service: name }),
    opaqueProtocol: isOpaqueServicePort(config, service, port),
    routes: profile?.spec.routes.map(route) ?? [],
    dstOverrides: profile?.spec.dstOverrides.map((dst) => override(dst, port)) ?? [],
    ...(budget === undefined ? {} : { retryBudget: budget }),
    parentRef: resourceMetadata({ group: 'core', kind: 'Service', name, namespace, port }),
    profileRef: resourceMetadata({
      group: 'linkerd.io',
      kind: profile === undefined ? '' : 'ServiceProfile',
      name: profile?.metadata.name ?? '',
      namespace: profile?.metadata.namespace ?? '',
    }),
  });
  return toBinary(DestinationProfileSchema, message);
}

const qualifiedName = (config: MeshConfig, { namespace, service }: Omit<ServiceAddress, 'port'>): string =>
  `${service}.${namespace}.svc.${config.clusterDomain}`;

/**
 * The profile of a service port. A ServiceProfile in the client's namespace beats the one beside the service;
 * clients whose namespace has none share one answer.
 */
export function serviceProfileAnswer(
  cluster: ClusterReader,
  { config, reporter }: AnswerContext,
  target: ServiceAddress,
  clientNamespace: string,
): Answer<WholeMessage> {
  const { namespace, service, port } = target;
  const name = qualifiedName(config, target);
  const own = clientNamespace !== '' && clientNamespace !== namespace;
  const client =
    own && cluster.get('ServiceProfile', clientNamespace, name) !== undefined ? clientNamespace : '';
  const namespaces = client === '' ? [namespace] : [client, namespace];
  return {
    api: 'profile',
    key: ['profile', namespace, service, port, client].join(' '),
    labels: { namespace: client || namespace, profile: name },
    compute: (reader, last) => {
      const object = reader.get('Service', namespace, service);
      // Nothing at all makes the proxy ask the policy API, which knows what to say of an undefined port.
      if (object !== undefined && servicePort(object, port) === undefined)
        return { type: 'state', state: wholeMessage(new Uint8Array(), last) };
      const profile = profileObject(reader, name, namespaces);
      try {
        return { type: 'state', state: wholeMessage(encodeProfile(config, target, object, profile), last) };
      } catch (error) {
        if (profile === undefined || !(error instanceof UnusableConditionError)) throw error;
        reporter.unusableObject(profile, error.message);
        return {
          type: 'state',
          state: last ?? wholeMessage(encodeProfile(config, target, object, undefined), last),
        };
      }
    },
    transition: tellWhole,
  };
}
