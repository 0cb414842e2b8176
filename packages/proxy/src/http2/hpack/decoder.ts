import { compressionError } from '../http2-error.ts';
import { classifyField, classifyName, FieldKind } from './field-kind.ts';
import { decodedBound, decodeHuffman } from './huffman.ts';
import { entryOverhead, staticTable } from './static-table.ts';

const staticNames = ['', ...staticTable.map(([name]) => name)];
const staticValues = ['', ...staticTable.map(([, value]) => value)];
const staticNameKinds = staticNames.map(classifyName);
const staticKinds = staticNames.map((name, i) => classifyField(staticNameKinds[i], name, staticValues[i]));
const firstDynamic = staticNames.length;

/** Longer than any integer of a legitimate peer; far from overflowing a small integer. */
const maxInteger = 1 << 24;

const sharedScratch = Buffer.allocUnsafeSlow(4096);

/** The dynamic table of the decoding side: a ring of entries, the newest at `newest`. */
class DecoderTable {
  readonly #limit: number;
  readonly #mask: number;
  /** Made for the first entry. */
  #names: string[] = [];
  #values: string[] = [];
  #kinds: number[] = [];
  #capacity: number;
  #size = 0;
  #count = 0;
  #newest = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#capacity = limit;
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, limit / entryOverhead + 1)));
    this.#mask = slots - 1;
  }

  /** The slot of an index counted from 0 for the newest entry. */
  slot(index: number): number {
    if (index >= this.#count) throw compressionError('index beyond the dynamic table');
    return (this.#newest - index) & this.#mask;
  }

  name(slot: number): string {
    return this.#names[slot];
  }

  value(slot: number): string {
    return this.#values[slot];
  }

  kind(slot: number): number {
    return this.#kinds[slot];
  }

  resize(capacity: number): void {
    if (capacity > this.#limit) throw compressionError('dynamic table size above the limit in settings');
    this.#capacity = capacity;
    this.#evictTo(capacity);
  }

  insert(name: string, value: string, kind: number): void {
    const size = name.length + value.length + entryOverhead;
    this.#evictTo(this.#capacity - size);
    if (size > this.#capacity) return;
    if (this.#names.length === 0) this.#allocate();
    this.#newest = (this.#newest + 1) & this.#mask;
    this.#names[this.#newest] = name;
    this.#values[this.#newest] = value;
    this.#kinds[this.#newest] = kind;
    this.#size += size;
    this.#count++;
  }

  #allocate(): void {
    const slots = this.#mask + 1;
    this.#names = new Array<string>(slots).fill('');
    this.#values = new Array<string>(slots).fill('');
    this.#kinds = new Array<number>(slots).fill(FieldKind.Regular);
  }

  #evictTo(size: number): void {
    while (this.#size > size && this.#count > 0) {
      const oldest = (this.#newest - this.#count + 1) & this.#mask;
      this.#size -= this.#names[oldest].length + this.#values[oldest].length + entryOverhead;
      this.#names[oldest] = '';
      this.#values[oldest] = '';
      this.#count--;
    }
  }
}

/**
 * Decodes header blocks (RFC 7541). The result of `decode` lies in `fields` (flat: name, value, …) and
 * `kinds` (one for each field), both valid up to `count` until the next block.
 */
export class HpackDecoder {
  readonly fields: string[] = [];
  readonly kinds: number[] = [];
  count = 0;
  /** The list was larger than allowed: the rest was decoded for the table's sake and then forgotten. */
  tooLarge = false;

  readonly #maxListSize: number;
  readonly #table: DecoderTable;
  #listSize = 0;
  #block: Buffer = sharedScratch;
  #at = 0;
  #end = 0;

  /**
   * @param maxListSize bytes of names and values, each field with 32 more (RFC 9113 section 6.5.2)
   * @param tableSize bytes, the SETTINGS_HEADER_TABLE_SIZE told to the peer
   */
  constructor(maxListSize: number, tableSize: number) {
    this.#maxListSize = maxListSize;
    this.#table = new DecoderTable(tableSize);
  }

  /** Decodes one complete block in `block[start, end)`. Throws Http2Error COMPRESSION_ERROR. */
  decode(block: Buffer, start: number, end: number): void {
    this.#block = block;
    this.#at = start;
    this.#end = end;
    this.count = 0;
    this.tooLarge = false;
    this.#listSize = 0;
    this.#readTableSizes();
    while (this.#at < end) this.#readField(block[this.#at]);
    this.#block = sharedScratch;
  }

  /** Size updates stand at the start of a block, at most two (RFC 7541 section 4.2). */
  #readTableSizes(): void {
    for (let updates = 0; this.#at < this.#end && (this.#block[this.#at] & 0xe0) === 0x20; updates++) {
      if (updates === 2) throw compressionError('too many dynamic table size updates');
      this.#table.resize(this.#readInteger(0x1f));
    }
  }

  #readField(first: number): void {
    if ((first & 0x80) !== 0) {
      this.#readIndexed();
    } else if ((first & 0x40) !== 0) {
      this.#readLiteral(0x3f, true);
    } else if ((first & 0x20) === 0) {
      this.#readLiteral(0x0f, false);
    } else {
      throw compressionError('dynamic table size update inside a header block');
    }
  }

  #readIndexed(): void {
    const index = this.#readInteger(0x7f);
    if (index < firstDynamic) {
      if (index === 0) throw compressionError('index 0');
      this.#emit(staticNames[index], staticValues[index], staticKinds[index]);
      return;
    }
    const slot = this.#table.slot(index - firstDynamic);
    this.#emit(this.#table.name(slot), this.#table.value(slot), this.#table.kind(slot));
  }

  #readLiteral(prefix: number, indexed: boolean): void {
    const index = this.#readInteger(prefix);
    let name: string;
    let nameKind: number;
    if (index === 0) {
      name = this.#readString();
      nameKind = classifyName(name);
    } else if (index < firstDynamic) {
      name = staticNames[index];
      nameKind = staticNameKinds[index];
    } else {
      name = this.#table.name(this.#table.slot(index - firstDynamic));
      nameKind = classifyName(name);
    }
    const value = this.#readString();
    const kind = classifyField(nameKind, name, value);
    if (indexed) this.#table.insert(name, value, kind);
    this.#emit(name, value, kind);
  }

  #emit(name: string, value: string, kind: number): void {
    this.#listSize += name.length + value.length + entryOverhead;
    if (this.#listSize > this.#maxListSize) {
      this.tooLarge = true;
      return;
    }
    const i = this.count++;
    this.fields[2 * i] = name;
    this.fields[2 * i + 1] = value;
    this.kinds[i] = kind;
  }

  #readInteger(prefix: number): number {
    let value = this.#block[this.#at++] & prefix;
    if (value < prefix) return value;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end) throw compressionError('integer cut short');
      const octet = this.#block[this.#at++];
      value += (octet & 0x7f) << shift;
      if (value > maxInteger || shift > 21) throw compressionError('integer too large');
      if ((octet & 0x80) === 0) return value;
    }
  }

  #readString(): string {
    if (this.#at >= this.#end) throw compressionError('string cut short');
    const coded = (this.#block[this.#at] & 0x80) !== 0;
    const length = this.#readInteger(0x7f);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw compressionError('string cut short');
    this.#at = end;
    if (!coded) return this.#block.toString('latin1', start, end);
    const bound = decodedBound(length);
    const target = bound <= sharedScratch.length ? sharedScratch : Buffer.allocUnsafe(bound);
    const written = decodeHuffman(this.#block, start, end, target);
    if (written < 0) throw compressionError('invalid Huffman code');
    return target.toString('latin1', 0, written);
  }
}
