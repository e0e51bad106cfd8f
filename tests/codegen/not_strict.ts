// What strict_test.ts expects to be refused, by the strictest settings alone.
import type { WebAppSpec2 } from "./generated/codegen_example_com_v1.ts";

/** Whether changes wait. */
export function spec(schedule: string | undefined): WebAppSpec2 {
  return { image: "nginx", schedule };
}
