import { Clone, Default } from 'typebox/value';
import { tooLongRoutes } from '../wire/route-value.ts';
import { repeatedNames, type SchemaFault, schemaFaults, soundness } from '../wire/schema-faults.ts';
import { actuatorFaults } from './actuate/actuator-faults.ts';
import { type HubConfig, HubConfigSchema } from './config-schema.ts';
import { isTimeZone } from './evidence/zone-time.ts';
import { spendFaults } from './spend/spend-faults.ts';

/** A configuration, or every fault found in it with its place. */
export type HubConfigResult =
  | { readonly ok: true; readonly config: HubConfig }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/**
 * Reads the hub's configuration.
 *
 * @param document - the parsed YAML document; not changed.
 * @returns the configuration with defaults, or all faults at once (unknown keys, wrong types, dangling names).
 */
export function readHubConfig(document: unknown): HubConfigResult {
  const filled = Default(HubConfigSchema, Clone(document));
  const faults = schemaFaults(HubConfigSchema, filled);
  const config = filled as HubConfig;
  const isSound = soundness(faults);
  const all = [
    ...faults,
    ...(isSound('listen') ? listenFaults(config) : []),
    ...(isSound('mesh') ? meshFaults(config) : []),
    ...(isSound('sites', 'pbxes', 'providers', 'classes', 'tokens') ? repeated(config) : []),
    ...(isSound('sites', 'pbxes', 'providers', 'classes', 'modes') ? dangling(config) : []),
    ...(isSound('classes') ? tooLongRoutes(config.classes) : []),
    ...(isSound('providers') ? unknownZones(config) : []),
    ...(isSound('providers', 'spend') ? spendFaults(config) : []),
    ...(isSound('pbxes', 'classes', 'actuators') ? actuatorFaults(config.actuators, knownNames(config)) : []),
  ];
  return all.length > 0 ? { ok: false, faults: all } : { ok: true, config };
}

function knownNames({ classes, pbxes }: HubConfig) {
  return {
    pbxes: new Set(pbxes.map(({ pbx }) => pbx)),
    classes: new Map(classes.map((entry) => [entry.class, entry.trunks] as const)),
  };
}

function listenFaults({ listen }: HubConfig): readonly SchemaFault[] {
  const isLoopback = LOOPBACK.test(listen.host);
  const faults: SchemaFault[] = [];
  if (!isLoopback && !listen.tls && !listen.allowPlaintext) {
    faults.push({ path: 'listen.tls', message: `${listen.host} is not loopback: name tls, or allowPlaintext: true` });
  }
  if (!isLoopback && listen.allowAnonymousViewer) {
    faults.push({ path: 'listen.allowAnonymousViewer', message: 'only on a loopback address' });
  }
  return faults;
}

function meshFaults({ mesh }: HubConfig): readonly SchemaFault[] {
  const { cleanRatio, lossyRatio, offMs, onMs } = mesh;
  const faults: SchemaFault[] = [];
  if (onMs + offMs > 300_000) {
    faults.push({ path: 'mesh.offMs', message: `onMs and offMs are ${onMs + offMs} ms together: at most 300000` });
  }
  if (cleanRatio >= lossyRatio) {
    faults.push({ path: 'mesh.cleanRatio', message: `${cleanRatio} is not below lossyRatio, ${lossyRatio}` });
  }
  return faults;
}

function unknownZones({ providers }: HubConfig): readonly SchemaFault[] {
  return providers.flatMap(({ timeZone }, at) =>
    timeZone === undefined || isTimeZone(timeZone)
      ? []
      : [{ path: `providers[${at}].timeZone`, message: `${timeZone} is no time zone that this system knows` }],
  );
}

function repeated(config: HubConfig): readonly SchemaFault[] {
  const trunks = config.providers.flatMap((entry) => entry.trunks);
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['sites', config.sites.map(({ site }) => site)],
    ['pbxes', config.pbxes.map(({ pbx }) => pbx)],
    ['pbxes (probe)', config.pbxes.map(({ probe }) => probe)],
    ['providers', config.providers.map(({ provider }) => provider)],
    ['providers.trunks', trunks.map(({ trunk }) => trunk)],
    ['classes', config.classes.map((entry) => entry.class)],
    ['tokens', config.tokens.map(({ name }) => name)],
    ...config.classes.map((entry, at): readonly [string, readonly string[]] => [`classes[${at}].trunks`, entry.trunks]),
  ];
  return lists.flatMap(([path, names]) => repeatedNames(path, names));
}

function dangling(config: HubConfig): readonly SchemaFault[] {
  const sites = new Set(config.sites.map(({ site }) => site));
  const pbxes = new Set(config.pbxes.map(({ pbx }) => pbx));
  const classes = new Set(config.classes.map((entry) => entry.class));
  const trunks = new Set(config.providers.flatMap((entry) => entry.trunks.map(({ trunk }) => trunk)));
  return [
    ...config.pbxes.flatMap(({ site }, at) => missing(`pbxes[${at}].site`, 'site', site, sites)),
    ...config.classes.flatMap((entry, at) =>
      entry.trunks.flatMap((trunk, order) => missing(`classes[${at}].trunks[${order}]`, 'trunk', trunk, trunks)),
    ),
    ...config.classes.flatMap((entry, at) =>
      entry.class === 'emergency'
        ? [{ path: `classes[${at}].class`, message: "emergency is never planned: its list stands in the probe's file" }]
        : [],
    ),
    ...config.classes.flatMap((entry, at) =>
      Object.keys(entry.weights ?? {}).flatMap((trunk) =>
        entry.trunks.includes(trunk)
          ? []
          : [{ path: `classes[${at}].weights.${trunk}`, message: `${trunk} is not a trunk of the class` }],
      ),
    ),
    ...config.modes.flatMap(({ scope }, at) => {
      if (!scope) return [];
      const path = `modes[${at}].scope`;
      if ('site' in scope) return missing(path, 'site', scope.site, sites);
      if ('pbx' in scope) return missing(path, 'pbx', scope.pbx, pbxes);
      return missing(path, 'class', scope.class, classes);
    }),
  ];
}

function missing(path: string, kind: string, name: string, known: ReadonlySet<string>): readonly SchemaFault[] {
  return known.has(name) ? [] : [{ path, message: `${kind} ${name} is not configured` }];
}
