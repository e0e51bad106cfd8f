import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseCertificates } from "@coxswain/kube/certificates";
import { seededRandom } from "../../testing/seeded_random.ts";
import { pem } from "../runtimes/roads.ts";

const NONE = /data does not contain any valid RSA or ECDSA certificates/;
const withHeader = pem("ca").replace("\n", "\nA: b\n\n");

describe("parseCertificates()", () => {
  it("reads all of a bundle in order, with what lies between [rest 13.1]", () => {
    const text = `# one\r\n${pem("ca").replaceAll("\n", "\r\n")}${pem("server-key")}junk\n${pem("server")}`;
    const [ca, server, ...rest] = parseCertificates(text);
    assert.deepEqual(rest, []);
    assert.deepEqual([ca.commonName, ca.pem], ["Coxswain test CA", pem("ca")]);
    assert.deepEqual([server.dnsNames, server.ipAddresses], [["localhost"], ["127.0.0.1", "::1"]]);
    assert.deepEqual([server.notBefore.getUTCFullYear(), server.notAfter.getUTCFullYear()], [2020, 2120]);
    assert.equal(parseCertificates(pem("rsa-pkcs1"))[0].commonName, "rsa-pkcs1");
  });

  it("passes over certificates with PEM headers [rest 13.1]", () => {
    assert.deepEqual(parseCertificates(withHeader + pem("server")).map(({ pem }) => pem), [pem("server")]);
  });

  for (
    const { name, text } of [
      { name: "nothing", text: "" },
      { name: "a key", text: pem("server-key") },
      { name: "one with headers", text: withHeader },
      { name: "one without an end", text: pem("ca").slice(0, -10) },
      { name: "what is not base64", text: pem("ca").replace("M", "!") },
    ]
  ) {
    it(`finds none in ${name} [rest 13.1]`, () => assert.throws(() => parseCertificates(text), NONE));
  }

  it("says which one cannot be read, and nothing of it [rest 13.1]", () => {
    const bad = "-----BEGIN CERTIFICATE-----\nMAsGA1UEAwwEaHVu\n-----END CERTIFICATE-----\n";
    assert.throws(() => parseCertificates(pem("ca") + bad), /^SyntaxError: Cannot read certificate 2 of 2$/);
  });

  for (const seed of [1, 2, 3]) {
    it(`neither hangs nor crashes on what is spoilt, seed ${seed}`, () => {
      const random = seededRandom(seed);
      const bytes = Uint8Array.from(
        atob(pem("server").split("\n").slice(1, -2).join("")),
        (character) => character.charCodeAt(0),
      );
      let refused = 0;
      for (let round = 0; round < 300; round++) {
        const spoilt = bytes.slice(0, round % 3 === 0 ? Math.floor(random() * bytes.length) : bytes.length);
        for (let n = 0; n < 3; n++) spoilt[Math.floor(random() * spoilt.length)] = Math.floor(random() * 256);
        const text = btoa(String.fromCharCode(...spoilt));
        try {
          parseCertificates(`-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
        } catch (error) {
          assert.ok(error instanceof SyntaxError, String(error));
          refused++;
        }
      }
      assert.ok(refused > 50, `only ${refused} were refused`);
    });
  }
});
