import { userInfo } from 'node:os';

/** Who runs this command, as the operating system knows them; their number when they have no name. */
export function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? '?'}`;
  }
}
