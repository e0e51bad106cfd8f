/** What a variant has to work with. */
export interface Surroundings {
  /** URL of the data server. */
  server: string;
  /** How many objects it is to see. */
  count: number;
  /** The certificate authority that has signed for it, in PEM, if it speaks TLS. */
  ca?: string;
  /** The file with that authority. */
  caFile?: string;
  /** The program with client-go, and a server that speaks Protobuf with it; absent without Go. */
  clientGo?: { program: string; server: string };
}

/** What a variant has done. */
export interface Outcome {
  /** How many objects came by: checked, so that nobody is fast by leaving some out. Absent if not looked at. */
  count?: number;
  /** What a program would go on holding. It is kept until the memory has been measured. */
  kept?: unknown;
  /** Elapsed time in milliseconds, where it is not that of the whole call. */
  wall?: number;
  /** Processor time in milliseconds, likewise. */
  cpu?: number;
  /** The most memory in bytes, of a program of another language. */
  peak?: number;
}

/** One way of doing the work of a benchmark. */
export type Variant = (surroundings: Surroundings) => Promise<Outcome>;

/** A piece of work, and several ways of doing it. */
export interface Benchmark {
  /** What is done, for the heading of the table. */
  title: string;
  /** What is counted. */
  unit: "pods" | "events" | "items" | "requests" | "MiB";
  /** How many there are, where the data server has no say in it. */
  count?: number;
  /** By name; the first is the measure of the others. Each call has a process to itself. */
  variants: Readonly<Record<string, Variant>>;
}
