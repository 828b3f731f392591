import type { Site } from "./site";

const stopPackaged = "systemctl disable --now docker.socket docker containerd";

const podmanFolders = 'runroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n';

/** Has the row's engine run, instead of the package's own as root. */
export async function installEngine(site: Site): Promise<void> {
  const { host, row } = site;
  if (row.engine === "rootless") {
    host.must(["sh", "-c", stopPackaged]);
    // The kernel has it built in, and the file that says so is the machine's, not the host's.
    const builtIn =
      'd=/lib/modules/$(uname -r) && mkdir -p "$d" && echo kernel/net/ipv4/netfilter/ip_tables.ko >>"$d/modules.builtin"';
    host.must(["sh", "-c", builtIn]);
    // Debian's setup tool looks for the client beside itself.
    host.must(["ln", "-sf", "/usr/bin/docker", "/usr/share/docker.io/contrib/docker"]);
    site.mustSh("PATH=$PATH:/usr/share/docker.io/contrib dockerd-rootless-setuptool.sh install");
  }
  if (row.engine === "podman") {
    host.must(["sh", "-c", stopPackaged]);
    // The disk of a host is an overlay already.
    site.write("/etc/containers/storage.conf", `[storage]\ndriver = "vfs"\n${podmanFolders}`);
    host.must(["systemctl", "enable", "--now", "podman.socket"]);
  }
  if (row.engine === "userns-remap") {
    site.write("/etc/docker/daemon.json", '{ "userns-remap": "default" }\n');
    host.must(["systemctl", "restart", "docker"]);
  }
  await site.seen("the row's engine", () => site.sh("docker version").code === 0);
}
