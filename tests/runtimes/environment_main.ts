// Asks servers something, for environment_test.ts: the proxy setting, the settings of TLS, the URLs. Prints what became
// of each.
import process from "node:process";
import { RestClient } from "@coxswain/kube/rest";

const [proxy, tls, ...urls] = process.argv.slice(2);
const outcomes: string[] = [];
for (const server of urls) {
  const client = new RestClient({ server, proxy: proxy || undefined, tls: JSON.parse(tls), maxRetries: 0 });
  outcomes.push(await client.get().absolutePath("/").send().then((response) => response.text(), String));
  await client[Symbol.asyncDispose]();
}
console.log(JSON.stringify(outcomes));
