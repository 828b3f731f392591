import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";

/** Every form in which a secret may hide: plain, URL-encoded, hexadecimal, and base64 at each of its three alignments. */
export function encodings(secret: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]).toString("base64");
    // The first characters hold bits of what stands before, the last ones of what comes after.
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + secret.length) * 8) / 6));
  });
  const url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [
    ...new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString("hex"), ...base64, ...url]),
  ];
}

/** Texts and files that are searched, by the name under which a find is told. */
export class Haystack {
  private readonly places = new Map<string, Buffer>();

  add(name: string, content: string | Buffer): void {
    this.places.set(name, Buffer.from(content));
  }

  /** All files below a folder; the members of those that are zips (Terraform's plans) as well. */
  addFolder(folder: string): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const content = readFileSync(path);
      this.add(path, content);
      if (content.subarray(0, 4).equals(Buffer.from("PK\x03\x04"))) this.addZip(path, content);
    }
  }

  get names(): string[] {
    return [...this.places.keys()];
  }

  /** Where any form of the secret lies. */
  find(secret: string): string[] {
    const forms = encodings(secret);
    return [...this.places]
      .filter(([, content]) => forms.some((form) => content.includes(form)))
      .map(([name]) => name);
  }

  private addZip(path: string, zip: Buffer): void {
    for (const { name, content } of zipMembers(zip)) this.add(`${path}!${name}`, content);
  }
}

/** Reads a zip by its central directory (APPNOTE 4.3.12). */
function* zipMembers(zip: Buffer): Generator<{ name: string; content: Buffer }> {
  const end = zip.lastIndexOf("PK\x05\x06");
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const local = zip.readUInt32LE(at + 42);
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString();
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const raw = zip.subarray(start, start + size);
    yield { name, content: method === 0 ? raw : inflateRawSync(raw) };
    at += 46 + nameLength + extra + comment;
  }
}
