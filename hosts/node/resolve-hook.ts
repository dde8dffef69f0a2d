import type { InitializeHook, ResolveHook } from 'node:module';

/** Marks the URL of a block's module, and so what it imports. */
export const BLOCK_MARK = '?highwater-block';

interface Setup {
  /** URL of the module that blocks get as `highwater`. */
  readonly sdk: string;
  /** URL of a file in the project's folder. */
  readonly project: string;
}

let setup: Setup;

export const initialize: InitializeHook<Setup> = (given) => {
  setup = given;
};

/** Blocks find `highwater` without an install, and packages where their project has them. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const { parentURL } = context;
  if (!parentURL?.endsWith(BLOCK_MARK)) return next(specifier, context);
  if (specifier === 'highwater') return { url: setup.sdk, shortCircuit: true };
  if (/^(\.|\/|node:|file:|data:)/.test(specifier)) return next(specifier, context);
  return next(specifier, { ...context, parentURL: setup.project });
};
