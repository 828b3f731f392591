/** The parts of a host: the Docker Engine; Terraform and its providers; OpenRouter and other servers. */
export const hostParts = ["engine", "terraform", "network"] as const;
export type HostPart = (typeof hostParts)[number];

interface Variable {
  readonly name: string;
  readonly meaning: string;
  /** Read by the commands that have this option. */
  readonly option?: string;
  /** Read by the commands that use this part of the host. */
  readonly part?: HostPart;
}

const all = [
  {
    name: "OPENROUTER_API_KEY",
    meaning: "the OpenRouter key",
    option: "--replace-key",
  },
  {
    name: "OPENROUTER_MANAGEMENT_KEY",
    meaning: "OpenRouter's management key, which makes and limits keys",
  },
  {
    name: "OPENCLAW_OPENROUTER_INSTANCE",
    meaning: "the instance, if --instance names none (default: the only deployed one, else `default`)",
    option: "--instance",
  },
  {
    name: "OPENCLAW_OPENROUTER_HOME",
    meaning: "where the instance directories are (default: ~/.openclaw-openrouter)",
    option: "--instance",
  },
  {
    name: "OPENCLAW_OPENROUTER_CACHE",
    meaning: "where downloaded and built parts are (default: ~/.cache/openclaw-openrouter)",
    part: "terraform",
  },
  {
    name: "OPENCLAW_OPENROUTER_INSTALL",
    meaning:
      "the folder of the installed program (default: /opt/openclaw-openrouter for root, else ~/.local/share/openclaw-openrouter)",
  },
  {
    name: "OPENCLAW_OPENROUTER_PUBLIC",
    meaning:
      "the folder of what other users of this host read, such as Vault's CA (default: /var/lib/openclaw-openrouter for root, else ~/.local/share/openclaw-openrouter)",
  },
  {
    name: "DOCKER_HOST, DOCKER_CONTEXT",
    meaning:
      "the socket of the Docker Engine: unix:///…, or a context of Docker (default: the current context)",
    part: "engine",
  },
  {
    name: "TERRAFORM_BINARY_NAME",
    meaning:
      "terraform or tofu (default: terraform, then tofu, on PATH; else the OpenTofu that is built here)",
    part: "terraform",
  },
  {
    name: "OPENCLAW_OPENROUTER_PLAIN",
    meaning: "1: without the shortcuts that depend on how Terraform works inside, which is slower",
    part: "terraform",
  },
  {
    name: "TF_CLI_CONFIG_FILE",
    meaning: "Terraform's own CLI configuration, which can name a mirror of the providers",
    part: "terraform",
  },
  {
    name: "HTTPS_PROXY, NO_PROXY",
    meaning:
      "the proxy to OpenRouter, to registries and to receivers of alerts; what is reached without it: names, addresses, networks (CIDR)",
    part: "network",
  },
  // Every command reads these, and none names them.
  { name: "NO_COLOR", meaning: "if it is not empty, there are no colours" },
  { name: "TERM", meaning: "`dumb`: neither colours nor lines that are redrawn" },
  { name: "CI", meaning: "if it is not empty, nobody is asked, as without a terminal" },
] as const satisfies readonly Variable[];

/** The environment variables that commands read. One without an option and a part is read by the commands that name it. */
export const variables: readonly Variable[] = all;
export type VariableName = (typeof all)[number]["name"];
