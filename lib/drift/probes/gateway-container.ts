import { mountLines, socketMount } from "../../model/openclaw/gateway-container";
import { placeIn } from "../../openclaw/gateway/container";
import { gatewayContainerRecord } from "../../store/records/gateway-container-record";
import { drift, gone } from "../finding";
import { everyProbe } from "../probe";

/** Inspects the container of OpenClaw's gateway: its image, its user, and the mounts by which it gets the key. */
export const gatewayContainer = everyProbe("openclaw.container", async (context) => {
  const recorded = gatewayContainerRecord.read(context.home);
  if (!recorded || !context.deployed.gateway) return [];
  const { openclawFolder, socketVolume, external } = context.deployed;
  const subject = `container ${recorded.container}`;
  const now = await context.engine.api.inspectContainer(recorded.container);
  if (!now)
    return [
      gone("openclaw.container", "major", subject, {
        summary: "The container of OpenClaw's gateway is gone",
        fix: `Create it again, or set \`openclaw.container\` in the settings: ${recorded.container}`,
      }),
    ];
  const folder = placeIn(now, openclawFolder);
  const socket = now.Mounts.find(({ Name }) => Name === socketVolume);
  const socketText = socket && `${socket.Destination}${socket.RW ? "" : ", read-only"}`;
  const changed = (
    field: string,
    expected: string,
    actual: string,
    fix: string,
    severity: "major" | "minor" = "minor",
  ) =>
    actual !== expected &&
    drift(`openclaw.container:${field}`, severity, subject, {
      summary: "The container of OpenClaw's gateway differs from the one that was deployed for",
      compared: [expected, actual, field],
      fix,
      since: now.Created,
    });
  return [
    changed("image", recorded.image, now.Image, "If you updated it: openclaw-openrouter up"),
    changed("user", recorded.user, now.Config.User, "Run it as before, or: openclaw-openrouter up", "major"),
    changed(
      `mount of ${openclawFolder}`,
      recorded.folder,
      folder ?? "none",
      "Mount it there again, or: openclaw-openrouter up",
      "major",
    ),
    !external &&
      changed(
        `mount of ${socketVolume}`,
        `${socketMount}, read-only`,
        socketText ?? "none",
        mountLines(socketVolume),
        "major",
      ),
  ];
});
