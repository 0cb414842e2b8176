/** RFC 9113 section 7. */
export const ErrorCode = {
  NoError: 0x0,
  ProtocolError: 0x1,
  InternalError: 0x2,
  FlowControlError: 0x3,
  SettingsTimeout: 0x4,
  StreamClosed: 0x5,
  FrameSizeError: 0x6,
  RefusedStream: 0x7,
  Cancel: 0x8,
  CompressionError: 0x9,
  ConnectError: 0xa,
  EnhanceYourCalm: 0xb,
  InadequateSecurity: 0xc,
  Http11Required: 0xd,
} as const;

const names = new Map<number, string>([
  [ErrorCode.NoError, 'NO_ERROR'],
  [ErrorCode.ProtocolError, 'PROTOCOL_ERROR'],
  [ErrorCode.InternalError, 'INTERNAL_ERROR'],
  [ErrorCode.FlowControlError, 'FLOW_CONTROL_ERROR'],
  [ErrorCode.SettingsTimeout, 'SETTINGS_TIMEOUT'],
  [ErrorCode.StreamClosed, 'STREAM_CLOSED'],
  [ErrorCode.FrameSizeError, 'FRAME_SIZE_ERROR'],
  [ErrorCode.RefusedStream, 'REFUSED_STREAM'],
  [ErrorCode.Cancel, 'CANCEL'],
  [ErrorCode.CompressionError, 'COMPRESSION_ERROR'],
  [ErrorCode.ConnectError, 'CONNECT_ERROR'],
  [ErrorCode.EnhanceYourCalm, 'ENHANCE_YOUR_CALM'],
  [ErrorCode.InadequateSecurity, 'INADEQUATE_SECURITY'],
  [ErrorCode.Http11Required, 'HTTP_1_1_REQUIRED'],
]);

/** The code as the RFC writes it, `0x…` when it is none of the RFC's. */
export function errorCodeName(code: number): string {
  return names.get(code) ?? `0x${code.toString(16)}`;
}
