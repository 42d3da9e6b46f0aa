import Type from 'typebox';

/** Lower-case name of a site, PBX, probe, provider, trunk, edge or class: 1 to 32 characters, safe in AstDB keys, metric labels and paths. */
export const IDENTIFIER_PATTERN = '^[a-z0-9][a-z0-9-]{0,31}$';

/** {@link IDENTIFIER_PATTERN} in words, after "must be". */
export const IDENTIFIER_WORDS = 'small letters, digits and hyphens, no hyphen first, 32 at most';

/** Schema of {@link IDENTIFIER_PATTERN}. */
export const Identifier = Type.String({ pattern: IDENTIFIER_PATTERN, description: IDENTIFIER_WORDS });

/**
 * Name of a target inside one probe, up to 144 characters: `TRUNK.EDGE` or `peer.PBX`; with `.at-HOST` for one address of
 * an edge that is configured by name, and `.from-SOURCE` for a source address besides the PBX's own.
 */
export const TargetName = Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{0,143}$' });

/** Opaque token naming one boot of a host or one run of a program (a UUID in practice). */
export const InstanceToken = Type.String({ pattern: '^[A-Za-z0-9-]{8,64}$' });

/** Milliseconds on the sender's monotonic clock; comparable only within one `instanceId`. */
export const MonotonicMs = Type.Number({ minimum: 0, maximum: 1e13 });

/** Wall-clock milliseconds since 1970-01-01T00:00Z. */
export const EpochMs = Type.Number({ minimum: 0, maximum: 1e14 });

/** Sequence or counter: a non-negative integer that stays exact in a double. */
export const Counter = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** A duration in milliseconds, at most one day. */
export const DurationMs = Type.Number({ minimum: 0, maximum: 86_400_000 });

/** Free text made by a program of ours (reasons, versions): at most 500 characters. */
export const ShortText = Type.String({ maxLength: 500 });
