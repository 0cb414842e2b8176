export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;

const tokenPunctuation = "!#$%&'*+-.^_`|~";
const hostPunctuation = "-._~!$&'()*+,;=%:[]";

const isAlphaNumeric = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);

function table(value: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => value(byte));
}

/** Bytes of a token (RFC 9110 section 5.6.2) mapped to their lower case; 0 for every other byte. */
export const tokenLower = table((byte) => {
  if (!isAlphaNumeric(byte) && !tokenPunctuation.includes(String.fromCharCode(byte))) return 0;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
});

/** 1 for the bytes of a field value (RFC 9110 section 5.5): HTAB, SP, VCHAR and obs-text. */
export const fieldByte = table((byte) => (byte === HTAB || (byte >= SP && byte !== 0x7f) ? 1 : 0));

/** 1 for the bytes a request target may hold here: visible ones but `#`, and obs-text, which is passed on. */
export const targetByte = table((byte) => (byte > SP && byte !== 0x7f && byte !== 0x23 ? 1 : 0));

/** 1 for the bytes of `uri-host [ ":" port ]` (RFC 3986 section 3.2.2). */
export const hostByte = table((byte) =>
  isAlphaNumeric(byte) || hostPunctuation.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** The value of a hexadecimal digit; 255 for every other byte. */
export const hexValue = table((byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? 255 : digit;
});
