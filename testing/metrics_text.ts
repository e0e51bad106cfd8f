import type { CellReader } from "./cell_reader.ts";

/** What metrics an autoscaler goes by: as they are, and as they should be. */
export function metricsText(scaler: CellReader): string {
  const current = scaler.list("status.currentMetrics");
  const texts = scaler.list("spec.metrics").map((metric, index) => metricText(metric, current[index]));
  if (texts.length === 0) return "<none>";
  return texts.slice(0, 2).join(", ") + (texts.length > 2 ? ` + ${texts.length - 2} more...` : "");
}

/** @param status Of the same place in the list, if there is one. */
function metricText(metric: CellReader, status: CellReader | undefined): string {
  const type = metric.text("type");
  const field = type.slice(0, 1).toLowerCase() + type.slice(1);
  if (!metric.has(field)) return "<unknown type>";
  const target = metric.below(`${field}.target`);
  const now = status?.below(`${field}.current`);
  const value = (name: string) => now?.text(name, "<unknown>") ?? "<unknown>";
  switch (type) {
    case "Pods":
      return `${value("averageValue")}/${target.text("averageValue")}`;
    case "External":
    case "Object":
      return target.has("averageValue")
        ? `${value("averageValue")}/${target.text("averageValue")} (avg)`
        : `${value("value")}/${target.text("value")}`;
    default: {
      const name = metric.text(`${field}.name`);
      if (target.has("averageValue")) {
        return `${name}: ${value("averageValue")}/${target.text("averageValue")}`;
      }
      const percent = (from: CellReader | undefined, none: string) =>
        from?.has("averageUtilization") ? `${from.number("averageUtilization")}%` : none;
      return `${name}: ${percent(now, "<unknown>")}/${percent(target, "<auto>")}`;
    }
  }
}
