/**
 * Text that Terraform takes as it stands: without this it would evaluate a `${…}` or `%{…}` in a user's own words. CDKTF's
 * tokens, which stand for values that Terraform will know later, stay what they are.
 */
export function literal(text: string): string {
  return text.replace(/[$%](?=\{(?!TfToken\[))/g, (sign) => sign + sign);
}
