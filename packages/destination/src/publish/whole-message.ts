/** A state that is told whole every time: its bytes. */
export interface WholeMessage {
  readonly bytes: Uint8Array;
}

/** The state of a newly encoded message; `last` itself when the bytes are the same. */
export function wholeMessage(bytes: Uint8Array, last: WholeMessage | undefined): WholeMessage {
  return last !== undefined && Buffer.compare(last.bytes, bytes) === 0 ? last : { bytes };
}

/** However far behind a reader is, the latest message brings it up to date. */
export function tellWhole(_from: WholeMessage | undefined, to: WholeMessage): readonly Uint8Array[] {
  return [to.bytes];
}
