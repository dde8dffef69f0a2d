import { proxyActivities } from '@temporalio/workflow';

const { addOne } = proxyActivities<{ addOne(value: number): Promise<number> }>({
  startToCloseTimeout: '1 minute',
});

/** `length` activities, one after the other. */
export async function chain(length: number): Promise<number> {
  let value = 0;
  for (let count = 0; count < length; count += 1) value = await addOne(value);
  return value;
}

/** One activity, then `width` at once, then one. */
export async function fan(width: number): Promise<number> {
  const first = await addOne(0);
  const middle = await Promise.all(Array.from({ length: width }, () => addOne(first)));
  return addOne(middle.reduce((sum, value) => sum + value, 0));
}
