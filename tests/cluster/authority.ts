import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CertificatePair } from "@coxswain/kube/certificates";
import { cluster } from "./cluster.ts";

const file = (name: string) => readFileSync(join(dirname(cluster().kubeconfig), name), "utf8");

/** The authority of the test cluster: whoever has a certificate of its is whom the certificate says. */
export const authority: CertificatePair = { cert: file("ca.crt"), key: file("ca.key") };
