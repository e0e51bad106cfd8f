import assert from "node:assert/strict";
import { it } from "node:test";
import { PrometheusMeter } from "@coxswain/kube/observe";
import { cleaned } from "../cleanup.ts";
import { added, closed, list, modified, object, play } from "./script.ts";

it(
  "a cache counts its lists and watches, with client-go's names (spec informers 17)",
  cleaned(async (t) => {
    const meter = new PrometheusMeter();
    const { clock } = await play(t, [
      list("10", [object("a", "1"), object("b", "2")]),
      closed([added("c", "11"), modified("c", "1234567890123456789")], 60_000),
      closed([], 500),
    ], { options: { watchList: false }, meter });
    await clock.advance(60_500);
    const text = meter.text();
    for (
      const line of [
        'reflector_lists_total{name="configmaps"} 1',
        'reflector_list_duration_seconds_count{name="configmaps"} 1',
        'reflector_items_per_list_sum{name="configmaps"} 2',
        'reflector_watches_total{name="configmaps"} 2',
        'reflector_short_watches_total{name="configmaps"} 1',
        'reflector_watch_duration_seconds_sum{name="configmaps"} 60.5',
        'reflector_items_per_watch_sum{name="configmaps"} 2',
        'reflector_last_resource_version{name="configmaps"} 5.67890123456789e+14',
        'informer_queued_items{name="configmaps"} 0',
        'informer_store_resource_version{name="configmaps"} 5.67890123456789e+14',
        'coxswain_store_objects{name="configmaps"} 3',
        'coxswain_reflector_transitions_total{from="idle",name="configmaps",to="listing"} 1',
        'coxswain_reflector_transitions_total{from="watching",name="configmaps",to="waiting"} 1',
      ]
    ) assert.ok(text.split("\n").includes(line), line);
    assert.match(text, /informer_processing_latency_seconds_count\{name="configmaps"\} [1-9]/);
  }),
);
