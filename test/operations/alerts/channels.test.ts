import { createHmac } from "node:crypto";
import { type AlertMessage, bodyOf, titleOf } from "../../../lib/model/alert";
import { fitted } from "../../../lib/operations/alerts/channels/channel";
import { mailTarget } from "../../../lib/operations/alerts/channels/mail";
import { httpChannels, recognise } from "../../../lib/operations/alerts/channels/recognise";
import type { ChannelKind } from "../../../lib/store/records/alert-channels";

const id26 = "abcdefghijklmnopqrstuvwxyz";

test.each<[string, ChannelKind]>([
  ["https://hooks.slack.com/services/T0/B0/xyz", "slack"],
  ["https://discord.com/api/webhooks/1/abc", "discord"],
  ["https://ptb.discord.com/api/webhooks/1/abc", "discord"],
  ["https://discordapp.com/api/webhooks/1/abc", "discord"],
  [`https://chat.example.org/hooks/${id26}`, "mattermost"],
  [`https://example.org/chat/hooks/${id26}`, "mattermost"],
  ["https://ntfy.sh/mytopic", "ntfy"],
  ["ntfy://tk_abc@ntfy.example.org/mytopic", "ntfy"],
  ["https://api.telegram.org/bot1:abc/sendMessage?chat_id=-100", "telegram"],
  ["https://example.org/hook", "webhook"],
  [`https://example.org/hook#whsec_${"A".repeat(44)}`, "webhook"],
  ["https://hooks.slack.com.example.org/services/T0", "webhook"],
  ["http://127.0.0.1:9000/hook", "webhook"],
  ["smtps://me%40example.org:pass@mail.example.org", "mail"],
  ["smtp://user:pass@mail.example.org:2525/?from=a@example.org&to=b@example.org", "mail"],
  ["  /bin/true  --now ", "command"],
])("%s is a receiver of the kind %s", (text, kind) => {
  expect(recognise(text)).toEqual({ kind, target: text.trim() });
});

test.each([
  ["http://example.org/hook", "an http:// URL"],
  ["ftp://example.org/x", "a URL of the kind ftp://"],
  ["file:///etc/passwd", "a URL of the kind file://"],
  ["https://user:secret-word@example.org/hook", "a URL with a login"],
  ["https://example.org/hook#whsec_short", "a # that no signing key follows"],
  ["https://ntfy.sh/", "without one topic"],
  ["https://ntfy.sh/a/b", "without one topic"],
  ["smtps://mail.example.org", "no receiver"],
  ["smtps://me@mail.example.org/?to=no-address&from=a@b.c", "no address"],
  ["smtps://u:p@mail.example.org/?from=a@b.c&to=x%0d%0aBcc:e@f.g", "no address"],
  ["smtps://me%40example.org:secret-word%zz@mail.example.org", "a % itself is %25"],
  ["secret-word", "neither a URL nor an absolute path"],
  ["rm -rf /", "neither a URL nor an absolute path"],
  ["/no/such/program", "does not exist"],
])("%s is refused", (text, got) => {
  let said = "";
  try {
    recognise(text);
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toContain(got);
  // What was typed can be a secret.
  expect(said).not.toContain("secret-word");
});

const message: AlertMessage = {
  version: 1,
  id: "0123456789abcdef0123456789abcdef",
  event: "check.failed:chat.default",
  phase: "raised",
  severity: "critical",
  instance: "default",
  host: "host-1",
  at: "2026-11-12T10:00:00.000Z",
  summary: "It says <!channel> @here **bold** [link](https://evil.example) & `code` <@U1>",
  fix: "openclaw-openrouter key rotate",
};
const render = (kind: keyof typeof httpChannels, target: string, key?: string) => {
  const { url, headers = {}, body } = httpChannels[kind].render(new URL(target), message, key);
  return { url, headers, body: body as Record<string, unknown> };
};

test("a webhook's message is signed as Standard Webhooks says, and its key never leaves", () => {
  const key = `whsec_${Buffer.from("k".repeat(32)).toString("base64")}`;
  const { url, headers, body } = render("webhook", `https://example.org/hook?a=1#${key}`, key);
  expect(url).toBe("https://example.org/hook?a=1");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${JSON.stringify(body)}`;
  const expected = createHmac("sha256", "k".repeat(32)).update(signed).digest("base64");
  expect(headers["webhook-signature"]).toBe(`v1,${expected}`);
  expect(headers["Idempotency-Key"]).toBe(message.id);
  expect(body).toMatchObject({ type: `openclaw-openrouter.${message.event}`, data: message });
  expect(JSON.stringify([url, headers, body])).not.toContain(key.slice(6));
});

test("Slack gets no mention, no link and no format from foreign text", () => {
  const { body } = render("slack", "https://hooks.slack.com/services/T0/B0/x");
  expect(body.text).toContain(
    "&lt;!channel&gt; @here **bold** [link](https://evil.example) &amp; `code` &lt;@U1&gt;",
  );
  expect(body).toMatchObject({ mrkdwn: false, unfurl_links: false });
});

test("Discord gets no mention and no Markdown, in at most 2000 characters", () => {
  const { url, body } = render("discord", "https://discord.com/api/webhooks/1/abc");
  expect(url).toBe("https://discord.com/api/webhooks/1/abc?wait=true");
  expect(body).toMatchObject({ allowed_mentions: { parse: [] }, flags: 4 });
  expect(body.content).toContain(
    "\\<\\!channel\\> ＠here \\*\\*bold\\*\\* \\[link\\]\\(https\\://evil.example\\)",
  );
  const long = httpChannels.discord.render(
    new URL("https://discord.com/api/webhooks/1/a"),
    {
      ...message,
      summary: "*".repeat(3000),
    },
    undefined,
  );
  expect((long.body as { content: string }).content.length).toBeLessThanOrEqual(2000);
});

test("no text notifies users of Mattermost", () => {
  const { body } = render("mattermost", `https://chat.example.org/hooks/${id26}`);
  expect(body.text).not.toMatch(/(?<!\\)[*<[`]|@/);
  expect(body.props).toEqual({ disable_group_highlight: true });
});

test.each([
  ["https://ntfy.sh/mytopic", "https://ntfy.sh/", undefined],
  ["ntfy://tk_abc@ntfy.example.org:8443/mytopic", "https://ntfy.example.org:8443/", "Bearer tk_abc"],
  ["ntfy://:tk_abc@ntfy.example.org/mytopic", "https://ntfy.example.org/", "Bearer tk_abc"],
  [
    "ntfy://me:p%40ss@ntfy.example.org/mytopic",
    "https://ntfy.example.org/",
    `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
  ],
])("ntfy by %s", (target, url, authorization) => {
  const rendered = render("ntfy", target);
  expect([rendered.url, rendered.headers.Authorization]).toEqual([url, authorization]);
  expect(rendered.body).toMatchObject({
    topic: "mytopic",
    title: titleOf(message),
    message: bodyOf(message),
    priority: 5,
  });
});

test("Telegram gets plain text for its chat, without a mention", () => {
  const { url, body } = render("telegram", "https://api.telegram.org/bot1:abc/sendMessage?chat_id=-100");
  expect(url).toBe("https://api.telegram.org/bot1:abc/sendMessage");
  expect(body).toMatchObject({ chat_id: "-100" });
  expect(body.parse_mode).toBeUndefined();
  expect(body.text).not.toContain("@");
});

test.each([
  [
    ["smtps://me%40example.org:p%3Aw@mail.example.org"],
    {
      host: "mail.example.org",
      port: 465,
      secure: true,
      login: { user: "me@example.org", pass: "p:w" },
      from: "me@example.org",
      to: ["me@example.org"],
    },
  ],
  [
    ["smtp://mail.example.org/?from=a@b.c&to=d@e.f,g@h.i&to=j@k.l"],
    {
      host: "mail.example.org",
      port: 587,
      secure: false,
      login: undefined,
      from: "a@b.c",
      to: ["d@e.f", "g@h.i", "j@k.l"],
    },
  ],
  [
    ["smtp://u:100%25@mail.example.org/?from=a+b@c.d&to=me+alerts@example.org"],
    {
      host: "mail.example.org",
      port: 587,
      secure: false,
      login: { user: "u", pass: "100%" },
      from: "a+b@c.d",
      to: ["me+alerts@example.org"],
    },
  ],
])("mail by %s", ([url], expected) => {
  expect(mailTarget(new URL(url!))).toEqual(expected);
});

test.each([
  ["short", 10, "short"],
  ["exactly-10", 10, "exactly-10"],
  ["more than 10", 10, "more than…"],
  ["𝄞𝄞𝄞", 4, "𝄞…"],
])("%s in %i characters", (text, longest, expected) => {
  expect(fitted(text, longest, (character) => character)).toBe(expected);
});
