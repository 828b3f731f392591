import { createHash } from "node:crypto";

const block = 512;

/** A member of a tar as nobody's program would write it. */
export interface ForgedMember {
  readonly name: string;
  readonly content?: Buffer | string;
  /** As in a header: `0` a file, `2` a link, `3` a device, `6` a pipe, `x` PAX. @default "0" */
  readonly type?: string;
  readonly link?: string;
  readonly prefix?: string;
  /** What the header says instead of the content's length. */
  readonly size?: number;
}

/** A tar of any members, with headers whose checksums are right. */
export function forgedTar(members: readonly ForgedMember[]): Buffer {
  return Buffer.concat([...members.flatMap(memberOf), Buffer.alloc(2 * block)]);
}

function memberOf({ name, content = "", type = "0", link = "", prefix = "", size }: ForgedMember): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(block);
  header.write(name.slice(0, 100), 0);
  header.write("0000600\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${(size ?? bytes.length).toString(8).padStart(11, "0")}\0`.slice(-12), 124);
  header.write("00000000000\0", 136);
  header.write(type, 156);
  header.write(link.slice(0, 100), 157);
  header.write("ustar\x0000", 257, "latin1");
  header.write(prefix.slice(0, 155), 345);
  return [withSum(header), bytes, Buffer.alloc((block - (bytes.length % block)) % block)];
}

/** The same header with the checksum that it should have. */
export function withSum(header: Buffer): Buffer {
  header.write("        ", 148);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** The same members, and a list of checksums that is right: they are anybody's to write. */
export function withSums(members: readonly ForgedMember[], more = ""): ForgedMember[] {
  const lines = members.map(
    ({ name, content = "" }) => `${createHash("sha256").update(content).digest("hex")}  ${name}\n`,
  );
  return [...members, { name: "SHA256SUMS", content: lines.join("") + more }];
}
