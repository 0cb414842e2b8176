import { matchResponseClass, type ResponseClass } from '@weft/policy';
import { getHeader } from './headers.ts';
import type { HeaderList, RequestHead, ResponseHead } from './message.ts';

/** Whether a response counts as a success, and with which gRPC status it is labelled. Common ones are one object each. */
export interface Classification {
  readonly classification: 'success' | 'failure';
  /** '' for what is not gRPC. */
  readonly grpcStatus: string;
}

const httpSuccess: Classification = { classification: 'success', grpcStatus: '' };
const httpFailure: Classification = { classification: 'failure', grpcStatus: '' };
const unknownGrpc: Classification = { classification: 'success', grpcStatus: '2' };

/** UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const grpcFailures: ReadonlySet<string> = new Set(['2', '4', '7', '13', '14', '15']);

export function isGrpcRequest(request: RequestHead): boolean {
  return getHeader(request.headers, 'content-type')?.startsWith('application/grpc') ?? false;
}

/** The default rule: gRPC by its status (missing counts as success labelled 2), HTTP fails from 500. */
export function classify(grpc: boolean, response: ResponseHead, trailers: HeaderList | null): Classification {
  if (!grpc) return response.status >= 500 ? httpFailure : httpSuccess;
  const status = grpcStatusOf(response, trailers);
  return status === undefined ? unknownGrpc : grpcClassification(status);
}

/**
 * By the response classes of a profile's route: the first that fits the status says; without one the gRPC
 * status decides, wherever there is one, and 5xx fails.
 */
export function classifyByClasses(
  classes: readonly ResponseClass[],
  response: ResponseHead,
  trailers: HeaderList | null,
): Classification {
  const matched = matchResponseClass(classes, response.status);
  if (matched !== null) return matched.failure ? httpFailure : httpSuccess;
  const status = grpcStatusOf(response, trailers);
  if (status !== undefined) return grpcClassification(status);
  return response.status >= 500 && response.status <= 599 ? httpFailure : httpSuccess;
}

/** Of the codes that gRPC defines. */
const grpcClassifications: ReadonlyMap<string, Classification> = new Map(
  Array.from({ length: 17 }, (_, code) => [String(code), newClassification(String(code))]),
);

function grpcClassification(status: string): Classification {
  return grpcClassifications.get(status) ?? newClassification(status);
}

function newClassification(status: string): Classification {
  return { classification: grpcFailures.has(status) ? 'failure' : 'success', grpcStatus: status };
}

/** grpc-status from the head or the trailers; undefined when there is none, or none that is a number. */
export function grpcStatusOf(response: ResponseHead, trailers: HeaderList | null): string | undefined {
  const text =
    getHeader(response.headers, 'grpc-status') ??
    (trailers === null ? undefined : getHeader(trailers, 'grpc-status'));
  return text !== undefined && /^\d{1,4}$/.test(text) ? text : undefined;
}
