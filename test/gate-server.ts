import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface GateServer {
  /** The address of the server behind it, by way of the gate. */
  url: string;
  /** From now on nothing that either side says gets through, and nobody is told: as a cable that was pulled, or a frozen server. */
  shut(): void;
  /** What waited gets through, in order. */
  open(): void;
  /** Connections that a client has not ended. */
  connections(): number;
  close(): Promise<void>;
}

/** Stands between a client and a server on loopback, and lets through what they say to each other while it is open. */
export async function startGateServer(url: string): Promise<GateServer> {
  const to = new URL(url);
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let isShut = false;
  const add = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).once("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    const target = connect(Number(to.port), to.hostname);
    add(client);
    add(target);
    clients.add(client);
    client.once("close", () => {
      clients.delete(client);
      target.destroy();
    });
    target.once("close", () => client.destroy());
    client.on("data", (data) => target.write(data)).on("end", () => target.end());
    target.on("data", (data) => client.write(data)).on("end", () => client.end());
    if (isShut) for (const socket of [client, target]) socket.pause();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const via = new URL(url);
  via.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: via.href,
    shut: () => {
      isShut = true;
      for (const socket of sockets) socket.pause();
    },
    open: () => {
      isShut = false;
      for (const socket of sockets) socket.resume();
    },
    connections: () => clients.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
