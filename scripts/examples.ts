import type { HelpRow } from "./help";

const program = "openclaw-openrouter";

/** How each verb is called, by its name: the simplest first. A test asks that each verb has one. */
export const examples: Readonly<Record<string, readonly HelpRow[]>> = {
  up: [
    [`${program} up`, "without a key: the sandbox, with a local OpenRouter; with one stored: the same again"],
    [`${program} up --key-file key.txt`, "the guide's setup, with a key of your own"],
    [`${program} up --key-file key.txt --instance staging`, "a second instance on this host"],
    [`${program} up --kit /media/kit`, "on a host without any network"],
  ],
  deploy: [[`${program} deploy`, "as `up`, but by `cdktf deploy '*'`, which is got from npm (450 MB, once)"]],
  check: [
    [`${program} check`, "everything, a chat of a hundredth of a cent included"],
    [`${program} check --no-spend --json`, "for a monitor: nothing that costs, as JSON"],
    [`${program} check --install`, "every hour, by systemd, or the line for cron"],
  ],
  drift: [
    [`${program} drift`, "tells, and changes nothing"],
    [`${program} drift --fix`, "shows what would mend it, asks, does it"],
    [`${program} drift --all --json`, "every instance of this host, for CI"],
    [
      `${program} drift --report /var/lib/openclaw-drift/default.json`,
      "for a user without rights to the instance",
    ],
  ],
  rotate: [
    [`${program} rotate`, "makes a new key by the management key"],
    [`${program} rotate --key-file new.txt`, "puts in a key that you made"],
    [`${program} rotate --if-older-than 90d`, "for a schedule"],
  ],
  budget: [
    [`${program} budget`, "limits the stored key"],
    [`${program} budget --new-key`, "where the stored key cannot be limited: makes one that is"],
  ],
  unseal: [
    [`${program} unseal`, "after a reboot"],
    [`${program} unseal --install`, "has the host do so by itself"],
    [`${program} unseal --share-file shares.txt`, "shares that people keep"],
  ],
  backup: [
    [`${program} backup`, "into ~/.openclaw-openrouter-backups"],
    [`${program} backup --verify FILE`, "restores it once, to throw it away"],
    [`${program} backup --install --keep 8`, "each week, the newest eight kept"],
  ],
  restore: [
    [`${program} restore --from FILE`, "in the place of what is there, or onto an empty host"],
    [`${program} restore --undo`, "back to what there was before"],
  ],
  rebuild: [[`${program} rebuild`, "the same Vault in a new container, compared with the old one"]],
  upgrade: [[`${program} upgrade`, "to the image that `vault.image` of the settings names"]],
  shares: [
    [`${program} shares`, "where they are"],
    [`${program} shares --export`, "shows each once, to be handed out"],
    [`${program} shares --forget`, "takes them off this host"],
  ],
  "migrate-seal": [[`${program} migrate-seal`, "once `vault.seal` of the settings names another one"]],
  recover: [[`${program} recover`, "after lost credentials, from the shares"]],
  adopt: [[`${program} adopt`, "where Terraform's state is gone and Vault is not"]],
  login: [[`${program} login --ttl 30m`, "a token for half an hour"]],
  models: [[`${program} models`, "which model has which role, and what it costs"]],
  status: [
    [`${program} status`, "of one instance"],
    [`${program} status --all --json`, "of all of them, for a program"],
  ],
  doctor: [
    [`${program} doctor`, "before a first deploy"],
    [`${program} doctor --kit /media/kit`, "whether a carried kit serves this host"],
  ],
  kit: [
    [`${program} kit`, "builds what this host lacks, ahead of a deploy: ten minutes or so, once"],
    [`${program} kit --out /media/kit`, "for a host without any network"],
    [`${program} kit --out /media/kit --arch arm64`, "for one of another kind"],
  ],
  destroy: [
    [`${program} destroy`, "container and OpenClaw's files go; data, shares and state stay"],
    [`${program} destroy --purge`, "data, shares and state go as well, for good"],
  ],
  synth: [[`${program} synth --out out`, "reads settings only, and needs no host"]],
  sandbox: [[`${program} sandbox`, "for a gateway of your own to talk to"]],
  completion: [
    ["source <(openclaw-openrouter completion bash)", "in ~/.bashrc"],
    ["source <(openclaw-openrouter completion zsh)", "in ~/.zshrc, after compinit"],
    ["openclaw-openrouter completion fish | source", "in ~/.config/fish/config.fish"],
  ],
};
