import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { requireTrusted } from "../files/trusted-path";

/**
 * The folder of installed parts, for all instances: `OPENCLAW_OPENROUTER_CACHE`, else `$XDG_CACHE_HOME/openclaw-openrouter`,
 * else `~/.cache/openclaw-openrouter`. All of its content can be re-created.
 * @throws UserError if another user can replace its content
 */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  const root = namedRoot(env);
  requireTrusted(root, "The cache, from which programs are run");
  return root;
}

function namedRoot(env: NodeJS.ProcessEnv): string {
  if (env.OPENCLAW_OPENROUTER_CACHE) return resolve(env.OPENCLAW_OPENROUTER_CACHE);
  // The XDG base directory specification requires that a relative path is ignored.
  const base = env.XDG_CACHE_HOME?.startsWith("/")
    ? env.XDG_CACHE_HOME
    : join(env.HOME || homedir(), ".cache");
  return join(base, "openclaw-openrouter");
}
