/** One line of a list in a command's help: an example, a variable, an exit code. */
export type HelpRow = readonly [name: string | number, meaning: string];

const program = "openclaw-openrouter";

/** Examples of each command, by its full name, the simplest first. A test requires one for each command. */
export const examples: Readonly<Record<string, readonly HelpRow[]>> = {
  up: [
    [`${program} up`, "asks for the key at a first run; later: the same again, with the stored key"],
    [`${program} up --key-file key.txt`, "with a key from a file"],
    [`${program} up --key-file key.txt --instance staging`, "a second instance on this host"],
    [`${program} up --bundle /media/bundle`, "on a host without any network"],
  ],
  deploy: [
    [`${program} deploy`, "as `up`, but by `cdktf deploy '*'`, which is downloaded from npm (450 MB, once)"],
  ],
  check: [
    [`${program} check`, "everything, a chat of a hundredth of a cent included"],
    [`${program} check --no-spend --json`, "for a monitor: nothing that costs, as JSON"],
    [`${program} check --only docker.exec,key.valid`, "these two, and what they need"],
    [`${program} check --no-spend --hosts hosts.txt`, "on many hosts, by ssh"],
  ],
  drift: [
    [`${program} drift`, "reports, and changes nothing"],
    [`${program} drift --fix`, "shows what would fix it, asks, does it"],
    [`${program} drift --all --json`, "every instance of this user, for CI"],
    [`ansible-inventory --list | ${program} drift --hosts -`, "on many hosts, by ssh"],
    [
      `${program} drift --report /var/lib/openclaw-drift/default.json`,
      "for a user without rights to the instance",
    ],
  ],
  status: [
    [`${program} status`, "of one instance"],
    [`${program} status --prometheus metrics.prom`, "for node_exporter's textfile collector"],
    [`${program} status --models`, "which model has which role, and what it costs"],
    [`${program} status --all --json`, "of all instances, for a program"],
    [`${program} status --hosts hosts.txt`, "of many hosts, by ssh"],
  ],
  "host invite": [
    [`${program} host invite web1 --any-address`, "asks for the key of web1, and prints the invitation"],
    [
      `${program} host invite web1 --address 10.0.0.7/32 --limit-eur 10`,
      "has its key made, with OPENROUTER_MANAGEMENT_KEY",
    ],
    [`${program} host invite web1 --any-address --again`, "a new credential; the present one ends"],
  ],
  "host join": [
    [`${program} host join`, "asks for the invitation; later: renews OpenClaw's files, and checks"],
    [`${program} host join --invitation-file invitation.txt`, "without a terminal"],
  ],
  "host list": [[`${program} host list`, "who was invited, since when, with which key"]],
  "host rotate": [
    [`${program} host rotate web1`, "asks for a new key, or has one made, with OPENROUTER_MANAGEMENT_KEY"],
    [`${program} host rotate web1 --limit-eur 20`, "has one made, with another limit"],
  ],
  "host evict": [
    [`${program} host evict web1`, "asks, then ends its access to Vault at once"],
    [`${program} host evict web1 --purge --yes`, "and removes its secret"],
  ],
  doctor: [
    [`${program} doctor`, "before a first deploy"],
    [`${program} doctor --bundle /media/bundle`, "whether an offline bundle fits this host"],
  ],
  destroy: [
    [`${program} destroy`, "removes container and OpenClaw's files; data, shares and state stay"],
    [`${program} destroy --purge`, "also removes data, shares and state; this cannot be undone"],
  ],
  "schedule add": [
    [
      `${program} schedule add`,
      "all four: check every 15 minutes, drift daily, backup weekly, unseal at boot",
    ],
    [`${program} schedule add check --no-spend`, "one of them, with options of its own"],
  ],
  "schedule add check": [
    [`${program} schedule add check`, "every 15 minutes, with chats once a day"],
    [`${program} schedule add check --no-spend`, "without chats"],
  ],
  "alerts add": [
    [`${program} alerts add`, "asks for the URL at a hidden prompt, and sends a test"],
    [`cat url.txt | ${program} alerts add`, "without a terminal: the URL from a file"],
  ],
  "alerts list": [[`${program} alerts list`, "who is told, and who refuses messages"]],
  "alerts remove": [
    [`${program} alerts remove slack`, "one receiver, by its name"],
    [`${program} alerts remove heartbeat`, "no more calls of the heartbeat's URL"],
  ],
  "alerts test": [[`${program} alerts test`, "a message to every receiver"]],
  "alerts heartbeat": [[`${program} alerts heartbeat`, "so that a dead host is noticed elsewhere"]],
  "schedule add drift": [
    [`${program} schedule add drift`, "every day"],
    [`${program} schedule add drift --ignore ignore.json`, "without what that file lists"],
  ],
  "schedule add unseal": [[`${program} schedule add unseal`, "after each start of the Docker Engine"]],
  "schedule add backup": [
    [`${program} schedule add backup`, "every week, the newest eight kept"],
    [`${program} schedule add backup --keep 3 --out /mnt/backups/`, "into a folder of your own"],
  ],
  "schedule list": [[`${program} schedule list`, "what runs, when it ran last, and how that ended"]],
  "schedule remove": [
    [`${program} schedule remove`, "all of them"],
    [`${program} schedule remove check drift`, "these two"],
  ],
  "key rotate": [
    [`${program} key rotate`, "asks for a new key, or a management key that makes one"],
    [`${program} key rotate --key-file new.txt`, "stores a key that you made"],
    [`${program} key rotate --reload 'openclaw secrets reload'`, "has a running gateway take the new key"],
    [`${program} key rotate --if-older-than 90d`, "for a schedule"],
  ],
  "key limit": [
    [`${program} key limit`, "limits the stored key"],
    [`${program} key limit --new-key`, "if the stored key cannot be limited: makes one that is"],
  ],
  "shares status": [[`${program} shares status`, "where they are, and who has them"]],
  "shares export": [
    [`${program} shares export`, "shows each once on this terminal"],
    [
      `${program} shares export --holder Anna --holder Ben --holder Cleo`,
      "the same, with the name of each holder",
    ],
    [
      `${program} shares export --pgp-key a.asc --pgp-key b.asc --out DIR`,
      "encrypts each to an OpenPGP key; the keys take turns",
    ],
  ],
  "shares remove": [
    [`${program} shares remove`, "asks for enough of them first, as proof that people have them"],
    [`${program} shares remove --share-file given-back --yes`, "without a terminal"],
  ],
  "shares rekey": [
    [`${program} shares rekey`, "as many as now"],
    [`${program} shares rekey --shares 3 --threshold 2`, "three, of which two unseal"],
    [`${program} shares rekey --new-share-file FILE`, "resumes one that waits for its new shares"],
    [`${program} shares rekey --cancel`, "ends it; the current shares stay active"],
  ],
  "vault unseal": [
    [`${program} vault unseal`, "after a reboot"],
    [`${program} vault unseal --share-file shares.txt`, "with shares that people keep"],
  ],
  "vault login": [
    [`${program} vault login --ttl 30m`, "a token for half an hour"],
    [`export VAULT_TOKEN=$(${program} vault login)`, "for a shell: only the token is on standard output"],
  ],
  "vault upgrade": [[`${program} vault upgrade`, "to the image that `vault.image` of the settings names"]],
  "vault migrate-seal": [
    [`${program} vault migrate-seal`, "after `vault.seal` of the settings names another one"],
  ],
  "vault renew-identities": [
    [`${program} vault renew-identities`, "after lost credentials or changed policies, from the shares"],
  ],
  "backup create": [
    [`${program} backup create`, "into ~/.openclaw-openrouter-backups"],
    [
      `${program} backup create --out /mnt/backups/ --keep 8`,
      "into a folder of your own, the newest eight kept",
    ],
    [`${program} backup create --with-shares --recipient age1…`, "with the shares, encrypted"],
  ],
  "backup list": [[`${program} backup list`, "the backups, and which shares open them"]],
  "backup verify": [[`${program} backup verify FILE`, "restores it once into an ephemeral Vault"]],
  restore: [
    [`${program} restore --from FILE`, "replaces the current data"],
    [`${program} restore --from FILE --share-file shares.json`, "on a new host"],
    [`${program} restore --from FILE --evict web2`, "the host web2 gets no access any more"],
    [`${program} restore --undo`, "brings the previous data back"],
  ],
  rebuild: [[`${program} rebuild`, "the same Vault in a new container, compared with the previous one"]],
  "state adopt": [[`${program} state adopt`, "if Terraform's state is gone and Vault is not"]],
  "state move": [[`${program} state move`, "after `terraform.backend` of the settings names another place"]],
  synth: [[`${program} synth --out out`, "reads settings only, and needs no host"]],
  sandbox: [[`${program} sandbox`, "for your own gateway, without a bill"]],
  bundle: [
    [`${program} bundle`, "builds what this host is missing, ahead of a deploy: about ten minutes, once"],
    [`${program} bundle --out /media/bundle`, "for a host without any network"],
    [`${program} bundle --out /media/bundle --arch arm64`, "for a host of another architecture"],
  ],
  completion: [
    ["source <(openclaw-openrouter completion bash)", "in ~/.bashrc"],
    ["source <(openclaw-openrouter completion zsh)", "in ~/.zshrc, after compinit"],
    ["openclaw-openrouter completion fish | source", "in ~/.config/fish/config.fish"],
  ],
  help: [[`${program} help key rotate`, "the same as `key rotate --help`"]],
};
