import type { Mode, PbxModes } from '../../wire/plan.ts';

/** Routing mode of one class: its own where it has one, else the PBX's. */
export function classMode(modes: PbxModes, className: string): Mode {
  if (modes.classes.length === 0) return modes.routing;
  return modes.classes.find((each) => each.class === className)?.routing ?? modes.routing;
}
