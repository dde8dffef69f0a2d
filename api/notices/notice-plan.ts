import { durationMs } from '../../pipeline/duration.ts';
import { NoticeSettings, type NoticeChannel, type NoticeRoute } from '../../pipeline/notices.ts';
import type { LoadedProject } from '../../project/definitions.ts';
import { PROJECT_FILE } from '../../project/find-project.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Who is told of what, with every default filled in. */
export interface NoticePlan {
  readonly channels: ReadonlyMap<string, NoticeChannel>;
  readonly routes: readonly NoticeRoute[];
  readonly repeatMs: number;
}

const SLACK = { type: 'slack', url: '${{ env.SLACK_WEBHOOK_URL }}' } as const;

/** With SLACK_WEBHOOK_URL a channel `slack` is there; without routes, every channel is told everything. */
export function planNotices(settings: NoticeSettings, env: Env): NoticePlan {
  const builtIn = env['SLACK_WEBHOOK_URL'] ? { slack: SLACK } : {};
  const channels = new Map(Object.entries({ ...builtIn, ...settings.channels }));
  return {
    channels,
    routes: settings.routes ?? [{ severity: 'info', channels: [...channels.keys()] }],
    repeatMs: durationMs(settings.repeat),
  };
}

/**
 * Reads the plan of a project as it is now. While its file is broken the last good plan holds; undefined:
 * there never was one. A folder without a project has the defaults.
 */
export function createNoticePlans(
  load: () => LoadedProject,
  env: Env,
): () => NoticePlan | undefined {
  let good: NoticePlan | undefined;
  return () => {
    const { project, errors } = load();
    const problems = errors.filter(({ file }) => file === PROJECT_FILE);
    const missing = problems.some(({ code }) => code === 'project.missing');
    if (problems.length === 0) {
      good = planNotices(project?.notices ?? DEFAULTS, env);
    } else if (missing && !good) {
      return planNotices(DEFAULTS, env);
    }
    return good;
  };
}

const DEFAULTS = NoticeSettings.parse({});
