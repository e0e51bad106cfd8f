// Runs one of the programs in exit_programs.ts, for exit_test.ts: its name, the number of a road, the server's URL.
import process from "node:process";
import { RestClient } from "@coxswain/kube/rest";
import { PROGRAMS } from "./exit_programs.ts";
import { ROADS } from "./roads.ts";

const [name, road, server] = process.argv.slice(2);
const chosen = ROADS[Number(road)];
await PROGRAMS[name](new RestClient({ server, ...chosen.client, maxRetries: 0 }), chosen);
console.log("the end");
