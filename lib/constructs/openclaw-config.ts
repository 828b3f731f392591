import { join } from "node:path";
import { File } from "@cdktf/provider-local/lib/file";
import { type DataResource, type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { defined } from "../core/defined";
import { sha256 } from "../core/fingerprint";
import { type ArtifactName, artifactNames } from "../model/openclaw/openclaw";
import type { GatewayParameters } from "../model/run-parameters";
import { literal } from "./literal";
import { requireAlone, requirePath, requireThat } from "./require";
import { runStep } from "./run-step";

export interface OpenClawConfigProps {
  /** The instance directory, into whose folder `rendered` the artifacts are written. */
  readonly home: string;
  /** OpenClaw's configuration folder, into which the installer places them: an absolute path. */
  readonly folder: string;
  /** The user who runs OpenClaw and owns the placed files. @default the user who deploys */
  readonly user?: string;
  /** The Node that runs OpenClaw and the resolver: an absolute path. @default found by the installer */
  readonly node?: string;
  /** CA certificates that verify Vault's certificate: an absolute path. @default none, for a Vault that serves plain HTTP */
  readonly caFile?: string;
  /**
   * The container in which the gateway runs: its folder and Node as the container has them, and Vault's address as it reaches it.
   * @default the gateway runs on this host
   */
  readonly gateway?: GatewayParameters;
  /** The text of each artifact. See `renderArtifacts`. */
  readonly artifacts: Readonly<Record<ArtifactName, string>>;
  /** Resources to create first, such as the secret that the artifacts refer to. */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * OpenClaw's artifacts: Terraform owns what is rendered, in the instance directory; the installer places it in the user's
 * folder. A user's own path is never a `local_file`, which would overwrite it and delete it with the stack. One in a stack.
 */
export class OpenClawConfig extends Construct {
  /** Changes with the text of any artifact. */
  readonly hash: string;
  /** Complete when the artifacts are in place. */
  readonly installed: DataResource;

  constructor(scope: Construct, id: string, props: OpenClawConfigProps) {
    super(scope, id);
    // The installer of one would stand beside the files of the other, which can be the same: see `runStep`.
    requireAlone(
      this,
      OpenClawConfig,
      "one OpenClawConfig a stack, so declare this one in a stack of its own",
    );
    for (const name of ["folder", "home"] as const) requirePath(this, name, props[name]);
    for (const name of ["node", "caFile"] as const) {
      const path = props[name];
      if (path !== undefined) requirePath(this, name, path);
    }
    const texts = artifactNames.map((name) => props.artifacts[name]);
    for (const [index, text] of texts.entries())
      requireThat(
        this,
        typeof text === "string",
        `artifacts.${artifactNames[index]}`,
        text,
        "its text, as `renderArtifacts` gives it",
      );
    const files = artifactNames.map(
      (name) =>
        new File(this, name, {
          filename: literal(join(props.home, "rendered", name)),
          content: literal(props.artifacts[name]),
          filePermission: "0600",
          directoryPermission: "0700",
          dependsOn: [...(props.dependsOn ?? [])],
        }),
    );
    // The digest of a token would be that of its placeholder, which says nothing of the text.
    this.hash = texts.some(Token.isUnresolved)
      ? files.map(({ contentSha256 }) => contentSha256).join(" ")
      : sha256(texts.join("\0"));
    const { home, folder, user, node, caFile, gateway } = props;
    this.installed = runStep(this, "install", {
      step: "install",
      parameters: { home, folder, ...defined({ user, node, caFile, gateway }) },
      triggers: [
        this.hash,
        folder,
        // No hash of the CA's file: the commands that renew it also place it.
        ...[user, node, caFile, gateway && JSON.stringify(gateway)].filter((value) => value !== undefined),
      ],
      dependsOn: [...files, ...(props.dependsOn ?? [])],
    });
  }
}
