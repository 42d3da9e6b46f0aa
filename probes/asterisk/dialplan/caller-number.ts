// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { extension } from './dial-string.ts';
import type { CallerIdRule, DialplanInput, DialTrunk, TenantSource } from './input.ts';

/** Longest name of a tenant, as {@link IDENTIFIER_PATTERN} has it. */
const MAX_TENANT_LENGTH = 32;

const DEFAULT_TENANT: TenantSource = { from: 'variable', variable: 'TENANT' };

/** The two places a number of a caller is shown at, each with a context of its own for a map of tenants. */
export type NumberUse = 'caller' | 'asserted';

function contextOf(use: NumberUse, trunkId: number): string {
  return `trunkward-${use}-${trunkId}`;
}

function ruleOf(trunk: DialTrunk, use: NumberUse): CallerIdRule | undefined {
  return use === 'caller' ? trunk.callerId : trunk.assertedIdentity?.callerId;
}

/**
 * The steps that set `target` (a variable, or `CALLERID(num)`) to the number a rule gives. `pass` takes the caller's own out of
 * TRUNKWARD_CALLER; a map of tenants is asked for TRUNKWARD_TENANT and always answers.
 */
export function numberSteps(rule: CallerIdRule, use: NumberUse, trunkId: number, target: string): readonly string[] {
  if (rule.rule === 'tenant') {
    return [`Gosub(${contextOf(use, trunkId)},t_\${TRUNKWARD_TENANT},1)`, `Set(${target}=\${GOSUB_RETVAL})`];
  }
  return [`Set(${target}=${rule.rule === 'fixed' ? rule.number : '${TRUNKWARD_CALLER}'})`];
}

/**
 * The steps that read who calls: none where no trunk asks. A name that is none (wrong characters, too long) becomes empty,
 * which is every map's `otherwise`. Hyphens become `_`, for in an extension Asterisk passes over them.
 *
 * @see Asterisk 22 func_strings (REPLACE, FILTER), pbx.c (hyphens in extensions)
 */
export function tenantSteps({ tenant = DEFAULT_TENANT, trunks }: DialplanInput): readonly string[] {
  const isAsked = trunks.some((trunk) =>
    (['caller', 'asserted'] as const).some((use) => ruleOf(trunk, use)?.rule === 'tenant'),
  );
  if (!isAsked) return [];
  const source = tenant.from === 'variable' ? tenant.variable : 'CHANNEL(accountcode)';
  return [
    `Set(TRUNKWARD_TENANT=\${${source}})`,
    'Set(TRUNKWARD_TENANT=${REPLACE(TRUNKWARD_TENANT,-,_)})',
    `ExecIf($[\${LEN(\${TRUNKWARD_TENANT})} > ${MAX_TENANT_LENGTH}]?Set(TRUNKWARD_TENANT=))`,
    'ExecIf($[${LEN(${FILTER(a-z0-9_,${TRUNKWARD_TENANT})})} != ${LEN(${TRUNKWARD_TENANT})}]?Set(TRUNKWARD_TENANT=))',
  ];
}

/** One context for each map of tenants: an extension a tenant, found without a walk, and a pattern for all others. */
export function tenantContexts(trunks: readonly DialTrunk[]): readonly string[] {
  return trunks.flatMap((trunk, index) =>
    (['caller', 'asserted'] as const).flatMap((use) => {
      const rule = ruleOf(trunk, use);
      if (rule?.rule !== 'tenant') return [];
      return [
        [
          `[${contextOf(use, index + 1)}]`,
          ...Object.entries(rule.numbers).map(([tenant, number]) =>
            extension(`t_${tenant.replaceAll('-', '_')}`, [`Return(${number})`]),
          ),
          extension('_t_!', [`Return(${rule.otherwise})`]),
        ].join('\n'),
      ];
    }),
  );
}
