import type { Migration } from './migration.ts';
import { foundation } from './migrations/0001-foundation.ts';
import { incidents } from './migrations/0002-incidents.ts';
import { evidence } from './migrations/0003-evidence.ts';
import { routeOrders } from './migrations/0004-route-orders.ts';
import { deliveries } from './migrations/0005-deliveries.ts';
import { rates } from './migrations/0006-rates.ts';

/** Every migration of this program, in order of version. */
export const MIGRATIONS: readonly Migration[] = [foundation, incidents, evidence, routeOrders, deliveries, rates];
