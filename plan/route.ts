import type {
  BlockKind,
  Hash,
  Plan,
  PlannedBlock,
  Policy,
  PoolShare,
  SensorTimes,
} from './plan.ts';

/** The part of a plan that the workflow needs, small enough for its history at 2,000 blocks. */
export interface Route {
  readonly pipeline: string;
  readonly plan: Hash;
  readonly blocks: readonly RouteBlock[];
  /** Blocks name their policy by its place here: most share one. */
  readonly policies: readonly Policy[];
}

export interface RouteBlock {
  readonly name: string;
  readonly kind: BlockKind;
  readonly after: readonly string[];
  /** The blocks whose outputs it reads: a subset of `after`. */
  readonly inputs: readonly string[];
  readonly policy: number;
  /** Set for a sub-pipeline. */
  readonly child?: { readonly pipeline: string; readonly plan: Hash };
  readonly pool?: PoolShare;
  readonly sensor?: SensorTimes;
}

export function routeOf(plan: Plan): Route {
  const policies = new Map<string, number>();
  const blocks = plan.blocks.map((block) => toRouteBlock(block, policies));
  return {
    pipeline: plan.pipeline,
    plan: plan.hash,
    blocks,
    policies: [...policies.keys()].map((text) => JSON.parse(text) as Policy),
  };
}

function toRouteBlock(block: PlannedBlock, policies: Map<string, number>): RouteBlock {
  const { name, kind, after, inputs, work, pool, sensor } = block;
  return {
    name,
    kind,
    after,
    inputs: [...new Set(inputs.map((input) => input.block))],
    policy: placeOf(block.policy, policies),
    ...(work.type === 'pipeline' && { child: { pipeline: work.pipeline, plan: work.plan } }),
    ...(pool && { pool }),
    ...(sensor && { sensor }),
  };
}

function placeOf(policy: Policy, policies: Map<string, number>): number {
  const text = JSON.stringify(policy);
  const place = policies.get(text) ?? policies.size;
  policies.set(text, place);
  return place;
}
