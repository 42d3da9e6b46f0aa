import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { sha256Base64 } from '../evidence/digest-client.ts';
import { pagePolicy } from '../evidence/evidence-html.ts';
import { EvidencePack } from '../evidence/evidence-pack.ts';
import type { PackForm } from '../evidence/pack-form.ts';
import { PAGE_STYLE } from '../evidence/page-style.ts';
import { bearerToken } from '../ingest/token-check.ts';
import { hasRole, requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { ErrorBody, REFUSALS } from './view-schemas.ts';

const Params = Type.Object({ verdictId: Type.String({ maxLength: 200 }) });
const Query = Type.Object(
  {
    numbers: Type.Union([Type.Literal('masked'), Type.Literal('full')], {
      default: 'masked',
      description: 'Telephone numbers in texts; `full` needs the role operator.',
    }),
  },
  { additionalProperties: false },
);
type Asked = { readonly Params: Static<typeof Params>; readonly Querystring: Static<typeof Query> };

/** A pack of a large fleet takes about a second; as many as may wait are done by then. */
const RETRY_AFTER_S = 5;
const STYLE_DIGEST = sha256Base64(PAGE_STYLE);

/** One form of a pack. */
type Form = {
  readonly ending: PackForm;
  readonly type: string;
  readonly summary: string;
};

const FORMS: readonly Form[] = [
  {
    ending: 'html',
    type: 'text/html; charset=utf-8',
    summary: 'The evidence of a verdict as one page that stands alone and prints on A4: to be forwarded.',
  },
  {
    ending: 'json',
    type: 'application/json; charset=utf-8',
    summary: 'The same as JSON, with the SHA-256 digest of every part.',
  },
  {
    ending: 'csv',
    type: 'text/csv; charset=utf-8',
    summary: 'Every counted figure of it, a row each (RFC 4180).',
  },
  {
    ending: 'zip',
    type: 'application/zip',
    summary: 'The three of one moment in an archive, with a list for `sha256sum -c`.',
  },
];

/** `GET /api/v1/verdicts/:id/evidence.{html,json,csv,zip}`: the evidence pack of a verdict, for viewers. */
export function evidenceRoutes(app: FastifyInstance, api: HubApi): void {
  for (const { ending, summary, type } of FORMS) {
    const body = ending === 'json' ? EvidencePack : Type.Unsafe<unknown>({ type: 'string' });
    const content = { [type.split(';')[0] ?? type]: { schema: body } };
    app.get<Asked>(
      `/api/v1/verdicts/:verdictId/evidence.${ending}`,
      {
        onRequest: requireRole(api, 'viewer'),
        schema: {
          tags: ['view'],
          summary,
          params: Params,
          querystring: Query,
          response: { 200: { description: summary, content }, ...REFUSALS, 404: ErrorBody },
        },
      },
      async (request, reply) => {
        const { verdictId } = request.params;
        const { numbers } = request.query;
        if (numbers === 'full' && !maySeeNumbers(api, request)) {
          return reply.code(403).send({ code: 'ROLE_TOO_LOW', message: 'full numbers need the role operator' });
        }
        const pack = await api.evidencePack(verdictId, numbers, request.actor, ending);
        if (pack === 'busy') {
          const message = `too many packs are being made: ask again in ${RETRY_AFTER_S} s`;
          return reply.header('retry-after', RETRY_AFTER_S).code(503).send({ code: 'PACKS_BUSY', message });
        }
        if (pack === undefined) {
          return reply.code(404).send({ code: 'UNKNOWN_VERDICT', message: `no verdict ${verdictId}` });
        }
        return asFile(reply, ending, verdictId)
          .type(type)
          .send(Buffer.from(pack.buffer, pack.byteOffset, pack.length));
      },
    );
  }
}

function asFile(reply: FastifyReply, ending: Form['ending'], verdictId: string): FastifyReply {
  const name = `evidence-${verdictId.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 120)}.${ending}`;
  if (ending === 'html') {
    const policy = `${pagePolicy(STYLE_DIGEST)}; frame-ancestors 'none'; sandbox`;
    return reply.header('content-disposition', `inline; filename="${name}"`).header('content-security-policy', policy);
  }
  return reply.header('content-disposition', `attachment; filename="${name}"`);
}

function maySeeNumbers(api: HubApi, request: FastifyRequest): boolean {
  const text = bearerToken(request.headers.authorization);
  const known = text === undefined ? undefined : api.token(text);
  return known?.kind === 'user' && hasRole(known, 'operator');
}
