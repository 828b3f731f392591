import { attempt } from "../../core/attempt";
import { openclawNames, openclawPaths } from "../../model/openclaw/openclaw-paths";
import { Includes } from "../folder/includes";
import type { UsersFolder } from "../folder/users-folder";
import { textOf } from "../plain-file";
import { mergedConfig, type Placed } from "./merged-config";
import { configuresProxy, withVariables } from "./variables";

/** The gateway's configuration as the gateway merges it. */
interface GatewayConfig {
  readonly config: Placed;
  /** The same, with the values of its variables. */
  readonly resolved: Placed;
  /** Whether it names a proxy for the gateway's calls, or `.env` beside it does. */
  readonly configuresProxy: boolean;
  /** The included files that were not read: the reason by path. */
  readonly unread: ReadonlyMap<string, string>;
}

/**
 * Reads openclaw.json with all that it includes.
 * @returns undefined if there is none
 * @throws Error if it cannot be read or parsed
 */
export function readGatewayConfig(folder: UsersFolder): GatewayConfig | undefined {
  const file = folder.read(openclawNames.gateway);
  if (!file) return undefined;
  const includes = new Includes(folder);
  const path = openclawPaths(folder.path).gateway;
  const config = mergedConfig(path, textOf(file, path), includes.text);
  const dotEnv = attempt(() => folder.read(".env")?.bytes.toString("utf8"));
  const resolved = withVariables(config, dotEnv);
  return {
    ...{ config, resolved, unread: includes.unread },
    configuresProxy: configuresProxy(resolved, dotEnv),
  };
}
