import type { KubernetesObject } from "../meta/mod.ts";
import { noLogger } from "../observe/mod.ts";
import type { WebhookOptions } from "./admission_webhook.ts";
import { readReview } from "./webhook_request.ts";

interface ConversionRequest {
  uid: string;
  desiredAPIVersion: string;
  objects?: KubernetesObject[];
}

/**
 * Answers an API server that wants objects of a custom resource in another version.
 *
 * @param convert Makes an object of another version, `apiVersion` such as `example.com/v2`. Name, namespace, uid and
 * all else of the metadata but labels and annotations must stay. What it throws fails all objects of the request; its
 * message is told to who asked.
 * @returns A function for `Deno.serve`, `Bun.serve`, or whatever takes web requests. Servers ask over HTTPS alone.
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
 */
export function conversionWebhook(
  convert: (object: KubernetesObject, apiVersion: string) => KubernetesObject | Promise<KubernetesObject>,
  { logger = noLogger }: WebhookOptions = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    const read = await readReview<ConversionRequest>(request, "ConversionReview", "apiextensions.k8s.io");
    if (read instanceof Response) return read;
    const { uid, desiredAPIVersion, objects = [] } = read.request;
    const answer = (response: object) =>
      Response.json({
        apiVersion: read.apiVersion,
        kind: "ConversionReview",
        response: { uid, ...response },
      });
    try {
      const convertedObjects: KubernetesObject[] = [];
      for (const object of objects) {
        const isThere = object.apiVersion === desiredAPIVersion;
        const converted = isThere ? object : await convert(object, desiredAPIVersion);
        convertedObjects.push({ ...converted, apiVersion: desiredAPIVersion });
      }
      return answer({ convertedObjects, result: { status: "Success" } });
    } catch (error) {
      logger.error("a conversion webhook failed", { error, uid });
      const message = error instanceof Error ? error.message : String(error);
      return answer({ convertedObjects: [], result: { status: "Failure", message } });
    }
  };
}
