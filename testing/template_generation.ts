/** The annotation that counts how often the template of a daemon set has changed. */
export const GENERATION = "deprecated.daemonset.template.generation";
