import { defaultWindow, maxFrameSizeLimit, maxWindow, minFrameSizeLimit } from './frame.ts';
import { flowControlError, frameSizeError, protocolError } from './http2-error.ts';

/** RFC 9113 section 6.5.2. */
export const Setting = {
  HeaderTableSize: 0x1,
  EnablePush: 0x2,
  MaxConcurrentStreams: 0x3,
  InitialWindowSize: 0x4,
  MaxFrameSize: 0x5,
  MaxHeaderListSize: 0x6,
} as const;

/** What the peer has said about itself. */
export interface PeerSettings {
  /** Bytes. */
  headerTableSize: number;
  /** How many streams we may have open. */
  maxConcurrentStreams: number;
  /** Bytes, for each new stream. */
  initialWindow: number;
  /** Bytes of payload. */
  maxFrameSize: number;
}

/** Streams opened on trust, before the peer has said how many it takes (RFC 9113 section 6.5.2 names 100). */
const streamsOnTrust = 100;

/** What holds until the first SETTINGS frame. */
export function initialPeerSettings(): PeerSettings {
  return {
    headerTableSize: 4096,
    maxConcurrentStreams: streamsOnTrust,
    initialWindow: defaultWindow,
    maxFrameSize: minFrameSizeLimit,
  };
}

/** `peerIsServer`: a server may not offer to be pushed to. */
function applySetting(
  settings: PeerSettings,
  identifier: number,
  value: number,
  peerIsServer: boolean,
): void {
  switch (identifier) {
    case Setting.HeaderTableSize:
      settings.headerTableSize = value;
      return;
    case Setting.EnablePush:
      if (value > 1 || (value === 1 && peerIsServer)) throw protocolError(`SETTINGS_ENABLE_PUSH ${value}`);
      return;
    case Setting.MaxConcurrentStreams:
      settings.maxConcurrentStreams = value;
      return;
    case Setting.InitialWindowSize:
      if (value > maxWindow) throw flowControlError(`SETTINGS_INITIAL_WINDOW_SIZE ${value}`);
      settings.initialWindow = value;
      return;
    case Setting.MaxFrameSize:
      if (value < minFrameSizeLimit || value > maxFrameSizeLimit) {
        throw protocolError(`SETTINGS_MAX_FRAME_SIZE ${value}`);
      }
      settings.maxFrameSize = value;
      return;
    default:
      return;
  }
}

/** The first SETTINGS frame is about to be applied: what it does not limit is not limited. */
export function endTrust(settings: PeerSettings): void {
  settings.maxConcurrentStreams = Number.POSITIVE_INFINITY;
}

/** Applies the payload of a SETTINGS frame, `buffer[start, end)`. Throws Http2Error. */
export function applySettings(
  settings: PeerSettings,
  buffer: Buffer,
  start: number,
  end: number,
  peerIsServer: boolean,
): void {
  if ((end - start) % 6 !== 0) throw frameSizeError(`SETTINGS of ${end - start} bytes`);
  for (let at = start; at < end; at += 6) {
    applySetting(settings, buffer.readUInt16BE(at), buffer.readUInt32BE(at + 2), peerIsServer);
  }
}
