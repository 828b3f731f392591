import type { ScriptedDrift } from "./scripted-drift";

/** The container as it was deployed, re-created with something else. @param change options, or what stands in for one */
function recreated({
  image = "$IMAGE",
  ip = "127.0.0.1",
  readOnly = "--read-only",
  label = "--label openclaw-openrouter.instance=$ID",
  more = "",
} = {}): string {
  return [
    "docker rm -f $C",
    `docker run -d --name $C --restart unless-stopped -p ${ip}:8200:8200/tcp -u 100:1000 --cap-drop ALL --cap-add IPC_LOCK`,
    `--security-opt no-new-privileges ${readOnly} ${label} ${more}`,
    "-m 512m --memory-swap 512m --log-opt max-size=10m --log-opt max-file=3",
    "--network $C-network -v $C-data:/vault/file -v $C-home:/home/vault -v $C-socket:/vault/socket",
    "--tmpfs /vault/config:uid=100,gid=1000,mode=0750,size=1m --tmpfs /vault/logs:uid=100,gid=1000,mode=0750,size=1m --tmpfs /tmp:size=16m",
    '-e SKIP_CHOWN=true -e SKIP_SETCAP=true -e VAULT_ADDR=https://127.0.0.1:8200 -e VAULT_CACERT=/home/vault/tls/ca.pem -e "$CONFIG"',
    `${image} server`,
  ]
    .join(" ")
    .replace("docker rm -f $C docker", "docker rm -f $C && docker");
}

const restart = "docker rm -f $C";

/** The container, its image and volumes, and what shares its world. */
export const containerDrifts: readonly ScriptedDrift[] = [
  { name: "docker stop", line: "docker stop $C", cause: "container.stopped", sample: true },
  { name: "docker pause", line: "docker pause $C", cause: "container.paused" },
  { name: "docker kill", line: "docker kill $C", cause: "container.stopped" },
  { name: "docker rm", line: "docker rm -f $C", cause: "container.gone" },
  {
    name: "docker update --memory",
    line: "docker update --memory 256m $C",
    cause: "container.memory",
  },
  {
    name: "docker update --memory --memory-swap",
    line: "docker update --memory 300m --memory-swap 300m $C",
    cause: "container.memory",
  },
  {
    name: "docker update --memory-swap",
    line: "docker update --memory-swap -1 $C",
    cause: "container.memory-swap",
  },
  { name: "docker update --restart", line: "docker update --restart no $C", cause: "container.restart" },
  {
    name: "docker update --restart, so often",
    line: "docker update --restart on-failure:3 $C",
    cause: "container.restart",
  },
  {
    name: "docker update --cpus",
    line: "docker update --cpus 0.5 --memory-reservation 128m $C",
    cause: "container.limits",
  },
  {
    name: "docker update --pids-limit",
    line: "docker update --pids-limit 100 $C",
    cause: "container.limits",
  },
  { name: "docker rename", line: "docker rename $C old", cause: "container.renamed" },
  {
    name: "a second network",
    line: "docker network create other; docker network connect other $C",
    cause: "container.networks",
  },
  {
    name: "off its network",
    line: "docker network disconnect $C-network $C",
    cause: "container.network-left",
  },
  {
    name: "stopped, and its port taken",
    line: "docker stop $C && docker run -d --name second -p 127.0.0.1:8200:8200 --entrypoint sleep $IMAGE 600",
    cause: "container.stopped",
    fix: null,
    undo: "docker rm -f second; docker start $C; oo vault unseal",
  },
  {
    name: "recreated with another image",
    line: `docker commit $C other:1 && ${recreated({ image: "other:1" })}`,
    cause: "container.replaced",
  },
  {
    name: "recreated on 0.0.0.0",
    line: recreated({ ip: "0.0.0.0" }),
    cause: "container.replaced",
    sample: true,
  },
  {
    name: "recreated with an added capability",
    line: recreated({ more: "--cap-add NET_ADMIN" }),
    cause: "container.replaced",
  },
  { name: "recreated without read-only", line: recreated({ readOnly: "" }), cause: "container.replaced" },
  {
    name: "recreated with another variable",
    line: recreated({ more: "-e VAULT_LOG_LEVEL=trace" }),
    cause: "container.replaced",
  },
  {
    name: "recreated by somebody else",
    line: recreated({ label: "" }),
    cause: "container.foreign",
    fix: null,
    undo: restart,
  },
  {
    name: "a second container on the volume",
    line: "docker run -d --name second -v $C-data:/data --entrypoint sleep $IMAGE 600",
    cause: "volume.shared:*",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a second container on the volume's folder",
    line: `docker run -d --name second -v $(docker volume inspect -f '{{.Mountpoint}}' $C-data):/data --entrypoint sleep $IMAGE 600`,
    cause: "volume.shared:*",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "the image's name on another image",
    line: "docker commit $C other:2 && docker tag other:2 $IMAGE_NAME",
    cause: "image.tag",
  },
  {
    name: "the home volume gone",
    line: "docker rm -f $C && docker volume rm $C-home",
    cause: "volume.home",
  },
  {
    name: "the home volume made by somebody else",
    line: "docker rm -f $C && docker volume rm $C-home && docker volume create $C-home",
    cause: "volume.foreign:*",
    fix: null,
    undo: "docker volume rm $C-home",
  },
  {
    name: "Vault's data another user's",
    line: [
      "docker run --rm -u 0 -v $C-data:/data --entrypoint chown $IMAGE -R 0 /data",
      "docker restart $C",
      "until [ $(docker inspect -f '{{.RestartCount}}' $C) -gt 0 ]; do sleep 0.1; done",
    ].join("\n"),
    cause: "container.restarting",
    fix: null,
    undo: "docker run --rm -u 0 -v $C-data:/data --entrypoint chown $IMAGE -R 100:1000 /data; docker restart $C; oo vault unseal",
  },
  {
    name: "the setup guide's token helper removed",
    line: "docker exec $C rm /home/vault/token-helper",
    cause: "docker.exec.token-helper",
  },
  {
    name: "the setup guide's token helper edited",
    line: "docker exec $C sh -c 'echo : >> /home/vault/token-helper'",
    cause: "docker.exec.token-helper",
  },
  {
    name: "the setup guide's token helper for everybody",
    line: "docker exec $C chmod 0755 /home/vault/token-helper",
    cause: "docker.exec.token-helper",
  },
  {
    name: "the setup guide's token helper behind a link",
    line: "docker exec $C sh -c 'cd /home/vault && cp token-helper /tmp/other && rm token-helper && ln -s /tmp/other token-helper'",
    cause: "docker.exec.token-helper",
  },
  {
    name: "a container in the network namespace",
    line: "docker run -d --name second --network container:$C --entrypoint sleep $IMAGE 600",
    cause: "container.shared:network",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a container in the PID namespace",
    line: "docker run -d --name second --network none --pid container:$C --entrypoint sleep $IMAGE 600",
    cause: "container.shared:pid",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a container in the namespace of one in the network namespace",
    line: [
      "docker run -d --name second --network container:$C --entrypoint sleep $IMAGE 600",
      "docker run -d --name third --network container:second --entrypoint sleep $IMAGE 600",
      "docker rm -f second",
    ].join("\n"),
    cause: "container.shared:network",
    fix: null,
    undo: "docker rm -f third",
  },
  {
    name: "a second container on the home volume",
    line: "docker run -d --name second --network none -v $C-home:/data --entrypoint sleep $IMAGE 600",
    cause: "volume.shared:*",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a second container on the volume of the Unix listener",
    line: "docker run -d --name second --network none -v $C-socket:/data --entrypoint sleep $IMAGE 600",
    cause: "volume.shared:*",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a token left in the container's home",
    line: "docker exec $C sh -c 'echo hvs.x > /home/vault/.vault-token'",
    cause: "volume.home-file:.vault-token",
    fix: null,
    undo: "docker exec $C rm /home/vault/.vault-token",
  },
];
