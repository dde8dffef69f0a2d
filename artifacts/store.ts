import type { ArtifactRef } from '../workflows/activities.ts';

/** A finished file in an attempt's folder. */
export interface AttemptFile {
  /** Its name in the folder. */
  readonly name: string;
  readonly format: 'parquet' | 'json';
  readonly rows: number | null;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where the outputs of blocks are kept. What was published never changes. */
export interface ArtifactStore {
  /** The absolute path of a folder on this machine for one attempt alone; whoever writes makes it. */
  attemptFolder(run: number, block: string, attempt: number): string;
  /** Keeps a file of an attempt's folder and gives up the rest of the folder. */
  publish(folder: string, file: AttemptFile): Promise<ArtifactRef>;
  /** A path on this machine that holds the artifact; `artifact.missing` when it is not in the store. */
  resolve(artifact: Pick<ArtifactRef, 'uri'>): Promise<string>;
  /** Removes an attempt's folder. A second time is harmless. */
  discard(folder: string): Promise<void>;
  /** Removes what attempts before this one left, such as one whose worker was killed. */
  discardBefore(run: number, block: string, attempt: number): Promise<void>;
  /** Gives up an artifact for ever. A second time is harmless. */
  remove(artifact: Pick<ArtifactRef, 'uri'>): Promise<void>;
  /** Gives up whatever there is of a run besides these artifacts. A second time is harmless. */
  removeStrays(run: number, kept: readonly Pick<ArtifactRef, 'uri'>[]): Promise<void>;
  /** Gives up whatever there is of a run. A second time is harmless. */
  removeRun(run: number): Promise<void>;
}
