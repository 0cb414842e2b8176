import { ErrorCode, errorCodeName } from './error-code.ts';

/** What a peer did to a connection or a stream, as counted by the metrics. */
export type Http2Offence =
  | 'protocol'
  | 'frame_size'
  | 'flow_control'
  | 'compression'
  | 'malformed_message'
  | 'header_list_too_large'
  | 'header_block_too_large'
  | 'header_block_late'
  | 'continuation_flood'
  | 'control_flood'
  | 'empty_data_flood'
  | 'rapid_reset'
  | 'too_many_streams'
  | 'too_many_informational'
  | 'stream_queue_full'
  | 'write_queue_full'
  | 'keep_alive_timeout'
  /** No offence of the peer's: a failure of ours in the middle of a frame. */
  | 'internal';

/** A failure of a whole connection, ended with GOAWAY. */
export class Http2Error extends Error {
  /** The code of GOAWAY (RFC 9113 section 7). */
  readonly code: number;
  readonly offence: Http2Offence;

  constructor(code: number, offence: Http2Offence, reason: string) {
    super(`HTTP/2 ${errorCodeName(code)}: ${reason}`);
    this.name = 'Http2Error';
    this.code = code;
    this.offence = offence;
  }
}

export function protocolError(reason: string): Http2Error {
  return new Http2Error(ErrorCode.ProtocolError, 'protocol', reason);
}

export function frameSizeError(reason: string): Http2Error {
  return new Http2Error(ErrorCode.FrameSizeError, 'frame_size', reason);
}

export function flowControlError(reason: string): Http2Error {
  return new Http2Error(ErrorCode.FlowControlError, 'flow_control', reason);
}

export function compressionError(reason: string): Http2Error {
  return new Http2Error(ErrorCode.CompressionError, 'compression', reason);
}

export function enhanceYourCalm(offence: Http2Offence, reason: string): Http2Error {
  return new Http2Error(ErrorCode.EnhanceYourCalm, offence, reason);
}

/** Anything thrown while frames are read; what is no Http2Error is our own failure, kept as the cause. */
export function asHttp2Error(error: unknown): Http2Error {
  if (error instanceof Http2Error) return error;
  const internal = new Http2Error(ErrorCode.InternalError, 'internal', 'internal failure');
  internal.cause = error;
  return internal;
}
