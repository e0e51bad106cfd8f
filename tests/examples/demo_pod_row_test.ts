import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "@coxswain/kube";
import type { ContainerStatus, Pod, PodStatus } from "@coxswain/kube/types/core/v1";
import { formatAge, podRow, podStatus } from "../../examples/demo/pod_row.ts";

const podOf = (status: PodStatus, metadata: object = {}): Stored<Pod> => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    namespace: "shop",
    name: "web-0",
    uid: "1",
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T00:00:00Z",
    ...metadata,
  },
  spec: { containers: [{ name: "main" }], nodeName: "node-a" },
  status,
});

const container = (state: ContainerStatus["state"], ready = false, restartCount = 0): ContainerStatus => ({
  name: "main",
  image: "web",
  imageID: "",
  ready,
  restartCount,
  state,
});
const ended = (exitCode: number, reason?: string) => container({ terminated: { exitCode, reason } });
const waits = (reason: string) => container({ waiting: { reason } });
const runs = container({ running: {} }, true);

describe("podStatus()", () => {
  for (
    const [expected, status, metadata] of [
      ["Pending", { phase: "Pending" }],
      ["Unknown", {}],
      ["ContainerCreating", { phase: "Pending", containerStatuses: [waits("ContainerCreating")] }],
      ["Running", { phase: "Running", containerStatuses: [runs] }],
      ["CrashLoopBackOff", { phase: "Running", containerStatuses: [waits("CrashLoopBackOff"), runs] }],
      ["Error", { phase: "Running", containerStatuses: [ended(1, "Error")] }],
      ["ExitCode:3", { phase: "Running", containerStatuses: [ended(3)] }],
      ["Signal:9", {
        phase: "Running",
        containerStatuses: [container({ terminated: { exitCode: 137, signal: 9 } })],
      }],
      ["Completed", { phase: "Succeeded", containerStatuses: [ended(0, "Completed")] }],
      ["NotReady", { phase: "Running", containerStatuses: [ended(0, "Completed"), runs] }],
      ["Running", {
        phase: "Running",
        conditions: [{ type: "Ready", status: "True" }],
        containerStatuses: [ended(0, "Completed"), runs],
      }],
      ["Evicted", { phase: "Failed", reason: "Evicted" }],
      ["SchedulingGated", {
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }],
      }],
      ["Init:1/2", {
        phase: "Pending",
        initContainerStatuses: [ended(0, "Completed"), container({ running: {} })],
        containerStatuses: [waits("PodInitializing")],
      }],
      ["Init:0/2", {
        phase: "Pending",
        initContainerStatuses: [waits("PodInitializing"), waits("PodInitializing")],
      }],
      ["Init:Error", { phase: "Pending", initContainerStatuses: [ended(1, "Error")] }],
      ["Init:ImagePullBackOff", { phase: "Pending", initContainerStatuses: [waits("ImagePullBackOff")] }],
      ["Running", { phase: "Running", initContainerStatuses: [runs], containerStatuses: [runs] }], // a sidecar
      [
        "Terminating",
        { phase: "Running", containerStatuses: [runs] },
        { deletionTimestamp: "2026-01-01T00:00:00Z" },
      ],
      [
        "Completed",
        { phase: "Succeeded", containerStatuses: [ended(0, "Completed")] },
        { deletionTimestamp: "2026-01-01T00:00:00Z" },
      ],
      ["Unknown", { phase: "Running", reason: "NodeLost" }, { deletionTimestamp: "2026-01-01T00:00:00Z" }],
    ] as [string, PodStatus, object?][]
  ) {
    it(`calls it ${expected}: ${JSON.stringify(status).slice(0, 90)}`, () => {
      assert.equal(podStatus(podOf(status, metadata)), expected);
    });
  }
});

describe("podRow()", () => {
  it("says what kubectl would", () => {
    const status: PodStatus = {
      phase: "Running",
      containerStatuses: [container({ running: {} }, true, 3), waits("ErrImagePull\x1b[2J")],
    };
    assert.deepEqual(podRow(podOf(status), new Date("2026-01-01T00:05:30Z")), {
      namespace: "shop",
      name: "web-0",
      ready: "1/1",
      status: "ErrImagePull\\u{1b}[2J",
      restarts: "3",
      age: "5m30s",
      node: "node-a",
      tone: "bad",
    });
  });
});

describe("formatAge()", () => {
  for (
    const [age, seconds] of [
      ["0s", -5],
      ["0s", 0.9],
      ["119s", 119],
      ["2m", 120],
      ["9m59s", 599],
      ["10m", 600],
      ["179m", 179 * 60],
      ["3h", 3 * 3600],
      ["7h59m", 8 * 3600 - 1],
      ["8h", 8 * 3600],
      ["47h", 47 * 3600],
      ["2d1h", 49 * 3600],
      ["8d", 8 * 86_400],
      ["729d", 729 * 86_400],
      ["2y10d", 740 * 86_400],
      ["?", NaN],
    ] as [string, number][]
  ) {
    it(`calls ${seconds} s ${age}`, () => assert.equal(formatAge(seconds * 1000), age));
  }
});
