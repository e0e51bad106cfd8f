import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import {
  createCertificateRequest,
  generateKey,
  issueAuthority,
  issueCertificate,
  issueServingCertificate,
  parseCertificates,
  signCertificateRequest,
} from "@coxswain/kube/certificates";
import { ManualClock } from "@coxswain/kube/testing";
import { cleaned } from "../cleanup.ts";
import { withFiles } from "../config/folder.ts";
import { clientOf, listen, pem } from "../runtimes/roads.ts";

const START = "2030-01-01T00:00:00Z";
const DAY = 86_400_000;
const clock = new ManualClock({ start: START });

describe("issueAuthority()", () => {
  it("makes one that is valid for ten years, and has its common name as a DNS name [rest 13.1]", async () => {
    const { cert } = await issueAuthority({ commonName: "shop-ca", organizations: ["shop"], clock });
    const [parsed] = parseCertificates(cert);
    assert.deepEqual([parsed.commonName, parsed.organizations, parsed.dnsNames], ["shop-ca", ["shop"], [
      "shop-ca",
    ]]);
    assert.equal(parsed.notBefore.toISOString(), "2030-01-01T00:00:00.000Z");
    assert.equal(parsed.notAfter.getTime() - parsed.notBefore.getTime(), 3_650 * DAY);
    const read = new X509Certificate(cert);
    assert.ok(read.ca);
    assert.ok(read.verify(read.publicKey), "it is signed with its own key");
    assert.match(read.serialNumber, /^[0-9A-F]{1,16}$/);
  });

  it("can begin at another moment, also after 2050 [rest 13.1]", async () => {
    const notBefore = new Date("2049-12-31T23:59:59Z");
    const [parsed] = parseCertificates(
      (await issueAuthority({ commonName: "a", notBefore, validity: 40 * 365 * DAY, clock })).cert,
    );
    assert.equal(parsed.notBefore.toISOString(), "2049-12-31T23:59:59.000Z");
    assert.equal(parsed.notAfter.getUTCFullYear(), 2069);
  });

  it("gives each another serial number", async () => {
    const serials = await Promise.all(
      Array.from(
        { length: 4 },
        async () => new X509Certificate((await issueAuthority({ commonName: "a" })).cert).serialNumber,
      ),
    );
    assert.equal(new Set(serials).size, 4);
  });
});

describe("issueCertificate()", () => {
  it("signs for names and addresses", async () => {
    const authority = await issueAuthority({ commonName: "ca" });
    const { cert, key } = await issueCertificate(authority, {
      commonName: "Grüße",
      organizations: ["a", "b"],
      dnsNames: ["web.shop.svc", "*.shop.svc"],
      ipAddresses: ["10.0.0.1", "FD00:0::1"],
      clock,
    });
    const [{ commonName, organizations, dnsNames, ipAddresses, notBefore, notAfter }] = parseCertificates(
      cert,
    );
    assert.deepEqual([commonName, organizations], ["Grüße", ["a", "b"]]);
    assert.deepEqual([dnsNames, ipAddresses], [["web.shop.svc", "*.shop.svc"], ["10.0.0.1", "fd00::1"]]);
    assert.deepEqual([notBefore, notAfter], [
      new Date("2029-12-31T23:00:00Z"),
      new Date("2031-01-01T00:00:00Z"),
    ]);
    const read = new X509Certificate(cert);
    assert.ok(read.verify(new X509Certificate(authority.cert).publicKey));
    assert.ok(!read.ca);
    assert.match(key, /^-----BEGIN PRIVATE KEY-----/);
  });

  for (
    const { name, subject } of [
      { name: "an address that is none", subject: { ipAddresses: ["10.0.0"] } },
      { name: "an address with too many parts", subject: { ipAddresses: ["1:2:3:4:5:6:7:8:9"] } },
      { name: "a name with a space", subject: { dnsNames: ["a b"] } },
    ]
  ) {
    it(`refuses ${name}`, async () => {
      const authority = await issueAuthority({ commonName: "ca" });
      await assert.rejects(issueCertificate(authority, subject), RangeError);
    });
  }

  it("refuses an authority without a key, and shows nothing of it", async () => {
    const { cert } = await issueAuthority({ commonName: "ca" });
    await assert.rejects(issueCertificate({ cert, key: "hunter2" }, {}), (error) => {
      assert.ok(error instanceof SyntaxError);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });
});

describe("issueServingCertificate()", () => {
  for (
    const { host, dnsNames, ipAddresses } of [
      { host: "127.0.0.1", dnsNames: ["more"], ipAddresses: ["127.0.0.1", "10.0.0.9"] },
      { host: "::1", dnsNames: ["more"], ipAddresses: ["::1", "10.0.0.9"] },
      { host: "web.shop.svc", dnsNames: ["web.shop.svc", "more"], ipAddresses: ["10.0.0.9"] },
    ]
  ) {
    it(`is for ${host} and what else is wanted, and comes with its authority [rest 13.1]`, async () => {
      const options = { dnsNames: ["more"], ipAddresses: ["10.0.0.9"], clock };
      const { cert, ca } = await issueServingCertificate(host, options);
      const [leaf, authority, ...rest] = parseCertificates(cert);
      assert.deepEqual([leaf.dnsNames, leaf.ipAddresses], [dnsNames, ipAddresses]);
      assert.deepEqual([leaf.commonName, authority.commonName], [
        `${host}@1893456000`,
        `${host}-ca@1893456000`,
      ]);
      assert.deepEqual([authority.pem, rest], [ca, []]);
      assert.equal(leaf.notBefore.toISOString(), "2029-12-31T23:00:00.000Z");
      assert.equal(leaf.notAfter.toISOString(), "2031-01-01T00:00:00.000Z");
    });
  }

  it("is valid for as long as is wanted [rest 13.1]", async () => {
    const { cert } = await issueServingCertificate("a", { validity: DAY, clock });
    assert.equal(parseCertificates(cert)[0].notAfter.toISOString(), "2030-01-02T00:00:00.000Z");
    await assert.rejects(issueServingCertificate("a", { validity: 0 }), RangeError);
  });

  it(
    "lets a server and its clients know each other over TLS",
    cleaned(async (t) => {
      const { ca, ...tls } = await issueServingCertificate("127.0.0.1", { dnsNames: ["localhost"] });
      const clients = await issueAuthority({ commonName: "clients" });
      const server = await listen(t, {
        tls,
        clientCa: clients.cert,
        serve: (exchange) => exchange.answer(exchange.connection.user ?? "nobody"),
      });
      const identity = await issueCertificate(clients, {
        commonName: "jane",
        usages: ["digital signature", "client auth"],
      });
      for (const host of ["127.0.0.1", "localhost"]) {
        const client = clientOf(t, { server: `https://${host}:${server.port}`, tls: { ca, ...identity } });
        assert.equal(await (await client.get().absolutePath("/").send()).text(), "jane");
      }
    }),
  );
});

describe("A certificate request", () => {
  const subject = {
    commonName: "jane",
    organizations: ["dev", "ops"],
    dnsNames: ["a.example.com"],
    ipAddresses: ["10.0.0.1", "::1"],
  };

  for (const kind of ["ec-sec1", "ec-pkcs8", "rsa-pkcs1", "rsa-pkcs8", "new"]) {
    it(`carries subject, names and a ${kind} key to the certificate [rest 13.1]`, async () => {
      const key = kind === "new" ? await generateKey() : pem(`${kind}-key`);
      const authority = await issueAuthority({ commonName: "ca" });
      const request = await createCertificateRequest(subject, key);
      assert.match(request, /^-----BEGIN CERTIFICATE REQUEST-----\n/);
      const cert = await signCertificateRequest(request, authority);
      const [{ commonName, organizations, dnsNames, ipAddresses }] = parseCertificates(cert);
      assert.deepEqual({ commonName, organizations, dnsNames, ipAddresses }, subject);
      if (kind !== "new") {
        const [given] = parseCertificates(pem(kind));
        assert.deepEqual(
          parseCertificates(cert)[0].publicKey,
          given.publicKey,
          "the key is that of the request",
        );
      }
    });
  }

  for (
    const { size, hash, last } of [
      { size: 2048, hash: "SHA-256", last: 11 },
      { size: 3072, hash: "SHA-384", last: 12 },
      { size: 4096, hash: "SHA-512", last: 13 },
    ]
  ) {
    it(`is signed with ${hash} by an RSA key of ${size} bits [rest 13.1]`, async () => {
      const key = pem(size === 2048 ? "rsa-pkcs1-key" : `rsa-${size}-key`);
      const text = atob((await createCertificateRequest(subject, key)).split("\n").slice(1, -2).join(""));
      // How a signature with RSA and this hash is called: 1.2.840.113549.1.1.11 and so on.
      assert.ok(text.includes(String.fromCharCode(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last)));
    });
  }

  it("passes over blocks before the key, as an EC key of openssl has [rest 13]", async () => {
    const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    const request = await createCertificateRequest(subject, parameters + pem("ca") + pem("ec-sec1-key"));
    assert.match(request, /CERTIFICATE REQUEST/);
  });

  for (
    const { name, key } of [
      { name: "is empty", key: "" },
      { name: "is encrypted", key: pem("ec-sec1-key").replace("\n", "\nProc-Type: 4,ENCRYPTED\n\n") },
      { name: "is cut off", key: pem("ec-pkcs8-key").split("\n").toSpliced(2, 1).join("\n") },
      { name: "is public", key: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" },
    ]
  ) {
    it(`cannot be made with a key that ${name} [rest 13]`, async () => {
      await assert.rejects(createCertificateRequest(subject, key), /Cannot read the private key/);
    });
  }

  it("that is none is refused", async () => {
    const authority = await issueAuthority({ commonName: "ca" });
    await assert.rejects(signCertificateRequest("hunter2", authority), SyntaxError);
    await assert.rejects(
      signCertificateRequest(pem("ca").replaceAll("CERTIFICATE", "CERTIFICATE REQUEST"), authority),
    );
  });

  it("and what signs it are as openssl wants them, where there is one", (context) =>
    withFiles({}, (folder) =>
      cleaned(async (t) => {
        const openssl = (...args: string[]) => promisify(execFile)("openssl", args, { cwd: folder });
        if (await openssl("version").then(() => false, () => true)) return t.skip("there is no openssl");
        for (const key of [await generateKey(), pem("rsa-pkcs1-key")]) {
          const authority = await issueAuthority({ commonName: "ca", organizations: ["a"] });
          const request = await createCertificateRequest(subject, key);
          const files = {
            "r.pem": request,
            "c.pem": await signCertificateRequest(request, authority),
            "ca.pem": authority.cert,
          };
          for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
          await openssl("req", "-in", "r.pem", "-verify", "-noout");
          const { stdout } = await openssl(
            "verify",
            "-x509_strict",
            "-purpose",
            "sslclient",
            "-CAfile",
            "ca.pem",
            "c.pem",
          );
          assert.match(stdout, /c\.pem: OK/);
        }
      })(context)));
});
