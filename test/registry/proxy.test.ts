import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NO_PROXIES } from "../../src/proxy.ts";
import { Secret } from "../../src/secret.ts";
import { startHttpsServer } from "../changes/https-server.ts";
import { setUpDesk } from "../e2e/run-cli.ts";
import { startProxyServer } from "../proxy-server.ts";
import { closeAfterTest, openRegistry } from "./open-registry.ts";

const BASE_URL = "http://api.example.test/client/v4";

async function behindProxy(proxyOptions: { password?: string } = {}, user = "") {
  const { api } = await openRegistry();
  const proxy = closeAfterTest(await startProxyServer(Number(new URL(api.baseUrl).port), proxyOptions));
  const address = proxy.address.replace("//", `//${user}`);
  const { client, told } = await openRegistry(
    {},
    {
      baseUrl: BASE_URL,
      accountId: api.accountId,
      token: api.token,
      proxy: { ...NO_PROXIES, http: new Secret(address) },
      retries: { retries: 0 },
    },
  );
  return { api, proxy, client, told };
}

test("the API is reached through the proxy, with its password", async () => {
  const { api, proxy, client } = await behindProxy({ password: "ada:pass word" }, "ada:pass%20word@");
  const listed = await Array.fromAsync(client.list());
  expect(listed).toHaveLength(api.registry.size);
  const { id } = listed.find(({ provenance }) => provenance === "A1S_INTERNAL")!;
  expect(await client.update(id, { comments: "through" })).toMatchObject({ entry: { comments: "through" } });
  expect(proxy.asked).toHaveLength(api.requests().length);
  expect(proxy.asked[0]).toMatch(/^GET http:\/\/api\.example\.test\/client\/v4\/accounts\//);
});

test("a proxy that wants a password halts, and one that is not there is named, without its password", async () => {
  const { client, proxy } = await behindProxy({ password: "ada:right" }, "ada:wrong@");
  await expect(Array.fromAsync(client.list())).rejects.toMatchObject({
    name: "HaltError",
    code: "proxy_refused",
    message: expect.stringMatching(
      new RegExp(`^the proxy does not let requests through to the API \\(${proxy.address}: `),
    ),
  });
  await proxy.close();
  await expect(Array.fromAsync(client.list())).rejects.toMatchObject({
    name: "TransientError",
    message: `listing the registry, page 1 through the proxy ${proxy.address}: nothing answers at the proxy's address (ECONNREFUSED)`,
  });
});

test("the command line goes through a tunnel to an https API, and doctor says so", async () => {
  const { api } = await openRegistry();
  const apiPort = Number(new URL(api.baseUrl).port);
  const tls = closeAfterTest(
    await startHttpsServer((call, response) => {
      const onward = connect(apiPort, "127.0.0.1");
      const head = [`${call.method} ${call.url} HTTP/1.1`, "connection: close"];
      for (const [name, value] of Object.entries(call.headers))
        if (name !== "connection") head.push(`${name}: ${String(value)}`);
      onward.write(`${head.join("\r\n")}\r\n\r\n`);
      call.pipe(onward);
      onward.pipe(response.socket!);
    }),
  );
  const proxy = closeAfterTest(await startProxyServer(tls.port));
  const desk = await setUpDesk(api, {
    CLOUDFLARE_BASE_URL: "https://api.example.test/client/v4",
    HTTPS_PROXY: proxy.address.replace("//", "//ada:s3cret@"),
  });
  try {
    await writeFile(join(desk.folder, "ca.pem"), tls.ca);
    const env = { NODE_EXTRA_CA_CERTS: join(desk.folder, "ca.pem") };
    const { code, stdout, stderr } = await desk.run(["doctor"], { env });
    expect(stdout).toContain(`the API is reached through ${proxy.address}`);
    expect(stdout + stderr).not.toContain("s3cret");
    expect(code).toBe(0);
    expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT api.example.test:443"]));
    expect(api.requests().length).toBeGreaterThan(0);
  } finally {
    await desk.clear();
  }
});
