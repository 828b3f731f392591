import type { Probe } from "../probe";
import { certificate } from "./certificate";
import { container } from "./container";
import { containerSharers } from "./container-sharers";
import { credentials } from "./credentials";
import { engine } from "./engine";
import { gatewayContainer } from "./gateway-container";
import { guideCommand } from "./guide-command";
import { home } from "./home";
import { homeRecords } from "./home-records";
import { homeVolume } from "./home-volume";
import { image } from "./image";
import { joinedHost } from "./joined-host";
import { key } from "./key";
import { loopback } from "./loopback";
import { network } from "./network";
import { openclawArtifacts } from "./openclaw-artifacts";
import { openclawFolder } from "./openclaw-folder";
import { openclawGateway } from "./openclaw-gateway";
import { openclawInclude } from "./openclaw-include";
import { openclawResolver } from "./openclaw-resolver";
import { schedules } from "./schedules";
import { secret } from "./secret";
import { settings } from "./settings";
import { shares } from "./shares";
import { state } from "./state";
import { vaultAccess } from "./vault-access";
import { vaultAttempts } from "./vault-attempts";
import { vaultAudit } from "./vault-audit";
import { vaultConfig } from "./vault-config";
import { vaultFiles } from "./vault-files";
import { vaultHosts } from "./vault-hosts";
import { vaultKv } from "./vault-kv";
import { vaultMounts } from "./vault-mounts";
import { vaultOthers } from "./vault-others";
import { vaultPolicies } from "./vault-policies";
import { vaultQuotas } from "./vault-quotas";
import { vaultRoles } from "./vault-roles";
import { vaultSecretIds } from "./vault-secret-ids";
import { vaultServer } from "./vault-server";
import { vaultTokens } from "./vault-tokens";
import { volumes } from "./volumes";

/**
 * Every probe, in the order of the report. The order matters: if several findings explain one, it goes under the first.
 */
export const probes: readonly Probe[] = [
  settings,
  state,
  volumes,
  network,
  container,
  containerSharers,
  image,
  loopback,
  engine,
  vaultServer,
  shares,
  schedules,
  certificate,
  vaultAudit,
  vaultMounts,
  vaultKv,
  vaultConfig,
  vaultQuotas,
  vaultPolicies,
  vaultRoles,
  vaultHosts,
  vaultSecretIds,
  vaultTokens,
  vaultAttempts,
  vaultAccess,
  secret,
  key,
  credentials,
  joinedHost,
  guideCommand,
  vaultFiles,
  homeVolume,
  openclawFolder,
  openclawArtifacts,
  openclawInclude,
  openclawGateway,
  openclawResolver,
  gatewayContainer,
  home,
  homeRecords,
  vaultOthers,
];
