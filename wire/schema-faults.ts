import type { TSchema } from 'typebox';
import { Settings } from 'typebox/system';
import { Errors } from 'typebox/value';
import { nearestName } from './nearest-name.ts';

/** One fault of a configuration or request: where, in the operator's own notation, and what is expected there. */
export type SchemaFault = { readonly path: string; readonly message: string };

type RawError = {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
};

/**
 * Lists every fault of a value against a schema, in document order.
 *
 * A text whose form is wrong is told by the `description` of its schema, which says the form in words after "must be"; what was
 * found is not shown, since it may be a secret in the wrong place. Of a union of objects only the branch whose literal members fit is reported, so that one slip gives one message.
 *
 * @param value - a parsed document of JSON types; not changed.
 * @returns an empty list where the value fits. Paths read like `trunks[2].edges[0].port`; the whole document is `(top)`.
 */
export function schemaFaults(schema: TSchema, value: unknown): readonly SchemaFault[] {
  Settings.Set({ maxErrors: 1000 });
  const raw = Errors(schema, value) as readonly RawError[];
  const faults = new Map<string, SchemaFault>();
  for (const fault of narrowUnions(raw).flatMap((error) => expand(error, schema, value))) {
    faults.set(`${fault.path} ${fault.message}`, fault);
  }
  return [...faults.values()];
}

/**
 * Tells which top-level sections of a document may be looked at further, so that faults of meaning are reported
 * together with faults of form.
 *
 * @returns a predicate: true where the document as a whole and all the sections named are free of faults of form.
 */
export function soundness(faults: readonly SchemaFault[]): (...sections: readonly string[]) => boolean {
  const broken = new Set(faults.map(({ path }) => /^[^.[]*/.exec(path)?.[0] ?? path));
  return (...sections) => !broken.has('(top)') && !sections.some((section) => broken.has(section));
}

/** A fault for each name that stands a second time in a list; `path` is the list's. */
export function repeatedNames(path: string, names: readonly string[]): readonly SchemaFault[] {
  const seen = new Set<string>();
  return names.flatMap((name, at) => {
    if (seen.has(name)) return [{ path: `${path}[${at}]`, message: `${name} is named twice` }];
    seen.add(name);
    return [];
  });
}

/** Turns a JSON pointer into `a.b[2].c`. */
export function shownPath(pointer: string): string {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const text = steps.reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
  return text === '' ? '(top)' : text;
}

function narrowUnions(raw: readonly RawError[]): readonly RawError[] {
  const unions = new Map<string, Map<string, RawError[]>>();
  const kept: RawError[] = [];
  for (const error of raw) {
    const match = /^(.*?\/anyOf)\/(\d+)(?:\/|$)/.exec(error.schemaPath);
    if (!match?.[1] || !match[2]) {
      if (error.keyword !== 'anyOf') kept.push(error);
      continue;
    }
    const branches = unions.get(match[1]) ?? new Map<string, RawError[]>();
    branches.set(match[2], [...(branches.get(match[2]) ?? []), error]);
    unions.set(match[1], branches);
  }
  return [...kept, ...[...unions.values()].flatMap((branches) => bestBranch([...branches.values()]))];
}

function bestBranch(branches: readonly (readonly RawError[])[]): readonly RawError[] {
  const fitting = branches.find((branch) => !branch.some(({ keyword }) => keyword === 'const' || keyword === 'type'));
  if (fitting) return fitting;
  const literals = branches.flat().filter(({ keyword }) => keyword === 'const');
  const [first] = literals;
  if (!first) return branches[0] ?? [];
  const allowed = literals
    .filter(({ instancePath }) => instancePath === first.instancePath)
    .map(({ params }) => String((params as { readonly allowedValue?: unknown }).allowedValue));
  return [{ ...first, keyword: 'enum', message: `must be one of ${[...new Set(allowed)].join(', ')}` }];
}

function expand(error: RawError, schema: TSchema, value: unknown): readonly SchemaFault[] {
  if (error.keyword === 'boolean') return [];
  const base = shownPath(error.instancePath);
  const params = error.params as {
    readonly additionalProperties?: readonly string[];
    readonly requiredProperties?: readonly string[];
  };
  const under = (name: string) => (base === '(top)' ? name : `${base}.${name}`);
  if (error.keyword === 'additionalProperties' && params.additionalProperties) {
    const known = knownKeys(schema, error.schemaPath);
    return params.additionalProperties.map((name) => {
      const meant = nearestName(name, known);
      return { path: under(name), message: `unknown key${meant === undefined ? '' : `, did you mean ${meant}?`}` };
    });
  }
  if (error.keyword === 'required' && params.requiredProperties) {
    return params.requiredProperties.map((name) => ({ path: under(name), message: 'required, but missing' }));
  }
  if (error.keyword === 'pattern') {
    const { description } = (standsAt(schema, error.schemaPath.slice(1)) ?? {}) as { readonly description?: string };
    return [{ path: base, message: description === undefined ? error.message : `must be ${description}` }];
  }
  return [{ path: base, message: `${error.message}${typeHint(error, standsAt(value, error.instancePath))}` }];
}

/** Keys that may stand at a place: of all branches where it is a union. */
function knownKeys(schema: TSchema, schemaPath: string): readonly string[] {
  const union = /^(.*\/anyOf)\/\d+$/.exec(schemaPath)?.[1];
  const found = standsAt(schema, (union ?? schemaPath).slice(1));
  const branches = (Array.isArray(found) ? found : [found]) as readonly { readonly properties?: object }[];
  return [...new Set(branches.flatMap((branch) => Object.keys(branch?.properties ?? {})))];
}

/** What a slip of notation looks like: YAML reads 112 as a number, and 10s as a text. */
function typeHint(error: RawError, found: unknown): string {
  if (error.keyword !== 'type') return '';
  if (error.message === 'must be string') return typeof found === 'number' ? ': put it in quotes' : '';
  const isNumber = error.message === 'must be integer' || error.message === 'must be number';
  return isNumber && typeof found === 'string' ? `, not ${JSON.stringify(found.slice(0, 40))}` : '';
}

/** The part of a document of JSON types that a JSON pointer names; undefined where there is none. */
function standsAt(document: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1);
  return steps.reduce<unknown>((part, step) => {
    if (typeof part !== 'object' || part === null) return undefined;
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    return Object.hasOwn(part, name) ? (part as Readonly<Record<string, unknown>>)[name] : undefined;
  }, document);
}
