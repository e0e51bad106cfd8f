// A program with one kind, for modules_test.ts to bundle.
import { Pod } from "@coxswain/kube/types/core/v1";

console.log(Pod.plural);
