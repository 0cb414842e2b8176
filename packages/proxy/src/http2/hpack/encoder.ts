import { encodeHuffman, huffmanLength } from './huffman.ts';
import { entryOverhead, staticTable } from './static-table.ts';

/** Names that a hop never passes on (RFC 9113 section 8.2.2). */
const connectionSpecific = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** Secrets: a table shared by many clients would let one guess those of another (RFC 7541 section 7.1). */
const sensitive = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);

/** A longer entry would push too much else out of a table of 4096 bytes. */
const maxIndexedSize = 1024;
const maxNames = 512;
const maxNameLength = 128;
const seenSlots = 128;

/** Room for the integers around one field, and for the size updates that may open a block. */
const fieldOverhead = 12;
const blockOverhead = 12;

/** What the static table has of one name: its index, and those of its values. */
interface StaticName {
  readonly index: number;
  readonly values: Map<string, number>;
}

const staticNames = new Map<string, StaticName>();
staticTable.forEach(([name, value], i) => {
  const known = staticNames.get(name) ?? { index: i + 1, values: new Map<string, number>() };
  if (value !== '') known.values.set(value, i + 1);
  staticNames.set(name, known);
});

const noBytes = Buffer.alloc(0);

/** What an encoder knows of one field name. */
class NameEntry {
  readonly name: string;
  /** Index of the name in the static table, or 0. */
  readonly staticIndex: number;
  readonly skipped: boolean;
  /** `te` may say `trailers` and nothing else. */
  readonly trailersOnly: boolean;
  readonly sensitive: boolean;
  /** Value → static index, or the negated sequence number of an entry of the dynamic table. */
  values: Map<string, number> | null = null;
  /** Sequence number of the newest dynamic entry of this name, 0 when there is none. */
  newest = 0;

  constructor(name: string) {
    const known = staticNames.get(name);
    this.name = name;
    this.staticIndex = known === undefined ? 0 : known.index;
    if (known !== undefined && known.values.size > 0) this.values = new Map(known.values);
    this.skipped = connectionSpecific.has(name);
    this.trailersOnly = name === 'te';
    this.sensitive = sensitive.has(name);
  }
}

/** Bytes that the fields of a flat list take at most, encoded. */
export function encodedBound(fields: readonly string[]): number {
  let bound = blockOverhead + (fields.length >> 1) * fieldOverhead;
  for (let i = 0; i < fields.length; i++) bound += fields[i].length;
  return bound;
}

/**
 * Encodes header blocks (RFC 7541). A value enters the dynamic table when it is seen for the second time, so
 * that values which never come back (ids, most paths) push nothing useful out of it.
 *
 * Use: `begin`, `field` for each field, then read `position`. The caller sees to it that the target has room
 * (`encodedBound`).
 */
export class HpackEncoder {
  /** Where the next byte goes. */
  position = 0;

  readonly #limit: number;
  readonly #names = new Map<string, NameEntry>();
  /** Entries of the dynamic table by sequence number modulo the number of slots. Made for the first. */
  #entries: (NameEntry | null)[] = [];
  #values: string[] = [];
  readonly #mask: number;
  /** Values seen lately, by a hash. Made for the first. */
  #seen: string[] = [];
  #target: Buffer = noBytes;
  #capacity: number;
  #size = 0;
  /** Sequence numbers of the newest and of the oldest entry; the table is empty when newest < oldest. */
  #newest = 0;
  #oldest = 1;
  #announced: number;
  /** The smallest capacity since the last block, which has to be announced as well. */
  #smallest: number;

  /** @param limit the largest table in bytes, whatever the peer allows */
  constructor(limit: number) {
    this.#limit = limit;
    this.#capacity = limit;
    this.#announced = limit;
    this.#smallest = limit;
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, limit / entryOverhead + 1)));
    this.#mask = slots - 1;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  setPeerTableSize(size: number): void {
    this.#capacity = Math.min(size, this.#limit);
    this.#smallest = Math.min(this.#smallest, this.#capacity);
    this.#evictTo(this.#capacity);
  }

  begin(target: Buffer, offset: number): void {
    this.#target = target;
    this.position = offset;
    if (this.#smallest === this.#announced && this.#capacity === this.#announced) return;
    if (this.#smallest < this.#capacity) this.#writeInteger(0x20, 0x1f, this.#smallest);
    this.#writeInteger(0x20, 0x1f, this.#capacity);
    this.#announced = this.#capacity;
    this.#smallest = this.#capacity;
  }

  field(name: string, value: string): void {
    const entry = this.#names.get(name) ?? this.#adopt(name);
    if (entry.skipped || (entry.trailersOnly && value !== 'trailers')) return;
    const known = entry.values === null ? undefined : entry.values.get(value);
    if (known !== undefined) {
      // Static indexes are positive; the newest dynamic entry has index 62.
      this.#writeInteger(0x80, 0x7f, known > 0 ? known : staticTable.length + 1 + this.#newest + known);
      return;
    }
    if (entry.sensitive) {
      this.#writeLiteral(0x10, 0x0f, entry, value, false);
    } else if (this.#isWorthIndexing(entry, value)) {
      this.#writeLiteral(0x40, 0x3f, entry, value, true);
      this.#insert(entry, value);
    } else {
      this.#writeLiteral(0x00, 0x0f, entry, value, true);
    }
  }

  #adopt(name: string): NameEntry {
    const entry = new NameEntry(name);
    if (this.#names.size < maxNames && name.length <= maxNameLength) this.#names.set(name, entry);
    return entry;
  }

  #isWorthIndexing(entry: NameEntry, value: string): boolean {
    const length = value.length;
    const size = entry.name.length + length + entryOverhead;
    if (size > maxIndexedSize || size > this.#capacity) return false;
    const last = length > 0 ? value.charCodeAt(length - 1) : 0;
    const middle = length > 0 ? value.charCodeAt(length >> 1) : 0;
    const slot = (entry.name.length * 7 + length * 31 + last * 5 + middle * 3) & (seenSlots - 1);
    if (this.#seen.length === 0) this.#seen = new Array<string>(seenSlots).fill('');
    if (this.#seen[slot] === value) return true;
    this.#seen[slot] = value;
    return false;
  }

  #insert(entry: NameEntry, value: string): void {
    const size = entry.name.length + value.length + entryOverhead;
    this.#evictTo(this.#capacity - size);
    if (this.#entries.length === 0) {
      this.#entries = new Array<NameEntry | null>(this.#mask + 1).fill(null);
      this.#values = new Array<string>(this.#mask + 1).fill('');
    }
    const sequence = ++this.#newest;
    this.#entries[sequence & this.#mask] = entry;
    this.#values[sequence & this.#mask] = value;
    this.#size += size;
    entry.values ??= new Map();
    entry.values.set(value, -sequence);
    entry.newest = sequence;
    if (!this.#names.has(entry.name)) this.#names.set(entry.name, entry);
  }

  #evictTo(size: number): void {
    while (this.#size > size && this.#oldest <= this.#newest) {
      const sequence = this.#oldest++;
      const slot = sequence & this.#mask;
      const entry = this.#entries[slot];
      const value = this.#values[slot];
      this.#entries[slot] = null;
      this.#values[slot] = '';
      if (entry === null || entry.values === null) continue;
      this.#size -= entry.name.length + value.length + entryOverhead;
      if (entry.values.get(value) === -sequence) entry.values.delete(value);
      if (entry.newest === sequence) entry.newest = 0;
      if (entry.staticIndex === 0 && entry.values.size === 0) this.#names.delete(entry.name);
    }
  }

  #writeLiteral(pattern: number, prefix: number, entry: NameEntry, value: string, packed: boolean): void {
    if (entry.staticIndex !== 0) {
      this.#writeInteger(pattern, prefix, entry.staticIndex);
    } else if (entry.newest !== 0) {
      this.#writeInteger(pattern, prefix, staticTable.length + 1 + this.#newest - entry.newest);
    } else {
      this.#target[this.position++] = pattern;
      this.#writeString(entry.name, true);
    }
    this.#writeString(value, packed);
  }

  #writeString(text: string, packed: boolean): void {
    const length = text.length;
    if (packed) {
      const coded = huffmanLength(text);
      if (coded < length) {
        this.#writeInteger(0x80, 0x7f, coded);
        this.position = encodeHuffman(text, this.#target, this.position);
        return;
      }
    }
    this.#writeInteger(0x00, 0x7f, length);
    this.#target.write(text, this.position, length, 'latin1');
    this.position += length;
  }

  #writeInteger(pattern: number, prefix: number, value: number): void {
    const target = this.#target;
    if (value < prefix) {
      target[this.position++] = pattern | value;
      return;
    }
    target[this.position++] = pattern | prefix;
    let rest = value - prefix;
    for (; rest >= 0x80; rest >>>= 7) target[this.position++] = (rest & 0x7f) | 0x80;
    target[this.position++] = rest;
  }
}
