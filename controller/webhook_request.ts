/** A review that an API server has sent. */
export interface Review<R> {
  apiVersion: string;
  request: R;
}

/** What API servers send at most, and then some: in bytes. An object has 1.5 MB, and a request may have two. */
const LONGEST = 16 * 1024 * 1024;

/** Reads a review. @returns An answer if the request is none. */
export async function readReview<R extends { uid: string }>(
  request: Request,
  kind: string,
  group: string,
): Promise<Review<R> | Response> {
  if (request.method !== "POST") return refuse(405, "reviews come with POST");
  if (Number(request.headers.get("content-length") ?? 0) > LONGEST) {
    return refuse(413, "the review is too large");
  }
  let review: { apiVersion?: unknown; kind?: unknown; request?: { uid?: unknown } };
  try {
    review = await request.json();
  } catch {
    return refuse(400, "the body is not JSON"); // what the parser says quotes the body
  }
  const { apiVersion } = review ?? {};
  if (review?.kind !== kind || apiVersion !== `${group}/v1`) {
    return refuse(400, `expected ${kind} of ${group}/v1`);
  }
  if (typeof review.request?.uid !== "string") return refuse(400, "the review has no request with a uid");
  return { apiVersion, request: review.request as R };
}

function refuse(status: number, message: string): Response {
  return new Response(`${message}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
