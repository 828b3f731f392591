import { type ParseError, parse } from "jsonc-parser";
import { settingsSchema } from "../../../lib/config/settings";
import { deployment } from "../../../lib/model/deployment";
import {
  type FragmentProps,
  renderArtifacts,
  renderFragment,
  renderGuideConfig,
} from "../../../lib/model/openclaw/openclaw";

const { models, openclaw } = settingsSchema.parse({});

describe("the setup guide's config.json", () => {
  const config = renderGuideConfig({
    instanceName: "oa-paris",
    environment: "production",
    models,
    temperature: openclaw.temperature,
    maxTokens: openclaw.maxTokens,
    vaultAddress: "http://127.0.0.1:8200",
  });

  test("has the setup guide's shape, naming and order, and no other section", () => {
    expect(JSON.stringify({ ...config, agents: undefined }, null, 2)).toMatchInlineSnapshot(`
      "{
        "instance_name": "oa-paris",
        "environment": "production",
        "model": {
          "provider": "openrouter",
          "default_model": "anthropic/claude-sonnet-5",
          "fallback_model": "anthropic/claude-haiku-4.5",
          "temperature": 0.3,
          "max_tokens": 8192
        },
        "vault": {
          "enabled": true,
          "address": "http://127.0.0.1:8200",
          "token_env": "VAULT_TOKEN",
          "secret_prefix": "secret"
        }
      }"
    `);
    expect(Object.keys(config)).toEqual(["instance_name", "environment", "model", "vault", "agents"]);
  });

  test("lists every model by its role, the setup guide's two first", () => {
    expect(config.agents.defaults.models).toEqual([
      { id: models.default, provider: "openrouter", role: "primary" },
      { id: models.fallback, provider: "openrouter", role: "fallback" },
      { id: models.experimentation, provider: "openrouter", role: "experimentation" },
      { id: models.french, provider: "openrouter", role: "french" },
      { id: models.open, provider: "openrouter", role: "open" },
    ]);
  });
});

describe("the gateway's fragment", () => {
  const props: FragmentProps = {
    baseUrl: "https://openrouter.ai/api/v1",
    models,
    resolverCommand: "/home/claw/.openclaw/openclaw-openrouter/resolver.cjs",
    resolverEnvironment: { VAULT_ADDR: "http://127.0.0.1:8200" },
  };
  const read = (text: string) => {
    const errors: ParseError[] = [];
    const value = parse(text, errors);
    expect(errors).toEqual([]);
    return value;
  };

  test("is this text", () => {
    expect(renderFragment(props)).toMatchInlineSnapshot(`
      "// Managed by openclaw-openrouter, which writes this file again: changes made here are lost.
      // Change the settings of openclaw-openrouter and deploy, or override a value in openclaw.json.
      {
        "secrets": {
          "providers": {
            "openclaw-openrouter": {
              "source": "exec",
              "command": "/home/claw/.openclaw/openclaw-openrouter/resolver.cjs",
              "env": {
                "VAULT_ADDR": "http://127.0.0.1:8200"
              },
              "timeoutMs": 15000,
              "noOutputTimeoutMs": 15000
            }
          }
        },
        "models": {
          "providers": {
            "openrouter": {
              "baseUrl": "https://openrouter.ai/api/v1",
              "auth": "api-key",
              "apiKey": {
                "source": "exec",
                "provider": "openclaw-openrouter",
                "id": "openrouter/api_key"
              }
            }
          }
        },
        "agents": {
          "defaults": {
            "model": {
              "primary": "openrouter/anthropic/claude-sonnet-5",
              "fallbacks": [
                "openrouter/anthropic/claude-haiku-4.5"
              ]
            }
          }
        }
      }
      "
    `);
  });

  test("is the same text whatever the order of what it is made from", () => {
    const reversed = (value: object) => Object.fromEntries(Object.entries(value).reverse());
    const other = reversed({ ...props, models: reversed(models) }) as unknown as FragmentProps;
    expect(renderFragment(other)).toBe(renderFragment(props));
  });

  test("stays valid where paths hold quotes, backslashes or line breaks", () => {
    const resolverCommand = '/home/"a\\b\nc/resolver';
    const fragment = read(renderFragment({ ...props, resolverCommand }));
    expect(fragment.secrets.providers["openclaw-openrouter"].command).toBe(resolverCommand);
  });

  test("gives the key by a reference to the provider that it declares", () => {
    const fragment = read(renderFragment(props));
    const { auth, apiKey } = fragment.models.providers.openrouter;
    expect(auth).toBe("api-key");
    expect(fragment.secrets.providers).toHaveProperty([apiKey.provider, "source"], apiKey.source);
    expect(apiKey.id).toBe("openrouter/api_key");
  });
});

test("for a gateway in a container, paths are the container's, and Vault is behind the Unix socket", () => {
  const gateway = {
    container: "claw",
    folder: "/home/node/.openclaw",
    uid: 1000,
    gid: 1000,
    node: "/usr/local/bin/node",
  };
  const of = (...more: [] | [{ gateway: typeof gateway }]) =>
    renderArtifacts(deployment("default", settingsSchema.parse({}), "/srv/i", "/home/a", ...more));
  const text = of({ gateway })["openrouter.json5"];
  expect(text).toContain('"command": "/home/node/.openclaw/openclaw-openrouter/resolver.cjs"');
  expect(text).toContain('"VAULT_ADDR": "unix:///run/openclaw-vault/vault.sock"');
  expect(text).not.toContain("VAULT_CACERT");
  expect(of()["openrouter.json5"]).toContain('"VAULT_ADDR": "https://127.0.0.1:8200"');
  expect(of({ gateway })["config.json"]).toBe(of()["config.json"]);
});
