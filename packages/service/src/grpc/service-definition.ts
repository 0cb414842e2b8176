import { type DescMethod, type DescService, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';
import { ServiceError } from '../service-error.ts';

/** Bytes in, bytes out: messages are decoded and encoded by the adapter, so that its answers may come encoded. */
export type RawMethod = MethodDefinition<Uint8Array, Uint8Array>;

export function rawMethod(method: DescMethod): RawMethod {
  return {
    path: methodPath(method),
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: asBuffer,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: asBuffer,
    responseDeserialize: (bytes) => bytes,
  };
}

export function rawService(service: DescService): Record<string, RawMethod> {
  return Object.fromEntries(service.methods.map((method) => [method.localName, rawMethod(method)]));
}

export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** @throws ServiceError `internal`, as Go's gRPC answers bytes that are no message. */
export function decodeRequest<M extends DescMethod>(method: M, bytes: Uint8Array): MessageShape<M['input']> {
  try {
    return fromBinary(method.input as M['input'], bytes);
  } catch (cause) {
    throw new ServiceError('internal', `request is no ${method.input.typeName}`, { cause });
  }
}

/** The same memory, as the type grpc-js wants. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
