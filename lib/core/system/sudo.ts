/** Who had root run this command by sudo; undefined without sudo, or if root did. */
export function sudoCaller(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (process.getuid?.() !== 0 || !env.SUDO_USER) return undefined;
  return env.SUDO_USER === "root" || env.SUDO_UID === "0" ? undefined : env.SUDO_USER;
}
