import { z } from 'zod';
import type { Known } from './known.ts';
import { resourceSchema } from './metadata.ts';

const parentRefSchema = z.looseObject({
  group: z.string().optional(),
  kind: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string(),
  port: z.int().optional(),
  sectionName: z.string().optional(),
});

/**
 * What all route kinds share: which parents they attach to. Rules are kept as written; whoever translates a
 * kind gives its rules a schema of their own.
 */
const routeShape = {
  spec: z.looseObject({
    parentRefs: z.array(parentRefSchema).default([]),
    hostnames: z.array(z.string()).default([]),
    rules: z.array(z.looseObject({})).default([]),
  }),
};

export const httpRouteSchema = resourceSchema('HTTPRoute', routeShape);
export const grpcRouteSchema = resourceSchema('GRPCRoute', routeShape);
export const tlsRouteSchema = resourceSchema('TLSRoute', routeShape);
export const tcpRouteSchema = resourceSchema('TCPRoute', routeShape);

export type HttpRoute = Known<z.output<typeof httpRouteSchema>>;
export type GrpcRoute = Known<z.output<typeof grpcRouteSchema>>;
export type TlsRoute = Known<z.output<typeof tlsRouteSchema>>;
export type TcpRoute = Known<z.output<typeof tcpRouteSchema>>;
