/** The fields of a schedule: what they may be. */
const FIELDS = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  {
    least: 1,
    most: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { least: 0, most: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const DESCRIPTORS = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/** What is wrong with a schedule, in the words of `robfig/cron`, which the server reads it with. Undefined if nothing is. */
export function cronProblem(schedule: string): string | undefined {
  const text = schedule.replace(/^(CRON_)?TZ=\S+\s+/, "");
  if (text.startsWith("@")) {
    if (DESCRIPTORS.includes(text) || /^@every (\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) {
      return undefined;
    }
    return text.startsWith("@every ")
      ? `failed to parse duration ${text}: time: invalid duration ${
        JSON.stringify(text.slice("@every ".length))
      }`
      : `unrecognized descriptor: ${text}`;
  }
  const fields = text.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== FIELDS.length) {
    return `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`;
  }
  for (const [index, field] of fields.entries()) {
    for (const part of field.split(",")) {
      const problem = partProblem(part, FIELDS[index]);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function partProblem(
  part: string,
  { least, most, names }: {
    readonly least: number;
    readonly most: number;
    readonly names: readonly string[];
  },
): string | undefined {
  const [range, step, ...moreSteps] = part.split("/");
  const [low, high, ...moreEnds] = range.split("-");
  const first = low === "*" || low === "?" ? least + "" : low;
  const start = numberOf(first, names);
  if (typeof start === "string") return start;
  if (moreEnds.length > 0) return `too many hyphens: ${part}`;
  const last = high ?? (low === "*" || low === "?" || step !== undefined ? String(most) : first);
  const end = numberOf(last, names);
  if (typeof end === "string") return end;
  if (moreSteps.length > 0) return `too many slashes: ${part}`;
  const every = step === undefined ? 1 : numberOf(step, []);
  if (typeof every === "string") return every;
  if (start < least) return `beginning of range (${start}) below minimum (${least}): ${part}`;
  if (end > most) return `end of range (${end}) above maximum (${most}): ${part}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${part}`;
  return every === 0 ? `step of range should be a positive number: ${part}` : undefined;
}

function numberOf(text: string, names: readonly string[]): number | string {
  const place = names.indexOf(text.toLowerCase());
  if (place >= 0) return place + (names.length === 12 ? 1 : 0);
  if (/^[-+]?\d+$/.test(text)) {
    return Number(text) < 0 ? `negative number (${text}) not allowed: ${text}` : Number(text);
  }
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
