/** What is to be said when a pipeline stands differently, or is no longer muted. */
export interface Announcement {
  /** A new trouble that somebody should hear of. */
  readonly raise: string | null;
  /** A trouble that is over. */
  readonly recover: string | null;
  /** The subject that is open from now on. */
  readonly open: string | null;
}

/** While its checks are muted nothing new is raised; what is open stays so until the trouble is over. */
export function announce(
  open: string | null,
  trouble: string | null,
  isMuted: boolean,
): Announcement {
  if (open === trouble) return { raise: null, recover: null, open };
  const raise = isMuted ? null : trouble;
  return { raise, recover: open, open: raise };
}
