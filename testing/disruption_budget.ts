import { labelRequirements, type LabelSelector, matchesLabels } from "../meta/mod.ts";
import type { ApiObject, JsonObject } from "./api_object.ts";
import { failure, Refusal } from "./refusal.ts";

/** What a budget's status says, as its controller would have worked it out. */
interface BudgetStatus {
  readonly observedGeneration?: number;
  readonly disruptionsAllowed?: number;
  readonly desiredHealthy?: number;
  readonly currentHealthy?: number;
  readonly disruptedPods?: Readonly<Record<string, string>>;
  readonly conditions?: readonly JsonObject[];
}

/**
 * The budget that an eviction uses up, with one disruption less; undefined if none has a say in it.
 *
 * @param budgets All budgets of the pod's namespace.
 * @throws {Refusal} 429, if the budget does not allow it.
 */
export function spentBudget(
  pod: ApiObject,
  budgets: readonly ApiObject[],
  now: string,
): ApiObject | undefined {
  const { phase } = (pod.status ?? {}) as JsonObject;
  if (pod.metadata.deletionTimestamp !== undefined || phase !== "Running" && phase !== "Unknown") {
    return undefined;
  }
  const labels = pod.metadata.labels ?? {};
  const own = budgets.filter(({ spec }) => {
    const { selector } = (spec ?? {}) as { selector?: LabelSelector };
    return selector !== undefined && matchesLabels(labelRequirements(selector), labels);
  });
  if (own.length > 1) {
    const problem =
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw new Refusal(failure(500, "", problem));
  }
  const [budget] = own;
  if (budget === undefined) return undefined;
  const { desiredHealthy = 0, currentHealthy = 0 } = statusOf(budget);
  if (!isReady(pod)) {
    const { unhealthyPodEvictionPolicy: policy } = budget.spec as JsonObject;
    if (policy === "AlwaysAllow" || (currentHealthy >= desiredHealthy && desiredHealthy > 0)) {
      return undefined;
    }
  }
  checkAllowed(budget);
  return spent(budget, pod.metadata.name, now);
}

function checkAllowed(budget: ApiObject): void {
  const { name, generation = 0 } = budget.metadata;
  const { observedGeneration = 0, disruptionsAllowed = 0, conditions = [], ...status } = statusOf(budget);
  if (observedGeneration < generation) {
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  if (disruptionsAllowed > 0) return;
  const { desiredHealthy = 0, currentHealthy = 0 } = status;
  const condition = conditions.find(({ type }) => type === "DisruptionAllowed");
  const { status: is, reason, message } = condition ?? {};
  const says = is === "False" && message ? String(message) : "";
  throw tooMany(
    says !== "" && reason === "SyncFailed"
      ? `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${says}`
      : currentHealthy <= desiredHealthy
      ? `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
      : says !== ""
      ? `The disruption budget ${name} does not allow evicting pods currently (${reason}): ${says}`
      : `The disruption budget ${name} does not allow evicting pods currently`,
    0,
  );
}

function spent(budget: ApiObject, pod: string, now: string): ApiObject {
  const { disruptionsAllowed = 0, disruptedPods, conditions = [], ...status } = statusOf(budget);
  const left = disruptionsAllowed - 1;
  const condition = {
    type: "DisruptionAllowed",
    status: "False",
    observedGeneration: status.observedGeneration,
    lastTransitionTime: now,
    reason: "InsufficientPods",
    message: "",
  };
  const others = conditions.filter(({ type }) => type !== condition.type);
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [pod]: now },
      ...(left === 0 ? { conditions: [...others, condition] } : conditions.length > 0 ? { conditions } : {}),
    },
  };
}

function statusOf({ status }: ApiObject): BudgetStatus {
  return (status ?? {}) as BudgetStatus;
}

function isReady({ status }: ApiObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: readonly JsonObject[] };
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

function tooMany(message: string, retryAfterSeconds: number): Refusal {
  const problem = "Cannot evict pod as it would violate the pod's disruption budget.";
  return new Refusal(failure(429, "TooManyRequests", problem, {
    causes: [{ reason: "DisruptionBudget", message }],
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  }));
}
