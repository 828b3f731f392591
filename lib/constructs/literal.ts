/**
 * Escapes a text so that Terraform does not evaluate a `${…}` or `%{…}` in it. CDKTF's tokens, which represent values known
 * only at apply, stay unchanged.
 */
export function literal(text: string): string {
  return text.replace(/[$%](?=\{(?!TfToken\[))/g, (sign) => sign + sign);
}
