/** One line of a list in a command's help: an example, a variable, an exit code. */
export type HelpRow = readonly [name: string | number, meaning: string];

const program = "openclaw-openrouter";

type Rows = Readonly<Record<string, readonly (readonly [what: string, meaning: string])[]>>;

/** What follows each command, by its full name; or a whole line, which names the program. */
const given: Rows = {
  up: [
    ["", "asks for the key at a first run; later: the same again, with the stored key"],
    ["--key-file key.txt", "with a key from a file"],
    ["--key-file key.txt --instance staging", "a second instance on this host"],
    ["--bundle /media/bundle", "on a host without any network"],
  ],
  deploy: [["", "as `up`, but by `cdktf deploy '*'`, which is downloaded from npm (450 MB, once)"]],
  check: [
    ["", "everything, a chat of a hundredth of a cent included"],
    ["--no-spend --json", "for a monitor: nothing that costs, as JSON"],
    ["--only docker.exec,key.valid", "these two, and what they need"],
    ["--no-spend --hosts hosts.txt", "on many hosts, by ssh"],
  ],
  drift: [
    ["", "reports, and changes nothing"],
    ["--fix", "shows what would fix it, asks, does it"],
    ["--all --json", "every instance of this user, for CI"],
    [`ansible-inventory --list | ${program} drift --hosts -`, "on many hosts, by ssh"],
    [
      "--report /var/lib/openclaw-drift/default.json",
      "also writes a report that other users can read, by --from-report",
    ],
  ],
  status: [
    ["", "of one instance"],
    ["--prometheus metrics.prom", "for node_exporter's textfile collector"],
    ["--models", "which model has which role, and what it costs"],
    ["--all --json", "of all instances, for a program"],
    ["--hosts hosts.txt", "of many hosts, by ssh"],
  ],
  "host invite": [
    ["web1 --any-address", "asks for the key of web1, and prints the invitation"],
    ["web1 --address 10.0.0.7/32 --limit-eur 10", "has its key made, with OPENROUTER_MANAGEMENT_KEY"],
    ["web1 --any-address --again", "a new credential; the present one ends"],
  ],
  "host join": [
    ["", "asks for the invitation; later: renews OpenClaw's files, and checks"],
    ["--invitation-file invitation.txt", "without a terminal"],
  ],
  "host list": [["", "who was invited, since when, with which key"]],
  "host rotate": [
    ["web1", "asks for a new key, or has one made, with OPENROUTER_MANAGEMENT_KEY"],
    ["web1 --limit-eur 20", "has one made, with another limit"],
  ],
  "host evict": [
    ["web1", "asks, then ends its access to Vault at once"],
    ["web1 --purge --yes", "and removes its secret"],
  ],
  doctor: [
    ["", "before a first deploy"],
    ["--bundle /media/bundle", "whether an offline bundle fits this host"],
  ],
  destroy: [
    ["", "removes container and OpenClaw's files; data, shares and state stay"],
    ["--purge", "also removes data, shares and state; this cannot be undone"],
  ],
  "schedule add": [
    ["", "all four: check every 15 minutes, drift daily, backup weekly, unseal at boot"],
    ["check --no-spend", "one of them, with options of its own"],
  ],
  "schedule add check": [
    ["", "every 15 minutes, with chats once a day"],
    ["--no-spend", "without chats"],
  ],
  "alerts add": [
    ["", "asks for the URL at a hidden prompt, and sends a test"],
    [`cat url.txt | ${program} alerts add`, "without a terminal: the URL from a file"],
  ],
  "alerts list": [["", "who is told, and who refuses messages"]],
  "alerts remove": [
    ["slack", "one receiver, by its name"],
    ["heartbeat", "no more calls of the heartbeat's URL"],
  ],
  "alerts test": [["", "a message to every receiver"]],
  "alerts heartbeat": [["", "so that a dead host is noticed elsewhere"]],
  "schedule add drift": [
    ["", "every day"],
    ["--ignore ignore.json", "without what that file lists"],
  ],
  "schedule add unseal": [["", "after each start of the Docker Engine"]],
  "schedule add backup": [
    ["", "every week, the newest eight kept"],
    ["--keep 3 --out /mnt/backups/", "into a folder of your own"],
  ],
  "schedule list": [["", "what runs, when it ran last, and how that ended"]],
  "schedule remove": [
    ["", "all of them"],
    ["check drift", "these two"],
  ],
  "key rotate": [
    ["", "asks for a new key, or a management key that makes one"],
    ["--key-file new.txt", "stores a key that you made"],
    ["--reload 'openclaw secrets reload'", "has a running gateway take the new key"],
    ["--if-older-than 90d", "for a schedule"],
  ],
  "key limit": [
    ["", "limits the stored key"],
    ["--new-key", "if the stored key cannot be limited: makes one that is"],
  ],
  "shares status": [["", "where they are, and who has them"]],
  "shares export": [
    ["", "shows each once on this terminal"],
    ["--holder Anna --holder Ben --holder Cleo", "the same, with the name of each holder"],
    ["--pgp-key a.asc --pgp-key b.asc --out DIR", "encrypts each to an OpenPGP key; the keys take turns"],
  ],
  "shares remove": [
    ["", "asks for enough of them first, as proof that people have them"],
    ["--share-file given-back --yes", "without a terminal"],
  ],
  "shares rekey": [
    ["", "as many as now"],
    ["--shares 3 --threshold 2", "three, of which two unseal"],
    ["--new-share-file FILE", "resumes one that waits for its new shares"],
    ["--cancel", "ends it; the current shares stay active"],
  ],
  "vault unseal": [
    ["", "after a reboot"],
    ["--share-file shares.txt", "with shares that people keep"],
  ],
  "vault login": [
    ["--ttl 30m", "a token for half an hour"],
    [`export VAULT_TOKEN=$(${program} vault login)`, "for a shell: only the token is on standard output"],
  ],
  "vault upgrade": [["", "to the image that `vault.image` of the settings names"]],
  "vault migrate-seal": [["", "after `vault.seal` of the settings names another one"]],
  "vault renew-identities": [["", "after lost credentials or changed policies, from the shares"]],
  "backup create": [
    ["", "into ~/.openclaw-openrouter-backups"],
    ["--out /mnt/backups/ --keep 8", "into a folder of your own, the newest eight kept"],
    ["--with-shares --recipient age1…", "with the shares, encrypted"],
  ],
  "backup list": [["", "the backups, and which shares open them"]],
  "backup verify": [["FILE", "restores it once into an ephemeral Vault"]],
  restore: [
    ["--from FILE", "replaces the current data"],
    ["--from FILE --share-file shares.json", "on a new host"],
    ["--from FILE --evict web2", "the host web2 gets no access any more"],
    ["--undo", "brings the previous data back"],
  ],
  rebuild: [["", "the same Vault in a new container, compared with the previous one"]],
  "state adopt": [["", "if Terraform's state is gone and Vault is not"]],
  "state move": [["", "after `terraform.backend` of the settings names another place"]],
  synth: [["--out out", "reads settings only, and needs no host"]],
  sandbox: [["", "for your own gateway, without a bill"]],
  bundle: [
    ["", "builds what this host is missing, ahead of a deploy: about ten minutes, once"],
    ["--out /media/bundle", "for a host without any network"],
    ["--out /media/bundle --arch arm64", "for a host of another architecture"],
  ],
  completion: [
    ["source <(openclaw-openrouter completion bash)", "in ~/.bashrc"],
    ["source <(openclaw-openrouter completion zsh)", "in ~/.zshrc, after compinit"],
    ["openclaw-openrouter completion fish | source", "in ~/.config/fish/config.fish"],
  ],
  help: [
    ["key rotate", "the same as `key rotate --help`"],
    ["environment", "every environment variable that is read"],
  ],
};

/** Examples of each command, by its full name, the simplest first. A test requires one for each command. */
export const examples: Readonly<Record<string, readonly HelpRow[]>> = Object.fromEntries(
  Object.entries(given).map(([name, rows]) => [
    name,
    rows.map(([what, meaning]) => [lineOf(name, what), meaning]),
  ]),
);

function lineOf(name: string, what: string): string {
  return what.includes(program) ? what : `${program} ${name} ${what}`.trimEnd();
}
