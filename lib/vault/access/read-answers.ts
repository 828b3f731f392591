import { z } from "zod";
import { type VaultClient, VaultFailure } from "../client";
import { type ActiveToken, readTokens } from "../identities/tokens";
import { pathInUrl } from "../path-in-url";
import { mountsAnswer, policyAnswer } from "../schemas";
import {
  type AuthMethod,
  type EntityAnswer,
  entityAnswer,
  type GroupAnswer,
  groupAnswer,
  type Login,
  type Unread,
  type VaultAnswers,
} from "./answers";
import { principalsOf } from "./principals";

interface ReadOptions {
  /** The roles with their policies' texts that are not asked for, since other probes compare them with the declaration. */
  readonly declared: Readonly<Record<string, string>>;
  /** Further policies whose texts are not asked for. @default none */
  readonly policies?: Readonly<Record<string, string>>;
  /** The active tokens, if they are known. @default asked for */
  readonly tokens?: () => Promise<readonly ActiveToken[]>;
  /** The most objects that are read. @default 2000 */
  readonly objects?: number;
  /** The longest time for more than the first 200 of them, in milliseconds. @default 2000 */
  readonly time?: number;
}

/** The folders in which an auth method lists what it gives policies to. */
const folders: Readonly<Record<string, readonly Folder[]>> = {
  token: [{ list: "roles" }],
  approle: [{ list: "role" }],
  userpass: [{ list: "users" }],
  ldap: [{ list: "users" }, { list: "groups" }],
  okta: [{ list: "users" }, { list: "groups" }],
  radius: [{ list: "users" }],
  cert: [{ list: "certs" }],
  jwt: [{ list: "role" }],
  oidc: [{ list: "role" }],
  kubernetes: [{ list: "role" }],
  azure: [{ list: "role" }],
  oci: [{ list: "role" }],
  saml: [{ list: "role" }],
  spiffe: [{ list: "role" }],
  aws: [{ list: "roles", read: "role" }],
  gcp: [{ list: "roles", read: "role" }],
  alicloud: [{ list: "roles", read: "role" }],
  cf: [{ list: "roles" }],
  kerberos: [{ list: "groups" }],
  github: [{ list: "map/teams" }, { list: "map/users" }],
};

interface Folder {
  readonly list: string;
  /** @default the same */
  readonly read?: string;
}

/** The auth methods whose configuration gives policies to everyone who logs in, with its path. */
const configurations: Readonly<Record<string, string>> = {
  ldap: "config",
  okta: "config",
  radius: "config",
  github: "config",
  kerberos: "config/ldap",
};

const data = z.object({ data: z.record(z.string(), z.unknown()) });

/** The number of objects that are read however long it takes. */
const atLeast = 200;

/** The number of calls at a time. */
const atATime = 16;

/**
 * Asks Vault who is in it, as the auditor. What it may not read, and what is beyond the limits, is noted as unread.
 * @throws VaultUnreachable
 */
export async function readAnswers(auditor: VaultClient, options: ReadOptions): Promise<VaultAnswers> {
  return new Reader(auditor, options).read();
}

/** A limit was reached. */
class Exhausted extends Error {}

class Reader {
  private readonly unread: Unread[] = [];
  private started = Date.now();
  private spent = 0;

  constructor(
    private readonly auditor: VaultClient,
    private readonly options: ReadOptions,
  ) {}

  async read(): Promise<VaultAnswers> {
    const [methods, entities, groups, tokens, policyNames] = await Promise.all([
      this.attempt("auth methods", () => this.readMethods(), []),
      this.attempt("entities", () => this.readEach("identity/entity/id", entityAnswer), []),
      this.attempt("groups", () => this.readEach("identity/group/id", groupAnswer), []),
      this.attempt("tokens", () => this.readActiveTokens(), []),
      this.attempt("policies", () => this.auditor.list("sys/policies/acl"), []),
    ]);
    const logins = (await Promise.all(methods.map((method) => this.readLogins(method)))).flat();
    const answers = { methods, logins, entities, groups, tokens, policyNames, unread: this.unread };
    // Without the policies, nothing of what was read can be judged: they have limits of their own.
    this.spent = 0;
    this.started = Date.now();
    const { declared, policies: others } = this.options;
    const known = new Map(Object.entries({ ...declared, ...others }));
    const policies = new Map([...known, ...(await this.readPolicies({ ...answers, policies: known }))]);
    return { ...answers, policies };
  }

  private async readMethods(): Promise<AuthMethod[]> {
    const { data: mounts } = await this.auditor.call({ path: "sys/auth" }, mountsAnswer);
    // In a namespace, Vault's own one is named `ns_token`.
    return Object.entries(mounts).map(([path, { type, accessor }]) => ({
      path,
      type: type.replace(/^ns_/, ""),
      accessor,
    }));
  }

  private readActiveTokens(): Promise<readonly ActiveToken[]> {
    return this.options.tokens?.() ?? readTokens(this.auditor, () => this.spend());
  }

  private async readLogins(method: AuthMethod): Promise<Login[]> {
    const known = folders[method.type];
    const base = `auth/${method.path}`;
    if (!known) {
      this.unread.push({ what: base, because: `an auth method ${method.type} is not known` });
      return [];
    }
    const configuration = configurations[method.type];
    const all = await Promise.all([
      ...known.map(({ list: folder, read = folder }) =>
        this.attempt(`${base}${folder}`, () => this.readFolder(method, folder, read), []),
      ),
      ...(configuration
        ? [this.attempt(`${base}${configuration}`, () => this.readLogin(method, configuration), [])]
        : []),
    ]);
    return all.flat();
  }

  private async readFolder(method: AuthMethod, folder: string, read: string): Promise<Login[]> {
    const base = `auth/${method.path}`;
    const listed = await this.auditor.list(pathInUrl(`${base}${folder}`));
    const names = listed.filter((name) => !name.endsWith("/"));
    for (const name of listed.filter((each) => !names.includes(each)))
      this.unread.push({
        what: `${base}${folder}/${name}`,
        because: "Vault lists no names with a / in them",
      });
    const isDeclared = (name: string) => method.path === "approle/" && name in this.options.declared;
    const others = await this.inParallel(
      `${base}${folder}`,
      names.filter((name) => !isDeclared(name)),
      (name) => this.readLogin(method, `${read}/${name}`, name),
    );
    const ours = names.filter(isDeclared).map(
      (name): Login => ({
        method: method.path,
        path: `${read}/${name}`,
        name,
        data: { token_policies: [name], token_no_default_policy: true },
      }),
    );
    return [...ours, ...others.flat()];
  }

  private async readLogin({ path: method }: AuthMethod, path: string, name = path): Promise<Login[]> {
    const found = await this.find(`auth/${method}${path}`, data);
    return found ? [{ method, path, name, data: found.data }] : [];
  }

  private async readEach<T extends EntityAnswer | GroupAnswer>(
    path: string,
    schema: z.ZodType<{ data: T }>,
  ): Promise<T[]> {
    const found = await this.inParallel(path, await this.auditor.list(path), (id) =>
      this.find(`${path}/${id}`, schema),
    );
    return found.flatMap((each) => (each ? [each.data] : []));
  }

  /** The policies that anybody can have, but for the known ones. */
  private async readPolicies(answers: VaultAnswers): Promise<[string, string][]> {
    const used = new Set(
      principalsOf(answers, this.auditor.keyPath).flatMap(({ sets }) =>
        sets.flatMap(({ policies }) => policies),
      ),
    );
    const asked = [...used].filter((name) => name !== "root" && !answers.policies.has(name));
    const found = await this.inParallel("policies", asked, (name) =>
      this.attempt(
        `policy ${name}`,
        async () => {
          const path = `sys/policies/acl/${name}`;
          return [name, (await this.find(path, policyAnswer))?.data.policy] as const;
        },
        undefined,
      ),
    );
    return found.flatMap((each) => (each?.[1] === undefined ? [] : [[each[0], each[1]]]));
  }

  /** Reads each item. If a limit is reached, what was read before counts. */
  private async inParallel<T, R>(
    what: string,
    items: readonly T[],
    work: (item: T) => Promise<R>,
  ): Promise<R[]> {
    const all: R[] = [];
    for (let index = 0; index < items.length; index += atATime) {
      const some = items.slice(index, index + atATime);
      const read = await this.attempt(what, () => Promise.all(some.map(work)), undefined);
      if (!read) break;
      all.push(...read);
    }
    return all;
  }

  /** At a limit it rejects instead of throwing, so that the calls that were begun beside it are handled. */
  private async find<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T> | undefined> {
    this.spend();
    return this.auditor.find({ path: pathInUrl(path) }, schema);
  }

  private spend(): void {
    this.spent += 1;
    const { objects = 2000, time = 2000 } = this.options;
    if (this.spent > objects) throw new Exhausted(`more than ${objects} objects`);
    // A busy host alone is no reason: what a few objects are is always read.
    if (this.spent > atLeast && Date.now() - this.started > time)
      throw new Exhausted(`more than ${time / 1000} s`);
  }

  /** Notes what could not be read. */
  private async attempt<T>(what: string, work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Exhausted) this.unread.push({ what, because: error.message });
      else if (error instanceof VaultFailure)
        this.unread.push({
          what,
          because: error.status === 403 ? "not permitted" : `Vault answered ${error.status}`,
        });
      else throw error;
      return otherwise;
    }
  }
}
