/** Whether a name can stand as a key without quotes. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}

/** `apps_v1` → `AppsV1`, `foo-bar` → `FooBar`: a name for a type. */
export function pascalCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9$]+/).filter((word) => word !== "");
  const name = words.map((word) => word[0].toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z$]/.test(name) ? name : `_${name}`;
}

/** The path of a field: `spec.image`, or `spec["x.y/z"]` if its name could be taken for more than one. */
export function pathOf(parent: string, name: string): string {
  if (!isIdentifier(name)) return `${parent}[${JSON.stringify(name)}]`;
  return parent === "" ? name : `${parent}.${name}`;
}
