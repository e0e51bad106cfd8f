import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RestClient, type TraceContext, traceContext } from "@coxswain/kube/rest";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** The two headers of each attempt. */
async function sent(
  current: () => Partial<TraceContext> | undefined,
  { own, refusals = 0 }: { own?: string; refusals?: number } = {},
): Promise<(string | null)[][]> {
  const seen: (string | null)[][] = [];
  const rest = new RestClient({
    server: "http://coxswain.test",
    middleware: [traceContext(current)],
    fetch: (_, init) => {
      const headers = new Headers(init?.headers);
      seen.push([headers.get("traceparent"), headers.get("tracestate")]);
      const status = seen.length <= refusals ? 429 : 200;
      return Promise.resolve(new Response("ok", { status, headers: { "retry-after": "0" } }));
    },
  });
  let request = rest.get().absolutePath("/healthz");
  if (own !== undefined) request = request.header("Traceparent", own);
  assert.equal(await (await request.send()).text(), "ok");
  return seen;
}

describe("traceContext()", () => {
  it("tells the trace, and what tracing systems add", async () => {
    assert.deepEqual(await sent(() => ({ traceparent: TRACEPARENT })), [[TRACEPARENT, null]]);
    assert.deepEqual(await sent(() => ({ traceparent: TRACEPARENT, tracestate: "a=1,b=2" })), [
      [TRACEPARENT, "a=1,b=2"],
    ]);
  });

  it("asks anew for each attempt", async () => {
    let span = 0;
    const seen = await sent(
      () => ({ traceparent: TRACEPARENT.replace("b7ad6b716920333", `b7ad6b71692033${++span}`) }),
      {
        refusals: 1,
      },
    );
    assert.deepEqual(seen.map(([parent]) => parent?.slice(50, 52)), ["11", "21"]);
  });

  it("leaves a request alone that says so itself", async () => {
    assert.deepEqual(await sent(() => ({ traceparent: TRACEPARENT, tracestate: "a=1" }), { own: "mine" }), [
      ["mine", null],
    ]);
  });

  for (
    const [what, traceparent] of Object.entries({
      "nothing": undefined,
      "an empty text": "",
      "a trace of zeros": `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
      "a span of zeros": `00-0af7651916cd43dd8448eb211c80319c-${"0".repeat(16)}-01`,
      "the forbidden version": TRACEPARENT.replace("00-", "ff-"),
      "capitals": TRACEPARENT.toUpperCase(),
      "a second header": `${TRACEPARENT}\r\nauthorization: x`,
    })
  ) {
    it(`sends nothing for ${what}`, async () => {
      assert.deepEqual(await sent(() => ({ traceparent, tracestate: "a=1" })), [[null, null]]);
    });
  }

  it("sends nothing where there is no context, or none to be had", async () => {
    assert.deepEqual(await sent(() => undefined), [[null, null]]);
    assert.deepEqual(
      await sent(() => {
        throw new Error("no tracer");
      }),
      [[null, null]],
    );
  });

  it("leaves out a state that is no header", async () => {
    assert.deepEqual(await sent(() => ({ traceparent: TRACEPARENT, tracestate: "a=1\n" })), [[
      TRACEPARENT,
      null,
    ]]);
  });
});
