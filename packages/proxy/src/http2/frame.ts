/** RFC 9113 section 6. */
export const FrameType = {
  Data: 0x0,
  Headers: 0x1,
  Priority: 0x2,
  RstStream: 0x3,
  Settings: 0x4,
  PushPromise: 0x5,
  Ping: 0x6,
  Goaway: 0x7,
  WindowUpdate: 0x8,
  Continuation: 0x9,
} as const;

export const Flag = {
  EndStream: 0x1,
  Ack: 0x1,
  EndHeaders: 0x4,
  Padded: 0x8,
  Priority: 0x20,
} as const;

export const frameHeaderSize = 9;

/** The smallest SETTINGS_MAX_FRAME_SIZE, in force until a peer says otherwise. */
export const minFrameSizeLimit = 16_384;
export const maxFrameSizeLimit = 16_777_215;

export const maxWindow = 0x7fff_ffff;
export const maxStreamId = 0x7fff_ffff;
export const defaultWindow = 65_535;

/** What a client sends before its first frame (RFC 9113 section 3.4). */
export const clientPreface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
