/** What is to be said when a pipeline stands differently, or is no longer muted. */
export interface Announcement {
  /** New troubles that somebody should hear of. */
  readonly raise: readonly string[];
  /** Troubles that are over. */
  readonly recover: readonly string[];
  /** The subjects that are open from now on. */
  readonly open: readonly string[];
}

/** While its checks are muted nothing new is raised; what is open stays so until the trouble is over. */
export function announce(
  open: readonly string[],
  troubles: readonly string[],
  isMuted: boolean,
): Announcement {
  const raise = isMuted ? [] : troubles.filter((trouble) => !open.includes(trouble));
  const recover = open.filter((subject) => !troubles.includes(subject));
  const stay = open.filter((subject) => troubles.includes(subject));
  return { raise, recover, open: [...stay, ...raise] };
}
