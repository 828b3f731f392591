import { X509Certificate } from "node:crypto";
import { readTextIfThere } from "./files";

/** The certificates of a PEM file; none if the file is missing or one of them cannot be read. */
export function readCertificates(path: string): X509Certificate[] {
  const blocks = (readTextIfThere(path) ?? "").match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  );
  try {
    return (blocks ?? []).map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}
