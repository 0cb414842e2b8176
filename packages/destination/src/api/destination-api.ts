import type { Destination } from '@weft/proto/destination';
import { type CallContext, type Handlers, type Logger, ServiceError } from '@weft/service';
import type { AnswerContext } from '../answer-context.ts';
import type { ClusterReader } from '../cluster/cluster.ts';
import { checkDiscoverable, getQuestion } from '../endpoints/get-question.ts';
import { checkProfileTarget, profileQuestion } from '../profile/profile-question.ts';
import type { Publisher } from '../publish/publisher.ts';
import { parseAuthority } from '../request/authority.ts';
import { type ClientContext, parseContextToken } from '../request/context-token.ts';

export interface ApiDependencies {
  readonly cluster: ClusterReader;
  readonly publisher: Publisher;
  readonly context: AnswerContext;
  readonly logger: Logger;
}

export interface DestinationApiDependencies extends ApiDependencies {
  /** Told of every request whose context token cannot be read. */
  readonly onMalformedToken: () => void;
}

/** Where names lead: `Get` streams the endpoints of a service port, `GetProfile` what is known of a target. */
export function destinationApi({
  cluster,
  publisher,
  context,
  logger,
  onMalformedToken,
}: DestinationApiDependencies): Handlers<typeof Destination> {
  const { clusterDomain } = context.config;

  /** A client that cannot say who it is is served as nobody in particular. */
  const clientOf = (token: string, { peer }: CallContext): ClientContext => {
    const parsed = parseContextToken(token);
    if (parsed.type === 'malformed') {
      onMalformedToken();
      logger.debug('context token cannot be read', { peer, bytes: token.length });
    }
    return parsed.context;
  };

  return {
    get: ({ path, contextToken }, call) => {
      const target = parseAuthority(path, clusterDomain);
      if (target.type === 'ip')
        throw new ServiceError('invalid_argument', `IP queries not supported by Get API: host=${target.ip}`, {
          data: { path },
        });
      checkDiscoverable(cluster.get('Service', target.namespace, target.service), target);
      return publisher.open(getQuestion(context, target, clientOf(contextToken, call)));
    },
    getProfile: ({ path, contextToken }, call) => {
      const target = parseAuthority(path, clusterDomain);
      checkProfileTarget(cluster, target);
      return publisher.open(profileQuestion(context, target, clientOf(contextToken, call)));
    },
  };
}
