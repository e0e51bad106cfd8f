import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { isCertificate } from "../../rest/is_certificate.ts";

const FOLDER = new URL("../certificates/", import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".pem"));
const isKey = (name: string) => name.endsWith("-key.pem");
const read = (name: string) => readFileSync(new URL(name, FOLDER), "utf8");

/** The bytes in a PEM block. */
const bytesOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]*-----/g, ""), "base64");
const pemOf = (bytes: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString("base64")}\n-----END CERTIFICATE-----\n`;

describe("isCertificate()", () => {
  for (const name of files.filter((name) => !isKey(name))) {
    it(`knows ${name} for one`, () => assert.ok(isCertificate(read(name))));
  }

  for (const name of files.filter(isKey)) {
    it(`knows ${name} for none, whatever its block is called`, () => {
      assert.ok(!isCertificate(pemOf(bytesOf(read(name)))));
    });
  }

  it("knows each beginning of one for none, and one with something behind it", () => {
    const bytes = bytesOf(read("ca.pem"));
    for (let length = 0; length < bytes.length; length++) {
      assert.ok(!isCertificate(pemOf(bytes.subarray(0, length))), `${length} bytes`);
    }
    assert.ok(!isCertificate(pemOf(Buffer.concat([bytes, Buffer.of(0)]))));
  });

  it("knows one that lacks any byte within for none", () => {
    const bytes = bytesOf(read("ca.pem"));
    for (let at = 0; at < bytes.length; at++) {
      assert.ok(
        !isCertificate(pemOf(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]))),
        `${at}`,
      );
    }
  });

  it("knows text that is no Base64, or nothing, for none", () => {
    for (const text of ["", "hunter2", "!", "AAAA", "MAAwAA==", "MIIB", "\0"]) {
      assert.ok(!isCertificate(`-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`), text);
    }
  });

  it("never fails, whatever byte is changed", () => {
    const bytes = bytesOf(read("server.pem"));
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      for (const value of [0x00, 0x30, 0x7f, 0x80, 0x84, 0xff]) {
        changed[at] = value;
        assert.equal(typeof isCertificate(pemOf(changed)), "boolean");
      }
    }
  });
});
