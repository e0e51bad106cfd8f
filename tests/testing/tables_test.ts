import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { CONFIG_MAPS, configMap, DEFINITIONS, ORIGIN, PODS, send, widgetDefinition } from "./exchange.ts";

// That rows of all kinds are those of a real server, tests/cluster/tables_test.ts shows.
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
const PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
const PARTIALS = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
const WIDGETS = "/apis/example.com/v1/namespaces/default/widgets";

interface Row {
  readonly cells: unknown[];
  readonly object: { kind: string; metadata: { name: string }; data?: unknown } | null;
}
interface Table {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: Record<string, unknown>;
  readonly columnDefinitions: { name: string; description: string; priority: number }[] | null;
  readonly rows: Row[];
}

async function get(server: ApiServer, path: string, accept: string = TABLE): Promise<Table> {
  return JSON.parse((await send(server, "GET", path, { headers: { accept } })).text);
}

function definition(columns?: object[]): Record<string, unknown> {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return widgetDefinition({ schema, additionalPrinterColumns: columns });
}

async function withWidget(columns: object[] | undefined, widget: object): Promise<Table> {
  const server = new ApiServer();
  await send(server, "POST", DEFINITIONS, { body: definition(columns) });
  const body = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "one" }, ...widget };
  await send(server, "POST", WIDGETS, { body });
  try {
    return await get(server, WIDGETS);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

describe("Tables", () => {
  it("of a list have columns, a row for each object and its metadata", async () => {
    const clock = new ManualClock();
    const server = new ApiServer({ clock });
    await send(server, "POST", CONFIG_MAPS, { body: configMap("one", { data: { a: "1", b: "2" } }) });
    await clock.advance(3 * 60_000 + 12_000);
    await send(server, "POST", CONFIG_MAPS, { body: configMap("two") });
    const { kind, apiVersion, metadata, columnDefinitions, rows } = await get(server, CONFIG_MAPS);
    assert.deepEqual([kind, apiVersion, Object.keys(metadata)], ["Table", "meta.k8s.io/v1", [
      "resourceVersion",
    ]]);
    assert.deepEqual(columnDefinitions?.map(({ name }) => name), ["Name", "Data", "Age"]);
    assert.match(columnDefinitions![0].description, /^Name must be unique/);
    assert.deepEqual(rows.map(({ cells }) => cells), [["one", 2, "3m12s"], ["two", 0, "0s"]]);
    assert.deepEqual(rows[0].object?.kind, "PartialObjectMetadata");
    assert.deepEqual([rows[0].object?.metadata.name, rows[0].object?.data], ["one", undefined]);
    await server[Symbol.asyncDispose]();
  });

  it("have pages like lists", async () => {
    const server = new ApiServer();
    for (const name of ["a", "b", "c"]) {
      await send(server, "POST", CONFIG_MAPS, { body: configMap(name) });
    }
    const { metadata, rows } = await get(server, `${CONFIG_MAPS}?limit=2`);
    assert.deepEqual([rows.length, metadata.remainingItemCount], [2, 1]);
    const next = await get(server, `${CONFIG_MAPS}?limit=2&continue=${metadata.continue}`);
    assert.deepEqual([next.rows.length, next.metadata.continue], [1, undefined]);
  });

  for (
    const { include, kind, data } of [
      { include: "Object", kind: "ConfigMap", data: { a: "1" } },
      { include: "Metadata", kind: "PartialObjectMetadata", data: undefined },
      { include: "None", kind: undefined, data: undefined },
    ]
  ) {
    it(`have of each object what includeObject=${include} asks for`, async () => {
      const server = new ApiServer();
      await send(server, "POST", CONFIG_MAPS, { body: configMap("one", { data: { a: "1" } }) });
      for (const path of [CONFIG_MAPS, `${CONFIG_MAPS}/one`]) {
        const { rows: [{ object }] } = await get(server, `${path}?includeObject=${include}`);
        assert.deepEqual([object?.kind, object?.data], [kind, data]);
      }
    });
  }

  it("are not made for an includeObject that there is not", async () => {
    for (const query of ["includeObject=All", "includeObject=All&watch=true"]) {
      const { code, text } = await send(new ApiServer(), "GET", `${PODS}?${query}`, {
        headers: { accept: TABLE },
      });
      assert.deepEqual([code, JSON.parse(text).message], [
        400,
        "Unable to convert to Table as requested: includeObject: Invalid value: \"All\": must be 'Metadata', " +
        "'Object', 'None', or empty",
      ]);
    }
  });

  it("do not take the place of what refuses", async () => {
    const { code, body } = await send(new ApiServer(), "GET", `${PODS}/none`, { headers: { accept: TABLE } });
    assert.deepEqual([code, body.kind], [404, "Status"]);
  });

  it("come from watches too, with the columns in the first alone", async () => {
    const server = new ApiServer();
    await send(server, "POST", CONFIG_MAPS, { body: configMap("one") });
    const path = `${ORIGIN}${CONFIG_MAPS}?watch=true&timeoutSeconds=1&includeObject=None`;
    const answer = await server.fetch(path, { headers: { accept: TABLE } });
    await send(server, "POST", CONFIG_MAPS, { body: configMap("two") });
    const events = (await answer.text()).trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map((
        { type, object },
      ) => [type, object.kind, object.columnDefinitions?.length, object.rows[0].cells[0]]),
      [["ADDED", "Table", 3, "one"], ["ADDED", "Table", undefined, "two"]],
    );
    assert.equal(events[1].object.columnDefinitions, null);
  });

  it("of watches break off where the watch does", async () => {
    const server = new ApiServer();
    const answer = await server.fetch(`${ORIGIN}${CONFIG_MAPS}?watch=true`, { headers: { accept: TABLE } });
    server.disconnect();
    await assert.rejects(answer.text(), /lost/);
    const other = await server.fetch(`${ORIGIN}${CONFIG_MAPS}?watch=true`, { headers: { accept: TABLE } });
    assert.equal(server.openWatches, 1);
    await other.body!.cancel();
    assert.equal(server.openWatches, 0);
  });

  it("of a scale say how many there are and should be", async () => {
    const server = new ApiServer();
    const deployments = "/apis/apps/v1/namespaces/default/deployments";
    const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "b" }] } };
    const spec = { replicas: 3, selector: { matchLabels: { a: "b" } }, template };
    await send(server, "POST", deployments, { body: { metadata: { name: "web" }, spec } });
    const { rows } = await get(server, `${deployments}/web/scale`);
    assert.deepEqual(rows[0].cells, ["web", 3, 0, "0s"]);
  });
});

describe("Tables of custom resources", () => {
  it("have the columns of the definition", async () => {
    const columns = [
      { name: "Size", type: "integer", jsonPath: ".spec.size", description: "How large" },
      {
        name: "Ready",
        type: "string",
        jsonPath: '.status.conditions[?(@.type=="Ready")].status',
        priority: 1,
      },
      { name: "Since", type: "date", jsonPath: ".metadata.creationTimestamp" },
      { name: "On", type: "boolean", jsonPath: ".spec.on" },
      { name: "All", type: "string", jsonPath: ".spec.list" },
      { name: "First", type: "string", jsonPath: ".spec.list[0].name" },
      { name: "Dotted", type: "string", jsonPath: ".metadata.annotations.example\\.com/a" },
      { name: "Ratio", type: "number", jsonPath: ".spec.ratio" },
      { name: "Wrong", type: "integer", jsonPath: ".metadata.name" },
      { name: "None", type: "string", jsonPath: ".spec.none" },
    ];
    const { columnDefinitions, rows } = await withWidget(columns, {
      metadata: { name: "one", annotations: { "example.com/a": "b" } },
      spec: { size: 3, on: true, list: [{ name: "x" }], ratio: 0.5 },
      status: { conditions: [{ type: "Other", status: "False" }, { type: "Ready", status: "True" }] },
    });
    assert.deepEqual(columnDefinitions?.map(({ name }) => name), [
      "Name",
      ...columns.map(({ name }) => name),
    ]);
    assert.deepEqual([columnDefinitions![1].description, columnDefinitions![2].priority], ["How large", 1]);
    assert.equal(
      columnDefinitions![4].description,
      "Custom resource definition column (in JSONPath format): .spec.on",
    );
    assert.deepEqual(rows[0].cells, [
      "one",
      3,
      "True",
      "0s",
      true,
      '[{"name":"x"}]',
      "x",
      "b",
      0.5,
      null,
      null,
    ]);
  });

  it("tell the age where the definition has no columns", async () => {
    const { columnDefinitions, rows } = await withWidget(undefined, {});
    assert.deepEqual(columnDefinitions?.map(({ name }) => name), ["Name", "Age"]);
    assert.deepEqual(rows[0].cells, ["one", "0s"]);
  });

  for (
    const [jsonPath, cell] of [
      [".spec['a.b']", "2"],
      [".spec['list'][0].name", "x"],
      [".spec.list[-1:].name", "y"],
      [".spec.list[0:2:2].name", "x"],
      [".spec.list[0:9].name", null],
      [".spec.list[-9].name", null],
      [".spec.list[?(@.name==x)].name", null],
      [".spec.list[?(@.size>@.size)].name", null],
      [".spec.nothing", "<no value>"],
      [".spec.list[-1].name", "y"],
      [".spec.list[*].name", "x"],
      [".spec.list[?(@.size>1)].name", "y"],
      [".spec.list[?(@.size)].name", "x"],
      [".spec.list[?(@.name!='x')].size", "2"],
      ["..size", "1"],
      [".spec.list[9].name", null],
      [".spec.list.name", null],
      [".spec[", null],
    ] as const
  ) {
    it(`find ${jsonPath}`, async () => {
      const list = [{ name: "x", size: 1 }, { name: "y", size: 2 }];
      const { rows } = await withWidget([{ name: "A", type: "string", jsonPath }], {
        spec: { "a.b": 1, a: { b: 2 }, list, nothing: null },
      });
      assert.deepEqual(rows[0].cells, ["one", cell]);
    });
  }
});

describe("metadata alone", () => {
  it("of an object, of a list, and of watches", async () => {
    const server = new ApiServer();
    await send(server, "POST", CONFIG_MAPS, { body: configMap("one", { data: { a: "1" } }) });
    const one = await send(server, "GET", `${CONFIG_MAPS}/one`, { headers: { accept: PARTIAL } });
    assert.deepEqual(Object.keys(one.body), ["kind", "apiVersion", "metadata"]);
    assert.deepEqual([one.body.kind, one.body.metadata.name], ["PartialObjectMetadata", "one"]);
    const all = await send(server, "GET", CONFIG_MAPS, { headers: { accept: PARTIALS } });
    assert.deepEqual([all.body.kind, all.body.items.length], ["PartialObjectMetadataList", 1]);
    assert.deepEqual(all.body.items[0], one.body);
    const path = `${ORIGIN}${CONFIG_MAPS}?watch=true&timeoutSeconds=1`;
    const watch = await server.fetch(path, { headers: { accept: PARTIAL } });
    const { type, object } = JSON.parse((await watch.text()).split("\n")[0]);
    assert.deepEqual([type, object], ["ADDED", one.body]);
  });

  it("is not mixed up with a list, or an object", async () => {
    const server = new ApiServer();
    await send(server, "POST", CONFIG_MAPS, { body: configMap("one") });
    for (
      const [path, accept, message] of [
        [
          CONFIG_MAPS,
          PARTIAL,
          "PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)",
        ],
        [
          `${CONFIG_MAPS}/one`,
          PARTIALS,
          "PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)",
        ],
      ]
    ) {
      const { code, body } = await send(server, "GET", path, { headers: { accept } });
      assert.deepEqual([code, body.reason, body.message], [406, "NotAcceptable", `you requested ${message}`]);
    }
  });
});
