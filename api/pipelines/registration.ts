import type { Db } from '../../db/database.ts';
import { declarePools } from '../../db/limits/pools.ts';
import { markRemoved } from '../../db/pipelines/defined-pipelines.ts';
import { saveDefinitionErrors } from '../../db/pipelines/definition-errors.ts';
import {
  isRegistered,
  listCurrentPlans,
  registerPlan,
  type RegisteredPlan,
} from '../../db/pipelines/plans.ts';
import { formatErrors, type DefinitionError } from '../../pipeline/definition-error.ts';
import type { Compiled } from '../../plan/plan.ts';
import type { Project } from '../../project/open-project.ts';
import type { Logger } from '../../runtime/log.ts';
import type { LineageRecorder } from '../lineage/lineage-recorder.ts';

export interface RegistrationDeps {
  readonly db: Db;
  readonly project: Project;
  readonly lineage: LineageRecorder;
  readonly log: Logger;
  /** Whether a new pipeline is checked for anomalies by the default rules, as one that is reported is. */
  readonly autoRules: boolean;
  /** Called when what is registered may have changed. */
  readonly onChange?: () => void;
}

/** A pipeline as it would be registered. */
export interface Preview {
  readonly name: string;
  /** Undefined: it is broken, and stays as it is registered. */
  readonly compiled: Compiled | undefined;
  readonly errors: readonly DefinitionError[];
}

/** Hears how far something has come. */
export type Told = (done: number, total: number) => void;

/** What the database knows of a project's files. It fails as the database does. */
export class Registration {
  private readonly deps: RegistrationDeps;
  private registered = new Map<string, RegisteredPlan>();

  constructor(deps: RegistrationDeps) {
    this.deps = deps;
  }

  /** Registers a good pipeline, on record as somebody's, unless it is registered so already. */
  async register(compiled: Compiled, actor: string): Promise<RegisteredPlan> {
    const { db, lineage, log, autoRules } = this.deps;
    const { pipeline, hash } = compiled.plan;
    const known = this.registered.get(pipeline);
    if (known && !this.isNews(compiled)) {
      lineage.record(compiled);
      return known;
    }
    const origin = { project: this.projectName, autoRules, actor };
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

  /** Makes the database know what `previewAll` answers; `told` hears how many of those that are different are done. */
  async update(previewAll: () => Promise<Preview[]>, actor: string, told?: Told): Promise<void> {
    const { db, log } = this.deps;
    this.registered = await listCurrentPlans(db);
    await this.declarePools(actor);
    const previews = await previewAll();
    const news = new Set(previews.filter(({ compiled }) => compiled && this.isNews(compiled)));
    let done = 0;
    for (const preview of previews) {
      const { name, compiled, errors } = preview;
      if (compiled) await this.register(compiled, actor);
      else log.warn({ pipeline: name }, `Pipeline ${name} can't run:\n${formatErrors(errors)}`);
      if (news.has(preview)) told?.(++done, news.size);
    }
    await this.noteRemoved(actor);
    await this.noteErrors(previews);
  }

  private get projectName(): string {
    return this.deps.project.file().definition?.name ?? '';
  }

  /** Whether it is not registered yet as it is now; a project may have got another name. */
  private isNews({ plan }: Compiled): boolean {
    return !isRegistered(this.registered.get(plan.pipeline), plan, this.projectName);
  }

  private async noteErrors(previews: readonly Preview[]): Promise<void> {
    const { definition: project } = this.deps.project.file();
    if (!project) return;
    const errors = previews.flatMap(({ name, errors }) =>
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
    const removed = await markRemoved(db, project.name, [...pipelines.keys()], actor);
    if (removed.length > 0) this.deps.onChange?.();
    for (const pipeline of removed) {
      lineage.forget(pipeline);
      log.info({ pipeline }, 'pipeline has no file any more');
    }
  }
}
