/** What is wrong with the name of a namespace, which must be a DNS label; `undefined` if nothing is. */
export function checkNamespace(namespace: string): { problem: string; remedy: string } | undefined {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) return undefined;
  return {
    problem: "it cannot be the name of a namespace",
    remedy: "Use up to 63 lower-case letters, digits and inner hyphens",
  };
}
