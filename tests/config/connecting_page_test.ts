import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";

const source = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = source("docs/connecting.md");

/** The members of an interface, as it is written. */
function membersOf(path: string, name: string): string[] {
  const body = new RegExp(`export interface ${name}[^{]*\\{\\n(.*?)\\n\\}`, "s").exec(source(path))?.[1];
  assert.ok(body !== undefined, `there is no interface ${name} in ${path}`);
  return [...body.matchAll(/^ {2}(?:readonly )?"?([\w-]+)"?\??:/gm)].map(([, member]) => member);
}

/** What stands in backticks, without what is before a dot. */
const said = new Set(
  [...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, text]) => [text, text.split(".").pop()!]),
);

describe("docs/connecting.md", () => {
  for (const name of ["RestConfigInit", "TlsConfig", "Timeouts"]) {
    it(`names each setting of ${name}`, () => {
      const settings = membersOf("rest/rest_config.ts", name).filter((name) =>
        name !== "tls" && name !== "timeouts"
      );
      assert.ok(settings.length > 2);
      assert.deepEqual(settings.filter((setting) => !said.has(setting)), []);
    });
  }

  for (const name of ["KubeconfigCluster", "KubeconfigUser", "KubeconfigContext"]) {
    it(`names each field of ${name}`, () => {
      const fields = membersOf("config/kubeconfig.ts", name).filter((name) => name !== "extensions");
      assert.ok(fields.length > 2);
      assert.deepEqual(fields.filter((field) => !said.has(field)), []);
    });
  }

  it("names each environment variable that is read", () => {
    const folders = ["config", "rest"];
    const read = folders.flatMap((folder) =>
      readdirSync(new URL(`../../${folder}`, import.meta.url)).flatMap((file) =>
        [...source(`${folder}/${file}`).matchAll(/"([A-Z]{2,}(?:_[A-Z]+)*)"/g)].map(([, name]) => name)
      )
    ).filter((name) => /^(KUBE|POD_|HOME$|USERPROFILE$|HTTPS?_PROXY$|NO_PROXY$)/.test(name));
    assert.ok(read.includes("KUBECONFIG") && read.includes("POD_NAMESPACE"));
    assert.deepEqual([...new Set(read)].filter((name) => !said.has(name)), []);
  });
});
