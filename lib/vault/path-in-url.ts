/** A path of Vault's as a URL has it. Names are people's own: a `#` or `?` in one would end the path. */
export function pathInUrl(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
