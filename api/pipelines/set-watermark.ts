import type { Db } from '../../db/database.ts';
import { listLoadedWindows, type WatermarkRecord } from '../../db/watermarks/watermark-history.ts';
import { refuseOtherTypes, setWatermark } from '../../db/watermarks/watermarks.ts';
import { windowsBeyond, type LoadedWindow } from '../../metadata/loaded-windows.ts';
import { compareWatermarks } from '../../metadata/watermark-order.ts';
import { SOMEBODY } from '../contract/actor.ts';
import type { WatermarkRequest, WatermarkSetting } from '../contract/watermark.ts';

const SHOWN_WINDOWS = 100;

/** Sets a watermark, or tells what that would do. A value that its type can't have is `watermark.invalid`. */
export async function chooseWatermark(
  db: Db,
  pipeline: string,
  found: WatermarkRecord,
  { value, reason = 'no reason given', actor = SOMEBODY, dry_run = false }: WatermarkRequest,
): Promise<WatermarkSetting> {
  const { pipelineId, type, openRuns } = found;
  refuseOtherTypes(value, type);
  const windows = windowsBeyond(await listLoadedWindows(db, pipelineId), value, type);
  const setting = { pipelineId, value, actor, reason };
  const changed = !dry_run && (await db.transaction().execute((tx) => setWatermark(tx, setting)));
  return {
    pipeline,
    from: found.value,
    to: value,
    type,
    direction: directionOf(found, value),
    dry_run,
    changed,
    open_runs: [...openRuns],
    again: windows ? toAgain(windows) : null,
  };
}

function directionOf({ value: from, type }: WatermarkRecord, to: string | null) {
  if (from === to) return 'none';
  if (to === null) return 'back';
  if (from === null) return 'forward';
  const ahead = compareWatermarks(to, from, type);
  if (ahead === undefined) return 'unknown';
  return ahead < 0 ? 'back' : 'forward';
}

function toAgain(windows: readonly LoadedWindow[]) {
  return {
    runs: windows.length,
    rows: windows.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
    windows: windows.slice(0, SHOWN_WINDOWS).map((window) => ({ ...window })),
  };
}
