/** Tells a run that waits for its limit that its turn may have come. */
export const ADMITTED_SIGNAL = 'admitted';

/** Tells the blocks of a run that wait for slots of a pool that the turn of one may have come. */
export const SLOTS_SIGNAL = 'slots';
