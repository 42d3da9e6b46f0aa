/** What the hub has assigned for one path. */
export type PathDuty = {
  readonly role: 'witness' | 'inherit';
  readonly intervalMs: number;
  /** PBXs of the same site whose figures stand for this path; empty for a witness, and where nobody's do. */
  readonly from: readonly string[];
};

/** Duties of one PBX by target; a target without one is asked at the probe's own pace. */
export type PathDuties = ReadonlyMap<string, PathDuty>;
