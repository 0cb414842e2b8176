import type { InjectionToken } from '@nestjs/common';

/** What `ServiceModule` provides to every module of a service: the values for `inject`. */
export const LOGGER: InjectionToken = Symbol('Logger');
export const REGISTRY: InjectionToken = Symbol('Registry');
export const READINESS: InjectionToken = Symbol('Readiness');
export const SHUTDOWN: InjectionToken = Symbol('Shutdown');
export const ADMIN_SERVER: InjectionToken = Symbol('AdminServer');
export const GRPC_SERVER: InjectionToken = Symbol('GrpcServer');
