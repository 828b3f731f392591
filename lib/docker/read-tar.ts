/** A member of a tar while it is read. */
interface TarMember {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** The content, which must be read to its end before the next member. */
  readonly content: AsyncGenerator<Buffer, void>;
}

const block = 512;

/** The maximum length of the zeros at a tar's end, in bytes; no program writes more. */
const longestEnd = 1024 * 1024;

/**
 * Reads a tar as a stream: only plain files with known names, each once. It does not use a library, since that keeps a header
 * of any length in memory (PAX, GNU's long names) before it can be refused.
 * @param limits the known members, with the maximum size of each in bytes
 * @throws Error if it is damaged, incomplete, or contains anything else
 */
export async function readTar(
  bytes: AsyncIterable<Buffer>,
  limits: Readonly<Record<string, number>>,
  take: (member: TarMember) => Promise<void>,
): Promise<void> {
  const source = new Source(bytes);
  const seen = new Set<string>();
  try {
    for (;;) {
      const header = await source.exactly(block);
      if (header.every((byte) => byte === 0)) break;
      const { name, size } = parse(header);
      const limit = Object.hasOwn(limits, name) ? limits[name]! : undefined;
      if (limit === undefined || seen.has(name)) throw new Error("a member that is not to be there");
      if (size > limit) throw new Error(`${name} of ${size} bytes, ${limit} at most`);
      seen.add(name);
      await take({ name, size, content: source.next(size) });
      await source.exactly((block - (size % block)) % block);
    }
    await source.end();
  } finally {
    await source.close();
  }
}

function parse(header: Buffer): { name: string; size: number } {
  const stated = octal(header, 148, 8);
  const sum = header.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (sum !== stated) throw new Error("a header that is not what its checksum says");
  const type = header[156];
  const prefix = text(header, 345, 155);
  if ((type !== 0x30 && type !== 0) || prefix !== "") throw new Error("a member that is no plain file");
  return { name: text(header, 0, 100), size: octal(header, 124, 12) };
}

function text(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString("latin1");
}

function octal(header: Buffer, at: number, length: number): number {
  const digits = text(header, at, length).trim();
  if (!/^[0-7]{1,12}$/.test(digits)) throw new Error("a header with a number that is none");
  return Number.parseInt(digits, 8);
}

/** A stream of pieces that is read by number of bytes. */
class Source {
  private readonly pieces: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Buffer>) {
    this.pieces = bytes[Symbol.asyncIterator]();
  }

  /** The next `count` bytes, in pieces. */
  async *next(count: number): AsyncGenerator<Buffer, void> {
    let left = count;
    while (left > 0) {
      if (this.rest.length === 0 && !(await this.more()))
        throw new Error("an end in the middle: it was interrupted");
      const piece = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async exactly(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.next(count)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Verifies the end: a second block of zeros, and only zeros after it. */
  async end(): Promise<void> {
    let last: Buffer = await this.exactly(block);
    let length = 0;
    for (;;) {
      if (last.some((byte) => byte !== 0) || length > longestEnd) throw new Error("something after its end");
      length += last.length;
      if (this.rest.length === 0 && !(await this.more())) return;
      last = this.rest;
      this.rest = Buffer.alloc(0);
    }
  }

  async close(): Promise<void> {
    await this.pieces.return?.();
  }

  private async more(): Promise<boolean> {
    const { value, done } = await this.pieces.next();
    if (done) return false;
    this.rest = value;
    return true;
  }
}
