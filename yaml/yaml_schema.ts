import type { ScalarTag, Tags } from "yaml";

/** YAML 1.2, with merge keys as in Go's YAML: options of npm `yaml`. */
export const YAML_SCHEMA: {
  readonly schema: "core";
  readonly merge: true;
  readonly resolveKnownTags: false;
} = { schema: "core", merge: true, resolveKnownTags: false };

/**
 * What the YAML of kubectl and Helm makes of words and numbers without quotes, so that a manifest means the same here:
 * `yes` and `off` are booleans, `0644` is octal, `1_000` a number, and a date is text.
 *
 * @see go.yaml.in/yaml/v2 `resolve.go`
 */
export const MANIFEST_SCHEMA: object = {
  ...YAML_SCHEMA,
  customTags: (tags: Tags): Tags => [
    BOOLEAN,
    INTEGER,
    FLOAT,
    ...tags.filter((tag) => typeof tag === "string" || !/:(bool|int|float)$/.test(tag.tag)),
  ],
};

const BOOLEAN: ScalarTag = {
  tag: "tag:yaml.org,2002:bool",
  default: true,
  identify: (value) => typeof value === "boolean",
  test: /^(?:y|Y|[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON|n|N|[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/,
  resolve: (text) => /^(?:y|t|on)/i.test(text),
};

const INTEGER: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  identify: (value) => typeof value === "bigint" || Number.isInteger(value),
  test: /^[-+]?(?:0[bB]_*[01][01_]*|0[oO]?_*[0-7][0-7_]*|0[xX]_*[0-9a-fA-F][0-9a-fA-F_]*|0|[1-9][0-9_]*)$/,
  resolve: (text) => {
    const digits = text.replaceAll("_", "").replace(/^[-+]/, "").replace(/^0(?=[0-7])/, "0o").toLowerCase();
    const value = text.startsWith("-") ? -BigInt(digits) : BigInt(digits);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  },
};

const FLOAT: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: (value) => typeof value === "number",
  test:
    /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/,
  resolve: (text) => {
    if (/nan$/i.test(text)) return NaN;
    if (/inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
    return Number(text.replaceAll("_", ""));
  },
};
