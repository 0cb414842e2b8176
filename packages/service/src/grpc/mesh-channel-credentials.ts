import type { Socket } from 'node:net';
import { CallCredentials, ChannelCredentials, type experimental } from '@grpc/grpc-js';
import { type MeshTlsClientOptions, startMeshTls } from '../tls/mesh-tls-client.ts';

/** Mesh TLS for grpc-js clients, whose own TLS insists on ALPN and on checking host names. */
export class MeshChannelCredentials extends ChannelCredentials {
  readonly #options: MeshTlsClientOptions;

  constructor(options: MeshTlsClientOptions) {
    super();
    this.#options = options;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    _target: experimental.GrpcUri,
    _options: object,
    callCredentials?: CallCredentials,
  ): experimental.SecureConnector {
    return {
      connect: async (socket: Socket) => ({
        socket: await startMeshTls(socket, this.#options),
        secure: true,
      }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials ?? CallCredentials.createEmpty(),
      destroy: () => {},
    };
  }
}
