import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HistogramDefinition, noMeter, PrometheusMeter } from "@coxswain/kube/observe";
import { clientMetrics, requestMetrics } from "@coxswain/kube/rest";

const SERVER = "https://10.0.0.1:6443/base/";
const PATH = "/api/v1/namespaces/shop/pods/web-0";

/** The samples that are not 0, without those of buckets. */
const samples = (meter: PrometheusMeter) =>
  meter.text().split("\n").filter((line) => /^[^#].* (?!0$)/.test(line) && !line.includes("_bucket"));

describe("requestMetrics() [rest 12]", () => {
  it("records under client-go's names and labels, with durations in seconds", () => {
    const meter = new PrometheusMeter();
    const metrics = requestMetrics(meter, SERVER);
    metrics.requestDuration("GET", PATH, 1_500);
    metrics.rateLimiterDuration("GET", PATH, 0);
    metrics.rateLimiterDuration("GET", PATH, 20);
    metrics.requestSize("POST", 100);
    metrics.responseSize("POST", 2_000);
    metrics.requestResult("<error>", "GET");
    metrics.requestResult(200, "GET");
    metrics.requestRetry(200, "GET");
    const host = 'host="10.0.0.1:6443"';
    assert.deepEqual(samples(meter), [
      `rest_client_rate_limiter_duration_seconds_sum{${host},verb="GET"} 0.02`,
      `rest_client_rate_limiter_duration_seconds_count{${host},verb="GET"} 2`,
      `rest_client_request_duration_seconds_sum{${host},verb="GET"} 1.5`,
      `rest_client_request_duration_seconds_count{${host},verb="GET"} 1`,
      `rest_client_request_retries_total{code="200",${host},verb="GET"} 1`,
      `rest_client_request_size_bytes_sum{${host},verb="POST"} 100`,
      `rest_client_request_size_bytes_count{${host},verb="POST"} 1`,
      `rest_client_requests_total{code="200",${host},method="GET"} 1`,
      `rest_client_requests_total{code="<error>",${host},method="GET"} 1`,
      `rest_client_response_size_bytes_sum{${host},verb="POST"} 2000`,
      `rest_client_response_size_bytes_count{${host},verb="POST"} 1`,
    ]);
  });

  it("tells durations apart by the template of the URL too, if told so", () => {
    const meter = new PrometheusMeter();
    const metrics = requestMetrics(meter, SERVER, { durationsBy: "url" });
    metrics.requestDuration("GET", `${PATH}?pretty=true`, 1);
    metrics.requestDuration("GET", "/api/v1/namespaces/other/pods/db-0?pretty=false", 1);
    const url = "/base/api/v1/namespaces/{namespace}/pods/{name}?pretty={value}";
    assert.deepEqual(samples(meter), [
      `rest_client_request_duration_seconds_sum{host="10.0.0.1:6443",url="${url}",verb="GET"} 0.002`,
      `rest_client_request_duration_seconds_count{host="10.0.0.1:6443",url="${url}",verb="GET"} 2`,
    ]);
  });

  it("adds up the requests of two clients with one meter", () => {
    const meter = new PrometheusMeter();
    for (const server of [SERVER, "http://localhost/", "http://localhost/"]) {
      requestMetrics(meter, server).requestResult(200, "GET");
    }
    assert.deepEqual(samples(meter), [
      'rest_client_requests_total{code="200",host="10.0.0.1:6443",method="GET"} 1',
      'rest_client_requests_total{code="200",host="localhost",method="GET"} 2',
    ]);
  });

  it("does nothing without a meter, and takes no URL apart", () => {
    const metrics = requestMetrics(undefined, "");
    assert.equal(metrics, requestMetrics(noMeter, ""));
    metrics.requestDuration("GET", PATH, 1);
    metrics.requestResult(200, "GET");
  });
});

describe("clientMetrics", () => {
  it("can all be registered, and exported in both formats", () => {
    const meter = new PrometheusMeter();
    const definitions: HistogramDefinition[] = Object.values(clientMetrics);
    for (const definition of definitions) {
      const labels = Object.fromEntries(definition.labels!.map((name) => [name, "x"]));
      if (definition.buckets !== undefined) meter.histogram(definition).record(1, labels);
      else if (definition.name.endsWith("_total")) meter.counter(definition).add(1, labels);
      else meter.gauge(definition).set(Infinity, labels);
    }
    const names = [...meter.text().matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]);
    assert.deepEqual(names, definitions.map(({ name }) => name).sort());
    assert.match(meter.openMetricsText(), /# EOF\n$/);
  });

  it("has Go's bounds for sizes, written as Go writes them", () => {
    const meter = new PrometheusMeter();
    requestMetrics(meter, SERVER).responseSize("GET", 1);
    const bounds = [...meter.text().matchAll(/le="([^"]*)"/g)].map((match) => match[1]);
    assert.deepEqual(bounds, [
      ...["64", "256", "512", "1024", "4096", "16384", "65536", "262144"],
      ...["1.048576e+06", "4.194304e+06", "1.6777216e+07", "+Inf"],
    ]);
  });
});
