import { EnvHttpProxyAgent, request } from "undici";
import { expect, it } from "vitest";
import { proxyAgentOptions, proxyFor, readProxySettings } from "../src/proxy.ts";
import { startProxyServer } from "./proxy-server.ts";

const read = (env: Record<string, string>) =>
  readProxySettings(env, (problem) => {
    throw new Error(problem);
  });
const PROXY = "http://ada:s3cret@proxy.example.com:3128";

it.each<[title: string, env: Record<string, string>, address: string, proxy: string | null]>([
  ["no proxy", {}, "https://api.cloudflare.com", null],
  ["one for https", { HTTPS_PROXY: PROXY }, "https://api.cloudflare.com", "http://proxy.example.com:3128"],
  [
    "small letters first",
    { https_proxy: PROXY, HTTPS_PROXY: "http://other" },
    "https://a.org",
    "http://proxy.example.com:3128",
  ],
  ["one without a scheme", { HTTPS_PROXY: "proxy:8080" }, "https://a.org", "http://proxy:8080"],
  ["one for http only, used for https too", { HTTP_PROXY: "http://proxy:8080" }, "https://a.org", "http://proxy:8080"],
  ["one for https only, not used for http", { HTTPS_PROXY: PROXY }, "http://a.org", null],
  ["this machine, by name", { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY }, "http://localhost:8080", null],
  ["this machine, by address", { HTTP_PROXY: PROXY }, "http://127.0.0.1:8080", null],
  ["this machine, by its other address", { HTTP_PROXY: PROXY }, "http://[::1]:8080", null],
])("%s", (_title, env, address, proxy) => {
  expect(proxyFor(address, read(env))).toBe(proxy);
});

it("says what is no proxy's address, and never what it holds", () => {
  const problems: string[] = [];
  const env = { HTTPS_PROXY: "ftp://ada:s3cret@proxy", HTTP_PROXY: "http://[nonsense:s3cret" };
  expect(readProxySettings(env, (problem) => problems.push(problem))).toMatchObject({ https: null, http: null });
  expect(problems).toEqual([
    "HTTPS_PROXY: expected a proxy's address, e.g. HTTPS_PROXY=http://proxy.example.com:3128",
    "HTTP_PROXY: expected a proxy's address, e.g. HTTP_PROXY=http://proxy.example.com:3128",
  ]);
  expect(JSON.stringify(read({ HTTPS_PROXY: PROXY }))).not.toContain("s3cret");
});

it.each([
  ["", "api.example.test"],
  ["*", "api.example.test"],
  ["example.test", "api.example.test"],
  [".example.test", "example.test"],
  ["*.example.test", "example.test"],
  ["*.example.test", "api.example.test"],
  ["ample.test", "api.example.test"],
  ["other.test, API.example.test.", "api.example.test"],
  ["example.test:80", "api.example.test"],
  ["example.test:8080", "api.example.test"],
  ["10.0.0.1", "10.0.0.1"],
  ["[fd00::1]", "[fd00::1]"],
  ["fd00::1", "[fd00::1]"],
  ["[fd00::1]:81", "[fd00::1]"],
])("NO_PROXY=%s: says of %s what undici does", async (noProxy, host) => {
  const proxy = await startProxyServer(1);
  const settings = read({ HTTP_PROXY: proxy.address, NO_PROXY: noProxy });
  const agent = new EnvHttpProxyAgent({
    ...proxyAgentOptions(settings),
    connect: (_options, done) => done(new Error("reached directly"), null),
  });
  try {
    await request(`http://${host}/`, { dispatcher: agent, signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
    expect(proxyFor(`http://${host}/`, settings)).toBe(proxy.asked.length > 0 ? proxy.address : null);
  } finally {
    await agent.destroy();
    await proxy.close();
  }
});
