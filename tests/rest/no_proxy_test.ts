import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseNoProxy } from "../../rest/no_proxy.ts";

describe("parseNoProxy() [rest 7.8]", () => {
  for (
    const { list, excluded = [], proxied = [] } of [
      { list: "", proxied: ["http://host", "https://10.0.0.1:6443"] },
      { list: " , ,", proxied: ["http://host"] },
      // The loopback interface needs no entry.
      {
        list: "",
        excluded: [
          "http://localhost:8001",
          "https://LOCALHOST",
          "https://127.0.0.1:6443",
          "http://127.8.9.1",
        ],
      },
      { list: "", excluded: ["https://[::1]:6443", "http://[::ffff:127.0.0.1]"] },
      {
        list: "",
        proxied: ["http://localhost.example.com", "http://sub.localhost", "http://128.0.0.1", "http://[::2]"],
      },
      // Everything, wherever it stands and whatever else does.
      { list: "*", excluded: ["http://host", "https://10.0.0.1", "https://[2001:db8::1]"] },
      { list: "a.test, * ,b.test:80", excluded: ["http://host"] },
      // Names: with and without a leading dot, and with a star.
      {
        list: "example.com",
        excluded: ["http://example.com", "https://api.example.com:6443", "http://a.b.example.com"],
        proxied: ["http://badexample.com", "http://example.com.test", "http://com"],
      },
      {
        list: ".example.com",
        excluded: ["https://api.example.com", "http://a.b.example.com"],
        proxied: ["https://example.com", "http://badexample.com"],
      },
      {
        list: "*.example.com",
        excluded: ["https://api.example.com", "http://a.b.example.com"],
        proxied: ["https://example.com"],
      },
      { list: "a.test,b.test , c.test", excluded: ["http://a.test", "http://b.test", "http://x.c.test"] },
      { list: "Example.COM", excluded: ["https://API.example.com"] },
      { list: "grüße.test", excluded: ["http://grüße.test", "http://a.xn--gre-6ka8l.test"] },
      { list: ".grüße.test", excluded: ["http://a.grüße.test"], proxied: ["http://grüße.test"] },
      // Ports: given, or the scheme's.
      {
        list: "example.com:6443",
        excluded: ["https://example.com:6443", "https://api.example.com:6443"],
        proxied: ["https://example.com", "https://example.com:643"],
      },
      { list: "example.com:443", excluded: ["https://example.com"], proxied: ["http://example.com"] },
      { list: "example.com:80", excluded: ["http://example.com"], proxied: ["https://example.com"] },
      { list: "example.com:", excluded: ["https://example.com:6443"] },
      { list: ":6443", proxied: ["https://example.com:6443"] },
      { list: ".example.com:80", excluded: ["http://a.example.com"], proxied: ["http://example.com"] },
      // Addresses.
      {
        list: "10.0.0.1",
        excluded: ["https://10.0.0.1:6443", "http://[::ffff:10.0.0.1]"],
        proxied: ["https://10.0.0.10", "http://0.0.0.1"],
      },
      { list: "10.0.0.1:6443", excluded: ["https://10.0.0.1:6443"], proxied: ["https://10.0.0.1"] },
      { list: "0.0.1", proxied: ["http://10.0.0.1"] },
      {
        list: "2001:db8::1",
        excluded: ["https://[2001:DB8::1]:6443", "https://[2001:db8:0:0::1]"],
        proxied: ["https://[2001:db8::2]"],
      },
      {
        list: "[2001:db8::1]:6443",
        excluded: ["https://[2001:db8::1]:6443"],
        proxied: ["https://[2001:db8::1]"],
      },
      { list: "2001:0DB8:0000::0001", excluded: ["https://[2001:db8::1]"] },
      { list: "::ffff:10.0.0.1", excluded: ["https://10.0.0.1"] },
      // Networks.
      {
        list: "10.0.0.0/8",
        excluded: ["https://10.255.1.2:6443", "http://10.0.0.1"],
        proxied: ["https://11.0.0.1", "https://ten.test"],
      },
      {
        list: "192.168.0.0/23",
        excluded: ["http://192.168.1.255"],
        proxied: ["http://192.168.2.0"],
      },
      { list: "172.16.0.0/12", excluded: ["http://172.31.255.255"], proxied: ["http://172.32.0.0"] },
      { list: "10.1.2.3/8", excluded: ["http://10.9.9.9"] },
      { list: "10.0.0.1/32", excluded: ["http://10.0.0.1"], proxied: ["http://10.0.0.2"] },
      { list: "0.0.0.0/0", excluded: ["http://8.8.8.8"], proxied: ["http://[2001:db8::1]", "http://host"] },
      {
        list: "2001:db8::/33",
        excluded: ["https://[2001:db8:7fff::1]"],
        proxied: ["https://[2001:db8:8000::1]", "https://32.1.13.184"],
      },
      { list: "10.0.0.0/33", proxied: ["http://10.0.0.1"] },
      { list: "10.0.0/8", proxied: ["http://10.0.0.1"] },
      { list: "10.0.0.0/8:6443", proxied: ["http://10.0.0.1:6443"] },
      { list: "010.0.0.1", proxied: ["http://10.0.0.1"] },
      { list: "10.0.0.256,1:2:3", proxied: ["http://10.0.0.1", "http://host"] },
    ] as { list: string; excluded?: string[]; proxied?: string[] }[]
  ) {
    const { excludes } = parseNoProxy(list);
    for (const url of excluded) {
      it(`leaves out ${url} by ${JSON.stringify(list)}`, () => assert.ok(excludes(new URL(url))));
    }
    for (const url of proxied) {
      it(`does not leave out ${url} by ${JSON.stringify(list)}`, () => assert.ok(!excludes(new URL(url))));
    }
  }

  for (
    const { list, url, plainly } of [
      { list: "", url: "http://localhost", plainly: false },
      { list: "localhost", url: "http://localhost", plainly: true },
      { list: "10.0.0.0/8", url: "http://10.0.0.1", plainly: true },
      { list: ".example.com", url: "http://a.example.com", plainly: true },
      { list: "*.example.com", url: "http://a.example.com", plainly: false },
      { list: "example.com:80", url: "http://example.com", plainly: false },
      { list: "10.0.0.1:80,10.0.0.1", url: "http://10.0.0.1", plainly: true },
      { list: "*", url: "http://example.com", plainly: false },
    ]
  ) {
    it(`does ${plainly ? "" : "not "}say plainly to leave out ${url} by ${JSON.stringify(list)}`, () => {
      assert.deepEqual(
        [parseNoProxy(list).excludes(new URL(url)), parseNoProxy(list).excludesPlainly(new URL(url))],
        [true, plainly],
      );
    });
  }
});
