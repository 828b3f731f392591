/** Text that Terraform takes as it stands: without this it would evaluate a `${…}` or `%{…}` in a user's own words. */
export function literal(text: string): string {
  return text.replace(/[$%](?=\{)/g, (sign) => sign + sign);
}
