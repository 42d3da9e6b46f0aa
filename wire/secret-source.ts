import Type, { type Static } from 'typebox';

/** Where a secret is kept: an environment variable or a file; never the configuration itself. */
export const SecretSource = Type.Union([
  Type.Object(
    {
      env: Type.String({
        pattern: '^[A-Z][A-Z0-9_]{0,63}$',
        description: 'the name of an environment variable: capital letters, digits and _, a letter first, 64 at most',
      }),
    },
    { additionalProperties: false },
  ),
  Type.Object({ file: Type.String({ minLength: 1, maxLength: 500 }) }, { additionalProperties: false }),
]);
/** Static type of {@link SecretSource}. */
export type SecretSource = Static<typeof SecretSource>;
