import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Column = Type.Optional(Type.String({ minLength: 1, maxLength: 100 }));

/** Three letters of ISO 4217. */
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'three capital letters, such as EUR' });

/** How the CSV decks of a provider are to be read. */
export const DeckLayout = Type.Object(
  {
    /** Of rows that name no other. The hub's own when absent. */
    currency: Type.Optional(Currency),
    /** What the columns are called in the first line, capitals or not. A name given here must be there. */
    columns: Type.Object(
      {
        prefix: Column,
        price: Column,
        connectFee: Column,
        initialIncrement: Column,
        recurringIncrement: Column,
        /** Both increments in one column, `60/60`. */
        increments: Column,
        effectiveFrom: Column,
        effectiveUntil: Column,
        currency: Column,
        destination: Column,
        /** A row with `1`, `y`, `yes` or `true` in it is one that the provider does not connect. */
        blocked: Column,
      },
      { ...closed, default: {} },
    ),
    separator: Type.Union(
      [Type.Literal(','), Type.Literal(';'), Type.Literal('\t'), Type.Literal('|'), Type.Literal('auto')],
      { default: 'auto' },
    ),
    decimal: Type.Union([Type.Literal('.'), Type.Literal(',')], { default: '.' }),
    dates: Type.Union(
      [Type.Literal('YYYY-MM-DD'), Type.Literal('DD.MM.YYYY'), Type.Literal('DD/MM/YYYY'), Type.Literal('MM/DD/YYYY')],
      { default: 'YYYY-MM-DD' },
    ),
    /** Initial and recurring increment of decks that do not name them, seconds. */
    increments: Type.String({
      pattern: '^[0-9]{1,5}/[1-9][0-9]{0,4}$',
      description: 'seconds of the first increment and of each further one, such as 60/60',
      default: '60/60',
    }),
  },
  { ...closed, default: {} },
);
/** Static type of {@link DeckLayout}. */
export type DeckLayout = Static<typeof DeckLayout>;

/** Columns that a deck may have. */
export type DeckColumn = keyof DeckLayout['columns'];

/** What the columns are called where a layout does not say; only the first two must then be there. */
export const COLUMN_NAMES: Readonly<Record<DeckColumn, string>> = {
  prefix: 'prefix',
  price: 'rate',
  connectFee: 'connection_fee',
  initialIncrement: 'initial_increment',
  recurringIncrement: 'recurring_increment',
  increments: 'increments',
  effectiveFrom: 'effective_from',
  effectiveUntil: 'effective_until',
  currency: 'currency',
  destination: 'destination',
  blocked: 'reject_calls',
};

/** Index of each column that a deck has, or what is wrong with its first line. */
export type DeckColumns =
  | { readonly ok: true; readonly at: Readonly<Partial<Record<DeckColumn, number>>>; readonly count: number }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * Finds the columns in the first line of a deck.
 *
 * @returns faults naming the column and what is there instead; a name that stands there twice is one.
 */
export function deckColumns(layout: DeckLayout, header: readonly string[]): DeckColumns {
  const names = header.map(folded);
  const at: Partial<Record<DeckColumn, number>> = {};
  const faults: string[] = [];
  for (const column of Object.keys(COLUMN_NAMES) as DeckColumn[]) {
    const named = layout.columns[column];
    const wanted = folded(named ?? COLUMN_NAMES[column]);
    const found = names.indexOf(wanted);
    if (found === -1) {
      const isNeeded = named !== undefined || column === 'prefix' || column === 'price';
      if (isNeeded) faults.push(`no column "${wanted}" (${column}): there are ${quoted(header)}`);
    } else if (names.indexOf(wanted, found + 1) !== -1) {
      faults.push(`column "${wanted}" (${column}) is there twice`);
    } else at[column] = found;
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, at, count: header.length };
}

function folded(name: string): string {
  return name.trim().toLowerCase();
}

function quoted(header: readonly string[]): string {
  const names = header.slice(0, 30).map((name) => `"${name.trim().slice(0, 40)}"`);
  return names.join(', ');
}
