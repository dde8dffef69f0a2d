import type { Db } from '../../db/database.ts';
import { isAway } from '../../db/away.ts';
import { declarePools } from '../../db/limits/pools.ts';
import { markRemoved } from '../../db/pipelines/defined-pipelines.ts';
import { saveDefinitionErrors } from '../../db/pipelines/definition-errors.ts';
import {
  findCurrentPlan,
  isRegistered,
  listCurrentPlans,
  registerPlan,
  type CurrentPlan,
  type RegisteredPlan,
} from '../../db/pipelines/plans.ts';
import { didYouMean } from '../../pipeline/did-you-mean.ts';
import { formatErrors, type DefinitionError } from '../../pipeline/definition-error.ts';
import type { Compiled, Plan } from '../../plan/plan.ts';
import type { Project } from '../../project/open-project.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Logger } from '../../runtime/log.ts';
import type { LineageRecorder } from '../lineage/lineage-recorder.ts';
import { ProjectWatch } from './project-watch.ts';

/** Who changes what files say, when nobody has asked for it. */
const FILE = 'file';
const RETRY_MS = 2_000;

export interface CatalogDeps {
  readonly db: Db;
  readonly project: Project;
  readonly lineage: LineageRecorder;
  readonly log: Logger;
  /** Whether a new pipeline is checked for anomalies by the default rules, as one that is reported is. */
  readonly autoRules: boolean;
  /** Files count from the deployment on that somebody asks for, not as soon as they change. */
  readonly byHand?: boolean;
  /** Called when what is registered may have changed. */
  readonly onChange?: () => void;
}

/** A pipeline as its files stand now. */
export interface CatalogEntry {
  readonly name: string;
  /** With errors, the last plan that was good; undefined when there was none. */
  readonly plan: Plan | undefined;
  readonly errors: readonly DefinitionError[];
}

/** Hears how far something has come. */
export type Told = (done: number, total: number) => void;

/** A pipeline as it would be registered. */
export interface Preview {
  readonly name: string;
  /** Undefined: it is broken, and stays as it is registered. */
  readonly compiled: Compiled | undefined;
  readonly errors: readonly DefinitionError[];
}

/** The project's pipelines. Good ones are registered in the database when they change. */
export class Catalog {
  private readonly deps: CatalogDeps;
  private readonly good = new Map<string, Plan>();
  private readonly broken = new Map<string, readonly DefinitionError[]>();
  private readonly compiling = new Map<string, Promise<Compiled>>();
  private registered = new Map<string, RegisteredPlan>();
  private watch: ProjectWatch | undefined;
  private refreshing: Promise<void> = Promise.resolve();

  constructor(deps: CatalogDeps) {
    this.deps = deps;
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
    const { pipelineId } = await this.register(compiled);
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

  private async register(compiled: Compiled, actor = FILE): Promise<RegisteredPlan> {
    const { db, lineage, log, autoRules } = this.deps;
    const { pipeline, hash } = compiled.plan;
    const known = this.registered.get(pipeline);
    if (known && !this.isNews(compiled)) {
      lineage.record(compiled);
      return known;
    }
    const origin = { project: this.projectName ?? '', autoRules, actor };
    const registered = await registerPlan(db, compiled, origin);
    this.registered.set(pipeline, registered);
    lineage.record(compiled);
    this.deps.onChange?.();
    log.info({ pipeline, plan: hash }, 'plan registered');
    for (const name of registered.takenOver) {
      log.warn({ pipeline: name }, 'reported pipeline taken over by its file');
    }
    return registered;
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
    const { db, log } = this.deps;
    this.registered = await listCurrentPlans(db);
    await this.declarePools(actor);
    const previews = await this.preview();
    const news = new Set(previews.filter(({ compiled }) => compiled && this.isNews(compiled)));
    let done = 0;
    for (const preview of previews) {
      const { name, compiled, errors } = preview;
      if (compiled) await this.register(compiled, actor);
      else log.warn({ pipeline: name }, `Pipeline ${name} can't run:\n${formatErrors(errors)}`);
      if (news.has(preview)) told?.(++done, news.size);
    }
    await this.noteRemoved(actor);
    await this.noteErrors();
  }

  /** Whether it is not registered yet as it is now; a project may have got another name. */
  private isNews({ plan }: Compiled): boolean {
    return !isRegistered(this.registered.get(plan.pipeline), plan, this.projectName ?? '');
  }

  private async noteErrors(): Promise<void> {
    const { definition: project } = this.deps.project.file();
    if (!project) return;
    const errors = this.list().flatMap(({ name, errors }) =>
      errors.map((error) => ({ ...error, pipeline: name })),
    );
    await saveDefinitionErrors(this.deps.db, project.name, errors);
  }

  /** A project whose own file is broken keeps the pools that it had. */
  private async declarePools(actor: string): Promise<void> {
    const { definition: project } = this.deps.project.file();
    if (project) await declarePools(this.deps.db, project.name, project.pools ?? {}, actor);
  }

  /** A project whose own file is broken says nothing of its pipelines. */
  private async noteRemoved(actor: string): Promise<void> {
    const { db, lineage, log } = this.deps;
    const { project, pipelines } = this.deps.project.load();
    if (!project) return;
    for (const known of [this.good, this.broken]) {
      for (const name of known.keys()) if (!pipelines.has(name)) known.delete(name);
    }
    const removed = await markRemoved(db, project.name, [...pipelines.keys()], actor);
    if (removed.length > 0) this.deps.onChange?.();
    for (const pipeline of removed) {
      lineage.forget(pipeline);
      log.info({ pipeline }, 'pipeline has no file any more');
    }
  }
}

/** The errors of a broken definition; anything else goes on its way. */
function errorsOf(error: unknown): readonly DefinitionError[] {
  if (!(error instanceof Fault) || error.code !== 'pipeline.invalid') throw error;
  return error.errors as readonly DefinitionError[];
}
