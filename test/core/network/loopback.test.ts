import { isLoopbackHost, isLoopbackUrl, isPlainHttp } from "../../../lib/core/network/loopback";

const loopback = ["127.0.0.1", "127.0.0.53", "127.255.255.254", "localhost", "LOCALHOST", "[::1]"];

const others = [
  // What begins or ends like one.
  ...[
    "localhost.evil",
    "localhost.evil.example",
    "evil-localhost",
    "notlocalhost",
    "127.evil.com",
    "127.0.0.1.evil.com",
  ],
  ...["127.0.0.1.nip.io", "x127.0.0.1", "localhost:8200@evil"],
  // A user's name, a fragment, a backslash.
  ...[
    "127.0.0.1@evil",
    "127.0.0.1:8200@evil",
    "localhost@evil",
    "127.0.0.1#@evil",
    "127.0.0.1?@evil",
    "127.0.0.1\\@evil",
  ],
  // Other notations.
  ...[
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "127.00.0.1",
    "127.0.0.01",
    "127.0.0.256",
  ],
  ...[
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:0:0:1]",
    "[::1%25lo]",
    "127.0.0.1.",
    "localhost.",
    "127。0。0。1",
    "１２７.0.0.1",
  ],
  // Blanks and what is not shown.
  ...[
    "127.0.0.1 evil",
    " 127.0.0.1",
    "127.0.0.1\n.evil",
    "127.0.0.1\t.evil",
    "127.0.0.1%00.evil",
    "%31%32%37.0.0.1",
    "",
  ],
  // Everywhere, and elsewhere.
  ...[
    "0.0.0.0",
    "0",
    "[::]",
    "10.0.0.1",
    "192.168.1.5",
    "172.17.0.1",
    "169.254.169.254",
    "128.0.0.1",
    "126.255.255.255",
  ],
  ...["vault", "vault.internal", "host.docker.internal", "[fd00::1]", "[::2]"],
];

test.each(loopback)("%s is the loopback", (host) => {
  expect(isLoopbackHost(host)).toBe(true);
  for (const rest of ["", "/", ":8200", ":8200/v1", "/a?b=c#d"]) {
    expect(isLoopbackUrl(`http://${host}${rest}`)).toBe(true);
    expect(isLoopbackUrl(`https://${host}${rest}`)).toBe(true);
    expect(isPlainHttp(`http://${host}${rest}`)).toBe(false);
  }
});

test.each(others)("%j is not", (host) => {
  expect(isLoopbackHost(host)).toBe(false);
  for (const rest of ["", "/", ":8200", ":8200/v1"]) {
    expect(isLoopbackUrl(`http://${host}${rest}`)).toBe(false);
    expect(isPlainHttp(`http://${host}${rest}`)).toBe(true);
  }
  expect(isPlainHttp(`https://${host}`)).toBe(false);
});

test("::1 is it as a host, and in brackets alone in a URL", () => {
  expect([isLoopbackHost("::1"), isLoopbackUrl("http://::1"), isLoopbackUrl("http://::1:8200")]).toEqual([
    true,
    false,
    false,
  ]);
});

test.each([
  "127.0.0.1",
  "ftp://127.0.0.1",
  "unix:///127.0.0.1",
  "http:/127.0.0.1",
  "http:127.0.0.1",
  "//127.0.0.1",
  "http://127.0.0.1:123456",
])("%s is no URL of the loopback", (text) => {
  expect(isLoopbackUrl(text)).toBe(false);
});
