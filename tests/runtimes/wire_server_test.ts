import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { ProxyServer } from "./proxy_server.ts";
import { identity, RUNTIME } from "./roads.ts";
import { WireServer } from "./wire_server.ts";

// Only Node shows a server the connections whose handshake goes on; the others end them by themselves.
describe("A server of these tests", { skip: RUNTIME !== "node" && "a matter of Node" }, () => {
  for (
    const [name, listen] of [["WireServer", WireServer.listen], ["ProxyServer", ProxyServer.listen]] as const
  ) {
    it(`closes though a client does not go on with its handshake: ${name}`, async () => {
      const server = await listen({ tls: identity("server") });
      const client = connect(server.port, "127.0.0.1");
      client.on("error", () => {}); // a reset is as good an end as any
      await once(client, "connect");
      client.write(Uint8Array.of(22)); // the first byte of a hello
      await new Promise((resolve) => setImmediate(resolve));
      const closed = new Promise((resolve) => client.on("close", resolve));
      await server.close();
      await closed;
      assert.ok(client.destroyed);
    });
  }
});
