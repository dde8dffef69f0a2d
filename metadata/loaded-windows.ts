import { compareWatermarks, type WatermarkType } from './watermark-order.ts';

/** What one successful execution has loaded: everything beyond `from`, up to `to`. */
export interface LoadedWindow {
  readonly run: number;
  readonly from: string | null;
  readonly to: string;
  readonly rows: number | null;
}

/**
 * The windows that end beyond a place, out of all of a pipeline's, the newest first. Where values have no
 * order, these are the ones since a window last ended there; undefined when none ever did.
 */
export function windowsBeyond(
  windows: readonly LoadedWindow[],
  place: string | null,
  type: WatermarkType | null,
): readonly LoadedWindow[] | undefined {
  if (place === null) return windows;
  const beyond = windows.map(({ to }) => compareWatermarks(to, place, type));
  if (!beyond.includes(undefined)) return windows.filter((_window, at) => (beyond[at] ?? 0) > 0);
  const last = windows.findIndex(({ to }) => to === place);
  return last < 0 ? undefined : windows.slice(0, last);
}
