import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { ProtocolHintSchema, WeightedAddrSchema } from '@weft/proto/destination';
import { type Update, UpdateSchema } from '@weft/proto/destination';
import { tcpAddress } from '../../src/discovery/update.builder.ts';
import type { ControlPlane } from '../control-plane.builder.ts';
import { balanced, first, opaquePolicy, resource, toService } from '../outbound-policy.builder.ts';
import { ORDERS, ProxyWorld } from '../proxy-process.builder.ts';
import type { ProxyProgram } from '../proxy-program.builder.ts';
import type { Makes } from './makes.builder.ts';

export const WEB = 'web.shop.serviceaccount.identity.linkerd.cluster.local';

/** How discovery lets the client's proxy reach the server's. */
export type Way =
  /** To the application's port, as it is. */
  | 'TLS'
  /** To the application's port; HTTP/1 is carried in HTTP/2. */
  | 'HTTP/2'
  /** To the proxy's own port with a transport header; HTTP/1 is carried in HTTP/2. */
  | 'transport header'
  /** To the proxy's own port with a transport header, and not taken apart. */
  | 'opaque';

const INBOUND_PORT = 4143;

const opaqueTransport = { inboundPort: INBOUND_PORT };
const h2 = { case: 'h2' as const, value: {} };
const hints: Record<Way, MessageInitShape<typeof ProtocolHintSchema>> = {
  TLS: {},
  'HTTP/2': { protocol: h2 },
  'transport header': { protocol: h2, opaqueTransport },
  opaque: { protocol: { case: 'opaque', value: {} }, opaqueTransport },
};

/** What discovery says of an application behind a server's proxy. */
export function meshed(
  ip: string,
  port: number,
  way: Way,
  identity = ORDERS,
): MessageInitShape<typeof WeightedAddrSchema> {
  const name = { name: identity };
  return {
    addr: tcpAddress(`${ip}:${port}`),
    weight: 1,
    metricLabels: { pod: 'orders-0' },
    tlsIdentity: { strategy: { case: 'dnsLikeIdentity', value: name }, serverName: name },
    protocolHint: hints[way],
  };
}

export const addMeshed = (...addrs: MessageInitShape<typeof WeightedAddrSchema>[]): Update =>
  create(UpdateSchema, { update: { case: 'add', value: { addrs } } });

export interface PairOptions {
  readonly clientEnv?: Record<string, string>;
  readonly serverEnv?: Record<string, string>;
  /** Called with each control plane before its proxy starts. */
  readonly prepare?: (controlPlane: ControlPlane) => void;
}

/** Where a client in the client's pod connects to. */
export interface Service {
  readonly ip: string;
  readonly port: number;
  /** `name:port`, by which its endpoints are asked for. */
  readonly path: string;
}

/** Two pods of one mesh, each with its control plane and a proxy of its make: web calls, orders is called. */
export class MeshPair {
  readonly client: ProxyWorld;
  readonly server: ProxyWorld;
  #services = 0;

  private constructor(client: ProxyWorld, server: ProxyWorld) {
    this.client = client;
    this.server = server;
  }

  static async start(
    { client, server }: Makes,
    { clientEnv = {}, serverEnv = {}, prepare }: PairOptions = {},
  ): Promise<MeshPair> {
    const serving = await ProxyWorld.start(serverEnv, prepare, { program: server });
    try {
      const { root } = serving.controlPlane;
      const env = { IDENTITY_LOCAL_NAME: WEB, ...clientEnv };
      const calling = await ProxyWorld.start(env, prepare, { program: client, root });
      calling.pod.join(serving.pod);
      return new MeshPair(calling, serving);
    } catch (error) {
      await serving.stop();
      throw error;
    }
  }

  /** A new service in front of an application that listens on this port of the server's side. */
  serve(appPort: number, way: Way): Service {
    const ip = this.client.pod.service(1);
    const port = 8000 + this.#services++;
    const path = `orders-${port}.shop.svc.cluster.local:${port}`;
    const { controlPlane } = this.client;
    controlPlane.endpoints(path).set(addMeshed(meshed(this.server.pod.podIp, appPort, way)));
    controlPlane.outbound(`${ip}:${port}`).set(way === 'opaque' ? toOpaqueService(path) : toService(path));
    return { ip, port, path };
  }

  /** Another pod of orders. Who starts it stops it. */
  async secondServer(program: ProxyProgram): Promise<ProxyWorld> {
    const { root } = this.server.controlPlane;
    const second = await ProxyWorld.start({}, undefined, { program, root });
    this.client.pod.join(second.pod);
    return second;
  }

  async stop(): Promise<void> {
    await this.client.stop();
    await this.server.stop();
  }
}

function toOpaqueService(path: string) {
  const [name = ''] = path.split('.');
  return opaquePolicy(name, {
    metadata: resource('Service', name),
    rules: [{ backends: first(balanced(path)) }],
  });
}
