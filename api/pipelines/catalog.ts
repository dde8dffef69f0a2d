import { isAway } from '../../db/away.ts';
import { findCurrentPlan, type CurrentPlan } from '../../db/pipelines/plans.ts';
import { didYouMean } from '../../pipeline/did-you-mean.ts';
import { formatErrors, type DefinitionError } from '../../pipeline/definition-error.ts';
import type { Compiled, Plan } from '../../plan/plan.ts';
import { Fault } from '../../runtime/fault.ts';
import { ProjectWatch } from './project-watch.ts';
import { Registration, type Preview, type RegistrationDeps, type Told } from './registration.ts';

/** Who changes what files say, when nobody has asked for it. */
const FILE = 'file';
const RETRY_MS = 2_000;

export interface CatalogDeps extends RegistrationDeps {
  /** Files count from the deployment on that somebody asks for, not as soon as they change. */
  readonly byHand?: boolean;
}

/** A pipeline as its files stand now. */
export interface CatalogEntry {
  readonly name: string;
  /** With errors, the last plan that was good; undefined when there was none. */
  readonly plan: Plan | undefined;
  readonly errors: readonly DefinitionError[];
}

/** The project's pipelines. Good ones are registered in the database when they change. */
export class Catalog {
  private readonly deps: CatalogDeps;
  private readonly good = new Map<string, Plan>();
  private readonly broken = new Map<string, readonly DefinitionError[]>();
  private readonly compiling = new Map<string, Promise<Compiled>>();
  private readonly registration: Registration;
  private watch: ProjectWatch | undefined;
  private refreshing: Promise<void> = Promise.resolve();

  constructor(deps: CatalogDeps) {
    this.deps = deps;
    this.registration = new Registration(deps);
  }

  /** Registers every good pipeline now, and again whenever files change, unless that is done by hand. */
  start(): void {
    const { byHand = false, project, log } = this.deps;
    if (byHand) {
      this.refreshing = this.preview().then(
        () => undefined,
        (error: unknown) => {
          log.error({ err: error }, 'files not read');
        },
      );
      return;
    }
    this.watch = new ProjectWatch(project.dir, log, () => {
      this.refreshing = this.refreshing.then(() => this.refresh());
    });
    this.watch.callIn(0);
  }

  async stop(): Promise<void> {
    await this.watch?.stop();
    await this.refreshing;
    await this.deps.lineage.stop();
  }

  /** Why there is no project, or null. */
  get problem(): string | null {
    const { definition, errors } = this.deps.project.file();
    return definition ? null : `${this.deps.project.dir}: ${formatErrors(errors)}`;
  }

  /** Null: `highwater.yaml` can't be used. */
  get projectName(): string | null {
    return this.deps.project.file().definition?.name ?? null;
  }

  list(): CatalogEntry[] {
    const { pipelines } = this.deps.project.load();
    return [...pipelines.values()].map(({ name, errors }) =>
      this.entry(name, errors.length > 0 ? errors : (this.broken.get(name) ?? [])),
    );
  }

  /** Fails with `pipeline.not_found`; a broken pipeline is known, and one whose file has just gone. */
  requireKnown(name: string): void {
    if (this.deps.byHand) return; // whatever the files say, the database knows
    if (this.good.has(name) || this.broken.has(name)) return;
    const { pipelines } = this.deps.project.load();
    if (pipelines.has(name)) return;
    const hint = didYouMean(name, pipelines.keys());
    throw new Fault('pipeline.not_found', `There is no pipeline ${name}${hint}`);
  }

  /** Fails with `pipeline.not_found`. */
  async get(name: string): Promise<CatalogEntry> {
    try {
      await this.compile(name);
      return this.entry(name, []);
    } catch (error) {
      return this.entry(name, errorsOf(error));
    }
  }

  /**
   * Registers every good pipeline as its files are now, on record as somebody's; `told` hears how many of those that are
   * different are done. Fails as the database does.
   */
  async deploy(actor: string, told?: Told): Promise<void> {
    const deploying = this.refreshing.then(() => this.registerAll(actor, told));
    this.refreshing = deploying.catch(() => undefined);
    await deploying;
  }

  /** Every pipeline as its files are now; nothing is registered. */
  async preview(): Promise<Preview[]> {
    const all = await this.deps.project.compileAll();
    return [...all].map(([name, compiled]) => this.note(name, compiled));
  }

  /** The plan that a run starts with now; a broken definition is a `pipeline.invalid`. */
  async getCurrent(name: string): Promise<CurrentPlan> {
    if (this.deps.byHand) return this.getDeployed(name);
    const compiled = await this.compile(name);
    const { pipelineId } = await this.registration.register(compiled, FILE);
    return { pipelineId, plan: compiled.plan };
  }

  /** The same for whoever can't wait until a broken definition is mended: the plan that was good last. */
  async getLastGood(name: string): Promise<CurrentPlan> {
    try {
      return await this.getCurrent(name);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'pipeline.invalid') throw error;
      const last = await findCurrentPlan(this.deps.db, name, null);
      if (!last) throw error;
      return last;
    }
  }

  /** Fails with `pipeline.not_found`. */
  private async getDeployed(name: string): Promise<CurrentPlan> {
    const deployed = await findCurrentPlan(this.deps.db, name, this.projectName);
    if (deployed) return deployed;
    const message = `No pipeline ${name} is deployed here: what files say counts after "highwater deploy"`;
    throw new Fault('pipeline.not_found', message);
  }

  private entry(name: string, errors: readonly DefinitionError[]): CatalogEntry {
    return { name, plan: this.good.get(name), errors };
  }

  /** Callers at the same time share one answer. */
  private async compile(name: string): Promise<Compiled> {
    const compiling = this.compiling.get(name) ?? this.deps.project.compile(name);
    this.compiling.set(name, compiling);
    try {
      const compiled = await compiling;
      this.note(name, compiled);
      return compiled;
    } catch (error) {
      if (error instanceof Fault) this.note(name, error);
      throw error;
    } finally {
      this.compiling.delete(name);
    }
  }

  private note(name: string, result: Compiled | Fault): Preview {
    if (result instanceof Fault) {
      const errors = errorsOf(result);
      this.broken.set(name, errors);
      return { name, compiled: undefined, errors };
    }
    this.good.set(name, result.plan);
    this.broken.delete(name);
    return { name, compiled: result, errors: [] };
  }

  private async refresh(): Promise<void> {
    const { log } = this.deps;
    try {
      await this.registerAll(FILE);
    } catch (error) {
      if (!isAway(error)) log.error({ err: error }, 'plans not registered');
      this.watch?.callIn(RETRY_MS);
    }
  }

  private async registerAll(actor: string, told?: Told): Promise<void> {
    await this.registration.update(() => this.preview(), actor, told);
    const { project, pipelines } = this.deps.project.load();
    if (!project) return;
    for (const known of [this.good, this.broken]) {
      for (const name of known.keys()) if (!pipelines.has(name)) known.delete(name);
    }
  }
}

/** The errors of a broken definition; anything else goes on its way. */
function errorsOf(error: unknown): readonly DefinitionError[] {
  if (!(error instanceof Fault) || error.code !== 'pipeline.invalid') throw error;
  return error.errors as readonly DefinitionError[];
}
