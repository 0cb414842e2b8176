import { codeLengths, codes, endOfString } from './huffman-code.ts';

/**
 * The decoder walks the code tree four bits at a time. An entry holds the next node (bits 0–8), the octet
 * completed on the way (bits 9–16) and whether there is one (bit 17); the shortest code has five bits, so
 * there is never more than one. -1 marks a walk into the end-of-string symbol.
 */
const nodeMask = 0x1ff;
const octetShift = 9;
const emitBit = 1 << 17;

interface Tree {
  /** Two children a node: another inner node, or `~symbol`; 0 while unknown (the root is no child). */
  readonly children: Int32Array;
  readonly nodes: number;
}

function buildTree(): Tree {
  const children = new Int32Array(2 * endOfString);
  let nodes = 1;
  for (let symbol = 0; symbol <= endOfString; symbol++) {
    let node = 0;
    for (let bit = codeLengths[symbol] - 1; bit > 0; bit--) {
      const at = 2 * node + ((codes[symbol] >>> bit) & 1);
      if (children[at] === 0) children[at] = nodes++;
      node = children[at];
    }
    children[2 * node + (codes[symbol] & 1)] = ~symbol;
  }
  return { children, nodes };
}

function buildSteps({ children, nodes }: Tree): Int32Array {
  const steps = new Int32Array(nodes * 16);
  for (let start = 0; start < nodes; start++) {
    for (let nibble = 0; nibble < 16; nibble++) {
      let node = start;
      let emitted = 0;
      let failed = false;
      for (let bit = 3; bit >= 0; bit--) {
        const child = children[2 * node + ((nibble >>> bit) & 1)];
        if (child >= 0) {
          node = child;
        } else if (~child === endOfString) {
          failed = true;
          break;
        } else {
          emitted = emitBit | (~child << octetShift);
          node = 0;
        }
      }
      steps[start * 16 + nibble] = failed ? -1 : node | emitted;
    }
  }
  return steps;
}

/** Nodes at which a string may end: the root, and up to seven one-bits below it (RFC 7541 section 5.2). */
function findAccepting({ children, nodes }: Tree): Uint8Array {
  const accepting = new Uint8Array(nodes);
  for (let node = 0, depth = 0; depth <= 7; depth++, node = children[2 * node + 1]) accepting[node] = 1;
  return accepting;
}

const tree = buildTree();
const steps = buildSteps(tree);
const accepting = findAccepting(tree);

/** The most octets that so many octets of Huffman code can stand for. */
export function decodedBound(length: number): number {
  return Math.floor((length * 8) / 5);
}

/**
 * Decodes `source[start, end)` into `target`, which has room for `decodedBound(end - start)` octets.
 * Returns how many were written, or -1 when the code or its padding is wrong.
 */
export function decodeHuffman(source: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let node = 0;
  let written = 0;
  for (let i = start; i < end; i++) {
    const octet = source[i];
    let step = steps[(node << 4) | (octet >>> 4)];
    if (step < 0) return -1;
    if ((step & emitBit) !== 0) target[written++] = (step >>> octetShift) & 0xff;
    step = steps[((step & nodeMask) << 4) | (octet & 15)];
    if (step < 0) return -1;
    if ((step & emitBit) !== 0) target[written++] = (step >>> octetShift) & 0xff;
    node = step & nodeMask;
  }
  return accepting[node] === 1 ? written : -1;
}

/** Octets that the Huffman code of a latin1 text takes. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += codeLengths[text.charCodeAt(i) & 0xff];
  return (bits + 7) >>> 3;
}

/** Writes the Huffman code of a latin1 text and returns the position behind it. */
export function encodeHuffman(text: string, target: Uint8Array, offset: number): number {
  let at = offset;
  let pending = 0;
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    let length = codeLengths[symbol];
    let code = codes[symbol];
    if (length > 24) {
      // At most 7 bits are pending, so that 24 more fit 31 bits.
      const tail = length - 24;
      pending = (pending << 24) | (code >>> tail);
      bits += 24;
      while (bits >= 8) {
        bits -= 8;
        target[at++] = pending >>> bits;
      }
      pending &= (1 << bits) - 1;
      code &= (1 << tail) - 1;
      length = tail;
    }
    pending = (pending << length) | code;
    bits += length;
    while (bits >= 8) {
      bits -= 8;
      target[at++] = pending >>> bits;
    }
    pending &= (1 << bits) - 1;
  }
  if (bits > 0) target[at++] = (pending << (8 - bits)) | (0xff >>> bits);
  return at;
}
