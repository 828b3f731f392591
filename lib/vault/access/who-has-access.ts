import { allowing } from "../../core/attempt";
import { defined } from "../../core/defined";
import { type Gain, gains } from "../../model/vault/access";
import { Acl, type NamedPolicy, type Permission } from "./acl";
import type { Unread, VaultAnswers } from "./answers";
import { type GuardedPath, guardedPaths, type KeysInVault, pathsToTry } from "./guarded-paths";
import { parsePolicy, type Rule, UnreadablePolicy } from "./policy-text";
import { type PolicySet, type Principal, principalsOf } from "./principals";
import { fillTemplates } from "./templates";

/** Something that a principal can do with the key or its guards. */
export interface Way {
  readonly gain: Gain;
  /** What it permits, such as "read the key". */
  readonly permits: string;
  /** By what it gets there, such as "policy ci, rule secret/*". */
  readonly through: string;
  /** The policies that decide. */
  readonly policies: readonly string[];
  /** The name of the entity that gives them, itself or by its groups. */
  readonly entity?: string;
}

/** A principal that gains something, with every way, the most serious first. */
export interface Access {
  readonly id: string;
  readonly name: string;
  readonly ways: readonly Way[];
}

export interface WhoHasAccess {
  readonly access: readonly Access[];
  /** What could not be judged, with the reason. */
  readonly unread: readonly Unread[];
}

/**
 * Everyone who can read the key, write it, or write what guards it, computed from Vault's answers: by policies of tokens, of
 * the roles, users and groups of all auth methods, of entities and their groups, and by becoming another one of them. Root
 * tokens are left out.
 */
export function whoHasAccess(answers: VaultAnswers, options: KeysInVault): WhoHasAccess {
  const principals = principalsOf(answers, options.keyPath);
  const judge = new Judge(answers, principals, options);
  const ways = new Map(principals.map((principal) => [principal, judge.waysOf(principal)]));
  addBecoming(principals, ways, judge);
  const access = principals.flatMap((principal) => {
    const { id, name } = principal;
    const found = ways.get(principal) ?? [];
    return found.length > 0 ? [{ id, name, ways: found.toSorted(bySeverity) }] : [];
  });
  return { access, unread: [...answers.unread, ...judge.unread()] };
}

function bySeverity(a: Way, b: Way): number {
  return gains.indexOf(a.gain) - gains.indexOf(b.gain);
}

/** Adds what a principal gains by becoming another one, until nothing is added. */
function addBecoming(principals: readonly Principal[], ways: Map<Principal, Way[]>, judge: Judge): void {
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    const goals = principals
      .filter(({ becomes }) => becomes.length > 0)
      .filter((each) => ways.get(each)?.length);
    for (const principal of principals) {
      const own = ways.get(principal) ?? [];
      for (const goal of goals) {
        const added = (ways.get(goal) ?? []).filter(
          (way) => goal !== principal && !own.some((each) => isSame(each, way)),
        );
        const step = added.length > 0 ? judge.stepTo(principal, goal) : undefined;
        if (!step) continue;
        const through = `${step.through}, so as ${goal.name}`;
        own.push(...added.map(({ gain, permits }) => ({ gain, permits, ...step, through })));
        isChanged = true;
      }
    }
  }
}

type Gained = Pick<Way, "gain" | "permits">;

function isSame(a: Gained, b: Gained): boolean {
  return a.gain === b.gain && a.permits === b.permits;
}

function byRule({ policies, rule }: Permission): Pick<Way, "through" | "policies"> {
  return { through: `policy ${policies.join(", ")}, rule ${rule}`, policies };
}

/** What the policy `root` permits: it has no text. Vault gives it to nobody but tokens, unless by one of its own defects. */
const everything: readonly Rule[] = [{ path: "*", capabilities: ["read", "update", "delete", "sudo"] }];

/** Judges sets of policies. Equal sets are judged once: a Vault can have thousands of users. */
class Judge {
  private readonly rules = new Map<string, readonly Rule[] | undefined>();
  private readonly acls = new Map<string, Acl>();
  private readonly judged = new Map<Acl, Way[]>();
  private readonly guarded: readonly GuardedPath[];

  constructor(
    private readonly answers: VaultAnswers,
    principals: readonly Principal[],
    options: KeysInVault,
  ) {
    // Also a policy that does not exist yet: whoever writes it decides what those may who have its name.
    const named = principals.flatMap(({ sets }) => sets.flatMap(({ policies }) => policies));
    const used = new Set([...answers.policies.keys(), ...named]);
    used.delete("root");
    this.guarded = guardedPaths(answers.methods, [...used], options);
  }

  waysOf({ sets, direct }: Principal): Way[] {
    const all: Way[] = direct ? [{ ...direct, policies: [] }] : [];
    for (const set of sets) {
      const found = this.waysOfAcl(this.aclOf(set));
      const { entity } = set;
      for (const way of found.filter((each) => !all.some((other) => isSame(other, each))))
        all.push(
          set.through ? { ...way, through: `${set.through}, ${way.through}`, ...defined({ entity }) } : way,
        );
    }
    return all;
  }

  /** How a principal can become another one; undefined if it cannot. */
  stepTo({ sets }: Principal, { becomes }: Principal): Pick<Way, "through" | "policies"> | undefined {
    for (const set of sets) {
      const acl = this.aclOf(set);
      for (const path of becomes) {
        const found = acl.at(path);
        if (found && ["create", "update"].some((each) => found.capabilities.has(each))) return byRule(found);
      }
    }
    return undefined;
  }

  unread(): Unread[] {
    return [...this.rules].flatMap(([name, rules]) =>
      rules ? [] : [{ what: `policy ${name}`, because: "its text is not known to be a policy" }],
    );
  }

  private aclOf({ policies, person }: PolicySet): Acl {
    const named = policies.flatMap((name): NamedPolicy[] => {
      const rules = this.rulesOf(name) ?? [];
      const filled = rules.flatMap((rule) => {
        const path = fillTemplates(rule.path, person);
        return path === undefined ? [] : [path === rule.path ? rule : { ...rule, path }];
      });
      return [{ name, rules: filled }];
    });
    const isTemplated = policies.some((name) => hasTemplates(this.rulesOf(name)));
    const key = isTemplated ? JSON.stringify(named) : policies.toSorted().join();
    const known = this.acls.get(key) ?? new Acl(named);
    this.acls.set(key, known);
    return known;
  }

  private rulesOf(name: string): readonly Rule[] | undefined {
    if (!this.rules.has(name)) this.rules.set(name, this.parse(name));
    return this.rules.get(name);
  }

  /** The rules of a policy; none if there is no such policy, undefined if it is not one that this program knows. */
  private parse(name: string): readonly Rule[] | undefined {
    if (name === "root") return everything;
    const text = this.answers.policies.get(name);
    if (text === undefined) return [];
    return allowing(UnreadablePolicy, () => parsePolicy(text));
  }

  private waysOfAcl(acl: Acl): Way[] {
    const known = this.judged.get(acl);
    if (known) return known;
    const rules = acl.paths;
    const ways: Way[] = [];
    for (const guarded of rules.length > 0 ? this.guarded : []) {
      if (ways.some((way) => isSame(way, guarded))) continue;
      for (const path of pathsToTry(guarded, rules)) {
        const found = acl.at(path);
        if (!found || !isPermitted(guarded, found.capabilities)) continue;
        ways.push({ gain: guarded.gain, permits: guarded.permits, ...byRule(found) });
        break;
      }
    }
    this.judged.set(acl, ways);
    return ways;
  }
}

function hasTemplates(rules: readonly Rule[] | undefined): boolean {
  return rules?.some(({ path }) => path.includes("{{")) ?? false;
}

function isPermitted({ anyOf, sudo }: GuardedPath, capabilities: ReadonlySet<string>): boolean {
  return anyOf.some((each) => capabilities.has(each)) && (!sudo || capabilities.has("sudo"));
}
