import { existsSync } from "node:fs";
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { ROOT } from "../tools/project.ts";
import type { DataServer } from "./data_server.ts";

const FOLDER = `${ROOT}bench/client_go`;
const PROGRAM = `${ROOT}.cache/bench/client_go`;
const CERTIFICATES = `${ROOT}tests/certificates/`;

/** Builds the program with client-go's part of the benchmarks. @returns Its path; absent where there is no Go. */
export async function buildClientGo(): Promise<string | undefined> {
  try {
    await promisify(execFile)("go", ["build", "-o", PROGRAM, "."], {
      cwd: FOLDER,
      env: { ...process.env, GOWORK: "off" },
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return undefined;
  }
  return existsSync(PROGRAM) ? PROGRAM : undefined;
}

/** A server that has in Protobuf what a data server has, since client-go is fastest with that. */
export async function openProtobufServer(
  program: string,
  { url, caFile = "" }: DataServer,
  events: number,
): Promise<DataServer> {
  const certificate = caFile === ""
    ? ["", ""]
    : [`${CERTIFICATES}server.pem`, `${CERTIFICATES}server-key.pem`];
  const child = new Deno.Command(program, {
    args: ["serve", url, caFile, ...certificate, String(events)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "{}" } = await output.read();
  return {
    url: JSON.parse(value).url,
    caFile,
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await output.cancel();
      await child.status;
    },
  };
}
