/** Field lines, flat: name, value, name, value… Names are lower case, values the bytes of the wire as latin1. */
export type HeaderList = string[];
