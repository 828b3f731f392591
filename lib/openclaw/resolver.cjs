// The gateway's "exec" secret provider for the OpenRouter key, protocol version 1. The installer adds a first line with an
// absolute interpreter; the program runs without PATH, on the Node that runs OpenClaw, and needs no package. It reads one
// field from Vault as the reader, and writes the value to its answer only.
"use strict";

const { existsSync, readFileSync, statSync } = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const net = require("node:net");
const { dirname, join } = require("node:path");

/** Vault's address; of a cluster those of its servers, of which each forwards to the active one. */
const addresses = (process.env.VAULT_ADDR ?? "").split(/\s+/).filter(Boolean);
let address = addresses[0] ?? "";
const isCluster = addresses.length > 1;
/** Shorter than the gateway's own time limit, so that the gateway gets the error before it gives up. */
const deadlineMs = 12_000;
/** Within this time a server of a cluster answers, or another one is asked. */
const probeMs = 900;

/** Within this time it has answered the call, too: during an election one that forwards to the dead server is silent. */
const attemptMs = 2000;

/**
 * Vault answers 500 between its unseal and being active, as a cluster does during an election, after which its standbys look for the
 * active server each 2.5 s: https://github.com/hashicorp/vault/pull/28608.
 */
const settleMs = isCluster ? 10_000 : 800;
/** A server of a cluster that has just started is sealed for a moment. */
const sealedMs = 2500;
const pauseMs = 100;
const longestAnswer = 1024 * 1024;
const deadline = AbortSignal.timeout(deadlineMs);

/** The secret with the key, as people write its path. */
const secretPath = process.env.OPENROUTER_SECRET || "secret/openrouter";
const apiPath = secretPath.replace("/", "/data/");

/** The accepted ids: each names a field of the secret. */
const idForm = /^openrouter\/([A-Za-z0-9_-]+)$/;

/** The error for an id without a value. The gateway shows the code NOT_FOUND; the rest is for people. */
class Failure extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function main() {
  const ids = parseRequest(await readInput());
  const values = {};
  const errors = {};
  let secret;
  for (const id of ids) {
    try {
      const field = idForm.exec(id)?.[1];
      if (!field) throw new Failure("ID_REFUSED", "only ids of the form openrouter/<field> are answered");
      secret ??= readSecret();
      values[id] = fieldOf(await secret, field);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      errors[id] = { code: error.code, message: error.message };
      // The id is foreign text, and the gateway's log can end up on a terminal.
      process.stderr.write(`${id.replace(/[^ -~]/g, "?").slice(0, 200)}: ${error.message}\n`);
    }
  }
  const hasErrors = Object.keys(errors).length > 0;
  process.stdout.write(
    `${JSON.stringify({ protocolVersion: 1, values, ...(hasErrors ? { errors } : {}) })}\n`,
  );
}

async function readInput() {
  let input = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) input += chunk;
  return input;
}

/** The requested ids. */
function parseRequest(input) {
  const request = parse(input);
  if (request?.protocolVersion !== 1) throw new Error("the request does not have protocol version 1");
  const { ids } = request;
  if (Array.isArray(ids) && ids.every((id) => typeof id === "string")) return ids;
  throw new Error("the request has no list of ids");
}

async function readSecret() {
  await choose();
  const token = await logIn();
  const { status, body } = await call("GET", apiPath, { token });
  if (status === 403) throw new Failure("DENIED", `Vault does not let the reader read ${secretPath} (403)`);
  // Vault answers 404 for a deleted version, too.
  if (status === 404)
    throw new Failure("NOT_FOUND", `Vault has no ${secretPath}, or its present version was deleted`);
  if (status !== 200) throw unexpected(status, apiPath);
  return body?.data?.data ?? {};
}

async function logIn() {
  const credential = { role_id: readCredential("role_id"), secret_id: readCredential("secret_id") };
  const { status, body } = await call("POST", "auth/approle/login", { body: credential });
  const token = body?.auth?.client_token;
  if (status === 200 && typeof token === "string") return token;
  if (status === 400 || status === 403)
    throw new Failure("DENIED", `Vault does not accept the reader's credential (${status})`);
  throw unexpected(status, "auth/approle/login");
}

function readCredential(name) {
  const path = join(__dirname, name);
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new Failure("NO_CREDENTIAL", `${path} cannot be read (${error.code})`);
  }
}

function fieldOf(secret, field) {
  const value = Object.hasOwn(secret, field) ? secret[field] : undefined;
  if (typeof value === "string" && value !== "") return value;
  throw new Failure("NOT_FOUND", `${secretPath} has no text in field ${field}`);
}

function unexpected(status, path) {
  return new Failure("UNEXPECTED", `Vault answered ${status} to ${path}`);
}

/** Calls Vault; retries for a while if Vault is not active yet, or if another server of a cluster may answer. */
async function call(method, path, options) {
  const begin = Date.now();
  for (;;) {
    const elapsed = Date.now() - begin;
    const isLast = deadline.aborted || elapsed + pauseMs > settleMs;
    const signal =
      isCluster && !isLast ? AbortSignal.any([deadline, AbortSignal.timeout(attemptMs)]) : deadline;
    const answer = await send(method, path, { ...options, signal }).catch((error) => {
      if (isLast || !isCluster) throw error;
      return { status: 503 };
    });
    // A server that becomes active answers that it is sealed, too.
    const mayOpen = isAnyUnsealed || elapsed < sealedMs;
    if (answer.status === 503 && isSealed(answer.body) && (isLast || !isCluster || !mayOpen)) {
      throw new Failure("SEALED", "Vault is sealed: unseal it on its host");
    }
    const isSettling = answer.status === 429 || answer.status >= 500;
    if (!isSettling || isLast) return answer;
    passedOver.add(address);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await choose();
  }
}

/** Servers of a cluster that did not answer the call: one is chosen only if no other one is unsealed. */
const passedOver = new Set();
/** Whether this run saw a server that is unsealed. */
let isAnyUnsealed = false;

/** Chooses the server of a cluster that answers first, and is unsealed. */
async function choose() {
  if (!isCluster) return;
  if (addresses.every((each) => passedOver.has(each))) passedOver.clear();
  const rest = new AbortController();
  const asked = addresses.map(async (at) => {
    const signal = AbortSignal.any([deadline, AbortSignal.timeout(probeMs), rest.signal]);
    const path = "sys/health?standbyok=true&perfstandbyok=true";
    return { at, ...(await send("GET", path, { at, signal })) };
  });
  const unsealed = asked.map(async (answer) => {
    if ((await answer).status === 200) return answer;
    throw new Error("it is sealed");
  });
  const firstUnsealed = Promise.any(unsealed);
  firstUnsealed.then(
    () => {
      isAnyUnsealed = true;
    },
    () => {},
  );
  const preferred = unsealed.filter((_, index) => !passedOver.has(addresses[index]));
  const chosen = await Promise.any(preferred)
    .catch(() => firstUnsealed)
    // If none is unsealed, one that answers at all says why.
    .catch(() => Promise.any(asked).catch(() => undefined));
  if (chosen) address = chosen.at;
  rest.abort();
}

function isSealed(body) {
  return (
    Array.isArray(body?.errors) && body.errors.some((error) => /sealed|not initialized/i.test(String(error)))
  );
}

async function send(method, path, { token, body, at = address, signal = deadline }) {
  const [, socketPath] = /^unix:\/\/(\/.+)$/.exec(at) ?? [];
  const url = `${socketPath ? "http://vault" : at.replace(/\/+$/, "")}/v1/${path}`;
  if (!/^https?:\/\//.test(url)) throw new Failure("UNREACHABLE", "VAULT_ADDR is not set to Vault's address");
  const caFile = process.env.VAULT_CACERT;
  const text = body && JSON.stringify(body);
  const headers = {
    "X-Vault-Request": "true",
    ...(process.env.VAULT_NAMESPACE && !path.startsWith("sys/")
      ? { "X-Vault-Namespace": process.env.VAULT_NAMESPACE }
      : {}),
    ...(token ? { "X-Vault-Token": token } : {}),
    ...(text ? { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) } : {}),
  };
  const isSecure = url.startsWith("https:");
  const side = socketPath
    ? knownSocket(socketPath)
    : isSecure
      ? trust(caFile)
      : await knownSide(new URL(url));
  return new Promise((resolve, reject) => {
    const request = (isSecure ? https : http).request(url, { method, headers, signal, ...side });
    request.on("response", (response) => {
      let answer = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        answer += chunk;
        if (answer.length > longestAnswer) request.destroy(new Error("its answer is too long"));
      });
      response.on("end", () => {
        const parsed = parse(answer);
        if (/^Client sent an HTTP request to an HTTPS server/.test(answer))
          reject(
            new Failure("UNREACHABLE", "Vault now serves TLS: run `openclaw-openrouter up` on its host"),
          );
        else if (parsed) resolve({ status: response.statusCode, body: parsed });
        else reject(unreachable("what answers is not Vault"));
      });
      response.on("error", (error) => reject(unreachable(reasonOf(error))));
    });
    request.on("error", (error) => {
      const isRefused = Boolean(request.socket?.authorizationError);
      reject(unreachable(isRefused ? `its certificate is refused (${error.message})` : reasonOf(error)));
    });
    request.end(text);
  });
}

/** NODE_TLS_REJECT_UNAUTHORIZED=0 in the gateway's environment would accept any certificate. */
const verified = { rejectUnauthorized: true };

function trust(caFile) {
  if (!caFile) return verified;
  try {
    return { ca: readFileSync(caFile, "utf8"), ...verified };
  } catch (error) {
    throw new Failure(
      "UNREACHABLE",
      `${caFile}, the CA certificate that verifies Vault's, cannot be read (${error.code})`,
    );
  }
}

/**
 * Over plain HTTP any user of this host can listen on Vault's port while Vault is down. So the resolver uses a connection only
 * if the kernel reports the listener's uid as the one recorded at the deploy. It checks the open connection, before it sends.
 */
async function knownSide({ hostname, port }) {
  const socket = net.connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) });
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve).once("error", (error) => reject(unreachable(reasonOf(error))));
    deadline.addEventListener("abort", () => socket.destroy(new Error("no answer")), { once: true });
  });
  const expected = expectedUids();
  const uids = listenerUids(socket.remotePort, socket.localPort);
  if (socket.destroyed) throw unreachable("the connection was closed");
  if (isLoopback(socket.remoteAddress) && uids.length > 0 && uids.every((uid) => expected.includes(uid)))
    return { createConnection: () => socket };
  socket.destroy();
  throw new Failure(
    "LISTENER_UNKNOWN",
    `nothing was sent to ${process.env.VAULT_ADDR}: uid ${uids.join(", ") || "unknown"} listens there, expected uid ${expected.join(" or ")}`,
  );
}

/**
 * Only Vault's user, or root, can make a socket that belongs to Vault's user. So the resolver uses the socket only if it belongs to
 * the uid recorded at the deploy.
 */
function knownSocket(socketPath) {
  let entry;
  try {
    entry = statSync(socketPath);
  } catch (error) {
    const isMounted = existsSync(dirname(socketPath));
    throw unreachable(
      isMounted
        ? error.code
        : `${dirname(socketPath)} is missing: mount the volume of Vault's socket there, read-only, and re-create this container`,
    );
  }
  const expected = expectedUids();
  if (entry.isSocket() && expected.includes(entry.uid)) return { socketPath };
  throw new Failure(
    "LISTENER_UNKNOWN",
    `nothing was sent to ${process.env.VAULT_ADDR}: it is ${entry.isSocket() ? "a socket" : "no socket"} of uid ${entry.uid}, expected one of uid ${expected.join(" or ")}`,
  );
}

function expectedUids() {
  try {
    return [Number(readFileSync(join(__dirname, "listener_uid"), "utf8"))];
  } catch {
    return [0, process.getuid()];
  }
}

function isLoopback(address = "") {
  const plain = address.replace(/^::ffff:/i, "");
  return plain === "::1" || /^127(\.\d{1,3}){3}$/.test(plain);
}

/** The uids of the listeners on a loopback port, and of the process that accepted this connection (proc(5)). */
function listenerUids(port, clientPort) {
  const uids = new Set();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let lines = [];
    try {
      lines = readFileSync(table, "utf8").split("\n").slice(1);
    } catch {
      // A kernel without IPv6 does not have the second table.
    }
    for (const line of lines) {
      const columns = line.trim().split(/\s+/);
      const [local = "", remote = "", state] = columns.slice(1, 4);
      if (Number.parseInt(local.split(":")[1], 16) !== port) continue;
      const isListener = state === "0A" && isLoopbackHex(local.split(":")[0], true);
      const isPeer =
        Number.parseInt(remote.split(":")[1], 16) === clientPort &&
        columns[9] !== "0" &&
        isLoopbackHex(remote.split(":")[0], false);
      if (isListener || isPeer) uids.add(Number(columns[7]));
    }
  }
  return [...uids];
}

function isLoopbackHex(address, orAny) {
  if (orAny && /^0+$/.test(address)) return true;
  if (address.length === 8) return address.endsWith("7F");
  return address === "00000000000000000000000001000000" || /^0{16}FFFF0000.{6}7F$/i.test(address);
}

function reasonOf(error) {
  return deadline.aborted ? `no answer within ${deadlineMs / 1000} s` : (error.code ?? error.message);
}

function unreachable(reason) {
  return new Failure("UNREACHABLE", `Vault does not answer at ${process.env.VAULT_ADDR}: ${reason}`);
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

// If the gateway is gone, nobody reads the answer: ignore the error.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
