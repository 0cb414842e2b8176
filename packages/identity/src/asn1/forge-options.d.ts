import 'node-forge';

// What @types/node-forge leaves out.
declare module 'node-forge' {
  namespace asn1 {
    function fromDer(
      bytes: Bytes | util.ByteBuffer,
      options: { strict: boolean; parseAllBytes: boolean; decodeBitStrings: boolean },
    ): Asn1;
  }
}
