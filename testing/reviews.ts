import { isJsonObject, type JsonObject } from "./api_object.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Attributes, Authorizer, PolicyRule } from "./authorizer.ts";
import { badRequest, type FieldProblem, invalid, quoted } from "./refusal.ts";
import type { SentObject } from "./request_body.ts";
import type { ServedResource } from "./served_resource.ts";
import { type User, userInfo } from "./user.ts";

/** What reviews are answered with. */
export interface ReviewParts {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** Who asks. */
  readonly user: User;
  /** The time. */
  readonly now: string;
  /** The `managedFields` of what was sent. */
  readonly managedFields: unknown;
}

/** The audience of tokens that name none. */
const AUDIENCE = "https://kubernetes.default.svc";

/** The kinds of reviews. */
export const REVIEWS: readonly string[] = [
  "selfsubjectreviews.authentication.k8s.io",
  "tokenreviews.authentication.k8s.io",
  "localsubjectaccessreviews.authorization.k8s.io",
  "selfsubjectaccessreviews.authorization.k8s.io",
  "selfsubjectrulesreviews.authorization.k8s.io",
  "subjectaccessreviews.authorization.k8s.io",
];

/** Answers a review. @throws {Refusal} If it does not say what it must. */
export function reviewed(
  { kind, apiVersion, group }: ServedResource,
  namespace: string | undefined,
  sent: SentObject,
  parts: ReviewParts,
): JsonObject {
  const { authorizer, user, now, managedFields } = parts;
  const spec = isJsonObject(sent.spec) ? sent.spec : {};
  const { metadata } = sent;
  const managed = { ...metadata, ...(namespace === undefined ? {} : { namespace }), managedFields };
  const answer = (metadata: JsonObject, more: JsonObject) => ({ kind, apiVersion, metadata, ...more });
  switch (kind) {
    case "SelfSubjectReview":
      return answer({ ...metadata, creationTimestamp: now }, { status: { userInfo: userInfo(user) } });
    case "SelfSubjectRulesReview": {
      const { namespace = "" } = spec as { namespace?: string };
      if (namespace === "") throw badRequest("no namespace on request");
      return answer(metadata, { spec: {}, status: rulesStatus(authorizer.rules(user, namespace)) });
    }
    case "TokenReview": {
      const { token = "", audiences = [] } = spec as { token?: string; audiences?: string[] };
      if (token === "") throw badRequest("token is required for TokenReview in authentication");
      return answer(managed, { spec, status: tokenStatus(parts.authenticator.userOf(token), audiences) });
    }
    default: {
      const problems = problemsOf(kind, spec, namespace);
      if (problems.length > 0) throw invalid({ group, kind: "" }, "", problems);
      const who = kind === "SelfSubjectAccessReview" ? user : subjectOf(spec);
      const { allowed, reason } = authorizer.authorize(who, attributesOf(spec));
      const status = { allowed, ...(reason === "" ? {} : { reason }) };
      return answer(managed, { spec, status });
    }
  }
}

function tokenStatus(user: User | undefined, audiences: readonly string[]): JsonObject {
  const isFor = audiences.length === 0 || audiences.includes(AUDIENCE);
  if (user === undefined || !isFor) return { user: {}, error: "invalid bearer token" };
  return { authenticated: true, user: userInfo(user), audiences: [AUDIENCE] };
}

function rulesStatus(rules: readonly PolicyRule[]): JsonObject {
  return {
    resourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs === undefined),
    nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs !== undefined),
    incomplete: false,
  };
}

function problemsOf(kind: string, spec: JsonObject, namespace: string | undefined): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const wrong = (field: string, value: string, problem: string) =>
    problems.push({ reason: "FieldValueInvalid", field, message: `Invalid value: ${value}: ${problem}` });
  const { resourceAttributes: resource, nonResourceAttributes: other, user = "", groups = [] } = spec;
  if (isJsonObject(resource) && isJsonObject(other)) {
    const { path = "", verb = "" } = other;
    const value = `{"Path":${quoted(String(path))},"Verb":${quoted(String(verb))}}`;
    wrong("spec.nonResourceAttributes", value, "cannot be specified in combination with resourceAttributes");
  } else if (!isJsonObject(resource) && !isJsonObject(other)) {
    const problem = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    wrong("spec.resourceAttributes", "null", problem);
  }
  if (kind !== "SelfSubjectAccessReview" && user === "" && (groups as unknown[]).length === 0) {
    wrong("spec.user", '""', "at least one of user or group must be specified");
  }
  if (kind === "LocalSubjectAccessReview" && isJsonObject(resource) && resource.namespace !== namespace) {
    const { namespace: named = "" } = resource;
    wrong("spec.resourceAttributes.namespace", quoted(String(named)), "must match metadata.namespace");
  }
  return problems;
}

function subjectOf(spec: JsonObject): User {
  const { user = "", uid = "", groups = [], extra = {} } = spec as Partial<User> & { user?: string };
  return { name: user, uid, groups, extra };
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: JsonObject): Attributes {
  const none = { verb: "", group: "", resource: "", subresource: "", namespace: "", name: "", path: "" };
  return isJsonObject(resourceAttributes)
    ? { ...none, isResource: true, ...resourceAttributes }
    : { ...none, isResource: false, ...nonResourceAttributes as JsonObject };
}
