import type { TSchema } from 'typebox';
import { Settings } from 'typebox/system';
import { Errors } from 'typebox/value';

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
 * Of a union of objects only the branch whose literal members fit is reported, so that one slip gives one message.
 *
 * @param value - a parsed document of JSON types; not changed.
 * @returns an empty list where the value fits. Paths read like `trunks[2].edges[0].port`; the whole document is `(top)`.
 */
export function schemaFaults(schema: TSchema, value: unknown): readonly SchemaFault[] {
  Settings.Set({ maxErrors: 1000 });
  const raw = Errors(schema, value) as readonly RawError[];
  const faults = new Map<string, SchemaFault>();
  for (const fault of narrowUnions(raw).flatMap(expand)) {
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

function expand(error: RawError): readonly SchemaFault[] {
  if (error.keyword === 'boolean') return [];
  const base = shownPath(error.instancePath);
  const params = error.params as {
    readonly additionalProperties?: readonly string[];
    readonly requiredProperties?: readonly string[];
  };
  const under = (name: string) => (base === '(top)' ? name : `${base}.${name}`);
  if (error.keyword === 'additionalProperties' && params.additionalProperties) {
    return params.additionalProperties.map((name) => ({ path: under(name), message: 'unknown key' }));
  }
  if (error.keyword === 'required' && params.requiredProperties) {
    return params.requiredProperties.map((name) => ({ path: under(name), message: 'required, but missing' }));
  }
  return [{ path: base, message: error.message }];
}
