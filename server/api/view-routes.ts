import type { FastifyInstance } from 'fastify';
import Type, { type Static, type TSchema } from 'typebox';
import { explainRoute } from '../routing/route-explanation.ts';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { page } from './page.ts';
import {
  AssignmentView,
  ErrorBody,
  MeshStreamView,
  ModeView,
  PageQuery,
  PathView,
  pageOf,
  REFUSALS,
  RouteView,
  SiteView,
  VerdictView,
} from './view-schemas.ts';

const ListQuery = Type.Object(PageQuery, { additionalProperties: false });
const PathQuery = Type.Object(
  {
    ...PageQuery,
    pbx: Type.Optional(Type.String({ maxLength: 32 })),
    state: Type.Optional(Type.String({ maxLength: 32 })),
  },
  { additionalProperties: false },
);
const RouteQuery = Type.Object(
  {
    ...PageQuery,
    pbx: Type.Optional(Type.String({ maxLength: 32 })),
    class: Type.Optional(Type.String({ maxLength: 32 })),
    explain: Type.Integer({
      minimum: 0,
      maximum: 1,
      default: 0,
      description: '1: why each trunk stands where it does.',
    }),
  },
  { additionalProperties: false },
);
const VerdictParams = Type.Object({ verdictId: Type.String({ maxLength: 100 }) });

/** `GET /api/v1/{paths,verdicts,verdicts/:id/evidence,routes,assignments,sites}`: what the hub knows now, for viewers. */
export function viewRoutes(app: FastifyInstance, api: HubApi): void {
  const shared = { onRequest: requireRole(api, 'viewer') };

  app.get<{ Querystring: Static<typeof PathQuery> }>(
    '/api/v1/paths',
    { ...shared, schema: list('Paths with their health and figures.', PathQuery, PathView) },
    (request) => {
      const { pbx, state, ...paging } = request.query;
      const paths = api
        .picture()
        .paths.filter((path) => (pbx ?? path.pbx) === path.pbx && (state ?? path.state) === path.state);
      return page(paths, ({ key }) => key, paging);
    },
  );

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/api/v1/verdicts',
    { ...shared, schema: list('Open and lately cleared verdicts.', ListQuery, VerdictView) },
    (request) => page(api.picture().verdicts, ({ verdictId }) => verdictId, request.query),
  );

  app.get<{ Params: Static<typeof VerdictParams> }>(
    '/api/v1/verdicts/:verdictId/evidence',
    {
      ...shared,
      schema: {
        tags: ['view'],
        summary: 'The counts on which a verdict rests, as they were each time it was judged.',
        params: VerdictParams,
        response: { 200: Type.Unknown(), ...REFUSALS, 404: ErrorBody },
      },
    },
    async (request, reply) => {
      const evidence = await api.verdictEvidence(request.params.verdictId);
      if (evidence === undefined) {
        return reply.code(404).send({ code: 'UNKNOWN_VERDICT', message: `no verdict ${request.params.verdictId}` });
      }
      return reply.send(evidence);
    },
  );

  app.get<{ Querystring: Static<typeof RouteQuery> }>(
    '/api/v1/routes',
    { ...shared, schema: list('Route of each class on each PBX, with reasons.', RouteQuery, RouteView) },
    (request) => {
      const { pbx, class: wanted, explain, ...paging } = request.query;
      const routes = api
        .picture()
        .routes.filter((route) => (pbx ?? route.pbx) === route.pbx && (wanted ?? route.class) === route.class);
      const shown = page(routes, (route) => `${route.pbx} ${route.class}`, paging);
      if (explain === 0) return shown;
      const planned = new Map(api.plannedRoutes().map((route) => [`${route.pbx} ${route.class}`, route]));
      const items = shown.items.map((route) => {
        const found = planned.get(`${route.pbx} ${route.class}`);
        const observed = api.observed(route.pbx, route.class);
        return {
          ...route,
          ...(found && { explanation: explainRoute(found) }),
          ...(observed && { observed: { ...observed, sinceEpochMs: observed.sinceMs } }),
        };
      });
      return { ...shown, items };
    },
  );

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/api/v1/modes',
    {
      ...shared,
      schema: list(
        'Every mode that is set: the narrower scope wins, and what is not set observes.',
        ListQuery,
        ModeView,
      ),
    },
    (request) => page(api.modes(), (each) => `${each.function} ${JSON.stringify(each.scope)}`, request.query),
  );

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/api/v1/assignments',
    {
      ...shared,
      schema: list(
        'Every edge that is asked: by whom and how often, who inherits, and why.',
        ListQuery,
        AssignmentView,
      ),
    },
    (request) => page(api.assignments(), ({ edge }) => edge, request.query),
  );

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/api/v1/assignments/mesh',
    {
      ...shared,
      schema: list(
        'Every pair that exchanges RTP between sites: who sends to whom, at what pace, and when it was last heard.',
        ListQuery,
        MeshStreamView,
      ),
    },
    (request) => page(api.meshStreams(), ({ pair }) => pair, request.query),
  );

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/api/v1/sites',
    { ...shared, schema: list('Sites with their PBXs and probes.', ListQuery, SiteView) },
    (request) => {
      const sites = Map.groupBy(api.picture().pbxes, ({ site }) => site);
      const items = [...sites].map(([site, pbxes]) => ({ site, pbxes }));
      return page(items, ({ site }) => site, request.query);
    },
  );
}

function list(summary: string, querystring: TSchema, item: TSchema) {
  return { tags: ['view'], summary, querystring, response: { 200: pageOf(item), ...REFUSALS } };
}
