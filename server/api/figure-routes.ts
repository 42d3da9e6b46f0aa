import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { pathKey } from '../paths/path-key.ts';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { page } from './page.ts';
import { CallView, ErrorBody, FigureSheetView, PageQuery, pageOf, REFUSALS } from './view-schemas.ts';

const SheetQuery = Type.Object(
  {
    key: Type.Optional(
      Type.String({
        maxLength: 200,
        description: '`PBX>TARGET` of a path, `PBX>TRUNK` of its calls (`*>TRUNK`: of the fleet), or `PBX>host`.',
      }),
    ),
    pbx: Type.Optional(
      Type.String({ maxLength: 32, description: 'With `trunk`, instead of `key`; `*` is the fleet.' }),
    ),
    trunk: Type.Optional(Type.String({ maxLength: 32 })),
  },
  { additionalProperties: false },
);
const CallQuery = Type.Object(
  {
    ...PageQuery,
    windowMs: Type.Integer({ minimum: 60_000, maximum: 3_600_000, default: 3_600_000 }),
    by: Type.Union([Type.Literal('pbx'), Type.Literal('trunk')], {
      default: 'pbx',
      description: '`trunk`: over the whole fleet, rows with `pbx` `*`.',
    }),
    pbx: Type.Optional(Type.String({ maxLength: 32 })),
    trunk: Type.Optional(Type.String({ maxLength: 32 })),
  },
  { additionalProperties: false },
);

/** `GET /api/v1/{figures,calls}`: every figure with its n, window, interval and source, for viewers. */
export function figureRoutes(app: FastifyInstance, api: HubApi): void {
  const shared = { onRequest: requireRole(api, 'viewer') };

  app.get<{ Querystring: Static<typeof SheetQuery> }>(
    '/api/v1/figures',
    {
      ...shared,
      schema: {
        tags: ['view'],
        summary:
          'Every figure of one path, host, or of the calls of one PBX or the fleet at one trunk, with its ground.',
        querystring: SheetQuery,
        response: { 200: FigureSheetView, ...REFUSALS, 404: ErrorBody },
      },
    },
    (request, reply) => {
      const { key: named, pbx, trunk } = request.query;
      const isPair = pbx !== undefined && trunk !== undefined;
      const key = named ?? (isPair ? pathKey(pbx, trunk) : undefined);
      if (key === undefined || (named !== undefined && (pbx ?? trunk) !== undefined)) {
        return reply.code(400).send({ code: 'BAD_REQUEST', message: 'either key, or pbx and trunk, is needed' });
      }
      const sheet = api.figures(key);
      if (sheet) return reply.send(sheet);
      return reply.code(404).send({ code: 'UNKNOWN_KEY', message: `no path and no calls of ${key}` });
    },
  );

  app.get<{ Querystring: Static<typeof CallQuery> }>(
    '/api/v1/calls',
    {
      ...shared,
      schema: {
        tags: ['view'],
        summary:
          'What became of the calls of each PBX, or of the fleet, at each trunk: all together and by edge and class.',
        querystring: CallQuery,
        response: { 200: pageOf(CallView), ...REFUSALS },
      },
    },
    (request) => {
      const { by, pbx, trunk, windowMs, ...paging } = request.query;
      const rows = api
        .calls(windowMs, by)
        .filter((row) => (pbx ?? row.pbx) === row.pbx && (trunk ?? row.trunk) === row.trunk);
      return page(rows, ({ key }) => key, paging);
    },
  );
}
