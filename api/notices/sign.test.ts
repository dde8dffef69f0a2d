import { expect, test } from 'vitest';
import { sign } from './sign.ts';

test('a request is signed as the reference libraries of Standard Webhooks sign theirs', () => {
  const signature = sign(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1614265330,
    '{"test": 2432232314}',
  );

  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('a secret without prefix is the key itself', () => {
  expect(sign('plain', 'a', 1, '{}')).not.toBe(sign('whsec_plain', 'a', 1, '{}'));
});
