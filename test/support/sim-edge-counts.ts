/** What really happened to the datagrams of one source, or of all: the truth that measurements are held against. */
export type EdgeCounts = {
  /** Datagrams that reached the socket, lost ones included. */
  received: number;
  /** Lost on the way in, by the seeded loss. */
  lostIn: number;
  /** Lost on the way out, by the seeded loss. */
  lostOut: number;
  /** Swallowed by the black hole, either way. */
  blackHoled: number;
  /** Refused by the parser. */
  malformed: number;
  /** Understood OPTIONS. */
  options: number;
  /** OPTIONS whose answer left. */
  optionsAnswered: number;
  /** New INVITEs understood, repeats not counted. */
  invites: number;
  /** INVITEs whose first 2xx left. */
  invitesAnswered: number;
  /** BYEs that ended a call. */
  byes: number;
};

/** All zero. */
export function noCounts(): EdgeCounts {
  return {
    received: 0,
    lostIn: 0,
    lostOut: 0,
    blackHoled: 0,
    malformed: 0,
    options: 0,
    optionsAnswered: 0,
    invites: 0,
    invitesAnswered: 0,
    byes: 0,
  };
}

/** Adds `some` to `sum` in place. */
export function addCounts(sum: EdgeCounts, some: EdgeCounts): void {
  for (const key of Object.keys(sum) as (keyof EdgeCounts)[]) sum[key] += some[key];
}
