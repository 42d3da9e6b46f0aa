import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

const Target = Type.Object({
  DEST: Type.Object({
    URI: Type.String({ minLength: 1, maxLength: 500 }),
    /** First letter: A active, T trying, I inactive, D disabled; second: P probed, X not. */
    FLAGS: Type.String({ pattern: '^[ATID][PX]$' }),
    PRIORITY: Type.Integer(),
  }),
});
const answer = Compile(
  Type.Object({
    RECORDS: Type.Array(
      Type.Object({ SET: Type.Object({ ID: Type.Integer(), TARGETS: Type.Array(Target, { maxItems: 1000 }) }) }),
      { maxItems: 1000 },
    ),
  }),
);

/** One destination as the dispatcher holds it. */
export type ListedDestination = {
  readonly uri: string;
  /** False while it is disabled; what the edge's own probing made of it does not count. */
  readonly isOpen: boolean;
  /** The edge's own probing has it for reachable. */
  readonly isActive: boolean;
  readonly isProbed: boolean;
  /** The higher is tried first. */
  readonly priority: number;
};

/**
 * Reads the result of `dispatcher.list`; undefined for anything else.
 *
 * @returns destinations by the id of their set.
 * @see https://www.kamailio.org/docs/modules/5.6.x/modules/dispatcher.html (RPC commands)
 */
export function readDispatcherList(result: unknown): ReadonlyMap<number, readonly ListedDestination[]> | undefined {
  if (!answer.Check(result)) return undefined;
  return new Map(result.RECORDS.map(({ SET }) => [SET.ID, SET.TARGETS.map(listed)]));
}

function listed({ DEST: { FLAGS, PRIORITY, URI } }: Static<typeof Target>): ListedDestination {
  return {
    uri: URI,
    isOpen: !FLAGS.startsWith('D'),
    isActive: FLAGS.startsWith('A'),
    isProbed: FLAGS.endsWith('P'),
    priority: PRIORITY,
  };
}
