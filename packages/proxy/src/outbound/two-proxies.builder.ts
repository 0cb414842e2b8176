import type { Endpoint, OutboundPolicy } from '@weft/policy';
import { type App, InboundWorld } from '../inbound/inbound-server.builder.ts';
import { credentialsOf, issuer, WEB } from '../tls/mesh-tls.builder.ts';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { socketPair } from '../transport/socket-pair.builder.ts';
import { meshedEndpoint } from './backends.builder.ts';
import { FakeDiscovered, outboundWorld } from './outbound.builder.ts';

export interface Connected {
  readonly connection: SocketConnection;
  readonly heard: RecordingHandler;
  send(text: string): void;
}

/** The pod of orders with its proxy, and the outbound side of the proxy of web. */
export class TwoProxies {
  readonly orders: InboundWorld;
  readonly web = outboundWorld({ credentials: credentialsOf(issuer.certify(WEB)) });
  readonly #open: { close(): void }[] = [];
  readonly #served: Promise<void>[] = [];

  private constructor(orders: InboundWorld) {
    this.orders = orders;
  }

  static async start(): Promise<TwoProxies> {
    return new TwoProxies(await InboundWorld.start());
  }

  /** The application of orders, as discovery tells web of it. */
  async serve(
    starting: Promise<App>,
    over: Partial<Endpoint> = {},
  ): Promise<{ app: App; endpoint: Endpoint }> {
    const app = await this.orders.app(starting);
    // Connections come to the port of the proxy, with a header that says where they go.
    this.orders.target = { ip: '127.0.0.1', port: this.orders.config.inbound.listen.port };
    const inboundPort = this.orders.address.port;
    const endpoint = meshedEndpoint('127.0.0.1', app.port, { inboundPort, protocolHint: 'h2', ...over });
    return { app, endpoint };
  }

  /** Connections of web's application under one policy, and what comes back on them. */
  async connect(policy: OutboundPolicy, count = 1): Promise<Connected[]> {
    const discovered = new FakeDiscovered(policy);
    const server = this.web.server(async () => discovered);
    const connecting = Array.from({ length: count }, async () => {
      const pair = await socketPair();
      const heard = new RecordingHandler();
      pair.client.handler = heard;
      this.#open.push(pair);
      this.#served.push(server.accept(pair.server, { ip: '10.0.0.1', port: 80 }));
      const send = (text: string) => void pair.client.write(Buffer.from(text, 'latin1'));
      return { connection: pair.client, heard, send };
    });
    return Promise.all(connecting);
  }

  metrics(...having: string[]): string[] {
    const lines = this.web.registry.render(0).split('\n');
    return lines.filter((line) => !line.startsWith('#') && having.every((text) => line.includes(text)));
  }

  async close(): Promise<void> {
    for (const each of this.#open) each.close();
    await Promise.all(this.#served);
    // What is not used for that long is let go of, and with it the connections to orders.
    this.web.clock.advance(5000);
    this.orders.close();
  }
}
