const dot = 46;

/** Dotted decimal to its 32 bits, unsigned; -1 for anything else. */
export function parseIpv4(text: string): number {
  let bits = 0;
  let octets = 0;
  let octet = -1;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === dot) {
      if (octet < 0 || octets === 3) return -1;
      bits = bits * 256 + octet;
      octets += 1;
      octet = -1;
      continue;
    }
    const digit = char - 48;
    // A leading zero would read as octal elsewhere.
    if (digit < 0 || digit > 9 || octet === 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return -1;
  }
  return octets === 3 && octet >= 0 ? bits * 256 + octet : -1;
}

export function formatIpv4(bits: number): string {
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}
