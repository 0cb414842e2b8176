/** Where the pods of a soak listen. */
export const ports = {
  /** HTTP/1. */
  http: 8080,
  /** HTTP/1, for those alone whom the policy names at the moment. */
  guarded: 8081,
  /** HTTP/1, for nobody in this mesh. */
  closed: 8082,
  /** gRPC. */
  grpc: 9090,
  /** Bytes that come back as they are; annotated as opaque. */
  opaque: 7000,
  /** The same; that it is not HTTP is for the proxy to find out. */
  tcp: 7001,
  /** Whether the pod may be sent traffic. */
  health: 8088,
} as const;

export const grpcMethods = {
  unary: '/soak.Echo/Unary',
  stream: '/soak.Echo/Stream',
} as const;

/** What one streaming call answers. */
export const streamed = { messages: 5, everyMs: 100 } as const;

/** What a request for `/slow` answers; long enough to be left in the middle. */
export const slow = { parts: 20, everyMs: 50, partBytes: 16_384 } as const;

/** Ends in order on SIGTERM; what is under way gets the time that a pod has. */
export function onShutdown(close: () => void): void {
  process.once('SIGTERM', () => {
    close();
    setTimeout(() => process.exit(0), 2000);
  });
}
