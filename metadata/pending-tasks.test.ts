import { expect, test } from 'vitest';
import { breakdownOf, pendingTasks, queueAlert } from './pending-tasks.ts';

const queues = (anomaly_checks: number) => ({
  anomaly_checks: { pending: anomaly_checks },
  notices: { pending: 2 },
  artifact_removals: { pending: 9000 },
});

test('what waits is told by the names that Watcher has for it', () => {
  const pending = pendingTasks(queues(3));
  expect(pending).toMatchObject({ total: 5, regular: 5, scheduled: 0, beat: 0 });
  expect(pending.byTask).toMatchObject({ detect_anomalies_task: 3, unknown: 2 });
  expect(breakdownOf(pending)).toEqual(['Detect Anomalies Task: 3', 'Unknown: 2']);
});

test('the alert has the words of Watcher', () => {
  expect(queueAlert(pendingTasks(queues(60)))).toEqual({
    severity: 'warning',
    recovered: false,
    title: 'Celery Queue Alert',
    message: 'Queue has 62 pending tasks',
    details: [
      { key: 'Total pending', value: '62' },
      { key: 'Regular queue', value: '62' },
      { key: 'Scheduled queue', value: '0' },
      { key: 'Beat scheduled tasks', value: '0' },
      { key: 'Task breakdown', value: "['Detect Anomalies Task: 60', 'Unknown: 2']" },
    ],
  });
});

test('50 are a warning, 100 are critical, and fewer are a recovery', () => {
  const alertAt = (total: number) => queueAlert(pendingTasks(queues(total - 2)));
  expect(alertAt(49)).toMatchObject({ recovered: true });
  expect(alertAt(50)).toMatchObject({ recovered: false, severity: 'warning' });
  expect(alertAt(99)).toMatchObject({ recovered: false, severity: 'warning' });
  expect(alertAt(100)).toMatchObject({ recovered: false, severity: 'critical' });
});
