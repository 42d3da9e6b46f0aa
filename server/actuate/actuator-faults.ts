import { repeatedNames, type SchemaFault } from '../../wire/schema-faults.ts';
import type { ActuatorsConfig } from './actuator-schema.ts';

/** Names that the rest of the configuration knows. */
export type KnownNames = {
  readonly pbxes: ReadonlySet<string>;
  /** By class: its trunks. */
  readonly classes: ReadonlyMap<string, readonly string[]>;
};

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/;

/** Faults of the actuators that their schema cannot see: plaintext that nobody allowed, names that are nobody's, and repetitions. */
export function actuatorFaults(
  { exec, kamailio, webhooks }: ActuatorsConfig,
  known: KnownNames,
): readonly SchemaFault[] {
  return [
    ...repeatedNames('actuators.webhooks', names(webhooks)),
    ...repeatedNames('actuators.exec', names(exec)),
    ...repeatedNames('actuators.kamailio', names(kamailio)),
    ...webhooks.flatMap((hook, at) => plaintext(`actuators.webhooks[${at}].url`, hook)),
    ...kamailio.flatMap((edge, at) => edgeFaults(`actuators.kamailio[${at}]`, edge, known)),
  ];
}

function names(entries: readonly { readonly name: string }[]): readonly string[] {
  return entries.map(({ name }) => name);
}

function plaintext(
  path: string,
  { allowPlaintext, url }: { readonly url: string; readonly allowPlaintext: boolean },
): readonly SchemaFault[] {
  const host = /^http:\/\/(?<host>\[[^\]]*\]|[^:/?#]+)/.exec(url)?.groups?.['host'];
  if (host === undefined || LOOPBACK.test(host) || allowPlaintext) return [];
  return [{ path, message: `${host} is not loopback: use https, or name allowPlaintext: true` }];
}

function edgeFaults(
  path: string,
  edge: ActuatorsConfig['kamailio'][number],
  { classes, pbxes }: KnownNames,
): readonly SchemaFault[] {
  const faults: SchemaFault[] = [...plaintext(`${path}.url`, edge)];
  if (!pbxes.has(edge.follows)) {
    faults.push({ path: `${path}.follows`, message: `pbx ${edge.follows} is not configured` });
  }
  faults.push(
    ...repeatedNames(
      `${path}.sets`,
      edge.sets.map(({ set }) => String(set)),
    ),
  );
  for (const [at, { class: name, destinations }] of edge.sets.entries()) {
    const place = `${path}.sets[${at}]`;
    const trunks = classes.get(name);
    if (!trunks) {
      faults.push({ path: `${place}.class`, message: `class ${name} is not configured` });
      continue;
    }
    faults.push(
      ...repeatedNames(
        `${place}.destinations`,
        destinations.map(({ uri }) => uri),
      ),
    );
    for (const [order, { trunk }] of destinations.entries()) {
      if (trunks.includes(trunk)) continue;
      faults.push({ path: `${place}.destinations[${order}].trunk`, message: `${trunk} is not a trunk of ${name}` });
    }
    const missing = trunks.filter((trunk) => destinations.every((each) => each.trunk !== trunk));
    if (missing.length > 0) {
      faults.push({ path: `${place}.destinations`, message: `no destination leads to ${missing.join(', ')}` });
    }
  }
  return faults;
}
