const HEAD = 5;

/** A gRPC message with its head: not compressed, and its length. */
export function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** How many whole messages these bytes hold. */
export function countMessages(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + HEAD <= bytes.length; count++) {
    at += HEAD + bytes.readUInt32BE(at + 1);
    if (at > bytes.length) break;
  }
  return count;
}
