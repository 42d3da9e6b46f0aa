import type { SimulationGround } from './simulation.ts';

/** Names in a what-if, each with its place in the question. */
export type SupposedNames = {
  readonly trunks?: readonly { readonly trunk: string }[] | undefined;
  readonly verdict?: { readonly of: { readonly provider: string } | { readonly site: string } } | undefined;
  readonly pin?: { readonly trunk: string; readonly class?: string | undefined } | undefined;
  readonly maintenance?: { readonly of: { readonly provider: string } | { readonly trunk: string } } | undefined;
};

/** Names that the hub's configuration knows. */
export type KnownNames = {
  readonly sites: readonly string[];
  /** Providers by trunk. */
  readonly providerOf: ReadonlyMap<string, string>;
};

/**
 * Finds each name of a what-if that would be passed over: an answer to it would say that nothing follows, of something that was
 * never supposed. A trunk whose paths are supposed must be one of the PBX's own, with every path of it known; a pin must be on a trunk
 * of a route; a verdict or a maintenance may be on anything configured, also where it bears on no route of this PBX.
 *
 * @returns one sentence a fault, with its place (`trunks[0].trunk: …`); none where all is known.
 */
export function unknownNames(
  { maintenance, pin, trunks = [], verdict }: SupposedNames,
  { healths, input }: Pick<SimulationGround, 'input' | 'healths'>,
  known: KnownNames,
): readonly string[] {
  const { classes, pbx } = input;
  const providers = new Set(known.providerOf.values());
  const faults: string[] = [];
  for (const [at, { trunk }] of trunks.entries()) {
    const own = input.trunks.find((each) => each.trunk === trunk);
    const missing = own?.pathKeys.find((key) => !healths.has(key));
    if (!own || own.pathKeys.length === 0) faults.push(`trunks[${at}].trunk: ${pbx} has no path to a trunk ${trunk}`);
    else if (missing !== undefined) faults.push(`trunks[${at}].trunk: nothing is known yet of the path ${missing}`);
  }
  if (verdict && 'provider' in verdict.of && !providers.has(verdict.of.provider)) {
    faults.push(`verdict.of.provider: no provider ${verdict.of.provider} is configured`);
  }
  if (verdict && 'site' in verdict.of && !known.sites.includes(verdict.of.site)) {
    faults.push(`verdict.of.site: no site ${verdict.of.site} is configured`);
  }
  if (maintenance && 'provider' in maintenance.of && !providers.has(maintenance.of.provider)) {
    faults.push(`maintenance.of.provider: no provider ${maintenance.of.provider} is configured`);
  }
  if (maintenance && 'trunk' in maintenance.of && !known.providerOf.has(maintenance.of.trunk)) {
    faults.push(`maintenance.of.trunk: no trunk ${maintenance.of.trunk} is configured`);
  }
  if (!pin) return faults;
  const named = classes.filter((each) => pin.class === undefined || each.class === pin.class);
  if (named.length === 0 && pin.class !== undefined)
    faults.push(`pin.class: ${pbx} has no route of class ${pin.class}`);
  else if (!named.some((each) => each.trunks.includes(pin.trunk))) {
    const routes = pin.class === undefined ? `any route of ${pbx}` : `the route of class ${pin.class}`;
    faults.push(`pin.trunk: ${pin.trunk} is not in ${routes}`);
  }
  return faults;
}
