import type { NoticeDetail } from './notice.ts';

/** A run that did not succeed, as its notice tells it. */
export interface FailedRun {
  readonly id: number;
  readonly pipeline: string;
  readonly state: 'failed' | 'timed_out' | 'terminated';
  /** Somebody else ran it, and reported its end. */
  readonly reported: boolean;
  readonly seconds: number | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly block?: string | undefined;
  } | null;
}

interface Text {
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
}

const ENDS = { failed: 'failed', timed_out: 'timed out', terminated: 'was terminated' } as const;

/** One notice for each pipeline whose runs fail, until one succeeds. */
export function failureSubject(pipelineId: number | ''): string {
  return `run_failed/${pipelineId}`;
}

export function failureText({ id, pipeline, state, reported, seconds, error }: FailedRun): Text {
  const where = error?.block === undefined ? '' : ` in block ${error.block}`;
  const why = error ? `: ${error.message}` : '';
  const details = [
    ['Pipeline', pipeline],
    [reported ? 'Execution' : 'Run', String(id)],
    ['Block', error?.block],
    ['Error', error?.code],
    ['Duration', seconds === null ? undefined : `${seconds} s`],
  ] as const;
  return {
    title: `Pipeline ${pipeline} ${ENDS[state]}`,
    message: `${reported ? 'Execution' : 'Run'} ${id} ${ENDS[state]}${where}${why}`,
    details: details.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }])),
  };
}

export function successText(id: number, pipeline: string): Text {
  return {
    title: `Pipeline ${pipeline} succeeds again`,
    message: `Run ${id} succeeded`,
    details: [],
  };
}
