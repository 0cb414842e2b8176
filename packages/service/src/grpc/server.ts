import type { AddressInfo } from 'node:net';
import type { DescMethod, DescMethodServerStreaming, DescMethodUnary, DescService } from '@bufbuild/protobuf';
import {
  Server,
  ServerCredentials,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Registry } from 'prom-client';
import type { ListenAddress } from '../config/values.ts';
import type { Logger } from '../log/logger.ts';
import type { MeshTlsOptions } from '../tls/mesh-tls-server.ts';
import type { Handlers, StreamHandler, UnaryHandler } from './handlers.ts';
import { defaultLimits, type GrpcLimits, grpcOptions } from './limits.ts';
import { Listener } from './listener.ts';
import { GrpcServerMetrics } from './metrics.ts';
import { OpenCalls } from './open-calls.ts';
import { rawService } from './service-definition.ts';
import { streamCallHandler } from './stream-call.ts';
import { unaryCallHandler } from './unary-call.ts';

export interface GrpcServerOptions {
  readonly logger: Logger;
  readonly registry: Registry;
  readonly limits?: Partial<GrpcLimits>;
}

/** Serves protobuf-es services over grpc-js, on any number of addresses. */
export class GrpcServer {
  readonly #logger: Logger;
  readonly #limits: GrpcLimits;
  readonly #metrics: GrpcServerMetrics;
  readonly #server: Server;
  readonly #calls = new OpenCalls();
  readonly #listeners: Listener[] = [];

  constructor(options: GrpcServerOptions) {
    this.#logger = options.logger;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#metrics = new GrpcServerMetrics(options.registry);
    this.#server = new Server(grpcOptions(this.#limits));
  }

  /** Calls begun so far. */
  get callsBegun(): number {
    return this.#metrics.callsBegun;
  }

  /** Serves every method of `service` by the handler of the same name. */
  serve<S extends DescService>(service: S, handlers: Handlers<S>): this {
    const implementation: UntypedServiceImplementation = {};
    for (const method of service.methods) {
      const handler: unknown = handlers[method.localName as keyof Handlers<S>];
      implementation[method.localName] = this.#callHandler(method, handler);
    }
    this.#server.addService(rawService(service), implementation);
    return this;
  }

  // Handlers<S> has paired method and handler; the pairing is lost where methods are walked by name.
  #callHandler(method: DescMethod, handler: unknown): UntypedHandleCall {
    const service = method.parent.typeName;
    const calls = this.#calls;
    const logger = this.#logger.child({ rpc: method.name });
    if (isUnary(method)) {
      const metrics = this.#metrics.forMethod('unary', service, method.name);
      return unaryCallHandler(method, handler as UnaryHandler<DescMethodUnary>, { calls, metrics, logger });
    }
    if (isServerStreaming(method)) {
      const metrics = this.#metrics.forMethod('server_stream', service, method.name);
      const { streams } = this.#metrics;
      return streamCallHandler(method, handler as StreamHandler<DescMethodServerStreaming>, {
        calls,
        metrics,
        streams,
        logger,
      });
    }
    throw new Error(`${service}/${method.name}: client streaming is not served`);
  }

  /** Listens with mesh TLS, or in plain text without `tls`. Returns the address the system gave. */
  async listen(address: ListenAddress, tls?: MeshTlsOptions): Promise<AddressInfo> {
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    const listener = new Listener({
      tls,
      limits: this.#limits,
      metrics: this.#metrics,
      logger: this.#logger,
      onConnection: (connection) => injector.injectConnection(connection),
    });
    const bound = await listener.listen(address);
    this.#listeners.push(listener);
    return bound;
  }

  /**
   * Accepts nothing new, ends every stream with OK, lets unary calls finish and closes the connections.
   * When `signal` aborts first, whatever is left is cut off.
   */
  async drain(signal: AbortSignal): Promise<void> {
    for (const listener of this.#listeners) listener.stop();
    this.#calls.endStreams();
    // It calls back before the last frames have left, so the connections themselves are waited for.
    this.#server.tryShutdown(() => {});
    await Promise.all(this.#listeners.map((listener) => listener.drained(signal)));
    this.#calls.abort();
    this.#server.forceShutdown();
    for (const listener of this.#listeners) listener.destroyConnections();
  }
}

function isUnary(method: DescMethod): method is DescMethod & DescMethodUnary {
  return method.methodKind === 'unary';
}

function isServerStreaming(method: DescMethod): method is DescMethod & DescMethodServerStreaming {
  return method.methodKind === 'server_streaming';
}
