import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { generate } from "selfsigned";
import { expect, test } from "vitest";
import { BackendError } from "../../src/backends/backend-error.ts";
import { openBackend } from "../../src/backends/open.ts";

test("a Redis whose certificate nobody trusts comes with the setting that makes it trusted", async () => {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }]);
  const server = createServer({ key, cert }, (socket) => socket.on("error", () => {}));
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const error: unknown = await openBackend({ url: `rediss://127.0.0.1:${port}`, dataDir: "" }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(BackendError);
    const { code, message, remedy } = error as BackendError;
    expect({ code, message: message.replace(String(port), "PORT"), remedy }).toEqual({
      code: "backend_certificate",
      message:
        "The certificate of Redis at rediss://127.0.0.1:PORT is signed by nobody whom this machine trusts (DEPTH_ZERO_SELF_SIGNED_CERT)",
      remedy: "Set NODE_EXTRA_CA_CERTS to the file with the certificate of the authority that signed it (PEM)",
    });
  } finally {
    server.close();
  }
});
